//! The advantages of a policy as lines in `x`, enclosed by doubles.

use crate::base::{Bounded, Interval};
use crate::model::{Mdp, Policy};
use crate::solve::Solver;

use super::Rewards;

/// `A0` and `A1` of every row, each within an interval that counts every rounding.
pub(super) struct Lines {
    parts: [Vec<Interval>; 2],
    /// Return from the start, without `x` and its slope.
    pub start: [Bounded; 2],
}

impl Lines {
    /// Two evaluations.
    pub fn of(solver: &Solver<'_>, rewards: &Rewards, policy: &[usize]) -> Self {
        let mdp = solver.mdp();
        let both = [&rewards.parts[0], &rewards.parts[1]];
        let found = solver.evaluate_closely(&Policy::Deterministic(policy.to_vec()), &both);
        let part = |i: usize| {
            let (lo, hi) = found[i].q(mdp, both[i]);
            advantages(mdp, policy, &lo, &hi, &found[i].lo, &found[i].hi)
        };
        let parts = [part(0), part(1)];
        Lines { parts, start: [0, 1].map(|i| found[i].at_start(mdp)) }
    }

    /// The slope of a row's advantage.
    pub fn slope(&self, row: usize) -> Interval {
        self.parts[1][row]
    }

    /// A row's advantage somewhere in `x`.
    pub fn at(&self, row: usize, x: Interval) -> Interval {
        self.parts[0][row] + self.parts[1][row] * x
    }
}

/// `q - v` over rows; exactly 0 for the rows of the policy, and where an episode has ended.
fn advantages(mdp: &Mdp, policy: &[usize], lo: &[f64], hi: &[f64], v_lo: &[f64], v_hi: &[f64]) -> Vec<Interval> {
    let mut out = vec![Interval::point(0.0); mdp.n_rows()];
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        for row in mdp.rows(s).filter(|&row| row != policy[s]) {
            out[row] = Interval { lo: lo[row], hi: hi[row] } - Interval { lo: v_lo[s], hi: v_hi[s] };
        }
    }
    out
}
