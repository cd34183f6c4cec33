//! Value iteration stopped by span bounds, with midpoint correction (MacQueen 1966; Puterman 1994, section 6.6).

use super::{Iterate, Method, Solver, Task, mpi};

pub(super) static METHOD: Method =
    Method { id: "vi", summary: "value iteration stopped by two-sided span bounds; any size", run };

/// Rounds of modified policy iteration without inner steps: `V <- TV`.
fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    // A policy to start from is of no use to a method that keeps values only.
    mpi::rounds(solver, &Task { warm: None, ..*task }, 0)
}
