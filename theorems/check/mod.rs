//! Theorems as data: claims that are checked on generated instances, broken on purpose, and shown.
//!
//! Owns: `Theorem` and its macro, instances in fractions, their generation and shrinking, the runner.
//! May use: `base`, `model`, `solve`, `analysis`.
//! Must not: hold a theorem (they are in `theorems/`), print, or say "proved" of what was only not refuted.
//! To add one: another quantity that theorems speak of is a method of `World`, in `exact.rs` or `linear.rs`.

mod agrees;
mod best;
mod case;
mod class;
mod correlated;
mod determinant;
mod draw;
mod episode;
mod exact;
mod facet;
mod file;
mod finding;
mod forms;
mod held;
mod lab;
mod line;
mod linear;
mod linear_system;
mod listed;
mod measure;
mod pairs;
mod points;
mod preference;
mod real;
mod run;
mod search;
mod shrink;
mod sigmoid;
mod soft;
mod solved;
mod stored;
mod surd;
mod table;
mod tape;
#[cfg(test)]
pub(crate) mod testing;
mod theorem;
mod ties;
mod verdict;
mod world;

pub use best::best_of;
pub use case::{Case, Reward};
pub use correlated::threshold_truth;
pub use determinant::{determinant, divided_difference};
pub use draw::{Draw, Size};
pub use episode::{discounted_sum, mean, power};
pub use exact::Optimum;
pub use facet::{Facet, signs};
pub use file::Words;
pub use finding::{Finding, Strength, Value};
pub use lab::{Lab, bounds};
pub use line::w1;
pub use linear::{combination, dot, l1, max_abs, minus, plus, scaled, solve};
pub use linear_system::{LinearSystem, root_above};
pub use measure::{Moved, chi2, covariance, is_covered, kl, least_favourable, total};
pub use points::{
    affine_dimension, classes, hack, has_function, has_simplification, is_realisable, is_same_order, is_trivial,
    merged, rank, ties, unhackable_partner,
};
pub use preference::{Regret, chord, is_positive_multiple, max_distance, unit};
pub use real::real;
pub use run::{Budget, check, check_claim, check_without, overstatement_is_refuted, replay};
pub use sigmoid::{preference, sigmoid};
pub use soft::{Soft, greatest, l1_between, log_softmax, soft_max, softmax_sensitivity};
pub use stored::{stored_file, stored_line};
pub use surd::{Lowered, root_is_at_most, signed_square};
pub use table::{table, table_scaled};
pub use tape::{Place, Tape};
pub use theorem::{Expected, Hypothesis, Kind, Paper, Theorem, Without, theorem};
pub use verdict::{Counterexample, Mutant, MutantVerdict, Outcome, Report, Verdict};
pub use world::{Row, World, abs, fraction, number};

/// An exact number.
pub type Q = dashu_ratio::RBig;
