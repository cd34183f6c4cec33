//! Ground floor: numbers that carry bounds, and errors that carry a place.
//!
//! Owns: `Bounded`, `Decision`, outward rounding, compensated sums, exact reading of numbers, large arrays, coded errors.
//! May use: nothing of this crate.
//! Must not: know what an MDP is, print, or read files.
//! To add one: a new file for a new kind of number or check; a new error code is one line in `diag`.

pub mod bounded;
pub mod buffer;
pub mod decision;
pub mod diag;
pub mod interval;
pub mod number;
pub mod sum;

pub use bounded::{Bounded, Grade};
pub use buffer::Buffer;
pub use decision::{Decision, Doubt, Evidence};
pub use diag::{Code, Diag, Offset, Result, Source};
pub use interval::Interval;
