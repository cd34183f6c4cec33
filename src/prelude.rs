//! What most programs with this library use: `use truenorth::prelude::*;`

pub use crate::analysis::compare::{Comparison, Query, Request, compare};
pub use crate::analysis::distance::Metric;
pub use crate::base::number::Number;
pub use crate::base::{Bounded, Decision, Diag, Grade};
pub use crate::io::gallery;
pub use crate::model::{Mdp, Model, Policy, Reward};
pub use crate::solve::{Options, Sense, Solver, Task};
