//! What can be had at which distance from the reference, and the same for the penalties people use instead.

use super::dual::{Dual, Penalty, Point};
use super::maximiser::extended;
use super::soft::near_reference;
use super::{Appraisal, Setting};
use crate::base::Bounded;
use crate::model::Policy;

/// One policy on the way from the reference to the best of the proxy.
#[derive(Clone, Debug)]
pub struct Step {
    /// Strength of the penalty this policy is best for: `eta` of `eta / 2 chi2`, or the factor of the divergence.
    pub strength: f64,
    /// What it does and earns.
    pub appraisal: Appraisal,
    /// How much more of the proxy another policy may earn at the same distance.
    pub gap: f64,
}

impl Step {
    /// For chi-squared: the weight of `sqrt(chi2)` it is best for.
    pub fn weight(&self) -> f64 {
        self.strength * self.appraisal.divergences.chi2.as_ref().map_or(f64::INFINITY, |chi2| chi2.value.sqrt())
    }
}

/// Policies from the reference on, ever further away.
#[derive(Clone, Debug)]
pub struct Frontier {
    /// `max J(pi, proxy) - eta/2 chi2(mu_pi || mu_ref)`: no policy as close in chi-squared earns more of the proxy.
    pub chi2: Vec<Step>,
    /// `max J(pi, proxy) - eta KL(mu_pi || mu_ref)`.
    pub kl: Vec<Step>,
    /// `max J(pi, proxy) - eta E_pi KL(pi(.|s) || pi_ref(.|s))`, the penalty of reinforcement learning from human feedback.
    pub action_kl: Vec<Step>,
}

/// Part of what the proxy can rise by that may be left at the end of a frontier.
const LEFT: f64 = 1e-3;
/// Times a penalty is halved at most on the way to its end.
const HALVINGS: i32 = 60;
/// Times the last doubling is narrowed, so that few points lie where nothing changes any more.
const NARROWINGS: usize = 5;

impl Setting<'_> {
    /// Policies of all three families, `points` of each; none where the proxy may be the same for all policies near
    /// the reference. A limit leaves the families shorter.
    pub fn frontier(&self, points: usize) -> Frontier {
        if !self.canonical.proxy.flat.is_no() {
            return Frontier { chi2: Vec::new(), kl: Vec::new(), action_kl: Vec::new() };
        }
        let best = self.greedy().at_start(self.solver.mdp()).value * (1.0 - self.solver.mdp().gamma());
        let enough = best - LEFT * (best - self.returns.proxy.value);
        Frontier {
            chi2: self.by_occupancies(Penalty::ChiSquared, points, enough),
            kl: self.by_occupancies(Penalty::Kl, points, enough),
            action_kl: self.by_actions(points, enough),
        }
    }

    fn dual(&self, penalty: Penalty) -> Dual<'_> {
        Dual::new(self.solver, &self.gram, &self.reference, &self.canonical.proxy.centred, penalty)
    }

    /// Strengths from where the first visits vanish, or a little before, to where the proxy is as good as optimised.
    fn by_occupancies(&self, penalty: Penalty, points: usize, enough: f64) -> Vec<Step> {
        let dual = self.dual(penalty);
        let Some(corner) = self.first_corner(&dual) else { return Vec::new() };
        let rises = |point: &Point| {
            self.returns.proxy.value + self.reference.mean(|row| self.canonical.proxy.centred[row] * point.excess[row])
        };
        let (mut low, mut high) = (corner.clone(), corner.clone());
        for _ in 0..HALVINGS {
            if rises(&high) >= enough || self.solver.is_out_of_time() {
                break;
            }
            let next = dual.solve(2.0 * high.tau, extended(&low, &high, 2.0 * high.tau));
            low = std::mem::replace(&mut high, next);
        }
        for _ in 0..NARROWINGS {
            if high.tau <= corner.tau || self.solver.is_out_of_time() {
                break;
            }
            let tau = (low.tau * high.tau).sqrt();
            let middle = dual.solve(tau, extended(&low, &high, tau));
            if rises(&middle) >= enough { high = middle } else { low = middle }
        }
        let first = dual.solve(corner.tau / START, vec![0.0; corner.x.len()]);
        let mut steps = vec![self.here()];
        let (mut before, mut last) = (first.clone(), first);
        for tau in geometric(last.tau, high.tau, points) {
            if self.solver.is_out_of_time() {
                break;
            }
            let next = dual.solve(tau, extended(&before, &last, tau));
            steps.push(self.occupancy_step(penalty, &next));
            before = std::mem::replace(&mut last, next);
        }
        steps
    }

    fn occupancy_step(&self, penalty: Penalty, point: &Point) -> Step {
        let (strength, policy) = (1.0 / point.tau, self.policy_of(point));
        if penalty == Penalty::ChiSquared {
            let weight = strength * self.reference.mean(|row| point.excess[row].powi(2)).sqrt();
            let found = self.finish(weight, &policy, point.steps);
            return Step { strength, appraisal: found.appraisal, gap: found.gap };
        }
        let appraisal = self.appraise(&policy);
        let charged = appraisal.divergences.kl.as_ref().map_or(f64::INFINITY, |kl| kl.value);
        // The dual counts from the return of the reference.
        let gap = strength * (point.value + charged) - appraisal.rise.proxy.value;
        Step { strength, appraisal, gap: gap.max(0.0) }
    }

    fn by_actions(&self, points: usize, enough: f64) -> Vec<Step> {
        let mdp = self.solver.mdp();
        let one = |strength: f64| {
            let soft = near_reference(self.solver, &self.proxy, &self.reference, strength);
            let appraisal = self.appraise(&soft.policy);
            let charged = appraisal.divergences.action_kl.as_ref().map_or(f64::INFINITY, |kl| kl.value);
            let reached = appraisal.returns.proxy.value - strength * charged;
            let gap = (soft.at_start(mdp).hi * (1.0 - mdp.gamma()) - reached).max(0.0);
            Step { strength, appraisal, gap }
        };
        // The same units as the critical weight: returns of one step.
        let first = START * self.critical_weight().value;
        let (mut strength, mut halvings) = (first, 0);
        while halvings < HALVINGS && !self.solver.is_out_of_time() {
            if one(strength).appraisal.returns.proxy.value >= enough {
                break;
            }
            (strength, halvings) = (strength / 2.0, halvings + 1);
        }
        let mut steps = vec![self.here()];
        for strength in geometric(first, strength, points) {
            if self.solver.is_out_of_time() {
                break;
            }
            steps.push(one(strength));
        }
        steps
    }

    /// The reference itself, for a penalty without end.
    fn here(&self) -> Step {
        let policy: &Policy = &self.reference.policy;
        Step { strength: f64::INFINITY, appraisal: self.appraise(policy), gap: 0.0 }
    }

    /// The largest promise along a frontier: its step and the bound on the rise of the truth there.
    pub fn best_promise(&self, steps: &[Step]) -> Option<(usize, Bounded)> {
        let bound = |step: &Step| step.appraisal.canonical.sharp.clone().ok();
        let all = steps.iter().enumerate().filter_map(|(i, step)| Some((i, bound(step)?)));
        all.max_by(|(_, x), (_, y)| x.value.total_cmp(&y.value))
    }
}

/// How far before its first corner a frontier begins.
const START: f64 = 8.0;

/// `n` numbers from `first` to `last` with equal quotients.
fn geometric(first: f64, last: f64, n: usize) -> impl Iterator<Item = f64> {
    let part = move |i: usize| if n > 1 { i as f64 / (n - 1) as f64 } else { 1.0 };
    (0..n).map(move |i| first * (last / first).powf(part(i)))
}
