//! The policy whose guaranteed return is highest.

use super::dual::{Dual, Penalty, Point};
use super::{Appraisal, Maybe, Setting};
use crate::base::{Bounded, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::{Sense, Solution, Task};

/// The policy that maximises `J(pi, proxy) - weight sqrt(chi2(mu_pi || mu_ref))`.
#[derive(Clone, Debug)]
pub struct Maximiser {
    /// The weight asked for.
    pub weight: f64,
    /// The policy, and what it does and earns; the reference itself from the critical weight on.
    pub appraisal: Appraisal,
    /// The largest value of the objective: this policy reaches `lo`, none exceeds `hi`.
    pub objective: Bounded,
    /// How much better another policy may be: one solve for the direction of steepest ascent.
    pub gap: f64,
    /// Whether the reference is the best there is.
    pub is_reference: bool,
    /// Newton steps of the dual, all strengths of the penalty together.
    pub steps: usize,
}

impl Setting<'_> {
    /// Weight from which on nothing can be promised: the spread of the canonical proxy. Below it some policy is
    /// guaranteed to beat the reference, from it on the reference is the maximiser.
    pub fn critical_weight(&self) -> Bounded {
        self.canonical.proxy.sigma
    }

    /// The best policy for a weight, by Newton's method on the dual and a search for the strength of the squared penalty
    /// that has the same solution. A limit leaves a wider gap.
    pub fn maximise(&self, weight: f64) -> Maximiser {
        let critical = self.critical_weight();
        if weight >= critical.value || !self.canonical.proxy.flat.is_no() {
            return self.stay(weight, critical);
        }
        let dual =
            Dual::new(self.solver, &self.gram, &self.reference, &self.canonical.proxy.centred, Penalty::ChiSquared);
        let (point, steps) = self.at_weight(&dual, weight);
        let found = point.map(|point| self.finish(weight, &self.policy_of(&point), steps));
        // Where next to nothing is charged the unpenalised optimum may be closer than the search came.
        let greedy = self.greedy();
        let free = self.finish(weight, &Policy::Deterministic(greedy.policy), steps);
        let best = match found {
            Some(found) if found.objective.value >= free.objective.value => found,
            _ => free,
        };
        if best.objective.value < self.returns.proxy.value { self.stay(weight, critical) } else { best }
    }

    /// The best policy for the proxy on the support of the reference.
    pub(super) fn greedy(&self) -> Solution {
        let allowed = self.reference.allowed(self.solver.mdp());
        let task = Task { allowed: Some(&allowed), ..Task::new(&self.proxy, Sense::Max) };
        self.solver.optimise(&task)
    }

    /// The reference as the answer. No policy gains more than `sigma_can sqrt(chi2)` (Cauchy and Schwarz), so above that
    /// weight none is better.
    fn stay(&self, weight: f64, critical: Bounded) -> Maximiser {
        let appraisal = self.appraise(&self.reference.policy.clone());
        let j = self.returns.proxy;
        let over = (critical.hi - weight).max(0.0);
        // E_p L <= max L <= 1 / min q.
        let farthest = self.reference.largest(|row| 1.0 / self.reference.occ_sa[row]).sqrt();
        let gap = if over > 0.0 { over * farthest } else { 0.0 };
        let objective = Bounded { hi: j.hi + gap, ..j }.at_most(Grade::Bounded);
        Maximiser { weight, appraisal, objective, gap, is_reference: true, steps: 0 }
    }

    /// The dual at the strength where `sqrt(chi2) / tau = weight`. The quotient falls with `tau`, from the critical weight
    /// where `tau` is small; `None` if a limit came first.
    ///
    /// Newton's method on `chi2(tau) - weight^2 tau^2`, which is quadratic as long as the same visits vanish, kept between
    /// a strength that is too weak and one that is too strong.
    fn at_weight(&self, dual: &Dual<'_>, weight: f64) -> (Option<Point>, usize) {
        /// Relative error of the weight; the objective feels its square.
        const CLOSE: f64 = 1e-9;
        const TRIES: usize = 100;
        let mut steps = 0;
        // Up to the first corner the path is straight and the quotient is the critical weight.
        let Some(mut here) = self.first_corner(dual) else { return (None, steps) };
        let (mut low, mut high) = (here.tau, f64::INFINITY);
        for _ in 0..TRIES {
            let quotient = dual.distance(&here) / here.tau;
            if (quotient - weight).abs() <= CLOSE * weight
                || high <= low * (1.0 + CLOSE)
                || self.solver.is_out_of_time()
            {
                break;
            }
            if quotient > weight {
                low = low.max(here.tau)
            } else {
                high = high.min(here.tau)
            }
            let tangent = dual.tangent(&here);
            let wished = tangent.as_ref().and_then(|(_, u)| self.meeting(&here, u, weight));
            let tau = within(wished, low, high);
            let near = match &tangent {
                Some((x, _)) => here.x.iter().zip(x).map(|(at, x)| at + (tau - here.tau) * x).collect(),
                None => here.x.clone(),
            };
            here = dual.solve(tau, near);
            steps += here.steps + 1;
        }
        (Some(here), steps)
    }

    /// Where the straight line from a point along `u` has `chi2 = weight^2 tau^2`.
    fn meeting(&self, here: &Point, u: &[f64], weight: f64) -> Option<f64> {
        let q = &self.reference;
        // chi2 = c0 + 2 c1 d + c2 d^2 at tau + d.
        let c0 = q.mean(|row| here.excess[row].powi(2));
        let c1 = q.mean(|row| here.excess[row] * u[row]);
        let c2 = q.mean(|row| u[row].powi(2));
        let w = weight * weight;
        let (a, b, c) = (c2 - w, c1 - w * here.tau, c0 - w * here.tau * here.tau);
        let root = (b * b - a * c).max(0.0).sqrt();
        // The root of the two at which the difference falls, written without cancellation.
        let d = if b <= 0.0 { c / (-b + root) } else { (-b - root) / a };
        let tau = here.tau + d;
        (tau.is_finite() && tau > 0.0).then_some(tau)
    }

    /// The last `tau` for which all visits stay positive: there `mu = q (1 + tau a)`.
    pub(super) fn first_corner(&self, dual: &Dual<'_>) -> Option<Point> {
        let a = &self.canonical.proxy.centred;
        let least = a.iter().copied().fold(0.0, f64::min);
        (least < 0.0).then(|| dual.solve(-1.0 / least, vec![0.0; self.solver.mdp().n_states()]))
    }

    /// The policy of a point; where it never comes it does as the reference.
    pub(super) fn policy_of(&self, point: &Point) -> Policy {
        let mdp = self.solver.mdp();
        let mu: Vec<f64> =
            self.reference.occ_sa.iter().zip(&point.excess).map(|(q, x)| (q * (1.0 + x)).max(0.0)).collect();
        let mut prob = vec![0.0; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            let total: f64 = mu[mdp.rows(s)].iter().sum();
            for row in mdp.rows(s) {
                prob[row] = if total > 0.0 { mu[row] / total } else { self.reference.policy.prob(s, row) };
            }
        }
        Policy::Stochastic(prob)
    }

    /// What a policy reaches, and how much more there may be: `F* - F(mu) <= max_nu <g, nu - mu>` for a supergradient
    /// `g = a - weight / sqrt(chi2) (mu / q - 1)` of the concave objective `F`.
    pub(super) fn finish(&self, weight: f64, policy: &Policy, steps: usize) -> Maximiser {
        let appraisal = self.appraise(policy);
        // Policies here stay on the support of the reference.
        let chi2 = appraisal.divergences.chi2.clone().unwrap_or(Bounded::exact(f64::INFINITY));
        let gap = self.gap(weight, &appraisal, chi2.value.sqrt());
        let root = chi2.interval().sqrt();
        let reached = appraisal.returns.proxy.interval() - root.scale(weight);
        let value = appraisal.returns.proxy.value - weight * chi2.value.sqrt();
        let range = Interval { lo: reached.lo, hi: reached.hi.max(value) + gap };
        let objective = Bounded::around(value, range, Grade::Bounded);
        Maximiser { weight, appraisal, objective, gap, is_reference: false, steps }
    }

    fn gap(&self, weight: f64, appraisal: &Appraisal, root: f64) -> f64 {
        let (mdp, q) = (self.solver.mdp(), &self.reference);
        let a = &self.canonical.proxy.centred;
        let excess = |row: usize| appraisal.visits.occ_sa[row] / q.occ_sa[row] - 1.0;
        let charged = if root > 0.0 { weight / root } else { 0.0 };
        let slope = |row: usize| if q.support[row] { a[row] - charged * excess(row) } else { 0.0 };
        let g: Vec<f64> = (0..mdp.n_rows()).map(slope).collect();
        let here = appraisal.visits.mean(|row| g[row]);
        let allowed = q.allowed(mdp);
        let (g, moved) = ending(mdp, g);
        let task = Task { allowed: Some(&allowed), ..Task::new(&g, Sense::Max) };
        let best = self.solver.optimise(&task).at_start(mdp).hi * (1.0 - mdp.gamma()) + moved;
        (best - here).max(0.0)
    }

    /// The best policy for the weight of a correlation, if that promises anything at all.
    pub fn maximise_bound(&self, seen: &super::Correlation) -> Maybe<Maximiser> {
        seen.weight().map(|weight| self.maximise(weight))
    }
}

/// The same task with a reward of zero in terminal states, as solvers take it, and what that took from every normalised
/// return. What is paid there for ever, `g / (1 - gamma)`, is paid on arrival instead: a shaping.
fn ending(mdp: &Mdp, mut g: Vec<f64>) -> (ExpectedReward, f64) {
    let worth = |s: usize, g: &[f64]| match mdp.is_terminal(s) {
        true => g[mdp.rows(s).start] / (1.0 - mdp.gamma()),
        false => 0.0,
    };
    let phi: Vec<f64> = (0..mdp.n_states()).map(|s| worth(s, &g)).collect();
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            g[row] = if mdp.is_terminal(s) { 0.0 } else { g[row] + mdp.gamma() * mdp.backup(row, &phi) };
        }
    }
    let moved = (1.0 - mdp.gamma()) * mdp.at_start(&phi);
    (ExpectedReward::exact(g), moved)
}

/// A guess at another strength: along the line through two solutions, between which the path is often straight.
pub(super) fn extended(low: &Point, high: &Point, tau: f64) -> Vec<f64> {
    let apart = high.tau - low.tau;
    let part = if apart > 0.0 { (tau - low.tau) / apart } else { 0.0 };
    low.x.iter().zip(&high.x).map(|(x, y)| x + part * (y - x)).collect()
}

/// A strength strictly between two others: the one wished for if it is there, else their geometric mean; at most a few
/// times the lower one, so that the path is followed and not jumped.
fn within(wished: Option<f64>, low: f64, high: f64) -> f64 {
    const FARTHEST: f64 = 4.0;
    /// Part of the range, in logarithms, kept from either end.
    const OFF: f64 = 1e-3;
    let top = high.min(FARTHEST * low);
    let part = |part: f64| low * (top / low).powf(part);
    match wished {
        Some(tau) if high.is_finite() => {
            // Newton may land next to an end; that is where the answer is then.
            if tau > low && tau < high { tau.min(top) } else { part(0.5) }
        }
        Some(tau) if tau > low => tau.min(top).max(part(OFF)),
        _ => part(if high.is_finite() { 0.5 } else { 1.0 }),
    }
}
