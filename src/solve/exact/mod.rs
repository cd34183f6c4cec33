//! Policy iteration without rounding: every value a fraction, every tie a tie.
//!
//! Owns: whole-number equations of a policy, their solution by p-adic lifting, `ExactValues`.
//! May use: `base`, `model`, and of `solve` policy iteration in doubles, which finds the policy to start from.
//! Must not: round, unless outwards at the very end.
//! To add one: a faster way to solve a [`lift::System`] is a new file beside `lift.rs`.
//!
//! Doubles are fractions with a power of two below the line, so a model that is stored in doubles has optimal values
//! that are fractions too. The policy found in doubles is nearly always optimal; one exact evaluation and one exact
//! comparison of all actions prove it, or name an action that is better.

mod equation;
mod fraction;
mod lift;
mod limbs;
mod modular;
mod number;
mod residual;
mod values;

use dashu::base::{BitTest, Gcd};
use dashu::integer::{IBig, UBig};

use super::certify::{backup_error, is_allowed, q_of};
use super::proof::Proof;
use super::{Iterate, Method, Outcome, Sense, Solver, Task, pi};
use crate::base::{Code, Diag, Result};
use crate::model::Mdp;
use equation::Equation;
use lift::{Fractions, System};
use limbs::Limbs;
use number::split;

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
/// Rewards that were rounded when they were averaged over next states, and of which the task does not hold the exact
/// ones, leave nothing to be exact about: then this is policy iteration. So it is when a limit is reached.
fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    let start = pi::run(solver, task);
    if start.outcome != Outcome::Converged || task.reward.err > 0.0 && task.rational.is_none() {
        return start;
    }
    let exact = Exact::new(solver, task);
    let Iterate { mut v, mut policy, mut sweeps, .. } = start;
    loop {
        let Some(found) = exact.evaluate(&policy) else {
            let outcome = solver.must_stop(sweeps, f64::INFINITY).unwrap_or(Outcome::Converged);
            return Iterate { v, policy, sweeps, outcome, half: None, proof: None };
        };
        sweeps += 1;
        let values = exact.values(&found);
        let (lo, hi): (Vec<f64>, Vec<f64>) = (0..v.len()).map(|s| values.neighbours(s)).unzip();
        v.iter_mut().zip(&lo).for_each(|(v, &lo)| *v = lo);
        match exact.improve(&found, &lo, &hi, &mut policy) {
            Some(optimal) => {
                let proof = Proof { lo, hi, optimal: Some(optimal), exact: Some(values) };
                return Iterate { v, policy, sweeps, outcome: Outcome::Converged, half: None, proof: Some(proof) };
            }
            None => {
                if let Some(outcome) = solver.must_stop(sweeps, f64::INFINITY) {
                    return Iterate { v, policy, sweeps, outcome, half: None, proof: None };
                }
            }
        }
    }
}

/// A task in whole numbers.
struct Exact<'a> {
    solver: &'a Solver<'a>,
    task: &'a Task<'a>,
    /// States that are not terminal.
    live: Vec<usize>,
    /// Place of each state among those.
    place: Vec<Option<u32>>,
    /// Right-hand side of each row.
    c: Vec<IBig>,
    /// Equations are in `unit 2^scale v`.
    scale: i64,
    unit: UBig,
    /// Bits of the largest value, in that unit.
    bits: usize,
}

impl<'a> Exact<'a> {
    fn new(solver: &'a Solver<'a>, task: &'a Task<'a>) -> Self {
        let mdp = solver.mdp;
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let mut place = vec![None; mdp.n_states()];
        (0..).zip(&live).for_each(|(i, &s)| place[s] = Some(i));
        let (unit, rewards) = whole(task);
        let rows = || live.iter().flat_map(|&s| mdp.rows(s));
        let mut shift = vec![0i64; mdp.n_rows()];
        rows().for_each(|row| shift[row] = Equation::shift(mdp, row, &place) as i64);
        // Just enough for every right-hand side to be whole.
        let nonzero = rows().filter(|&row| !rewards[row].0.is_zero());
        let scale = nonzero.map(|row| -(shift[row] + rewards[row].1)).max().unwrap_or(0);
        let mut c = vec![IBig::ZERO; mdp.n_rows()];
        let mut bits = 0;
        for row in rows().filter(|&row| !rewards[row].0.is_zero()) {
            let (m, e) = &rewards[row];
            c[row] = m << (shift[row] + scale + e) as usize;
            bits = bits.max(c[row].bit_len() as i64 - shift[row]);
        }
        // No value is larger than the largest reward times the horizon.
        let bits = bits + solver.horizon.longest().log2().ceil() as i64 + 2;
        Exact { solver, task, live, place, c, scale, unit, bits: bits.max(1) as usize }
    }

    fn equation(&self, s: usize, row: usize) -> Equation {
        Equation::new(self.solver.mdp, s, row, &self.place)
    }

    /// Values of a policy, in the unit of the equations; `None` if a limit was reached.
    fn evaluate(&self, policy: &[usize]) -> Option<Fractions> {
        let stop = || self.solver.is_out_of_time();
        let equations = self.live.iter().map(|&s| self.equation(s, policy[s])).collect();
        let c = self.live.iter().map(|&s| self.c[policy[s]].clone()).collect();
        System { equations, c, bits: self.bits, stop: &stop }.solve()
    }

    fn values(&self, found: &Fractions) -> ExactValues {
        ExactValues::new(found, &self.place, self.scale, &self.unit)
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

/// A unit, and the rewards of a task as `m 2^e` in it. The unit is 1 for rewards that are doubles, or sums of products
/// of doubles.
fn whole(task: &Task<'_>) -> (UBig, Vec<(IBig, i64)>) {
    let Some(rational) = task.rational else {
        let split = |&r: &f64| {
            let (m, e) = split(r);
            (IBig::from(m), i64::from(e))
        };
        return (UBig::ONE, task.reward.r.iter().map(split).collect());
    };
    let odd = |den: &UBig| {
        let twos = den.trailing_zeros().unwrap_or(0);
        (den >> twos, twos)
    };
    let unit = rational.iter().fold(UBig::ONE, |unit, r| {
        let (odd, _) = odd(r.denominator());
        let common = (&unit).gcd(&odd);
        unit * (odd / common)
    });
    let rewards = rational.iter().map(|r| {
        let (odd, twos) = odd(r.denominator());
        (r.numerator() * IBig::from(&unit / odd), -(twos as i64))
    });
    (unit.clone(), rewards.collect())
}
