//! Is it hacking?

use super::{Appraisal, Pair, Setting, normalised};
use crate::analysis::regret::ProxyOptimal;
use crate::base::{Bounded, sum};

/// What can be said for certain; `None` where a limit left bounds too wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// `r > 0` under the reference, rewards as written; `Some(false)` where there is no correlation.
    pub correlated_proxy: Option<bool>,
    /// A correlated proxy, and the policy earns less than the reference in truth (Laidlaw, Singhal and Dragan 2025,
    /// definition 4.2).
    pub hacking: Option<bool>,
    /// That, while the proxy rose.
    pub hacking_and_proxy_up: Option<bool>,
    /// A correlated proxy, and some policy that is optimal for it earns less than the reference in truth.
    pub proxy_optimal_hacks: Option<bool>,
}

/// True returns of the policies that are optimal for the proxy, times `1 - gamma`.
#[derive(Clone, Copy, Debug)]
pub struct Ties {
    /// Of the luckiest.
    pub best: Bounded,
    /// Of the unluckiest.
    pub worst: Bounded,
    /// States in which the proxy leaves more than one action open.
    pub n_ties: usize,
    /// Whether the luckiest earns less than the reference: then all do.
    pub all_below: Option<bool>,
    /// Whether the unluckiest does: then some do.
    pub some_below: Option<bool>,
}

impl Setting<'_> {
    /// Whether a difference of true returns is a loss. Differences of a billionth of the largest conceivable return are
    /// rounding of somebody's numbers and count as none.
    fn is_loss(&self, rise: Bounded, of: &crate::model::reward::ExpectedReward) -> Option<bool> {
        const NOTICEABLE: f64 = 1e-9;
        let least = NOTICEABLE * sum::max_abs(&of.r);
        match (rise.hi < -least / 2.0, rise.lo >= -least) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// What the proxy's optimal policies earn in truth, against the reference.
    pub fn ties(&self, found: &ProxyOptimal) -> Ties {
        let of = |j: Bounded| normalised(j, self.solver.mdp().gamma());
        let (best, worst) = (of(found.best_return), of(found.worst_return));
        let below = |j: Bounded| self.is_loss(j - self.returns.truth, &self.truth);
        Ties { best, worst, n_ties: found.n_ties, all_below: below(best), some_below: below(worst) }
    }

    /// The three flags for a policy, and that of the proxy's optimum.
    pub fn flags(&self, appraisal: &Appraisal, ties: &Ties) -> Flags {
        let correlated_proxy = match self.raw.r {
            Ok(_) => self.raw.is_positive(),
            Err(_) => Some(false),
        };
        let Pair { truth, proxy } = appraisal.rise;
        let hacking = both(correlated_proxy, self.is_loss(truth, &self.truth));
        let fell = Bounded { value: -proxy.value, lo: -proxy.hi, hi: -proxy.lo, grade: proxy.grade };
        Flags {
            correlated_proxy,
            hacking,
            hacking_and_proxy_up: both(hacking, self.is_loss(fell, &self.proxy)),
            proxy_optimal_hacks: both(correlated_proxy, ties.some_below),
        }
    }
}

/// Both, as far as can be said.
fn both(x: Option<bool>, y: Option<bool>) -> Option<bool> {
    match (x, y) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
