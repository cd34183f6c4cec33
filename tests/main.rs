//! The library from outside. One binary: every file of this folder is a module of it.

#[macro_use]
mod common;

mod batch;
mod canon;
mod constants;
mod differential;
mod discount;
mod distance;
mod draw;
mod ensemble;
mod family;
mod gallery;
mod goodhart;
mod guides;
mod hackable;
mod hacking;
mod layering;
mod matrix;
mod regret;
mod repair;
mod shaping;
mod smooth;
mod soft;
mod solve;
mod stability;
mod study;
