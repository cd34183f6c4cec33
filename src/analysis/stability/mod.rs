//! How far a reward may move before the best policy changes.
//!
//! Owns: the optimal set with action gaps, exact radii in every norm, the reward that breaks the
//! policy first, radii within a family of rewards, the nearest reward that makes a given policy optimal.
//! May use: `base`, `model`, `solve`, `analysis::canon`.
//! Must not: choose words, or draw; the reward between two others is `analysis::compare`'s.
//! To add one: a new measure of stability is a file here, on top of [`Optimum`].

mod angular;
mod ball;
mod family;
mod fractions;
mod optimum;
mod program;
mod radius;
mod set;
mod teach;
mod witness;

pub use angular::{Relative, relative};
pub use ball::{Ball, Direction};
pub use family::{FamilyRadius, NORMS, family};
pub use optimum::{Optimum, Tie};
pub use radius::{Radii, Radius, Reason, by_state, radii};
pub use set::{Route, SetRadius, set_radius};
pub use teach::{Taught, teach};
pub use witness::{Witness, witness};
