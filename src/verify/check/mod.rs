//! Theorems as data: claims that are checked on generated instances, broken on purpose, and shown.
//!
//! Owns: `Theorem` and its macro, instances in fractions, their generation and shrinking, the runner.
//! May use: `base`, `model`, `solve`, `analysis`.
//! Must not: hold a theorem (they are in `theorems/`), print, or say "proved" of what was only not refuted.
//! To add one: another quantity that theorems speak of is a method of `World`, in `exact.rs` or `linear.rs`.

mod case;
mod determinant;
mod draw;
mod episode;
mod exact;
mod file;
mod finding;
mod held;
mod lab;
mod line;
mod linear;
mod linear_system;
mod pairs;
mod real;
mod run;
mod shrink;
mod sigmoid;
mod tape;
#[cfg(test)]
pub(crate) mod testing;
mod theorem;
mod world;

pub use case::{Case, Reward};
pub use determinant::{determinant, divided_difference};
pub use draw::{Draw, Size};
pub use episode::{discounted_sum, mean, power};
pub use exact::Optimum;
pub use file::Words;
pub use finding::{Finding, Strength, Value};
pub use lab::{Lab, bounds};
pub use line::w1;
pub use linear::{combination, dot, l1, max_abs, minus, plus, scaled, solve};
pub use linear_system::{LinearSystem, root_above};
pub use real::real;
pub use run::{
    Budget, Counterexample, Mutant, MutantVerdict, Report, Verdict, check, check_claim, check_without,
    overstatement_is_refuted, replay,
};
pub use sigmoid::{preference, sigmoid};
pub use tape::{Place, Tape};
pub use theorem::{Expected, Hypothesis, Kind, Paper, Theorem, Without, theorem};
pub use world::{Row, World, abs, fraction, number};

/// An exact number.
pub type Q = dashu::rational::RBig;
