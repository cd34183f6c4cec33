//! Where a policy spends its time, as probabilities, and which pairs it never visits.

use crate::base::sum;
use crate::model::{Mdp, Policy};
use crate::solve::Solver;

/// Discounted visits of a policy, normalised: `mu(s,a) = (1 - gamma) sum_t gamma^t Pr(s_t = s, a_t = a)`.
#[derive(Clone, Debug)]
pub struct Visits {
    /// The policy; in terminal states, where no action means anything, it plays the first one.
    pub policy: Policy,
    /// `mu` over rows, sums to 1.
    pub occ_sa: Vec<f64>,
    /// `mu` over states.
    pub occ_s: Vec<f64>,
    /// Rows with `mu > 0`: read off the graph, not off the numbers.
    pub support: Vec<bool>,
    /// States with `mu > 0`.
    pub reached: Vec<bool>,
    /// Bound on the sum over rows of `|error|`.
    pub error: f64,
}

impl Visits {
    /// One linear solve. The discount must be below 1.
    pub fn of(solver: &Solver<'_>, policy: &Policy) -> Self {
        let mdp = solver.mdp();
        let policy = settled(mdp, policy);
        let reached = reached(mdp, &policy);
        let mut support = vec![false; mdp.n_rows()];
        (0..mdp.n_states()).filter(|&s| reached[s]).for_each(|s| {
            policy.support(mdp, s).for_each(|(row, _)| support[row] = true);
        });
        let found = solver.occupancy(&policy);
        // Iterations may leave a little below zero where next to nobody comes.
        let visits: Vec<f64> =
            (0..mdp.n_states()).map(|s| if reached[s] { found.occ_s[s].max(0.0) } else { 0.0 }).collect();
        let total = sum::sum(visits.iter().copied());
        let occ_s: Vec<f64> = visits.iter().map(|x| x / total).collect();
        let mut occ_sa = vec![0.0; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            policy.support(mdp, s).for_each(|(row, p)| occ_sa[row] = occ_s[s] * p);
        }
        // Cutting off and rescaling at most double what was there, and round a few times more.
        let n_actions = (0..mdp.n_states()).map(|s| mdp.rows(s).len()).max().unwrap_or(0);
        let rounding = sum::gamma_n(n_actions + 8);
        let error = 2.0 * found.error * (1.0 - mdp.gamma()) * (1.0 + rounding) + rounding;
        Visits { policy, occ_sa, occ_s, support, reached, error }
    }

    /// A row this policy plays and the other never does, if there is one.
    pub fn row_off(&self, other: &Visits) -> Option<usize> {
        (0..self.support.len()).find(|&row| self.support[row] && !other.support[row])
    }

    /// Largest of some values over visited rows.
    pub(super) fn largest(&self, of: impl Fn(usize) -> f64) -> f64 {
        (0..self.support.len()).filter(|&row| self.support[row]).fold(0.0, |m, row| f64::max(m, of(row).abs()))
    }

    /// `sum mu(row) of(row)`, compensated.
    pub(super) fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        let rows = (0..self.support.len()).filter(|&row| self.support[row]);
        sum::sum(rows.map(|row| self.occ_sa[row] * of(row)))
    }

    /// Rows a restriction to this support allows: every state keeps some.
    pub(super) fn allowed(&self, mdp: &Mdp) -> Vec<bool> {
        let mut allowed = self.support.clone();
        for s in (0..mdp.n_states()).filter(|&s| !self.reached[s]) {
            allowed[mdp.rows(s)].fill(true);
        }
        allowed
    }
}

/// The policy with the first action in every terminal state: rewards are zero there and nobody leaves, so the choice
/// must not count as a difference.
fn settled(mdp: &Mdp, policy: &Policy) -> Policy {
    let ends = (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s));
    match policy.clone() {
        Policy::Deterministic(mut rows) => {
            ends.for_each(|s| rows[s] = mdp.rows(s).start);
            Policy::Deterministic(rows)
        }
        Policy::Stochastic(mut prob) => {
            ends.for_each(|s| {
                prob[mdp.rows(s)].fill(0.0);
                prob[mdp.rows(s).start] = 1.0;
            });
            Policy::Stochastic(prob)
        }
    }
}

/// States the policy visits from the start. O(nnz).
fn reached(mdp: &Mdp, policy: &Policy) -> Vec<bool> {
    let mut reached: Vec<bool> = mdp.mu0().iter().map(|&m| m > 0.0).collect();
    let mut open: Vec<usize> = (0..mdp.n_states()).filter(|&s| reached[s]).collect();
    if mdp.gamma() == 0.0 {
        return reached;
    }
    while let Some(s) = open.pop() {
        for (row, _) in policy.support(mdp, s) {
            let (col, p) = mdp.p(row);
            for (&t, _) in col.iter().zip(p).filter(|(_, p)| **p > 0.0) {
                if !std::mem::replace(&mut reached[t as usize], true) {
                    open.push(t as usize);
                }
            }
        }
    }
    reached
}
