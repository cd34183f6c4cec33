//! How far a reward may move before the best policy changes.
//!
//! Owns: the optimal set with action gaps.
//! May use: `base`, `model`, `solve`, `analysis::canon`.
//! Must not: choose words, or draw; the reward between two others is `analysis::compare`'s.
//! To add one: a new measure of stability is a file here, on top of [`Optimum`].

mod optimum;

pub use optimum::{Optimum, Tie};
