//! What was found wrong from outside, kept right: one file a fault area, the model files in `models`.

#[path = "../common/mod.rs"]
mod common;

#[path = "../cli/run.rs"]
#[allow(dead_code)]
mod run;

mod goodhart;
//! What was once wrong, one file a fault.

mod theorems;
mod bounds;
//! Cases that once went wrong, each with its right value.

mod discount_override;
//! Faults that were found, each as a test with its right value.

mod cases;
