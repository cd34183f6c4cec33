//! How far the doubles of a model may be from the numbers meant.
//!
//! Whatever a double was read from, a decimal of a file or an entry of an array, it is known to half a unit in its last
//! place; rows and the start were divided by their sums, or are meant to be. Whole numbers stand for themselves. Bounds in
//! doubles count these errors, so that they hold for the numbers as written and for all that arrays may mean.

use super::Mdp;
use crate::base::number::is_whole;
use crate::base::sum::UNIT;

/// Roundings of a probability: read, rescaled by a sum that is three of them off itself, merged with another; and one to
/// spare for products of these.
const OF_A_PROBABILITY: f64 = 8.0 * UNIT;

impl Mdp {
    /// Bound on `|gamma - gamma*| / gamma`, with `gamma*` the discount meant; 0 for 0 and 1.
    pub fn gamma_error(&self) -> f64 {
        if is_whole(self.gamma) { 0.0 } else { 1.5 * UNIT }
    }

    /// Bound on `|p - p*| / p` over all transitions, with `p*` the probabilities meant, whose rows sum to 1.
    pub fn p_error(&self) -> f64 {
        let (lo, hi) = self.row_sum;
        OF_A_PROBABILITY + (1.0 - lo).max(hi - 1.0).max(0.0)
    }

    /// The same for one row, and for `gamma p` instead of `p`; 0 for a certain transition without discount.
    #[inline]
    pub fn row_error(&self, row: usize) -> f64 {
        let of_p = match self.p(row).1 {
            [p] => (p - 1.0).abs(),
            _ => self.p_error(),
        };
        self.gamma_error() + of_p
    }

    /// Bound on `|mu0 - mu0*| / mu0` over states, with `mu0*` the start meant, which sums to 1; 0 for a start in one state.
    pub fn mu0_error(&self) -> f64 {
        if self.mu0.iter().all(|&m| is_whole(m)) {
            return 0.0;
        }
        let miss = (crate::base::sum::sum(self.mu0.iter().copied()) - 1.0).abs();
        OF_A_PROBABILITY + miss
    }
}
