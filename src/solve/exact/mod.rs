//! Policy iteration without rounding: every value a fraction, every tie a tie.
//!
//! Owns: whole-number equations of a policy, their solution by p-adic lifting, `ExactValues`, `Exactly`.
//! May use: `base`, `model`, and of `solve` policy iteration in doubles, which finds the policy to start from.
//! Must not: round, unless outwards at the very end.
//! To add one: a faster way to solve a [`lift::System`] is a new file beside `lift.rs`.
//!
//! A model has fractions where its numbers are known exactly: as written, or doubles taken at their word. The policy found
//! in doubles is nearly always optimal; one exact evaluation and one exact comparison of all actions prove it, or name an
//! action that is better.

mod equation;
mod fraction;
mod lift;
mod limbs;
mod mixed;
mod modular;
mod number;
mod residual;
mod room;
mod values;

use std::sync::Arc;

use dashu_base::BitTest;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::certify::{backup_error, is_allowed, q_of};
use super::proof::Proof;
use super::{Iterate, Method, Outcome, Sense, Solver, Task, pi};
use crate::base::number::as_stored;
use crate::base::{Code, Diag, Result};
use crate::model::Mdp;
use equation::{Equation, common};
use lift::{Fractions, System};
use limbs::Limbs;

pub use room::{Exactly, Optimum};
pub use values::ExactValues;

pub(super) static METHOD: Method =
    Method { id: "exact", summary: "policy iteration in fractions, without rounding; up to 1000 states", run };

/// Largest number of states, terminal ones not counted: a dense model of this size takes about half a minute a policy.
const LIMIT: usize = 1_000;

/// Refuses a model that is too large.
pub(super) fn check_size(mdp: &Mdp) -> Result<()> {
    let n = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count();
    if n <= LIMIT {
        return Ok(());
    }
    Diag::new(Code::TooLarge, format!("method `exact` was asked to solve {n} states"))
        .expected(format!("at most {LIMIT} states that are not terminal"))
        .help("the bounds of every other method are certified; `pi` gives them to the last digits")
        .err()
}

/// Improves until no action is better, by however little.
///
/// Rewards of which only rounded averages over next states are known leave nothing to be exact about: then this is policy
/// iteration. So it is when a limit is reached.
fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    let start = pi::run(solver, task);
    let Some(rewards) = rewards(task).filter(|_| start.outcome == Outcome::Converged) else { return start };
    // What doubles hide of the model is no part of the proof.
    let is_known = solver.mdp.fractions().is_some() && task.reward.fractions.is_some();
    let (policy, sweeps) = (start.policy, start.sweeps);
    match improve(solver, task, &rewards, policy) {
        Ok(Found { values, optimal, policy, lo, hi, steps }) => {
            let proof = is_known.then(|| Proof { lo: lo.clone(), hi, optimal: Some(optimal), exact: Some(values) });
            Iterate { v: lo, policy, sweeps: sweeps + steps, outcome: Outcome::Converged, half: None, proof }
        }
        Err((policy, steps)) => {
            let sweeps = sweeps + steps;
            let outcome = solver.must_stop(sweeps, f64::INFINITY).unwrap_or(Outcome::TimeLimit);
            Iterate { v: start.v, policy, sweeps, outcome, half: None, proof: None }
        }
    }
}

/// Rewards of a task over rows: as written, or the doubles where they carry no rounding of our own.
fn rewards(task: &Task<'_>) -> Option<Arc<Vec<RBig>>> {
    let doubles = || Arc::new(task.reward.r.iter().map(|&r| as_stored(r)).collect());
    task.reward.fractions.clone().or_else(|| (task.reward.err == 0.0).then(doubles))
}

/// What is optimal, without rounding.
struct Found {
    values: ExactValues,
    optimal: Vec<bool>,
    policy: Vec<usize>,
    /// Neighbouring doubles around the values.
    lo: Vec<f64>,
    hi: Vec<f64>,
    steps: usize,
}

/// Policy iteration in fractions from a policy; the last policy and the steps taken where a limit is reached.
fn improve(
    solver: &Solver<'_>,
    task: &Task<'_>,
    rewards: &[RBig],
    mut policy: Vec<usize>,
) -> Result<Found, (Vec<usize>, usize)> {
    let exact = Exact::new(solver, task, rewards);
    let mut steps = 0;
    loop {
        let Some(found) = exact.evaluate(&policy) else { return Err((policy, steps)) };
        steps += 1;
        let values = exact.values(&found);
        let (lo, hi): (Vec<f64>, Vec<f64>) = (0..exact.place.len()).map(|s| values.neighbours(s)).unzip();
        if let Some(optimal) = exact.improve(&found, &lo, &hi, &mut policy) {
            return Ok(Found { values, optimal, policy, lo, hi, steps });
        }
        if solver.must_stop(steps, f64::INFINITY).is_some() {
            return Err((policy, steps));
        }
    }
}

/// A task in whole numbers.
struct Exact<'a> {
    solver: &'a Solver<'a>,
    task: &'a Task<'a>,
    /// Numbers of the model; `None` where doubles are taken for them.
    fractions: Option<Arc<crate::model::mdp::Fractions>>,
    gamma: RBig,
    /// States that are not terminal.
    live: Vec<usize>,
    /// Place of each state among those.
    place: Vec<Option<u32>>,
    /// Right-hand side of each row.
    c: Vec<IBig>,
    /// Equations are in `unit v`.
    unit: UBig,
    /// Bits of the largest value, in that unit.
    bits: usize,
}

impl<'a> Exact<'a> {
    fn new(solver: &'a Solver<'a>, task: &'a Task<'a>, rewards: &[RBig]) -> Self {
        let mdp = solver.mdp;
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let mut place = vec![None; mdp.n_states()];
        (0..).zip(&live).for_each(|(i, &s)| place[s] = Some(i));
        let fractions = mdp.fractions();
        let gamma = fractions.as_ref().map_or_else(|| as_stored(mdp.gamma()), |fractions| fractions.gamma.clone());
        let (c, unit, bits) = (Vec::new(), UBig::ONE, 1);
        let mut exact = Exact { solver, task, fractions, gamma, live, place, c, unit, bits };
        exact.set_rewards(rewards);
        exact
    }

    /// Right-hand sides of all rows, in a unit in which they are whole.
    fn set_rewards(&mut self, rewards: &[RBig]) {
        let mdp = self.solver.mdp;
        let rows = || self.live.iter().flat_map(|&s| mdp.rows(s).map(move |row| (s, row)));
        let paid = rows().filter(|&(_, row)| rewards[row] != RBig::ZERO);
        let scaled: Vec<(usize, RBig, usize)> = paid
            .map(|(s, row)| {
                let lead = self.equation(s, row).lead;
                let bits = lead.bit_len();
                (row, &rewards[row] * RBig::from(lead), bits)
            })
            .collect();
        let unit = common(scaled.iter().map(|(_, c, _)| c));
        let mut bits = 0;
        let mut right = vec![IBig::ZERO; mdp.n_rows()];
        for (row, c, lead_bits) in scaled {
            right[row] = c.numerator() * IBig::from(&unit / c.denominator());
            bits = bits.max((right[row].bit_len() + 1).saturating_sub(lead_bits));
        }
        // No value is larger than the largest reward times the horizon.
        let longest = self.solver.horizon.longest().log2().ceil() as usize + 3;
        (self.c, self.unit, self.bits) = (right, unit, bits + longest);
    }

    fn equation(&self, s: usize, row: usize) -> Equation {
        let mdp = self.solver.mdp;
        let place = self.place[s].map_or(0, |i| i as usize);
        let (col, val) = mdp.p(row);
        let next = |p: &'_ [RBig]| {
            let next = col.iter().zip(p).filter(|(_, p)| **p != RBig::ZERO);
            let next: Vec<(u32, &RBig)> = next.filter_map(|(&t, p)| Some((self.place[t as usize]?, p))).collect();
            Equation::new(place, &self.gamma, &next)
        };
        match &self.fractions {
            Some(fractions) => next(&fractions.p[mdp.transitions(row)]),
            None => next(&val.iter().map(|&p| as_stored(p)).collect::<Vec<_>>()),
        }
    }

    /// Values of a policy, in the unit of the equations; `None` if a limit was reached.
    fn evaluate(&self, policy: &[usize]) -> Option<Fractions> {
        let stop = || self.solver.is_out_of_time();
        let equations = self.live.iter().map(|&s| self.equation(s, policy[s])).collect();
        let c = self.live.iter().map(|&s| self.c[policy[s]].clone()).collect();
        System { equations, c, bits: self.bits, stop: &stop }.solve()
    }

    fn values(&self, found: &Fractions) -> ExactValues {
        ExactValues::new(found, &self.place, &self.unit)
    }

    /// Takes up a better action wherever there is one; if there is none, returns the optimal rows. `lo` and `hi` are
    /// bounds on the values.
    fn improve(&self, found: &Fractions, lo: &[f64], hi: &[f64], policy: &mut [usize]) -> Option<Vec<bool>> {
        let (mdp, task) = (self.solver.mdp, self.task);
        let (den, limbs) = (IBig::from(found.den.clone()), Limbs::new(&found.num));
        let mut optimal: Vec<bool> = (0..mdp.n_rows()).map(|row| is_allowed(task, row)).collect();
        let mut is_optimal = true;
        for &s in &self.live {
            let current = policy[s];
            for row in mdp.rows(s).filter(|&row| row != current && is_allowed(task, row)) {
                if self.is_clearly_worse(s, row, lo, hi) {
                    optimal[row] = false;
                    continue;
                }
                // Positive where the value of the state is above that of the action.
                let gap = self.equation(s, row).at(&found.num, &limbs) - &self.c[row] * &den;
                let gap = if task.sense == Sense::Max { gap } else { -gap };
                optimal[row] = gap.is_zero();
                if gap < IBig::ZERO {
                    policy[s] = row;
                    is_optimal = false;
                }
            }
        }
        is_optimal.then_some(optimal)
    }

    /// Whether bounds in doubles already show that an action is not optimal. Most are sorted out here.
    fn is_clearly_worse(&self, s: usize, row: usize, lo: &[f64], hi: &[f64]) -> bool {
        let (mdp, reward) = (self.solver.mdp, self.task.reward);
        let q = |v: &[f64]| (q_of(mdp, reward, row, v), backup_error(mdp, reward, row, v, 0.0));
        match self.task.sense {
            Sense::Max => {
                let (q, error) = q(hi);
                (q + error).next_up() < lo[s]
            }
            Sense::Min => {
                let (q, error) = q(lo);
                (q - error).next_down() > hi[s]
            }
        }
    }
}
