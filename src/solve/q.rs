//! Bounds on action values.

use super::certify::{backup_error, q_of};
use super::{Evaluation, Solution};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;

impl Solution {
    /// Lower and upper bounds of `r + gamma P V` over rows, with `V` the optimal value; 0 at terminal states. O(nnz).
    pub fn q(&self, mdp: &Mdp, reward: &ExpectedReward) -> (Vec<f64>, Vec<f64>) {
        bounds(mdp, reward, &self.lo, &self.hi)
    }
}

impl Evaluation {
    /// Lower and upper bounds of `r + gamma P V` over rows, with `V` the value of the policy; 0 at terminal states. O(nnz).
    pub fn q(&self, mdp: &Mdp, reward: &ExpectedReward) -> (Vec<f64>, Vec<f64>) {
        bounds(mdp, reward, &self.lo, &self.hi)
    }
}

/// Backups of bounds. P is not negative, so a bound on V gives the bound on the same side.
fn bounds(mdp: &Mdp, reward: &ExpectedReward, lo: &[f64], hi: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut bounds = (vec![0.0; mdp.n_rows()], vec![0.0; mdp.n_rows()]);
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        for row in mdp.rows(s) {
            let error = |v: &[f64]| backup_error(mdp, reward, row, v, 0.0);
            bounds.0[row] = (q_of(mdp, reward, row, lo) - error(lo)).next_down();
            bounds.1[row] = (q_of(mdp, reward, row, hi) + error(hi)).next_up();
        }
    }
    bounds
}
