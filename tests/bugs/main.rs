//! What was once wrong, one file a fault.

mod theorems;
