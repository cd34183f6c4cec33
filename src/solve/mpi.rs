//! Modified policy iteration with span bounds (Puterman and Shin 1978; MacQueen 1966; Porteus 1971), and value iteration
//! as its case without inner steps.
//!
//! Let `d = TV - V`, `lo` and `hi` its extremes, `mid` their mean. Each round backs up once over all actions, in double
//! precision; the extremes bound the optimal value, `V + lo/(1-gamma) <= V* <= V + hi/(1-gamma)`. Then, for the greedy
//! policy, `e = sum_j (gamma P_pi)^j (d - mid)` is summed until it settles and added to `V`. The correction `e` is small
//! and only a step on the way, so it is kept in single precision, which halves the traffic of what is done most.

use rayon::prelude::*;

use super::certify::is_allowed;
use super::sweep::{BLOCK, Extent, Followed, Improve};
use super::{Iterate, Method, Outcome, Solver, Task};
use crate::base::Buffer;
use crate::base::sum::{self, UNIT, gamma_n};
use crate::model::Mdp;

pub(super) static METHOD: Method =
    Method { id: "mpi", summary: "modified policy iteration with two-sided span bounds; best on sparse models", run };

/// Inner steps of one round at most.
const INNER: usize = 20;
/// Inner steps end when their changes have shrunk to this part, or to the part of the states whose action is new if that
/// is less: a policy that stays deserves to be evaluated well.
const SETTLED: f64 = 0.4;
/// Absolute rounding of one next to zero.
const F32_TINY: f64 = f32::MIN_POSITIVE as f64;
/// Relative rounding of a value kept in single precision.
const SINGLE: f64 = f32::EPSILON as f64 / 2.0;

fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    rounds(solver, task, INNER)
}

/// Rounds of one backup and at most `inner` inner steps, until the bounds are as close as asked.
pub(super) fn rounds(solver: &Solver<'_>, task: &Task<'_>, inner: usize) -> Iterate {
    let (mdp, shape, gamma) = (solver.mdp, solver.shape(), solver.mdp.gamma());
    let n = mdp.n_states();
    let improve = Improve { mdp, task, shape };
    let horizon = solver.horizon.longest();
    let asked = solver.options.tolerance * solver.scale(task.reward);
    let largest = sum::max_abs(&task.reward.r);

    let mut v = Buffer::<f64>::zeros(n);
    let mut d = Buffer::<f64>::zeros(n);
    let mut policy = vec![0u32; n];
    let mut work = (inner > 0).then(|| Inner::new(solver, inner, asked / horizon));
    let mut sweeps = 0;
    loop {
        let is_start = sweeps == 0;
        let extent = match task.warm {
            Some(warm) if is_start => start_from(task, warm, mdp, &mut d, &mut policy),
            _ if is_start => improve.first(&mut d, &mut policy),
            _ => match work.as_ref().and_then(Inner::rounded) {
                Some(x) => improve.run(&v, x, &mut d, &mut policy),
                None => improve.run(&v, &v, &mut d, &mut policy),
            },
        };
        sweeps += 1;
        let end = |v: &[f64], outcome, half| Iterate {
            v: v.to_vec(),
            policy: widen(&policy),
            sweeps,
            outcome,
            half,
            proof: None,
        };
        if extent.is_empty() {
            // Every state is terminal.
            return end(&v, Outcome::Converged, Some(0.0));
        }
        let size = v.par_chunks(BLOCK).map(sum::max_abs).reduce(|| 0.0, f64::max);
        // Rounding of one backup, as in `certify::backup_error` with every part at its largest.
        let terms = shape.layout.longest() + 3;
        let rounded = if work.as_ref().is_some_and(|work| work.is_rounded) { SINGLE * size + F32_TINY } else { 0.0 };
        let inputs = (mdp.gamma_error() + mdp.p_error()) * size;
        let error =
            task.reward.err + inputs + 2.0 * gamma_n(terms) * (largest + 2.0 * size) + rounded + f64::MIN_POSITIVE;
        let bounds = Bounds::new(solver, extent, error);
        // The first steps of a given policy are not a backup: they bound nothing.
        if !is_start || task.warm.is_none() {
            // Rounding keeps bounds from coming closer than this, whatever the tolerance says.
            let floor = 4.0 * (error - rounded) * horizon;
            let width = bounds.half / asked.max(floor);
            let outcome = match solver.must_stop(sweeps, width) {
                _ if width <= 1.0 => Some(Outcome::Converged),
                reached => reached,
            };
            if let Some(outcome) = outcome {
                add(mdp, &mut v, &d, bounds.shift);
                let half = bounds.half + 8.0 * UNIT * (size + horizon * (largest + size));
                return end(&v, outcome, (gamma < 1.0).then_some(half));
            }
        }
        match &mut work {
            None => add(mdp, &mut v, &d, 0.0),
            Some(work) => work.improve(mdp, &policy, &mut v, &d, &bounds),
        }
    }
}

fn widen(policy: &[u32]) -> Vec<usize> {
    policy.iter().map(|&row| row as usize).collect()
}

/// What a backup says of the optimal value.
pub(super) struct Bounds {
    /// Middle of the extremes of `d`; 0 where values may not be shifted.
    mid: f64,
    /// Half the difference of the extremes.
    spread: f64,
    /// `TV + shift` is the estimate...
    pub shift: f64,
    /// ...which is within this of the optimal value, rounding included.
    pub half: f64,
}

impl Bounds {
    /// Of a backup whose changes have these extremes, each known to within `error`.
    pub(super) fn new(solver: &Solver<'_>, extent: Extent, error: f64) -> Self {
        let (gamma, off) = (solver.mdp.gamma(), solver.mdp.gamma_error() + 2.0 * UNIT);
        let (mut lo, mut hi) = (extent.lo, extent.hi);
        if !solver.shape().is_closed || gamma == 1.0 {
            (lo, hi) = (lo.min(0.0), hi.max(0.0));
            let half = (gamma * solver.horizon.longest() * hi.max(-lo) + solver.horizon.longest() * error).next_up();
            return Bounds { mid: 0.0, spread: hi.max(-lo), shift: 0.0, half };
        }
        // `V + x` is a supersolution if `x >= hi + gamma x`: rows meant sum to 1, whatever those stored do, and the discount
        // meant is within a rounding of the one stored.
        let (least, most) = (gamma * (1.0 - off), gamma * (1.0 + off));
        let bound = |x: f64, if_positive: f64, if_negative: f64| {
            let q = if x >= 0.0 { if_positive } else { if_negative };
            q * x / (1.0 - q)
        };
        let (low, high) = (bound(lo - error, least, most), bound(hi + error, most, least));
        let slack = error + 8.0 * UNIT * solver.horizon.longest() * (low.abs() + high.abs());
        Bounds {
            mid: (lo + hi) / 2.0,
            spread: (hi - lo) / 2.0,
            shift: (low + high) / 2.0,
            half: ((high - low) / 2.0 + slack).next_up(),
        }
    }
}

/// `d` of a given policy at `V = 0`: what its first step earns.
fn start_from(task: &Task<'_>, warm: &[usize], mdp: &Mdp, d: &mut [f64], policy: &mut [u32]) -> Extent {
    let mut extent = Extent::NONE;
    for s in 0..mdp.n_states() {
        let row =
            if is_allowed(task, warm[s]) { Some(warm[s]) } else { mdp.rows(s).find(|&row| is_allowed(task, row)) };
        // Every state keeps an allowed row.
        let row = row.unwrap_or(warm[s]);
        policy[s] = row as u32;
        d[s] = 0.0;
        if !mdp.is_terminal(s) {
            d[s] = task.reward.r[row];
            extent.take(d[s]);
        }
    }
    extent
}

/// `v <- v + d + shift` away from terminal states.
fn add(mdp: &Mdp, v: &mut [f64], d: &[f64], shift: f64) {
    v.par_chunks_mut(BLOCK).zip(d.par_chunks(BLOCK)).enumerate().for_each(|(i, (v, d))| {
        for (j, (v, d)) in v.iter_mut().zip(d).enumerate() {
            if !mdp.is_terminal(i * BLOCK + j) {
                *v += d + shift;
            }
        }
    });
}

/// Room for the inner steps of a round.
struct Inner {
    rows: Followed,
    d: Buffer<f32>,
    e: Buffer<f32>,
    next: Buffer<f32>,
    /// Whether `next` holds a rounded copy of `v` that is good enough for the coming backup.
    is_rounded: bool,
    /// Steps of one round at most.
    most: usize,
    /// Spread of `d` at which the whole is done.
    enough: f64,
}

impl Inner {
    fn new(solver: &Solver<'_>, most: usize, enough: f64) -> Self {
        let n = solver.mdp.n_states();
        let rows = Followed::new(solver.mdp, solver.shape());
        Inner {
            rows,
            d: Buffer::zeros(n),
            e: Buffer::zeros(n),
            next: Buffer::zeros(n),
            is_rounded: false,
            most,
            enough,
        }
    }

    /// A rounded copy of `v` for the coming backup.
    fn rounded(&self) -> Option<&[f32]> {
        self.is_rounded.then_some(&*self.next)
    }

    /// Adds to `v` what following `policy` on from `d` earns, up to a constant, until steps change little.
    fn improve(&mut self, mdp: &Mdp, policy: &[u32], v: &mut [f64], d: &[f64], bounds: &Bounds) {
        let changed = self.rows.turn_to(mdp, policy);
        self.is_rounded = false;
        // Scaled so that neither tiny nor huge rewards leave the range of single precision.
        let (mid, scale) = (bounds.mid, bounds.spread);
        if scale == 0.0 {
            return;
        }
        let unit = 1.0 / scale;
        self.d.par_chunks_mut(BLOCK).zip(self.e.par_chunks_mut(BLOCK)).zip(d.par_chunks(BLOCK)).enumerate().for_each(
            |(i, ((to, e), d))| {
                for (j, ((to, e), d)) in to.iter_mut().zip(e).zip(d).enumerate() {
                    let is_terminal = self.rows.has_terminal && mdp.is_terminal(i * BLOCK + j);
                    *to = if is_terminal { 0.0 } else { ((d - mid) * unit) as f32 };
                    *e = *to;
                }
            },
        );
        let settled = SETTLED.min(changed as f64 / mdp.n_states() as f64);
        let goal = settled.max(self.enough * unit / 4.0);
        let mut spread = 1.0;
        for _ in 0..self.most {
            let change = self.rows.step(mdp, policy, &self.d, &self.e, &mut self.next);
            std::mem::swap(&mut self.e, &mut self.next);
            spread = if mid == 0.0 { change.hi.max(-change.lo) } else { (change.hi - change.lo) / 2.0 };
            if spread <= goal {
                break;
            }
        }
        let e = &self.e;
        let largest = v
            .par_chunks_mut(BLOCK)
            .zip(e.par_chunks(BLOCK))
            .zip(self.next.par_chunks_mut(BLOCK))
            .map(|((v, e), x)| {
                let mut largest = 0.0f64;
                for ((v, &e), x) in v.iter_mut().zip(e).zip(x) {
                    *v += f64::from(e) * scale;
                    *x = *v as f32;
                    largest = largest.max(v.abs());
                }
                largest
            })
            .reduce(|| 0.0, f64::max);
        // The rounding must stay well below the residual that the coming backup is to measure.
        self.is_rounded = largest < f64::from(f32::MAX) && spread * scale > 16.0 * (SINGLE * largest + F32_TINY);
    }
}
