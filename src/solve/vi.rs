//! Value iteration stopped by span bounds, with midpoint correction (MacQueen 1966; Puterman 1994, section 6.6).

use super::certify::{is_allowed, q_of};
use super::{Iterate, Method, Outcome, Solver, Task};
use crate::base::sum::{self, UNIT};

pub(super) static METHOD: Method =
    Method { id: "vi", summary: "value iteration stopped by two-sided span bounds; any size", run };

/// Sweeps until `c (max d - min d) / 2` is within tolerance, `d = TV - V`, `c = gamma / (1 - gamma)`; then moves `TV`
/// by the midpoint of the two bounds. Terminal states are left out: their value is 0.
pub(super) fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    let (mdp, reward, sign, gamma) = (solver.mdp, task.reward, task.sense.sign(), solver.mdp.gamma());
    let n = mdp.n_states();
    // With no way into a terminal state a negative shift is discounted like a positive one.
    let closed = (0..n)
        .filter(|&s| !mdp.is_terminal(s))
        .all(|s| mdp.rows(s).all(|row| mdp.p(row).0.iter().all(|&t| !mdp.is_terminal(t as usize))));
    let horizon = solver.horizon.longest();
    let asked = solver.options.tolerance * solver.scale(reward);
    let mut v = vec![0.0; n];
    let mut next = vec![0.0; n];
    let mut policy: Vec<usize> = (0..n).map(|s| mdp.rows(s).start).collect();
    let mut sweeps = 0;
    loop {
        let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
        for s in 0..n {
            if mdp.is_terminal(s) {
                continue;
            }
            let mut best = f64::NEG_INFINITY;
            for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
                let q = sign * q_of(mdp, reward, row, &v);
                if q > best {
                    best = q;
                    policy[s] = row;
                }
            }
            next[s] = sign * best;
            let d = next[s] - v[s];
            lo = lo.min(d);
            hi = hi.max(d);
        }
        std::mem::swap(&mut v, &mut next);
        sweeps += 1;
        if hi < lo {
            // Every state is terminal.
            return Iterate { v, policy, sweeps, outcome: Outcome::Converged };
        }
        let rate = gamma * horizon;
        let shift = |d: f64| match d {
            _ if closed && gamma < 1.0 => gamma / (1.0 - gamma) * d,
            _ => rate * d,
        };
        let (low, high) = match closed && gamma < 1.0 {
            true => (shift(lo), shift(hi)),
            false => (shift(lo.min(0.0)), shift(hi.max(0.0))),
        };
        // Rounding keeps residuals from falling below this, whatever the tolerance says.
        let floor = 16.0 * UNIT * sum::max_abs(&v) * horizon;
        let width = (high - low) / 2.0 / asked.max(floor);
        let outcome = match solver.must_stop(sweeps, width) {
            _ if width <= 1.0 => Outcome::Converged,
            Some(reached) => reached,
            None => continue,
        };
        let middle = if closed && gamma < 1.0 { (low + high) / 2.0 } else { 0.0 };
        for s in (0..n).filter(|&s| !mdp.is_terminal(s)) {
            v[s] += middle;
        }
        return Iterate { v, policy, sweeps, outcome };
    }
}
