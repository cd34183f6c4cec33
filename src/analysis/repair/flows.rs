//! How far at least the proxy must move before a policy is optimal for it.
//!
//! With `D` added to the proxy a policy `t` is optimal only if no policy `v` earns more:
//! `J_r(v) - J_r(t) <= sum D (mu_t - mu_v) <= |D| |mu_t - mu_v|*`, with discounted visits `mu` over rows and the dual norm. So
//! every `v` gives a lower bound on `|D|`, and the prices of the program for `t` tell a `v` with the best one: they are a
//! multiple of `mu_v - mu_t`. However rough they are, the bound of the `v` made of them holds.
//!
//! Returns are taken from gaps, `J_r(v) = mu0 V - sum mu_v gap` with `gap = V(s) - r - gamma P V` of any `V`: where `V` is the
//! value of a good policy, the difference of two of them loses no digits.

use super::rivals::at_most;
use super::{Norm, Workshop};
use crate::base::sum::{self, UNIT, gamma_n};
use crate::base::{Bounded, Interval};
use crate::model::Policy;
use crate::solve::Occupancy;

/// Rows of a policy made of prices are used from this share of the most used one on: the rest is what an interior-point
/// solver leaves of nothing. Each gives a bound that holds; the best is taken.
const SHARES: [f64; 3] = [0.0, 1e-9, 1e-6];

impl Workshop<'_> {
    /// `V(s) - r - gamma P V` of the proxy over rows, for the value of a policy that is optimal for it, or nearly; 0 where
    /// episodes have ended.
    pub(super) fn gaps(&self) -> Vec<Interval> {
        let mdp = self.mdp;
        let proxy = &self.proxy;
        if let (Ok(room), Some(r)) = (&self.room, &proxy.reward.fractions)
            && let Ok(advantages) = room.advantages(&proxy.best.policy, r)
        {
            return advantages.iter().map(|a| Bounded::of_fraction(&-a).interval()).collect();
        }
        let (r, v) = (&proxy.reward, &proxy.best.v);
        let mut gaps = vec![Interval::point(0.0); mdp.n_rows()];
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s) {
                gaps[row] = self.left_by(row, s, v) - Interval::ball(r.r[row], r.err);
            }
        }
        gaps
    }

    /// `x(s) - gamma P x` of a row, with every rounding and what the inputs are off; `x` is 0 at terminal states.
    pub(super) fn left_by(&self, row: usize, s: usize, x: &[f64]) -> Interval {
        let mdp = self.mdp;
        let (col, p) = mdp.p(row);
        let next = || col.iter().zip(p).filter(|(t, _)| !mdp.is_terminal(**t as usize));
        let backup = mdp.gamma() * next().fold(0.0, |sum, (&t, p)| sum + p * x[t as usize]);
        let absolute = mdp.gamma() * next().fold(0.0, |sum, (&t, p)| sum + p * x[t as usize].abs());
        // Products, sums and the last difference; doubled to cover the rounding of the bound itself.
        let relative = 2.0 * gamma_n(p.len() + 4) + mdp.row_error(row);
        Interval::ball(x[s] - backup, relative * (absolute + x[s].abs()) + f64::MIN_POSITIVE)
    }

    /// A lower bound on the change with which a policy is optimal, from prices over rows.
    pub(super) fn at_least(&self, norm: Norm, target: &[usize], gaps: &[Interval], prices: &[f64]) -> f64 {
        let mdp = self.mdp;
        let policy = Policy::Deterministic(target.to_vec());
        let visits = self.request.solver.occupancy(&policy);
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let most = live.iter().fold(0.0f64, |m, &s| m.max(visits.occ_s[s]));
        let mut best = 0.0f64;
        for share in SHARES {
            // Visits of the target and prices by a common factor: the smallest with which nothing is negative.
            let asked = |&&s: &&usize| visits.occ_s[s] > share * most;
            let factor = live.iter().filter(asked).fold(0.0f64, |c, &s| c.max(-prices[target[s]] / visits.occ_s[s]));
            if !(factor > 0.0 && factor.is_finite()) {
                continue;
            }
            let mut occupancy = vec![0.0; mdp.n_rows()];
            for &s in &live {
                for row in mdp.rows(s) {
                    let stays = if row == target[s] { visits.occ_s[s] } else { 0.0 };
                    occupancy[row] = (stays + prices[row] / factor).max(0.0);
                }
            }
            let largest = sum::max_abs(&occupancy);
            occupancy.iter_mut().filter(|x| **x < share * largest).for_each(|x| *x = 0.0);
            let rival = self.request.solver.occupancy(&self.as_policy(&occupancy, target));
            best = best.max(self.bound(norm, &visits, &rival, gaps, &live));
        }
        best
    }

    /// The policy with an occupancy over rows; where that is zero it does as another.
    fn as_policy(&self, occupancy: &[f64], other: &[usize]) -> Policy {
        let mdp = self.mdp;
        let mut prob = vec![0.0; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            let total: f64 = mdp.rows(s).map(|row| occupancy[row]).sum();
            if total > 0.0 && total.is_finite() {
                mdp.rows(s).for_each(|row| prob[row] = occupancy[row] / total);
            } else {
                prob[other[s]] = 1.0;
            }
        }
        Policy::Stochastic(prob)
    }

    /// `(J_r(v) - J_r(t)) / |mu_t - mu_v|*`, rounded down.
    fn bound(&self, norm: Norm, target: &Occupancy, rival: &Occupancy, gaps: &[Interval], live: &[usize]) -> f64 {
        let rows = || live.iter().flat_map(|&s| self.mdp.rows(s));
        let used = rows().filter(|&row| target.occ_sa[row] != 0.0 || rival.occ_sa[row] != 0.0);
        let error = (target.error + rival.error).next_up();
        let (mut gain, mut largest) = (Interval::point(0.0), 0.0f64);
        for row in used {
            let less = Interval::point(target.occ_sa[row]) - Interval::point(rival.occ_sa[row]);
            gain = gain + less * gaps[row];
            largest = largest.max(gaps[row].lo.abs()).max(gaps[row].hi.abs());
        }
        let gain = (gain.lo - (error * largest).next_up()).next_down();
        let moved = rows().map(|row| target.occ_sa[row] - rival.occ_sa[row]);
        let n = self.mdp.n_rows();
        let size = match norm {
            Norm::Linf => moved.fold(0.0, |sum, x| sum + x.abs()) * (1.0 + 2.0 * gamma_n(n + 2)),
            Norm::L2 => at_most(norm, moved) * (1.0 + 2.0 * UNIT),
        };
        let size = (size + error).next_up();
        let bound = (gain / size).next_down();
        if bound > 0.0 && size > 0.0 && bound.is_finite() { bound } else { 0.0 }
    }
}
