//! What was found wrong from outside, kept right: one file a fault area, the model files in `models`.

#[path = "../common/mod.rs"]
mod common;

#[path = "../cli/run.rs"]
#[allow(dead_code)]
mod run;

mod bounds;
mod cases;
mod discount_override;
mod goodhart;
mod hack;
mod repair;
mod stability;
mod theorems;
