//! Correlated proxies: every number against a second way to find it, and every hypothesis against its counterexample.

mod bounds;
mod frontier;
mod held;
mod lab;
mod maximiser;
