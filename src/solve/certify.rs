//! Bounds that hold whatever the method did: one backup, with every rounding error counted.
//!
//! For any vector `V` let `d = TV - V`. If `w >= 0` satisfies `w >= 1 + gamma max_a P w` away from terminal
//! states, then `V + min(0, min d) w <= V* <= V + max(0, max d) w`, because `V + c w` is a super- or
//! subsolution of the Bellman equation. With `gamma < 1` and rows summing to at most `q`, the constant
//! `w = 1/(1 - gamma q)` will do, and the sign restriction can be dropped where no state is terminal
//! (MacQueen 1966; Porteus 1971).
//!
//! The bounds hold for the model meant, not only for the one stored: what the inputs may be off (`Mdp::row_error` and its
//! kin) is counted wherever a rounding is.

use rayon::prelude::*;

use super::sweep::BLOCK;
use super::{Iterate, Outcome, Sense, Solution, Solver, Task, Values, pi};
use crate::base::sum::{self, UNIT, gamma_n};
use crate::base::{Code, Diag, Doubt, Result};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;

/// A vector `w` with `w >= 1 + gamma max_a P w` on every state that is not terminal.
#[derive(Clone, Debug)]
pub enum Horizon {
    /// The same number everywhere, about `1 / (1 - gamma)`.
    Constant(f64),
    /// One number a state: the longest expected episode, for discount 1.
    PerState(Vec<f64>),
}

impl Horizon {
    /// Of a discounted model; infinite when the discount is 1, or may be.
    pub fn discounted(mdp: &Mdp) -> Self {
        // Rows meant sum to 1, those stored may miss it: both are covered.
        let largest = mdp.gamma() * (1.0 + mdp.gamma_error()) * mdp.row_sums().1.max(1.0);
        let shrink = (1.0 - largest.next_up()).next_down();
        Horizon::Constant(if shrink > 0.0 { (1.0 / shrink).next_up() } else { f64::INFINITY })
    }

    /// Of a model whose episodes all end: solves for the largest expected number of steps, enlarges the answer
    /// a little and checks that it is a supersolution.
    pub(super) fn episodic(solver: &Solver<'_>) -> Result<Self> {
        let mdp = solver.mdp;
        let mut steps = ExpectedReward::exact(vec![1.0; mdp.n_rows()]);
        for s in (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)) {
            steps.r[mdp.rows(s)].fill(0.0);
        }
        let iterate = pi::run(solver, &Task::new(&steps, Sense::Max));
        // Enough to cover rounding in the linear solves; checked below.
        let w: Vec<f64> = iterate.v.iter().map(|x| x.max(0.0) * (1.0 + 1e-6)).collect();
        let holds = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).all(|s| {
            mdp.rows(s).all(|row| {
                let (_, p) = mdp.p(row);
                w[s] >= (1.0 + mdp.backup(row, &w)) * (1.0 + gamma_n(p.len() + 3) + 2.0 * mdp.row_error(row))
            })
        });
        if holds {
            return Ok(Horizon::PerState(w));
        }
        Diag::new(Code::Numerical, "the expected length of an episode could not be bounded")
            .help("use a discount below 1, such as 0.9999")
            .err()
    }

    /// Value at a state.
    pub fn at(&self, s: usize) -> f64 {
        match self {
            Horizon::Constant(w) => *w,
            Horizon::PerState(w) => w[s],
        }
    }

    /// Largest value.
    pub fn longest(&self) -> f64 {
        match self {
            Horizon::Constant(w) => *w,
            Horizon::PerState(w) => sum::max_abs(w),
        }
    }
}

/// Bound on the error of `r(row) + gamma P(row) v - v(s)` as computed by [`q_of`]: its roundings, and what the inputs are off.
pub(super) fn backup_error(mdp: &Mdp, reward: &ExpectedReward, row: usize, v: &[f64], v_s: f64) -> f64 {
    let (col, p) = mdp.p(row);
    let absolute = col.iter().zip(p).fold(0.0, |sum, (&t, &p)| sum + p * v[t as usize].abs());
    rounding(reward, row, roundings(p.len()), mdp.row_error(row), mdp.gamma() * absolute, v_s)
}

/// Relative rounding of a backup over `n` successors: n+3 operations, doubled to cover the rounding of the size itself.
fn roundings(n: usize) -> f64 {
    2.0 * gamma_n(n + 3)
}

/// The bound for a row, with `absolute` about `gamma P |v|` or more, and `inputs` what `gamma P` is off; the last term covers
/// underflow.
fn rounding(reward: &ExpectedReward, row: usize, relative: f64, inputs: f64, absolute: f64, v_s: f64) -> f64 {
    let size = reward.r[row].abs() + absolute + v_s.abs();
    reward.err + relative * size + inputs * absolute + f64::MIN_POSITIVE
}

/// `r + gamma P v` of a row.
#[inline]
pub(super) fn q_of(mdp: &Mdp, reward: &ExpectedReward, row: usize, v: &[f64]) -> f64 {
    reward.r[row] + mdp.gamma() * mdp.backup(row, v)
}

/// Backups of one vector over all rows with their rounding errors; on small models all at once.
pub(super) struct Backups<'a> {
    mdp: &'a Mdp,
    reward: &'a ExpectedReward,
    dense: Option<Dense>,
}

/// Backups of a small model.
struct Dense {
    q: Vec<f64>,
    /// At least `gamma P |v|` of every row.
    absolute: f64,
    /// Relative rounding of a whole row of them.
    relative: f64,
    /// What the inputs are off in any row, relative to `absolute`.
    inputs: f64,
}

impl<'a> Backups<'a> {
    /// Of the vector that is handed to [`q`](Self::q) and [`error`](Self::error) as well.
    pub(super) fn new(solver: &Solver<'a>, reward: &'a ExpectedReward, v: &[f64]) -> Self {
        let dense = solver.small().map(|small| {
            let mut q = vec![0.0; solver.mdp.n_rows()];
            small.q(&reward.r, v, &mut q);
            let relative = roundings(small.longest());
            Dense { q, absolute: small.shrink() * sum::max_abs(v), relative, inputs: small.inputs() }
        });
        Backups { mdp: solver.mdp, reward, dense }
    }

    /// `r + gamma P v` of a row.
    #[inline]
    pub(super) fn q(&self, row: usize, v: &[f64]) -> f64 {
        match &self.dense {
            Some(dense) => dense.q[row],
            None => q_of(self.mdp, self.reward, row, v),
        }
    }

    /// Bound on the rounding error of `q(row) - v(s)`.
    #[inline]
    pub(super) fn error(&self, row: usize, v: &[f64], v_s: f64) -> f64 {
        match &self.dense {
            Some(dense) => rounding(self.reward, row, dense.relative, dense.inputs, dense.absolute, v_s),
            None => backup_error(self.mdp, self.reward, row, v, v_s),
        }
    }
}

/// Residuals of a backup turned into bounds on the error of every value.
pub(super) struct Residual {
    lo: f64,
    hi: f64,
}

impl Residual {
    pub(super) fn none() -> Self {
        Residual { lo: 0.0, hi: 0.0 }
    }

    /// Of a value that was not backed up.
    fn unknown() -> Self {
        Residual { lo: f64::NEG_INFINITY, hi: f64::INFINITY }
    }

    pub(super) fn join(self, other: Residual) -> Self {
        Residual { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Takes in one state: `d = (TV - V)(s)`, computed with error at most `err`.
    pub(super) fn take(&mut self, d: f64, err: f64) {
        self.lo = self.lo.min(d - err);
        self.hi = self.hi.max(d + err);
    }

    /// Bounds `[v + lo w, v + hi w]`, rounded outwards.
    pub(super) fn bounds(&self, horizon: &Horizon, mdp: &Mdp, s: usize, v: f64) -> (f64, f64) {
        if mdp.is_terminal(s) {
            return (v, v);
        }
        let w = horizon.at(s);
        let (lo, hi) = (v + self.lo.next_down() * w, v + self.hi.next_up() * w);
        // Three roundings at most, each below one unit in the last place of the largest term.
        let slack = 4.0 * UNIT * (v.abs() + w * self.lo.abs().max(self.hi.abs()));
        (lo - slack, hi + slack)
    }
}

/// What a backup over all actions finds in a block of states.
struct Found {
    residual: Residual,
}

/// Backs a value up once: action values into `q`, greedy rows into `policy`; residuals with every rounding counted.
fn back_up(solver: &Solver<'_>, task: &Task<'_>, v: &[f64], q: &mut [f64], policy: &mut [usize]) -> Found {
    let (mdp, sign) = (solver.mdp, task.sense.sign());
    let backups = Backups::new(solver, task.reward, v);
    let first_row = |s: usize| if s < mdp.n_states() { mdp.rows(s).start } else { mdp.n_rows() };
    // One block of states with its rows at a time: the parts of `q` differ in length.
    let mut parts = Vec::with_capacity(v.len() / BLOCK + 1);
    let mut rest = q;
    for (i, policy) in policy.chunks_mut(BLOCK).enumerate() {
        let (from, to) = (first_row(i * BLOCK), first_row(i * BLOCK + policy.len()));
        let (part, after) = rest.split_at_mut(to - from);
        rest = after;
        parts.push((i * BLOCK, from, part, policy));
    }
    let body = |(first, from, q, policy): (usize, usize, &mut [f64], &mut [usize])| {
        let mut found = Found { residual: Residual::none() };
        for (i, policy) in policy.iter_mut().enumerate() {
            let s = first + i;
            let (mut best, mut worst_error) = (f64::NEG_INFINITY, 0.0f64);
            for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
                let value = backups.q(row, v);
                q[row - from] = value;
                worst_error = worst_error.max(backups.error(row, v, v[s]));
                if sign * value > best {
                    (best, *policy) = (sign * value, row);
                }
            }
            if !mdp.is_terminal(s) {
                found.residual.take(sign * best - v[s], worst_error);
            }
        }
        found
    };
    let join = |a: Found, b: Found| Found { residual: a.residual.join(b.residual) };
    let empty = || Found { residual: Residual::none() };
    match parts.len() {
        0 | 1 => parts.into_iter().map(body).fold(empty(), join),
        _ => parts.into_par_iter().map(body).reduce(empty, join),
    }
}

/// Bounds around `v`: those of a residual, or `half` on both sides where that is closer.
fn around(solver: &Solver<'_>, v: &[f64], residual: &Residual, half: Option<f64>) -> (Vec<f64>, Vec<f64>) {
    let one = |(s, &x): (usize, &f64)| {
        let (lo, hi) = residual.bounds(&solver.horizon, solver.mdp, s, x);
        match half {
            Some(half) if !solver.mdp.is_terminal(s) => (lo.max((x - half).next_down()), hi.min((x + half).next_up())),
            _ => (lo, hi),
        }
    };
    v.iter().enumerate().map(one).unzip()
}

/// Bounds on what a method returned: its own where it has any, else those of one backup.
pub(super) fn values(solver: &Solver<'_>, task: &Task<'_>, iterate: Iterate, method: &'static str) -> Values {
    let mdp = solver.mdp;
    let Iterate { mut v, mut policy, sweeps, outcome, half, proof } = iterate;
    clear_terminal(mdp, &mut v);
    let residual = match half {
        Some(_) => Residual::unknown(),
        None => {
            let mut q = vec![0.0; mdp.n_rows()];
            back_up(solver, task, &v, &mut q, &mut policy).residual
        }
    };
    let (mut lo, mut hi) = around(solver, &v, &residual, half);
    if let Some(proof) = proof {
        proof.narrow_bounds(&mut v, &mut lo, &mut hi);
    }
    Values { v, lo, hi, policy, method, sweeps, outcome }
}

fn clear_terminal(mdp: &Mdp, v: &mut [f64]) {
    for s in (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)) {
        v[s] = 0.0;
    }
}

/// Puts bounds, greedy policy and the possibly optimal set on what a method returned.
pub(super) fn solution(solver: &Solver<'_>, task: &Task<'_>, iterate: Iterate, method: &'static str) -> Solution {
    let (mdp, sign) = (solver.mdp, task.sense.sign());
    let Iterate { mut v, mut policy, sweeps, outcome, half, .. } = iterate;
    clear_terminal(mdp, &mut v);
    let mut q = vec![0.0; mdp.n_rows()];
    let found = back_up(solver, task, &v, &mut q, &mut policy);
    let (lo, hi) = around(solver, &v, &found.residual, half);
    // An action value is off by the error of the values at most, and by its own rounding, which is part of the bounds of a
    // value: so what is farther from the best than twice their width is certainly not optimal.
    let tie = 2.0 * lo.iter().zip(&hi).fold(0.0f64, |m, (l, h)| m.max(h - l));
    let mut optimal = vec![false; mdp.n_rows()];
    let mut n_ties = 0;
    for s in 0..mdp.n_states() {
        let best = sign * q[policy[s]];
        let mut count = 0;
        for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
            // An overflow leaves NaN, which tells nothing.
            let gap = best - sign * q[row];
            optimal[row] = gap <= tie || gap.is_nan() || tie.is_nan();
            count += usize::from(optimal[row]);
        }
        n_ties += usize::from(count > 1 && !mdp.is_terminal(s));
    }
    let doubt = doubt(n_ties, outcome);
    Solution { v, lo, hi, policy, optimal, n_ties, doubt, method, sweeps, outcome, exact: None }
}

/// Why rows that may be optimal may not be: ties that only bounds have told so far.
pub(super) fn doubt(n_ties: usize, outcome: Outcome) -> Option<Doubt> {
    match (n_ties, outcome) {
        (0, _) => None,
        (_, Outcome::Converged) => Some(Doubt::bounds("exact arithmetic")),
        _ => Some(Doubt::Limit),
    }
}

pub(super) fn is_allowed(task: &Task<'_>, row: usize) -> bool {
    task.allowed.is_none_or(|allowed| allowed[row])
}

impl Solution {
    /// Whether the bounds are as close as asked.
    pub fn is_converged(&self) -> bool {
        self.outcome == Outcome::Converged
    }
}
