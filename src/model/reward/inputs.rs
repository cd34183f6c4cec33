//! How far the doubles of a reward may be from what was written.

use super::{ExpectedReward, Reward};
use crate::base::number::{as_stored, is_whole};
use crate::base::sum::{UNIT, max_abs};
use crate::model::mdp::Mdp;

/// Largest sum of whole numbers that is certainly not rounded.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// What rounding adds to the entries of a sum of rewards, whose terms have sizes that sum to `size` at most, beyond the
/// errors of the rewards themselves: every part read once, multiplied by a number that was read, and added.
pub(super) fn sum_error(terms: &[&Reward], size: f64, whole_factors: bool) -> f64 {
    if whole_factors && size <= WHOLE && terms.iter().all(|reward| reward.is_whole()) {
        return 0.0;
    }
    (terms.len() + 4) as f64 * UNIT * size
}

/// Bound on the error of `sum c_i R_i` in any entry, besides half a unit in the last place of it.
pub(super) fn linear_error(terms: &[(f64, &Reward)]) -> f64 {
    let inherited: f64 = terms.iter().map(|(c, reward)| c.abs() * reward.off).sum();
    if let [(1.0 | -1.0, _)] = terms {
        return inherited;
    }
    let rewards: Vec<&Reward> = terms.iter().map(|(_, reward)| *reward).collect();
    let size = terms.iter().map(|(c, reward)| c.abs() * reward.size()).sum();
    inherited + sum_error(&rewards, size, terms.iter().all(|(c, _)| is_whole(*c)))
}

impl Reward {
    /// Whether every number it is made of is whole, and stands for itself.
    pub fn is_whole(&self) -> bool {
        let all = |xs: &[f64]| xs.iter().all(|&x| is_whole(x));
        self.off == 0.0
            && all(&self.base)
            && self.next.as_ref().is_none_or(|next| all(next))
            && self.listed.as_ref().is_none_or(|listed| all(&listed.val))
    }

    /// With entries that may be this much beyond what they were read as.
    pub(in crate::model) fn beyond(self, off: f64) -> Reward {
        Reward { off: self.off + off, ..self }
    }

    /// Bound on `|R - R*|` in any entry, with `R*` the reward meant; 0 for a reward in whole numbers. O(entries).
    pub fn entry_error(&self) -> f64 {
        if self.is_whole() { 0.0 } else { (UNIT * self.size() + self.off) * (1.0 + 4.0 * UNIT) }
    }

    /// Bound on the error of every entry of `R + gamma Phi(s') - Phi(s)` beyond that of `R`, with `Phi` taken as exact.
    pub(super) fn shaped_error(&self, mdp: &Mdp, phi: &[f64]) -> f64 {
        let largest = max_abs(phi);
        if largest == 0.0 {
            return self.off;
        }
        let is_exact = is_whole(mdp.gamma()) && phi.iter().all(|&x| is_whole(x));
        let arrival = if is_exact { 0.0 } else { (mdp.gamma_error() + UNIT) * mdp.gamma() * largest };
        self.off + arrival + sum_error(&[self], self.size() + 2.0 * largest, is_exact)
    }

    /// An expectation with a closer bound on its error, where what was written is known and the model is small.
    pub(super) fn with_error(&self, found: ExpectedReward) -> ExpectedReward {
        /// Rows that are compared with fractions: a fraction of a millisecond.
        const MOST: usize = 2_000;
        let Some(written) = found.fractions.clone().filter(|_| found.err > 0.0 && found.r.len() <= MOST) else {
            return found;
        };
        let off = |(r, written): (&f64, &dashu_ratio::RBig)| (as_stored(*r) - written).to_f64().value().abs();
        let most = found.r.iter().zip(written.iter()).map(off).fold(0.0, f64::max);
        let err = if most == 0.0 { 0.0 } else { most.next_up() };
        ExpectedReward { err, ..found }
    }
}
