//! First floor: what a question is about. Checked once, immutable afterwards.
//!
//! Owns: `RawModel` (as written), `Model` (as checked), `Mdp`, `Reward`, `Policy`, random models.
//! May use: `base`.
//! Must not: read files, solve anything, or print.
//! To add one: a new kind of model is a new folder beside `mdp`, with its own validation.

pub mod build;
pub mod mdp;
pub mod names;
pub mod policy;
pub mod raw;
mod reachable;
pub mod reward;

pub use build::{Builder, Changes, Expected, Grid, Model};
pub use mdp::Mdp;
pub use names::Names;
pub use policy::Policy;
pub use raw::RawModel;
pub use reachable::Reachable;
pub use reward::Reward;
