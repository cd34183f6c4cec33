//! Cases that once went wrong, each with its right value.

mod discount_override;
