//! Correlated proxies: every number against a second way to find it, and every hypothesis against its counterexample.

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod frontier;
mod held;
mod lab;
mod maximiser;
