//! A policy together with its probabilities as fractions.

use dashu_ratio::RBig;

use crate::model::{Mdp, Policy};

/// A policy, and what it is without rounding where that is known.
#[derive(Clone, Debug)]
pub struct Mixture {
    /// The policy in doubles.
    pub policy: Policy,
    /// Probability of each row given its state; `None` where only doubles are known. A deterministic policy needs none.
    pub weights: Option<Vec<RBig>>,
}

/// Probabilities in doubles are somebody's rounding of others; choices are what they are.
impl From<&Policy> for Mixture {
    fn from(policy: &Policy) -> Self {
        Mixture { policy: policy.clone(), weights: None }
    }
}

impl From<Mixture> for Policy {
    fn from(mixture: Mixture) -> Self {
        mixture.policy
    }
}

impl Mixture {
    /// `1 / n` for each of the n actions of a state.
    pub fn uniform(mdp: &Mdp) -> Self {
        let each = |s: usize| vec![RBig::from_parts(1.into(), mdp.rows(s).len().into()); mdp.rows(s).len()];
        Mixture { policy: Policy::uniform(mdp), weights: Some((0..mdp.n_states()).flat_map(each).collect()) }
    }

    /// Probabilities over rows as fractions, if they are known.
    pub fn fractions(&self, mdp: &Mdp) -> Option<Vec<RBig>> {
        match &self.policy {
            Policy::Stochastic(_) => self.weights.clone(),
            Policy::Deterministic(rows) => {
                let mut weights = vec![RBig::ZERO; mdp.n_rows()];
                rows.iter().for_each(|&row| weights[row] = RBig::ONE);
                Some(weights)
            }
        }
    }

    /// The policy on the part of a model with these states.
    pub fn trimmed(&self, mdp: &Mdp, kept: &[usize]) -> Self {
        let of_kept = |all: &Vec<RBig>| kept.iter().flat_map(|&s| mdp.rows(s)).map(|row| all[row].clone()).collect();
        Mixture { policy: self.policy.trimmed(mdp, kept), weights: self.weights.as_ref().map(of_kept) }
    }
}
