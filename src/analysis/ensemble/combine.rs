//! Several rewards as one, transition by transition.

use crate::base::{Code, Diag, Result};
use crate::model::{Mdp, Reward};

/// How members are combined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// `mean_i R_i`.
    Mean,
    /// `min_i R_i`: worst-case optimisation.
    WorstCase,
    /// `mean_i R_i - lambda mean_i (R_i - mean)^2`: uncertainty-weighted optimisation, the variance of the population.
    Uncertainty(f64),
}

impl Rule {
    /// The word used in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Rule::Mean => "mean",
            Rule::WorstCase => "worst-case",
            Rule::Uncertainty(_) => "uncertainty-weighted",
        }
    }

    /// Refuses a weight that is not a finite number of at least 0.
    pub(super) fn check(self) -> Result<()> {
        match self {
            Rule::Uncertainty(lambda) if !(lambda.is_finite() && lambda >= 0.0) => {
                Diag::new(Code::BadNumber, format!("the weight of the disagreement is {lambda}"))
                    .expected("a number of at least 0")
                    .help("0 is the plain mean; the larger the weight, the more disagreement is avoided")
                    .err()
            }
            _ => Ok(()),
        }
    }

    /// Of the members' rewards on one transition.
    pub fn of(self, rewards: &[f64]) -> f64 {
        let k = rewards.len() as f64;
        let mean = rewards.iter().sum::<f64>() / k;
        match self {
            Rule::Mean => mean,
            Rule::WorstCase => rewards.iter().copied().fold(f64::INFINITY, f64::min),
            Rule::Uncertainty(lambda) => mean - lambda * rewards.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / k,
        }
    }
}

/// The combined reward on every transition that can happen. O(nnz) a member.
///
/// Where no member looks at the next state, neither does the combination.
pub fn combine(mdp: &Mdp, members: &[Reward], rule: Rule) -> Reward {
    let mut on_one = vec![0.0; members.len()];
    if members.iter().all(Reward::is_constant_in_next) {
        let row = |row: usize| {
            on_one.iter_mut().zip(members).for_each(|(x, r)| *x = r.base()[row]);
            rule.of(&on_one)
        };
        return Reward::per_row((0..mdp.n_rows()).map(row).collect());
    }
    let mut rows = vec![Vec::new(); members.len()];
    let mut values = Vec::with_capacity(mdp.nnz());
    for row in 0..mdp.n_rows() {
        rows.iter_mut().zip(members).for_each(|(out, r)| r.fill_support(mdp, row, out));
        for i in 0..mdp.p(row).0.len() {
            on_one.iter_mut().zip(&rows).for_each(|(x, row)| *x = row[i]);
            values.push(rule.of(&on_one));
        }
    }
    Reward::per_transition(mdp, values)
}
