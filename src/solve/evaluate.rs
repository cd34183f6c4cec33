//! What a fixed policy earns, visits, and how its episodes end.

use rayon::prelude::*;

use super::certify::{Backups, Residual};
use super::chain::{Aim, Chain, Way};
use super::sweep::BLOCK;
use super::{Solution, Solver, Values};
use crate::base::sum::{self, gamma_n};
use crate::base::{Bounded, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};

/// The value of a policy for one reward, with certified bounds.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Estimate, length S.
    pub v: Vec<f64>,
    /// Certified lower bounds.
    pub lo: Vec<f64>,
    /// Certified upper bounds.
    pub hi: Vec<f64>,
    /// How the estimate was found: a [`Way`](super::Way), or `given`.
    pub method: &'static str,
    /// Products with the chain's matrix that it took; 0 of a direct method, and without the work of a preconditioner.
    pub sweeps: usize,
}

/// Discounted visits of a policy, unnormalised: they sum to `1 / (1 - gamma)` when no state is terminal.
#[derive(Clone, Debug)]
pub struct Occupancy {
    /// Over rows.
    pub occ_sa: Vec<f64>,
    /// Over states.
    pub occ_s: Vec<f64>,
    /// Bound on the sum of `|error|` over states, or over rows: residual times horizon, with every rounding and what the
    /// inputs are off.
    pub error: f64,
    /// How it was found: a [`Way`](super::Way).
    pub method: &'static str,
}

/// Undiscounted ends of episodes under a policy.
#[derive(Clone, Debug)]
pub struct Endings {
    /// Probability of ending in each terminal state, as pairs.
    pub ends: Vec<(usize, f64)>,
    /// Probability of never ending.
    pub never: f64,
}

impl Evaluation {
    /// Discounted return from the start.
    pub fn at_start(&self, mdp: &Mdp) -> Bounded {
        at_start(mdp, &self.v, &self.lo, &self.hi)
    }
}

impl Values {
    /// Optimal discounted return from the start.
    pub fn at_start(&self, mdp: &Mdp) -> Bounded {
        at_start(mdp, &self.v, &self.lo, &self.hi)
    }
}

impl Solution {
    /// Optimal discounted return from the start; from a method that does not round, the double it is or the two around it.
    pub fn at_start(&self, mdp: &Mdp) -> Bounded {
        match &self.exact {
            Some(exact) => exact.bounded_at_start(mdp),
            None => at_start(mdp, &self.v, &self.lo, &self.hi),
        }
    }
}

/// `mu0 . v` with bounds; `mu0 >= 0`, so each bound is one dot product with its rounding and what `mu0` is off.
fn at_start(mdp: &Mdp, v: &[f64], lo: &[f64], hi: &[f64]) -> Bounded {
    let mu0 = mdp.mu0();
    let nonzero = mu0.iter().filter(|&&m| m > 0.0).count();
    let inputs = mdp.mu0_error();
    let bound = |x: &[f64], up: bool| {
        let absolute: f64 = mu0.iter().zip(x).map(|(m, x)| m * x.abs()).sum();
        let value = sum::dot(mu0, x);
        let relative = gamma_n(nonzero).powi(2) + inputs * (1.0 + gamma_n(nonzero));
        let error = 4.0 * sum::UNIT * value.abs() + relative * absolute + f64::MIN_POSITIVE;
        match nonzero {
            1 if mu0.contains(&1.0) => value,
            _ if up => (value + error).next_up(),
            _ => (value - error).next_down(),
        }
    };
    let interval = Interval { lo: bound(lo, false), hi: bound(hi, true) };
    Bounded::around(sum::dot(mu0, v), interval, Grade::Certified)
}

impl Solver<'_> {
    /// Value of a policy for each of several rewards, with bounds as close as the tolerance asks. The method is chosen by
    /// size, fill and the speed of the first steps; a limit that is reached leaves wider bounds.
    pub fn evaluate(&self, policy: &Policy, rewards: &[&ExpectedReward]) -> Vec<Evaluation> {
        let asked = |reward: &ExpectedReward| self.options.tolerance * self.scale(reward);
        self.evaluate_each(policy, rewards, |reward| self.within(asked(reward)))
    }

    /// The same with bounds as close as rounding allows, for callers that subtract values from each other.
    pub fn evaluate_closely(&self, policy: &Policy, rewards: &[&ExpectedReward]) -> Vec<Evaluation> {
        self.evaluate_each(policy, rewards, |_| self.closely())
    }

    fn evaluate_each(
        &self,
        policy: &Policy,
        rewards: &[&ExpectedReward],
        aim: impl Fn(&ExpectedReward) -> Aim,
    ) -> Vec<Evaluation> {
        if let Some(small) = self.small() {
            let r: Vec<&[f64]> = rewards.iter().map(|reward| reward.r.as_slice()).collect();
            let near = |(v, reward)| Evaluation { method: Way::Direct.word(), ..self.evaluate_near(policy, reward, v) };
            return small.values(self.mdp, policy, &r).into_iter().zip(rewards.iter().copied()).map(near).collect();
        }
        let chain = self.chain(policy);
        let one = |reward: &&ExpectedReward| {
            let earned = policy.average(self.mdp, &reward.r);
            let solved = chain.solve(self.mdp.gamma(), &earned, &aim(reward));
            Evaluation {
                method: solved.way.word(),
                sweeps: solved.steps,
                ..self.evaluate_near(policy, reward, solved.x)
            }
        };
        rewards.iter().map(one).collect()
    }

    /// Value of a policy with bounds around an estimate `v`, from one backup and without a linear solve: as close as
    /// the estimate is.
    pub fn evaluate_near(&self, policy: &Policy, reward: &ExpectedReward, mut v: Vec<f64>) -> Evaluation {
        let mdp = self.mdp;
        for s in (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)) {
            v[s] = 0.0;
        }
        let backups = Backups::new(self, reward, &v);
        let block = |states: std::ops::Range<usize>| {
            let mut residual = Residual::none();
            states
                .filter(|&s| !mdp.is_terminal(s))
                .for_each(|s| self.take_residual(policy, &backups, &v, s, &mut residual));
            residual
        };
        let n = v.len();
        let residual = match n <= BLOCK {
            true => block(0..n),
            false => (0..n.div_ceil(BLOCK))
                .into_par_iter()
                .map(|b| block(b * BLOCK..((b + 1) * BLOCK).min(n)))
                .reduce(Residual::none, Residual::join),
        };
        let (lo, hi) = v.iter().enumerate().map(|(s, &x)| residual.bounds(&self.horizon, mdp, s, x)).unzip();
        Evaluation { v, lo, hi, method: "given", sweeps: 0 }
    }

    /// Takes in what a backup of `v` by the policy leaves over at one state.
    fn take_residual(&self, policy: &Policy, backups: &Backups<'_>, v: &[f64], s: usize, residual: &mut Residual) {
        let mdp = self.mdp;
        let (mut backed_up, mut error, mut size, mut n) = (0.0, 0.0f64, 0.0, 0);
        for (row, weight) in policy.support(mdp, s) {
            let q = backups.q(row, v);
            backed_up += weight * q;
            error = error.max(backups.error(row, v, v[s]));
            size += weight * q.abs();
            n += 1;
        }
        // Mixing adds n products; weights that miss 1 by their own roundings, read and divided, are covered by the same
        // term. A certain choice is what it is.
        let mixing = if n > 1 { 4.0 * gamma_n(n + 1) * size } else { 0.0 };
        residual.take(backed_up - v[s], error + mixing);
    }

    /// Discounted occupancy of a policy from the start. With discount 1 these are expected visits, and terminal
    /// states, which are never left, are given 0.
    pub fn occupancy(&self, policy: &Policy) -> Occupancy {
        let mdp = self.mdp;
        let gamma = mdp.gamma();
        // Visits sum to the horizon, so this residual makes errors that sum to the tolerance times that.
        let aim = Aim { residual: self.options.tolerance, ..self.closely() };
        let (mut occ_s, way) = self.visits(policy, &aim);
        for s in (0..mdp.n_states()).filter(|&s| gamma == 1.0 && mdp.is_terminal(s)) {
            occ_s[s] = 0.0;
        }
        let mut flow = mdp.mu0().to_vec();
        let mut occ_sa = vec![0.0; mdp.n_rows()];
        // Terms of every flow, and what the inputs in it are off.
        let mut terms = vec![0u32; mdp.n_states()];
        let mut off: Vec<f64> = flow.iter().map(|m| mdp.mu0_error() * m).collect();
        let mut of_weights = 0.0;
        for s in 0..mdp.n_states() {
            let n = policy.support(mdp, s).count();
            // Weights that miss their sum by their own roundings, read and divided; a certain choice is what it is.
            let of_weight = if n > 1 { 2.0 * gamma_n(n + 2) } else { 0.0 };
            of_weights += of_weight * occ_s[s].abs();
            for (row, weight) in policy.support(mdp, s) {
                occ_sa[row] = occ_s[s] * weight;
                let (col, p) = mdp.p(row);
                let inputs = mdp.row_error(row) + of_weight;
                for (&t, &p) in col.iter().zip(p) {
                    let part = gamma * p * occ_sa[row];
                    flow[t as usize] += part;
                    off[t as usize] += inputs * part.abs();
                    terms[t as usize] += 1;
                }
            }
        }
        let left = (0..mdp.n_states()).filter(|&s| !(gamma == 1.0 && mdp.is_terminal(s)));
        let residual: f64 = left
            .map(|s| {
                let size = flow[s].abs() + occ_s[s].abs();
                (flow[s] - occ_s[s]).abs() + 2.0 * gamma_n(terms[s] as usize + 4) * size + off[s]
            })
            .sum();
        // Of the sums over states: a rounding each, and as much for products of roundings.
        let error = (residual * self.horizon.longest() + of_weights) * (1.0 + 4.0 * gamma_n(mdp.n_states() + 4));
        Occupancy { occ_sa, occ_s, error, method: way.word() }
    }

    /// How undiscounted episodes of a policy end.
    pub fn endings(&self, policy: &Policy) -> Endings {
        let mdp = self.mdp;
        let n = mdp.n_states();
        // From the other states the policy goes on for ever.
        let chain = Chain::new(mdp, policy);
        let can_end = chain.reaches(|s| mdp.is_terminal(s));
        let chain = chain.restricted(|s| can_end[s] && !mdp.is_terminal(s));
        let start: Vec<f64> = (0..n).map(|s| if can_end[s] { mdp.mu0()[s] } else { 0.0 }).collect();
        let visits = chain.solve_transposed(1.0, &start, &self.closely()).x;
        let mut ends: Vec<f64> = (0..n).map(|s| if mdp.is_terminal(s) { mdp.mu0()[s] } else { 0.0 }).collect();
        for s in (0..n).filter(|&s| can_end[s] && !mdp.is_terminal(s)) {
            for (row, weight) in policy.support(mdp, s) {
                let (col, p) = mdp.p(row);
                for (&t, &p) in col.iter().zip(p).filter(|(t, _)| mdp.is_terminal(**t as usize)) {
                    ends[t as usize] += visits[s] * weight * p;
                }
            }
        }
        let total = sum::sum(ends.iter().copied());
        let ends = ends.into_iter().enumerate().filter(|&(_, p)| p > 0.0).collect();
        Endings { ends, never: (1.0 - total).clamp(0.0, 1.0) }
    }
}
