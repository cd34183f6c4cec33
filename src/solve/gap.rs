//! Advantages of all actions over a policy, with every rounding counted.

use super::certify::Backups;
use super::{Evaluation, Options, Solver};
use crate::model::reward::ExpectedReward;

/// `A(s,a) = Q(s,a) - V(s)` of a policy, over rows.
#[derive(Clone, Debug)]
pub struct Advantages {
    /// The estimate; 0 at terminal states.
    pub a: Vec<f64>,
    /// Bound on its error.
    pub error: Vec<f64>,
}

impl Solver<'_> {
    /// Advantages of a policy from its evaluation: one more backup, `r + gamma P v - v(s)`, so that a small advantage is
    /// not the difference of two values that carry their own errors. O(nnz).
    pub fn advantages(&self, reward: &ExpectedReward, of: &Evaluation) -> Advantages {
        let (mdp, v) = (self.mdp, &of.v);
        let backups = Backups::new(self, reward, v);
        let off = |s: usize| (of.hi[s] - v[s]).max(v[s] - of.lo[s]);
        let largest = (0..v.len()).map(off).fold(0.0, f64::max);
        let mut found = Advantages { a: vec![0.0; mdp.n_rows()], error: vec![0.0; mdp.n_rows()] };
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s) {
                found.a[row] = backups.q(row, v) - v[s];
                // The value itself is off by `off(s)` here and by at most the largest of these at the next states.
                let error = backups.error(row, v, v[s]) + off(s) + mdp.gamma() * largest;
                found.error[row] = error * (1.0 + 8.0 * f64::EPSILON);
            }
        }
        found
    }

    /// How it solves.
    pub fn options(&self) -> &Options {
        &self.options
    }
}
