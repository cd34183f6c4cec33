//! The program from outside. One binary: every file of this folder is a module of it.

#[path = "../../tests/common/mod.rs"]
#[macro_use]
mod common;

mod bugs;
mod cert;
mod commands;
mod crash;
mod failures;
mod readme;
mod run;
mod truth;
