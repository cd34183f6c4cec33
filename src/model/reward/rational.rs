//! Expected rewards without rounding.

use dashu::rational::RBig;

use super::Reward;
use crate::model::mdp::Mdp;

impl Reward {
    /// `r(s,a) = sum_s' P(s'|s,a) R(s,a,s')` over rows, without rounding: probabilities and rewards are taken for the
    /// fractions that doubles are. A row whose reward is the same for every next state has that reward, although its
    /// stored probabilities may miss 1 by a rounding. O(nnz) operations on fractions.
    pub fn rational(&self, mdp: &Mdp) -> Vec<RBig> {
        // Rewards are finite: whoever reads or combines them refuses others.
        let fraction = |x: f64| RBig::try_from(x).unwrap_or(RBig::ZERO);
        let mut rewards = Vec::new();
        let row = |row: usize| {
            self.fill_support(mdp, row, &mut rewards);
            if rewards.windows(2).all(|pair| pair[0] == pair[1]) {
                return rewards.first().map_or(RBig::ZERO, |&r| fraction(r));
            }
            let p = mdp.p(row).1;
            p.iter().zip(&rewards).fold(RBig::ZERO, |sum, (&p, &r)| sum + fraction(p) * fraction(r))
        };
        (0..self.n_rows()).map(row).collect()
    }
}
