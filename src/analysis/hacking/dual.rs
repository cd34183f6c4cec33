//! The penalised problem over occupancies, solved through its dual: one unknown per state.
//!
//! `max <a, mu> - eta D(mu || q)` over occupancies `mu` that stay on the support of the reference `q` has the dual
//! `min_V (1 - gamma) mu0 . V + eta sum q psi(u)` with `u = (a - G V) / eta`, and the solution `mu = q psi'(u)`. With
//! `x = V / eta` and `tau = 1 / eta` nothing in it grows as the penalty fades but `tau` itself.

use super::Visits;
use crate::analysis::canon::gram::{self, Gram};
use crate::base::sum;
use crate::solve::Solver;

/// What keeps the policy near the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Penalty {
    /// `1/2 chi2(mu || q)`.
    ChiSquared,
    /// `KL(mu || q)`.
    Kl,
}

impl Penalty {
    fn value(self, u: f64) -> f64 {
        match self {
            Penalty::ChiSquared => {
                if u > -1.0 {
                    u + u * u / 2.0
                } else {
                    -0.5
                }
            }
            Penalty::Kl => u.exp_m1(),
        }
    }

    /// `mu / q - 1`.
    fn excess(self, u: f64) -> f64 {
        match self {
            Penalty::ChiSquared => u.max(-1.0),
            Penalty::Kl => u.exp_m1(),
        }
    }

    fn curvature(self, u: f64) -> f64 {
        match self {
            Penalty::ChiSquared => f64::from(u8::from(u > -1.0)),
            Penalty::Kl => u.exp(),
        }
    }
}

/// The dual of one proxy at one reference, for any strength of the penalty.
pub(super) struct Dual<'a> {
    solver: &'a Solver<'a>,
    gram: &'a Gram<'a>,
    reference: &'a Visits,
    /// The proxy with its shaping removed, over rows.
    reward: &'a [f64],
    /// `G' q`: the start distribution times `1 - gamma`, as the numbers of `q` have it.
    start: Vec<f64>,
    penalty: Penalty,
}

/// A solution of the dual.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// `1 / eta`.
    pub tau: f64,
    /// `V / eta`.
    pub x: Vec<f64>,
    /// `mu / q - 1` over rows; 0 off the support.
    pub excess: Vec<f64>,
    /// The dual objective divided by `eta`: no occupancy has a larger penalised proxy.
    pub value: f64,
    /// Newton steps.
    pub steps: usize,
}

/// Damping, relative to the visits of a state, that keeps states solvable to which nobody comes any more.
const DAMPED: f64 = 1e-12;

/// One evaluation of the objective.
struct Look {
    u: Vec<f64>,
    value: f64,
    /// `(1 - gamma) mu0 - G' mu`.
    gradient: Vec<f64>,
    size: f64,
}

impl<'a> Dual<'a> {
    pub fn new(
        solver: &'a Solver<'a>,
        gram: &'a Gram<'a>,
        reference: &'a Visits,
        reward: &'a [f64],
        penalty: Penalty,
    ) -> Self {
        let mut start = vec![0.0; solver.mdp().n_states()];
        gram::transpose(solver.mdp(), &reference.occ_sa, &mut start);
        Dual { solver, gram, reference, reward, start, penalty }
    }

    fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.reward.len()).filter(|&row| self.reference.support[row])
    }

    fn look(&self, tau: f64, x: &[f64]) -> Look {
        let mdp = self.solver.mdp();
        let shaping = gram::apply(mdp, x);
        let q = &self.reference.occ_sa;
        let mut u = vec![0.0; q.len()];
        let mut flow = vec![0.0; q.len()];
        for row in self.rows() {
            u[row] = tau * self.reward[row] - shaping[row];
            flow[row] = -q[row] * self.penalty.excess(u[row]);
        }
        // mu0 (1 - gamma) - G' mu = -G' (mu - q).
        let mut gradient = vec![0.0; mdp.n_states()];
        gram::transpose(mdp, &flow, &mut gradient);
        let value = sum::dot(&self.start, x) + sum::sum(self.rows().map(|row| q[row] * self.penalty.value(u[row])));
        let size = gradient.iter().map(|g| g.abs()).sum();
        Look { u, value, gradient, size }
    }

    /// Newton's method on the generalised Hessian `G' diag(q psi''(u)) G`, damped while it is far away. The objective is
    /// convex and its gradient piecewise smooth, so that it ends in finitely many steps for chi-squared.
    pub fn solve(&self, tau: f64, near: Vec<f64>) -> Point {
        /// Occupancies this close in flow differ by rounding.
        const DONE: f64 = 1e-15;
        const STEPS: usize = 200;
        /// Damping shrinks with the residual, so that the last steps are Newton's own.
        const LEAST: f64 = DAMPED;
        const MOST: f64 = 1e-3;
        let (mut x, mut look) = (near.clone(), self.look(tau, &near));
        if !look.size.is_finite() || !look.value.is_finite() {
            // Too long a step along the path: from the reference it is always finite.
            x = vec![0.0; near.len()];
            look = self.look(tau, &x);
        }
        let (mut steps, mut damping) = (0, MOST);
        while look.size > DONE && steps < STEPS && !self.solver.is_out_of_time() {
            steps += 1;
            damping = look.size.clamp(LEAST, MOST).min(damping);
            let Some((next, seen)) = self.step(tau, &x, &look, &mut damping) else { break };
            (x, look) = (next, seen);
        }
        let mut excess = vec![0.0; look.u.len()];
        self.rows().for_each(|row| excess[row] = self.penalty.excess(look.u[row]));
        Point { tau, x, excess, value: look.value, steps }
    }

    /// One step that comes closer, or `None` where rounding leaves none.
    fn step(&self, tau: f64, x: &[f64], look: &Look, damping: &mut f64) -> Option<(Vec<f64>, Look)> {
        /// Strongest damping, relative to the visits of a state: a step of steepest descent.
        const STRONGEST: f64 = 1e4;
        /// Shortest part of a step.
        const SHORTEST: f64 = 1e-6;
        /// Part of the promised descent that must come true (Armijo).
        const PROMISED: f64 = 1e-4;
        /// Differences of values below this are rounding.
        const ROUNDING: f64 = 1e-13;
        /// Relative accuracy of a direction: as blunt as the step itself is, so that steps converge quadratically.
        const SHARP: f64 = 1e-8;
        const BLUNT: f64 = 1e-2;
        /// A residual that may be all the rounding there is.
        const FLOOR: f64 = 1e-13;
        let q = &self.reference.occ_sa;
        let mut weights = vec![0.0; q.len()];
        self.rows().for_each(|row| weights[row] = q[row] * self.penalty.curvature(look.u[row]));
        let down: Vec<f64> = look.gradient.iter().map(|g| -g).collect();
        while *damping <= STRONGEST {
            // States that are not reached keep a potential of 0, and those nobody comes to any more stay solvable.
            let extra: Vec<f64> = (0..x.len())
                .map(|s| if self.reference.reached[s] { *damping * self.reference.occ_s[s] } else { 1.0 })
                .collect();
            if let Some(direction) = self.gram.solve(&weights, &extra, &down, look.size.clamp(SHARP, BLUNT)) {
                let slope = sum::dot(&look.gradient, &direction);
                let mut part = 1.0;
                while part >= SHORTEST {
                    let next = sum::plus_scaled(x, part, &direction);
                    let seen = self.look(tau, &next);
                    let descends = seen.value < look.value && seen.value <= look.value + PROMISED * part * slope;
                    // Close to the end differences of values are rounding, and the gradient knows better.
                    let rounding = ROUNDING * (1.0 + look.value.abs());
                    let approaches = seen.size <= 0.5 * look.size && seen.value <= look.value + rounding;
                    if seen.size.is_finite() && (descends || approaches) {
                        return Some((next, seen));
                    }
                    part *= 0.5;
                }
            }
            if look.size < FLOOR {
                return None;
            }
            *damping = damping.max(1e-12) * 100.0;
        }
        None
    }

    /// How `x` and the unknown `u` move with `tau` at a solution: the path is straight until the next visit vanishes.
    pub fn tangent(&self, point: &Point) -> Option<(Vec<f64>, Vec<f64>)> {
        /// As close as the weight is asked for.
        const ACCURACY: f64 = 1e-8;
        let (mdp, q) = (self.solver.mdp(), &self.reference.occ_sa);
        let shaping = gram::apply(mdp, &point.x);
        let mut weights = vec![0.0; q.len()];
        for row in self.rows() {
            weights[row] = q[row] * self.penalty.curvature(point.tau * self.reward[row] - shaping[row]);
        }
        let pulled: Vec<f64> = weights.iter().zip(self.reward).map(|(w, a)| w * a).collect();
        let mut b = vec![0.0; point.x.len()];
        gram::transpose(mdp, &pulled, &mut b);
        let extra: Vec<f64> = (0..b.len())
            .map(|s| if self.reference.reached[s] { DAMPED * self.reference.occ_s[s] } else { 1.0 })
            .collect();
        let x = self.gram.solve(&weights, &extra, &b, ACCURACY)?;
        let shaping = gram::apply(mdp, &x);
        let mut u = vec![0.0; q.len()];
        self.rows().filter(|&row| weights[row] > 0.0).for_each(|row| u[row] = self.reward[row] - shaping[row]);
        Some((x, u))
    }

    /// `sqrt(chi2(mu || q))` at a point.
    pub fn distance(&self, point: &Point) -> f64 {
        self.reference.mean(|row| point.excess[row].powi(2)).sqrt()
    }
}
