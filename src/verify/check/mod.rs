//! Theorems as data: claims that are checked on generated instances, broken on purpose, and shown.
//!
//! Owns: `Theorem` and its macro, instances in fractions, their generation and shrinking, the runner.
//! May use: `base`, `model`, `solve`, `analysis`.
//! Must not: hold a theorem (they are in `theorems/`), print, or say "proved" of what was only not refuted.
//! To add one: another quantity that theorems speak of is a method of `World`, in `exact.rs` or `linear.rs`.

mod best;
mod case;
mod correlated;
mod draw;
mod exact;
mod file;
mod finding;
mod lab;
mod linear;
mod listed;
mod measure;
mod points;
mod real;
mod run;
mod shrink;
mod surd;
mod tape;
#[cfg(test)]
pub(crate) mod testing;
mod theorem;
mod world;

pub use best::best_of;
pub use case::{Case, Reward};
pub use correlated::threshold_truth;
pub use draw::{Draw, Size};
pub use exact::Optimum;
pub use file::Words;
pub use finding::{Finding, Strength, Value};
pub use lab::{Lab, bounds};
pub use linear::{combination, dot, l1, max_abs, minus, plus, scaled, solve};
pub use measure::{Moved, chi2, covariance, is_covered, kl, least_favourable, total};
pub use points::{
    affine_dimension, classes, hack, has_function, has_simplification, is_realisable, is_same_order, is_trivial,
    merged, rank, ties, unhackable_partner,
};
pub use real::real;
pub use run::{
    Budget, Counterexample, Mutant, MutantVerdict, Report, Verdict, check, check_claim, check_without,
    overstatement_is_refuted, replay,
};
pub use surd::{Lowered, root_is_at_most, signed_square};
pub use tape::{Place, Tape};
pub use theorem::{Expected, Hypothesis, Kind, Paper, Theorem, Without, theorem};
pub use world::{Row, World, abs, fraction, number};

/// An exact number.
pub type Q = dashu::rational::RBig;
