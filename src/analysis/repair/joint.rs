//! Several features together: the smallest vector of coefficients, or the proof that there is none.
//!
//! For a truth-optimal policy `t` and any other deterministic policy `v` let `h = J_P(v) - J_P(t)` and `g_k = J_Fk(v) -
//! J_Fk(t)`. Coefficients `theta` make `t` beat `v` iff `h + theta . g < 0`. So they mend with `t` on top iff that holds for
//! every `v` that is not truth-optimal: finitely many inequalities in as many unknowns as there are features. Which of them
//! matter is found out by solving the model: the best policy for the `theta` at hand is added if it is not truth-optimal.
//!
//! By Motzkin's theorem the inequalities have no solution iff there are weights `w >= 0`, not all zero, with
//! `sum w g = 0` and `sum w h >= 0`: a mixture of policies that are not truth-optimal, which earns just as much of every
//! feature as `t` and no less of the proxy. No coefficients can make `t` beat that.

use dashu::rational::RBig;

use super::program;
use super::simplex::Program;
use super::targets::Targets;
use super::{Check, Norm, Workshop, fraction};
use crate::analysis::family::Agreement;
use crate::base::{Bounded, Grade};
use crate::model::Reward;

/// Inequalities after which the search is given up.
const MAX_RIVALS: usize = 400;

/// What several features can do together.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Places of the features among those asked for.
    pub features: Vec<usize>,
    /// The least coefficients by each norm; empty if there are none or the search was cut short.
    pub least: Vec<Least>,
    /// For each truth-optimal policy why no coefficients make it the best; empty if some do.
    pub proofs: Vec<Infeasible>,
    /// Whether it is proved that no coefficients mend: a checked proof for every truth-optimal policy.
    pub is_impossible: bool,
    /// Truth-optimal policies tried.
    pub n_targets: usize,
    /// Whether these are all.
    pub is_all: bool,
}

/// The least coefficients by one norm.
#[derive(Clone, Debug)]
pub struct Least {
    /// How they are measured.
    pub norm: Norm,
    /// More than this mends: the norm at the edge, with the norm of `chosen` as its upper bound.
    pub size: Bounded,
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
    /// Whether returns are fractions and not rounded.
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

/// A policy to be beaten.
struct Rival {
    policy: Vec<usize>,
    returns: Vec<RBig>,
    /// `J_P(v) - J_P(t)`.
    h: RBig,
    /// `J_Fk(v) - J_Fk(t)`.
    g: Vec<RBig>,
}

/// The search for one truth-optimal policy.
struct Search<'a> {
    workshop: &'a Workshop<'a>,
    features: &'a [usize],
    target: &'a [usize],
    target_returns: Vec<RBig>,
    rivals: Vec<Rival>,
}

/// How a search for any coefficients ends.
enum Any {
    /// These mend.
    Mends(Vec<RBig>),
    /// These weights on the rivals prove that none do.
    None(Vec<RBig>),
    /// Cut short.
    Unclear,
}

impl Workshop<'_> {
    /// All truth-optimal policies in turn; the least coefficients over them.
    pub(super) fn joint(&self, features: &[usize], targets: &Targets) -> Joint {
        let mut joint = Joint {
            features: features.to_vec(),
            least: Vec::new(),
            proofs: Vec::new(),
            is_impossible: false,
            n_targets: 0,
            is_all: targets.is_all,
        };
        let mut seen: Vec<Vec<RBig>> = Vec::new();
        for target in &targets.policies {
            let target_returns = self.earned(target, &self.rewards(features));
            if self.request.solver.is_out_of_time() {
                joint.is_all = false;
                break;
            }
            // Policies that earn the same of everything are beaten by the same coefficients.
            if seen.contains(&target_returns) {
                continue;
            }
            seen.push(target_returns.clone());
            joint.n_targets += 1;
            let mut search = Search { workshop: self, features, target, target_returns, rivals: Vec::new() };
            match search.any() {
                Any::Mends(inside) => {
                    for norm in [Norm::Linf, Norm::L2] {
                        joint.take(search.least(norm, &inside));
                    }
                }
                Any::None(weights) => joint.proofs.push(search.proof(weights)),
                Any::Unclear => joint.is_all = false,
            }
        }
        if !joint.least.is_empty() {
            joint.proofs.clear();
        }
        joint.is_impossible = joint.least.is_empty()
            && joint.is_all
            && joint.proofs.len() == joint.n_targets
            && joint.proofs.iter().all(Infeasible::holds);
        if !joint.is_all {
            // Another policy may take less.
            joint.least.iter_mut().for_each(|least| least.size.lo = 0.0);
        }
        joint
    }

    /// Truth, proxy and some features.
    fn rewards(&self, features: &[usize]) -> Vec<&Reward> {
        let request = self.request;
        let features = features.iter().map(|&k| &request.features[k].reward);
        [request.truth, request.proxy].into_iter().chain(features).collect()
    }
}

impl Joint {
    /// Keeps the smaller of two answers by the same norm.
    fn take(&mut self, found: Option<Least>) {
        let Some(found) = found else { return };
        match self.least.iter_mut().find(|least| least.norm == found.norm) {
            Some(least) if least.size.value <= found.size.value => {}
            Some(least) => *least = found,
            None => self.least.push(found),
        }
    }
}

impl Search<'_> {
    /// Coefficients with which the target beats every rival, or the proof that there are none.
    fn any(&mut self) -> Any {
        while self.rivals.len() < MAX_RIVALS && !self.workshop.request.solver.is_out_of_time() {
            let theta = match self.beat() {
                Ok(theta) => theta,
                Err(weights) => return Any::None(weights),
            };
            let (check, rival) = self.best(&theta);
            if check.agreement == Agreement::All {
                return Any::Mends(theta);
            }
            if self.value(&rival, &theta) < RBig::ZERO {
                // Beaten already, by less than can be told from a tie.
                return Any::Unclear;
            }
            self.rivals.push(rival);
        }
        Any::Unclear
    }

    /// Coefficients that beat the rivals known, or weights that say why there are none.
    fn beat(&self) -> Result<Vec<RBig>, Vec<RBig>> {
        let (n, k) = (self.rivals.len(), self.features.len());
        let of = |pick: &dyn Fn(&Rival) -> RBig| self.rivals.iter().map(pick).collect::<Vec<RBig>>();
        // Largest sum of weights up to 1 with `sum w g = 0` and `sum w h >= 0`: 0 or 1.
        let mut a = Vec::new();
        for i in 0..k {
            a.push(of(&|rival| rival.g[i].clone()));
            a.push(of(&|rival| -&rival.g[i]));
        }
        a.push(of(&|rival| -&rival.h));
        a.push(vec![RBig::ONE; n]);
        let mut b = vec![RBig::ZERO; a.len()];
        b[a.len() - 1] = RBig::ONE;
        // The sum is bounded, so there is an optimum.
        let Some(found) = (Program { a, b, c: vec![RBig::ONE; n] }).solve() else { return Ok(vec![RBig::ZERO; k]) };
        if found.value > RBig::ZERO {
            return Err(found.x);
        }
        // Prices y and z with `y . g - z h >= 1` for every rival.
        let y = |i: usize| &found.prices[2 * i] - &found.prices[2 * i + 1];
        let z = &found.prices[2 * k];
        let scale = match z.is_zero() {
            false => RBig::ONE / z,
            true => {
                self.rivals.iter().map(|rival| rival.h.clone()).max().unwrap_or(RBig::ZERO).max(RBig::ZERO) + RBig::ONE
            }
        };
        Ok((0..k).map(|i| -(&scale * y(i))).collect())
    }

    /// The least coefficients with which no rival beats the target, and some close by that mend. `inside` mends.
    fn least(&mut self, norm: Norm, inside: &[RBig]) -> Option<Least> {
        let edge = loop {
            let edge = match norm {
                Norm::Linf => self.least_linf()?,
                Norm::L2 => self.least_l2()?.into_iter().map(fraction).collect(),
            };
            let (check, rival) = self.best(&edge);
            let slack = match norm {
                Norm::Linf => RBig::ZERO,
                // Coefficients in doubles leave a rival better by their rounding.
                Norm::L2 => self.rounding(),
            };
            if check.agreement == Agreement::All || self.value(&rival, &edge) <= slack {
                break edge;
            }
            if self.rivals.len() >= MAX_RIVALS || self.workshop.request.solver.is_out_of_time() {
                return None;
            }
            self.rivals.push(rival);
        };
        // What lies between an edge and the inside of a convex set is inside.
        for share in [1e-3, 1e-2, 0.1, 0.5, 1.0] {
            let towards = |(edge, inside): (&RBig, &RBig)| (edge + fraction(share) * (inside - edge)).to_f64().value();
            let close: Vec<f64> = edge.iter().zip(inside).map(towards).collect();
            // Few digits if they do.
            for chosen in [rounded(&close), close] {
                let check = self.workshop.check(self.workshop.mixed(self.features, &chosen));
                if check.agreement == Agreement::All {
                    let edge: Vec<f64> = edge.iter().map(|x| x.to_f64().value()).collect();
                    let value = norm.of(&edge);
                    let lo = value * (1.0 - 1e-7);
                    let size = Bounded { value, lo, hi: norm.of(&chosen).max(value), grade: Grade::Bounded };
                    return Some(Least { norm, size, edge, chosen, check });
                }
            }
        }
        None
    }

    /// Smallest largest coefficient, in fractions, by the dual program.
    fn least_linf(&self) -> Option<Vec<RBig>> {
        let (n, k) = (self.rivals.len(), self.features.len());
        // Weights of the rivals, then of `theta_i <= t`, then of `-theta_i <= t`.
        let mut a = Vec::new();
        for i in 0..k {
            for sign in [RBig::ONE, -RBig::ONE] {
                let mut row: Vec<RBig> = self.rivals.iter().map(|rival| &sign * &rival.g[i]).collect();
                row.resize(n + 2 * k, RBig::ZERO);
                row[n + a.len()] = -RBig::ONE;
                a.push(row);
            }
        }
        let mut last = vec![RBig::ZERO; n];
        last.resize(n + 2 * k, RBig::ONE);
        a.push(last);
        let mut b = vec![RBig::ZERO; a.len()];
        b[2 * k] = RBig::ONE;
        let mut c: Vec<RBig> = self.rivals.iter().map(|rival| rival.h.clone()).collect();
        c.resize(n + 2 * k, RBig::ZERO);
        let found = (Program { a, b, c }).solve()?;
        Some((0..k).map(|i| &found.prices[2 * i + 1] - &found.prices[2 * i]).collect())
    }

    /// Smallest sum of squares, in doubles.
    fn least_l2(&self) -> Option<Vec<f64>> {
        let k = self.features.len();
        if self.rivals.iter().all(|rival| rival.h <= RBig::ZERO) {
            return Some(vec![0.0; k]);
        }
        let mut least = program::Program::new(k);
        least.quadratic.fill(1.0);
        for rival in &self.rivals {
            let g: Vec<f64> = rival.g.iter().map(|g| g.to_f64().value()).collect();
            let size = Norm::Linf.of(&g);
            if size > 0.0 {
                let row = g.iter().enumerate().map(|(i, g)| (i, g / size)).collect();
                least.at_most(row, -rival.h.to_f64().value() / size);
            }
        }
        least.solve().map(|found| found.x)
    }

    /// What of a return counts as rounding: a billionth of the largest that was compared.
    fn rounding(&self) -> RBig {
        let size = |x: &RBig| x.to_f64().value().abs();
        let largest = self.target_returns.iter().map(size).fold(1e-12, f64::max);
        fraction(1e-8 * largest)
    }

    /// `h + theta . g`.
    fn value(&self, rival: &Rival, theta: &[RBig]) -> RBig {
        rival.g.iter().zip(theta).fold(rival.h.clone(), |sum, (g, theta)| sum + g * theta)
    }

    /// Solves the proxy with some coefficients; the worst in truth of what is optimal for it.
    fn best(&self, theta: &[RBig]) -> (Check, Rival) {
        let theta: Vec<f64> = theta.iter().map(|x| x.to_f64().value()).collect();
        let (check, found) = self.workshop.look(self.workshop.mixed(self.features, &theta));
        let policy = found.unlucky.policy;
        let returns = self.workshop.earned(&policy, &self.workshop.rewards(self.features));
        let minus = |i: usize| &returns[i] - &self.target_returns[i];
        let g = (2..returns.len()).map(minus).collect();
        (check, Rival { h: minus(1), g, policy, returns })
    }

    fn proof(&self, weights: Vec<RBig>) -> Infeasible {
        let total = weights.iter().fold(RBig::ZERO, |sum, w| sum + w);
        let used = self.rivals.iter().zip(weights).filter(|(_, w)| !w.is_zero());
        let mixture = used.map(|(rival, w)| Mixture {
            weight: w / &total,
            policy: rival.policy.clone(),
            returns: rival.returns.clone(),
        });
        Infeasible {
            target: self.target.to_vec(),
            target_returns: self.target_returns.clone(),
            mixture: mixture.collect(),
            is_exact: self.workshop.exact.is_some(),
        }
    }
}

/// Coefficients to a thousandth of the largest.
fn rounded(theta: &[f64]) -> Vec<f64> {
    let largest = Norm::Linf.of(theta);
    if largest == 0.0 {
        return theta.to_vec();
    }
    let exponent = largest.log10().floor() as i32 - 3;
    let short = |x: &f64| format!("{:.0}e{exponent}", x * 10f64.powi(-exponent)).parse().unwrap_or(*x);
    theta.iter().map(short).collect()
}
