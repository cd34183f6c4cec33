//! Bounds that a method found on its own way.

use super::{ExactValues, Solution};
use crate::model::Mdp;

/// What a method knows of the optimum besides its estimate.
pub(super) struct Proof {
    /// Lower bounds on the optimal values, rounding included.
    pub lo: Vec<f64>,
    /// Upper bounds, likewise.
    pub hi: Vec<f64>,
    /// The optimal rows, all of them and no others.
    pub optimal: Option<Vec<bool>>,
    /// The optimal values.
    pub exact: Option<ExactValues>,
}

impl Proof {
    /// Cuts bounds down to those known here.
    pub fn narrow_bounds(&self, v: &mut [f64], lo: &mut [f64], hi: &mut [f64]) {
        for s in 0..v.len() {
            // Both hold, so they meet; `max` and `min` prefer a number to NaN.
            lo[s] = lo[s].max(self.lo[s]);
            hi[s] = hi[s].min(self.hi[s]);
            v[s] = v[s].max(lo[s]).min(hi[s]);
        }
    }

    /// Cuts the bounds of a solution down to those known here, and takes over what is known exactly.
    pub fn narrow(self, mdp: &Mdp, solution: &mut Solution) {
        self.narrow_bounds(&mut solution.v, &mut solution.lo, &mut solution.hi);
        if let Some(optimal) = self.optimal {
            for s in 0..mdp.n_states() {
                // Greedy for a rounded value is not always optimal.
                let chosen = &mut solution.policy[s];
                *chosen = mdp.rows(s).find(|&row| optimal[row] && !optimal[*chosen]).unwrap_or(*chosen);
            }
            solution.optimal = optimal;
            solution.doubt = None;
            let tied = |s: &usize| mdp.rows(*s).filter(|&row| solution.optimal[row]).count() > 1;
            solution.n_ties = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).filter(tied).count();
        }
        solution.exact = self.exact;
    }
}
