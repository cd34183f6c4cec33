//! Several features together: the smallest vector of coefficients, or the proof that there is none.
//!
//! For a truth-optimal policy `t` and any other deterministic policy `v` let `h = J_P(v) - J_P(t)` and `g_k = J_Fk(v) -
//! J_Fk(t)`. Coefficients `theta` make `t` beat `v` iff `h + theta . g < 0`. So they mend with `t` on top iff that holds for
//! every `v` that is not truth-optimal: finitely many inequalities in as many unknowns as there are features. Which of them
//! matter is found out by solving the model: see [`search`](super::search).
//!
//! By Motzkin's theorem the inequalities have no solution iff there are weights `w >= 0`, not all zero, with
//! `sum w g = 0` and `sum w h >= 0`: a mixture of policies that are not truth-optimal, which earns just as much of every
//! feature as `t` and no less of the proxy. No coefficients can make `t` beat that.

use dashu_ratio::RBig;

use super::search::{Any, Search};
use super::targets::{Targets, Tried};
use super::{Check, Norm, Workshop};
use crate::base::{Bounded, Decision, Doubt, Evidence};
use crate::model::Reward;

/// What several features can do together.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Places of the features among those asked for.
    pub features: Vec<usize>,
    /// Whether some coefficients of them mend: a checked example, or a checked proof for every truth-optimal policy.
    pub mends: Decision,
    /// The least coefficients by each norm; empty if there are none or the search was cut short.
    pub least: Vec<Least>,
    /// For each truth-optimal policy why no coefficients make it the best; empty if some do.
    pub proofs: Vec<Infeasible>,
    /// Truth-optimal policies tried.
    pub n_targets: usize,
    /// Whether these are all.
    pub tried: Tried,
}

/// The least coefficients by one norm.
#[derive(Clone, Debug)]
pub struct Least {
    /// How they are measured.
    pub norm: Norm,
    /// More than this mends: no coefficients below the lower bound do, some at the upper bound, or as close to it as asked, do.
    pub size: Bounded,
    /// The number itself, where it is known.
    pub size_exactly: Option<RBig>,
    /// Coefficients at the edge, where a truth-optimal policy ties with another.
    pub edge: Vec<f64>,
    /// Coefficients close by that mend.
    pub chosen: Vec<f64>,
    /// The proxy with those, solved again.
    pub check: Check,
}

/// Why a truth-optimal policy cannot be made to win.
#[derive(Clone, Debug)]
pub struct Infeasible {
    /// The truth-optimal policy: a row a state.
    pub target: Vec<usize>,
    /// What it earns: of the truth, of the proxy, of each feature.
    pub target_returns: Vec<RBig>,
    /// The mixture it cannot beat.
    pub mixture: Vec<Mixture>,
    /// Whether returns are fractions and not rounded; else this is no proof.
    pub is_exact: bool,
}

/// A policy in a mixture.
#[derive(Clone, Debug)]
pub struct Mixture {
    /// Its share; shares sum to 1.
    pub weight: RBig,
    /// A row a state.
    pub policy: Vec<usize>,
    /// What it earns: of the truth, of the proxy, of each feature.
    pub returns: Vec<RBig>,
}

impl Infeasible {
    /// Checks the proof in fractions: weights that are a mixture, policies each worse in truth, the same of every feature,
    /// no less of the proxy.
    pub fn holds(&self) -> bool {
        let mean = |i: usize| self.mixture.iter().fold(RBig::ZERO, |sum, m| sum + &m.weight * &m.returns[i]);
        let total = self.mixture.iter().fold(RBig::ZERO, |sum, m| sum + &m.weight);
        let is_worse = |m: &Mixture| m.returns[0] < self.target_returns[0] && m.weight >= RBig::ZERO;
        total == RBig::ONE
            && self.mixture.iter().all(is_worse)
            && mean(1) >= self.target_returns[1]
            && (2..self.target_returns.len()).all(|i| mean(i) == self.target_returns[i])
    }
}

impl Workshop<'_> {
    /// All truth-optimal policies in turn; the least coefficients over them.
    pub(super) fn joint(&self, features: &[usize], targets: &Targets) -> Joint {
        let mut joint = Joint {
            features: features.to_vec(),
            mends: Decision::Undecided(Doubt::Limit),
            least: Vec::new(),
            proofs: Vec::new(),
            n_targets: 0,
            tried: targets.tried.clone(),
        };
        // No coefficients with any of these policies on top are smaller, by each norm.
        let mut below = [f64::INFINITY; 2];
        let mut seen = Vec::new();
        for target in &targets.policies {
            let returns = self.earned(target, &self.rewards(features));
            let Some(returns) = returns.filter(|_| !self.request.solver.is_out_of_time()) else {
                joint.tried = Tried::Cut(Doubt::Limit);
                break;
            };
            // Policies that earn the same of everything are beaten by the same coefficients.
            if self.room.is_ok() && seen.contains(&returns) {
                continue;
            }
            seen.push(returns.clone());
            joint.n_targets += 1;
            let mut search = Search::new(self, features, target, returns);
            match search.any() {
                Any::Mends(inside) => {
                    for (norm, below) in [Norm::Linf, Norm::L2].into_iter().zip(&mut below) {
                        let (lo, found) = search.least(norm, &inside);
                        *below = below.min(lo);
                        joint.take(found);
                    }
                }
                Any::None(weights) => joint.proofs.push(search.proof(&weights)),
                Any::Unclear(doubt) => {
                    below = [0.0; 2];
                    joint.tried = Tried::Cut(doubt);
                }
            }
        }
        if !joint.tried.is_all() {
            // Another policy may take less.
            below = [0.0; 2];
        }
        for least in &mut joint.least {
            let lo = below[usize::from(least.norm == Norm::L2)].min(least.size.hi);
            if lo < least.size.lo {
                least.size_exactly = None;
                least.size.grade = least.size.grade.min(crate::base::Grade::Certified);
                least.size.lo = lo;
            }
        }
        joint.mends = joint.decide();
        if joint.mends.is_yes() {
            joint.proofs.clear();
        }
        joint
    }

    /// Truth, proxy and some features.
    pub(super) fn rewards(&self, features: &[usize]) -> Vec<&Reward> {
        let request = self.request;
        let features = features.iter().map(|&k| &request.features[k].reward);
        [request.truth, request.proxy].into_iter().chain(features).collect()
    }
}

impl Joint {
    /// Whether it is proved that no coefficients mend.
    pub fn is_impossible(&self) -> bool {
        self.mends.is_no()
    }

    fn decide(&self) -> Decision {
        if let Some(least) = self.least.iter().find(|least| least.check.all.is_yes()) {
            return least.check.all.clone();
        }
        match self.tried.doubt() {
            Some(doubt) => Decision::Undecided(doubt),
            None if self.proofs.len() < self.n_targets || self.n_targets == 0 => Decision::Undecided(Doubt::Limit),
            None if self.proofs.iter().all(|proof| proof.is_exact && proof.holds()) => Decision::No(Evidence::Exact),
            None => Decision::Undecided(Doubt::bounds("exact arithmetic")),
        }
    }

    /// Keeps the smaller of two answers by the same norm.
    fn take(&mut self, found: Option<Least>) {
        let Some(found) = found else { return };
        match self.least.iter_mut().find(|least| least.norm == found.norm) {
            Some(least) if least.size.hi <= found.size.hi => {}
            Some(least) => *least = found,
            None => self.least.push(found),
        }
    }
}
