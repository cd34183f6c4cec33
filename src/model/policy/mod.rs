//! Policies: who does what where.
//!
//! Owns: `Policy`, its construction from actions, probabilities and occupancies.
//! May use: `base`, `model::mdp`.
//! Must not: evaluate anything; that is `solve`.
//! To add one: a constructor here if it needs only the model.

use super::mdp::Mdp;
use crate::base::sum;

/// A stationary policy on a given model.
#[derive(Clone, Debug, PartialEq)]
pub enum Policy {
    /// The chosen row of each state, length S.
    Deterministic(Vec<usize>),
    /// Probability of each row given its state, length rows.
    Stochastic(Vec<f64>),
}

impl Policy {
    /// The same probability for every available action.
    pub fn uniform(mdp: &Mdp) -> Self {
        let mut prob = vec![0.0; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            let rows = mdp.rows(s);
            let each = 1.0 / rows.len() as f64;
            prob[rows].fill(each);
        }
        Policy::Stochastic(prob)
    }

    /// The policy with a given occupancy over rows; uniform where the occupancy of a state is zero.
    pub fn from_occupancy(mdp: &Mdp, occ_sa: &[f64]) -> Self {
        let mut prob = vec![0.0; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            let rows = mdp.rows(s);
            let total = sum::sum(occ_sa[rows.clone()].iter().copied());
            let each = 1.0 / rows.len() as f64;
            for row in rows {
                prob[row] = if total > 0.0 { occ_sa[row] / total } else { each };
            }
        }
        Policy::Stochastic(prob)
    }

    /// Probability of a row given its state.
    pub fn prob(&self, s: usize, row: usize) -> f64 {
        match self {
            Policy::Deterministic(rows) => f64::from(u8::from(rows[s] == row)),
            Policy::Stochastic(prob) => prob[row],
        }
    }

    /// Rows of `s` played with positive probability, with their probabilities.
    pub fn support<'a>(&'a self, mdp: &'a Mdp, s: usize) -> impl Iterator<Item = (usize, f64)> + 'a {
        mdp.rows(s).map(move |row| (row, self.prob(s, row))).filter(|&(_, p)| p > 0.0)
    }

    /// `sum_a pi(a|s) x(s,a)` for every state.
    pub fn average(&self, mdp: &Mdp, x: &[f64]) -> Vec<f64> {
        match self {
            Policy::Deterministic(rows) => rows.iter().map(|&row| x[row]).collect(),
            Policy::Stochastic(prob) => {
                (0..mdp.n_states()).map(|s| sum::dot(&prob[mdp.rows(s)], &x[mdp.rows(s)])).collect()
            }
        }
    }

    /// The policy on the reachable part of a model, as made by [`Mdp::trimmed`] with its list of kept states.
    pub fn trimmed(&self, mdp: &Mdp, kept: &[usize]) -> Self {
        let rows = kept.iter().flat_map(|&s| mdp.rows(s).map(move |row| (s, row)));
        match self {
            Policy::Stochastic(prob) => Policy::Stochastic(rows.map(|(_, row)| prob[row]).collect()),
            Policy::Deterministic(chosen) => {
                let places = rows.enumerate().filter(|&(_, (s, row))| chosen[s] == row);
                Policy::Deterministic(places.map(|(new, _)| new).collect())
            }
        }
    }
}
