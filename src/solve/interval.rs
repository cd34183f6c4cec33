//! Interval value iteration: a lower and an upper vector, both swept until they meet (Haddad and Monmege 2018).
//!
//! It starts from `min(0, min r) w <= V* <= max(0, max r) w`, where `w` bounds the expected discounted steps left. The
//! Bellman operator is monotone, so the image of a lower bound is one too, and so is that of a bound improved halfway
//! through a sweep. Each element only ever tightens, by more than its rounding, so what is reported holds at any moment.

use super::certify::is_allowed;
use super::proof::Proof;
use super::{Iterate, Method, Outcome, Sense, Solver, Task};
use crate::base::sum::gamma_n;

pub(super) static METHOD: Method =
    Method { id: "interval", summary: "value iteration from below and above until both meet; any size", run };

/// Sweeps until every interval is twice as wide as the half width asked for, or until no bound moves any more.
fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    let (mdp, n) = (solver.mdp, solver.mdp.n_states());
    let asked = solver.options.tolerance * solver.scale(task.reward);
    let (mut lo, mut hi) = start(solver, task);
    let mut policy: Vec<usize> = (0..n).map(|s| mdp.rows(s).start).collect();
    let mut sweeps = 0;
    let outcome = loop {
        let (mut width, mut moved) = (0.0f64, false);
        for s in (0..n).filter(|&s| !mdp.is_terminal(s)) {
            let mut best = Backup { lo: f64::NEG_INFINITY, hi: f64::NEG_INFINITY };
            for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
                let backup = backup(solver, task, row, &lo, &hi);
                // A minimum is a maximum with its signs and its ends exchanged.
                let backup = match task.sense {
                    Sense::Max => backup,
                    Sense::Min => Backup { lo: -backup.hi, hi: -backup.lo },
                };
                if backup.lo > best.lo {
                    policy[s] = row;
                }
                best = Backup { lo: best.lo.max(backup.lo), hi: best.hi.max(backup.hi) };
            }
            let best = match task.sense {
                Sense::Max => best,
                Sense::Min => Backup { lo: -best.hi, hi: -best.lo },
            };
            // Comparisons, so that an overflow to NaN moves nothing.
            if best.lo > lo[s] {
                (lo[s], moved) = (best.lo, true);
            }
            if best.hi < hi[s] {
                (hi[s], moved) = (best.hi, true);
            }
            width = width.max(hi[s] - lo[s]);
        }
        sweeps += 1;
        let width = if width > 0.0 { width / (2.0 * asked) } else { 0.0 };
        match solver.must_stop(sweeps, width) {
            _ if width <= 1.0 || !moved => break Outcome::Converged,
            Some(reached) => break reached,
            None => {}
        }
    };
    let v = lo.iter().zip(&hi).map(|(l, h)| l + (h - l) / 2.0).collect();
    let proof = Some(Proof { lo, hi, optimal: None, exact: None });
    Iterate { v, policy, sweeps, outcome, half: None, proof }
}

/// Bounds on `r + gamma P V` of one row.
struct Backup {
    lo: f64,
    hi: f64,
}

/// One pass over a row for both bounds, each moved outwards by its rounding.
fn backup(solver: &Solver<'_>, task: &Task<'_>, row: usize, lo: &[f64], hi: &[f64]) -> Backup {
    let (r, gamma) = (task.reward.r[row], solver.mdp.gamma());
    let (col, p) = solver.mdp.p(row);
    let (mut low, mut high, mut size) = (0.0, 0.0, 0.0);
    for (&t, &p) in col.iter().zip(p) {
        let (l, h) = (lo[t as usize], hi[t as usize]);
        low += p * l;
        high += p * h;
        size += p * l.abs().max(h.abs());
    }
    // n + 3 operations, doubled to cover the rounding of `size` itself and of this sum; the last term covers underflow.
    // What the inputs are off comes on top.
    let inputs = solver.mdp.row_error(row) * gamma * size;
    let error = task.reward.err + inputs + 2.0 * gamma_n(p.len() + 3) * (r.abs() + gamma * size) + f64::MIN_POSITIVE;
    Backup { lo: (r + gamma * low) - error, hi: (r + gamma * high) + error }
}

/// Bounds that hold before any sweep; both 0 where episodes have ended.
fn start(solver: &Solver<'_>, task: &Task<'_>) -> (Vec<f64>, Vec<f64>) {
    /// Two roundings, and as much again.
    const OUTWARDS: f64 = 1.0 + 4.0 * f64::EPSILON;
    let mdp = solver.mdp;
    let (mut least, mut most) = (0.0f64, 0.0f64);
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
            least = least.min(task.reward.r[row] - task.reward.err);
            most = most.max(task.reward.r[row] + task.reward.err);
        }
    }
    let bound = |r: f64, s: usize| if mdp.is_terminal(s) { 0.0 } else { r * solver.horizon.at(s) * OUTWARDS };
    let all = |r: f64| (0..mdp.n_states()).map(|s| bound(r, s)).collect();
    (all(least), all(most))
}
