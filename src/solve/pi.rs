//! Policy iteration with exact linear solves (Howard 1960).

use super::certify::{backup_error, is_allowed, q_of};
use super::{Iterate, Method, Outcome, Solver, Task};
use crate::model::Policy;

pub(super) static METHOD: Method =
    Method { id: "pi", summary: "policy iteration with direct linear solves; exact up to rounding", run };

/// Improves until no action is better by more than the rounding of its own backup.
pub(super) fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    let (mdp, reward, sign) = (solver.mdp, task.reward, task.sense.sign());
    let mut rows: Vec<usize> = (0..mdp.n_states())
        .map(|s| {
            let start = task.warm.map(|warm| warm[s]).filter(|&row| is_allowed(task, row));
            // Greedy for the immediate reward; every state keeps an allowed row.
            start.unwrap_or_else(|| {
                mdp.rows(s)
                    .filter(|&row| is_allowed(task, row))
                    .max_by(|&x, &y| (sign * reward.r[x]).total_cmp(&(sign * reward.r[y])))
                    .unwrap_or(mdp.rows(s).start)
            })
        })
        .collect();
    let mut sweeps = 0;
    let mut outcome = Outcome::Converged;
    loop {
        let policy = Policy::Deterministic(rows);
        let solved = solver.chain(&policy).solve(mdp.gamma(), &policy.average(mdp, &reward.r), &solver.closely());
        let v = solved.x;
        let Policy::Deterministic(kept) = policy else { unreachable!("built two lines above") };
        rows = kept;
        sweeps += 1;
        let mut changed = false;
        for s in 0..mdp.n_states() {
            let current = q_of(mdp, reward, rows[s], &v);
            let mut best = (current, rows[s]);
            for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
                let q = q_of(mdp, reward, row, &v);
                if sign * q > sign * best.0 {
                    best = (q, row);
                }
            }
            // Without this threshold rounding makes tied actions take turns for ever.
            if best.1 != rows[s] {
                let noise = 4.0 * backup_error(mdp, reward, best.1, &v, v[s]);
                if sign * (best.0 - current) > noise {
                    rows[s] = best.1;
                    changed = true;
                }
            }
        }
        // The width is not known before the end: every policy but the last is exactly evaluated and not optimal, unless a
        // limit has cut its evaluation short.
        if changed || solved.is_cut {
            match solver.must_stop(sweeps, f64::INFINITY) {
                Some(reached) => outcome = reached,
                None => continue,
            }
        }
        return Iterate { v, policy: rows, sweeps, outcome, half: None, proof: None };
    }
}
