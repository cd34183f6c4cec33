//! How fast a soft policy follows its reward, at that reward.

use nalgebra::DMatrix;

use super::SoftValues;
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;
use crate::solve::Solver;

/// Most states whose chain is inverted: O(S^3) time, O(S^2) memory.
const STATES: usize = 400;
/// Most operations spent on patterns of signs.
const WORK: f64 = 4e8;

/// The local Lipschitz constant of the map from rewards, in the sup norm, to soft policies, in the sum of
/// `|pi'(.|s) - pi(.|s)|` at the state where that is largest.
#[derive(Clone, Debug)]
pub enum LocalConstant {
    /// The constant, and a direction of the reward along which it is attained: one sign a row.
    Value {
        /// The constant.
        constant: Bounded,
        /// The state whose policy moves.
        state: usize,
        /// The direction, -1, 0 or 1 for each row.
        direction: Vec<f64>,
    },
    /// Left out, and why.
    LeftOut(String),
}

impl LocalConstant {
    /// The number, if it was worked out.
    pub fn value(&self) -> Option<Bounded> {
        match self {
            LocalConstant::Value { constant, .. } => Some(*constant),
            LocalConstant::LeftOut(_) => None,
        }
    }
}

/// `max_s max_sigma || (1/tau) sum_a sigma_a pi(a|s) (N_sa - sum_b pi(b|s) N_sb) ||_1` with `N = (I - gamma T)^-1` on pairs
/// and `T[(s,a),(t,b)] = P(t|s,a) pi(b|t)`, over all signs `sigma`. Rewards of terminal states do not move.
///
/// On pairs `N_sa` is 1 at `(s,a)` plus `gamma P_sa M` spread by the policy, `M = (I - gamma P_pi)^-1`; so states are enough
/// to work with. O(S^3) for `M` and O(S 2^(A-1)) for each state.
pub fn local_constant(solver: &Solver<'_>, soft: &SoftValues, temperature: f64) -> LocalConstant {
    let mdp = solver.mdp();
    let n = mdp.n_states();
    let undecided = |s: usize| !mdp.is_terminal(s) && soft.policy.support(mdp, s).count() > 1;
    let patterns = |s: usize| 2f64.powi(soft.policy.support(mdp, s).count() as i32 - 1);
    let work: f64 = (0..n).filter(|&s| undecided(s)).map(|s| patterns(s) * n as f64).sum();
    if n > STATES {
        return LocalConstant::LeftOut(format!("it takes the inverse of a chain, made for up to {STATES} states"));
    }
    if work > WORK {
        return LocalConstant::LeftOut("it takes every pattern of signs of the actions, and there are too many".into());
    }
    let Some(chain) = Chain::of(mdp, soft) else {
        return LocalConstant::LeftOut("the chain of the policy could not be inverted".into());
    };
    let mut best = Best { value: 0.0, state: 0, direction: vec![0.0; mdp.n_rows()] };
    for s in (0..n).filter(|&s| undecided(s)) {
        if solver.is_out_of_time() {
            return LocalConstant::LeftOut("the time was up".into());
        }
        chain.search(s, &mut best);
    }
    let value = best.value / temperature;
    let constant = Bounded::around(value, Interval::ball(value, slack(solver, soft, temperature)), Grade::Bounded);
    let Best { state, direction, .. } = best;
    LocalConstant::Value { constant: constant.clamped(0.0, f64::INFINITY), state, direction }
}

/// How far the constant can be off because the values are: `log pi` is off by at most `2 eta / tau =: x`, so `N` by
/// `(e^x - 1) H^2` a row, and the sum above by `(e^x - 1)(3 H + 2 H^2) / tau`.
fn slack(solver: &Solver<'_>, soft: &SoftValues, temperature: f64) -> f64 {
    let h = solver.horizon().longest();
    let x = 2.0 * soft.half_width() / temperature;
    x.exp_m1() * (3.0 * h + 2.0 * h * h) / temperature
}

struct Best {
    value: f64,
    state: usize,
    direction: Vec<f64>,
}

/// The chain of a soft policy, inverted.
struct Chain<'a> {
    mdp: &'a Mdp,
    soft: &'a SoftValues,
    /// `M`, column `t` for visits of `t`.
    visits: DMatrix<f64>,
}

impl<'a> Chain<'a> {
    fn of(mdp: &'a Mdp, soft: &'a SoftValues) -> Option<Self> {
        let n = mdp.n_states();
        let mut a = DMatrix::identity(n, n);
        for s in (0..n).filter(|&s| !mdp.is_terminal(s)) {
            for (row, weight) in soft.policy.support(mdp, s) {
                let (col, p) = mdp.p(row);
                for (&t, &p) in col.iter().zip(p).filter(|&(&t, _)| !mdp.is_terminal(t as usize)) {
                    a[(s, t as usize)] -= mdp.gamma() * weight * p;
                }
            }
        }
        Some(Chain { mdp, soft, visits: a.try_inverse()? })
    }

    /// `gamma P_row M`, without terminal states.
    fn visits_after(&self, row: usize) -> Vec<f64> {
        let n = self.mdp.n_states();
        let (col, p) = self.mdp.p(row);
        let mut out = vec![0.0; n];
        for (&u, &p) in col.iter().zip(p).filter(|&(&u, _)| !self.mdp.is_terminal(u as usize)) {
            let weight = self.mdp.gamma() * p;
            out.iter_mut().enumerate().for_each(|(t, out)| *out += weight * self.visits[(u as usize, t)]);
        }
        out
    }

    /// Tries all signs of the actions of a state, one flip at a time.
    fn search(&self, s: usize, best: &mut Best) {
        let actions: Vec<(usize, f64)> = self.soft.policy.support(self.mdp, s).collect();
        let n = self.mdp.n_states();
        let mut after: Vec<Vec<f64>> = actions.iter().map(|&(row, _)| self.visits_after(row)).collect();
        let mean: Vec<f64> =
            (0..n).map(|t| actions.iter().zip(&after).map(|(&(_, p), visits)| p * visits[t]).sum()).collect();
        for (visits, &(_, p)) in after.iter_mut().zip(&actions) {
            visits.iter_mut().zip(&mean).for_each(|(x, m)| *x = p * (*x - m));
        }
        let mut signs = vec![1.0; actions.len()];
        // With all signs alike the sum is zero.
        let mut moved: Vec<f64> = vec![0.0; n];
        for pattern in 1..1u64 << (actions.len() - 1) {
            // Neighbours in the Gray code differ in one sign; the last action keeps its own, as turning all changes
            // nothing.
            let flip = pattern.trailing_zeros() as usize;
            signs[flip] = -signs[flip];
            moved.iter_mut().zip(&after[flip]).for_each(|(x, d)| *x += 2.0 * signs[flip] * d);
            let value = self.length(s, &actions, &signs, &moved);
            if value > best.value {
                (best.value, best.state) = (value, s);
                best.direction = self.direction(s, &actions, &signs, &moved);
            }
        }
    }

    /// The sum norm of the pattern's vector over pairs, times `tau`.
    fn length(&self, s: usize, actions: &[(usize, f64)], signs: &[f64], moved: &[f64]) -> f64 {
        let elsewhere: f64 = moved.iter().map(|x| x.abs()).sum::<f64>() - moved[s].abs();
        let here = moved[s] - mean_sign(actions, signs);
        elsewhere + actions.iter().zip(signs).map(|((_, p), sign)| p * (sign + here).abs()).sum::<f64>()
    }

    fn direction(&self, s: usize, actions: &[(usize, f64)], signs: &[f64], moved: &[f64]) -> Vec<f64> {
        let mut direction = vec![0.0; self.mdp.n_rows()];
        for t in (0..self.mdp.n_states()).filter(|&t| !self.mdp.is_terminal(t) && moved[t] != 0.0) {
            direction[self.mdp.rows(t)].fill(moved[t].signum());
        }
        let here = moved[s] - mean_sign(actions, signs);
        actions.iter().zip(signs).for_each(|(&(row, _), sign)| direction[row] = (sign + here).signum());
        direction
    }
}

/// `sum_a pi(a|s) sigma_a`.
fn mean_sign(actions: &[(usize, f64)], signs: &[f64]) -> f64 {
    actions.iter().zip(signs).map(|((_, p), sign)| p * sign).sum()
}
