//! The linear program of a model: the least `v` with `v >= r + gamma P v` in every row (d'Epenoux 1963).
//!
//! An interior-point answer is good to seven or eight digits, enough to see which actions are best. From these policy
//! iteration goes on; it has nothing left to do when the program was solved well.

use std::time::Instant;

use clarabel::solver::SolverStatus;
use good_lp::{Expression, Solution, SolverModel, Variable, clarabel, constraint, variable, variables};

use super::certify::is_allowed;
use super::{Iterate, Method, Solver, Task, pi};
use crate::base::sum;

pub(super) static METHOD: Method =
    Method { id: "lp", summary: "linear program by interior points, then policy iteration", run };

/// Policy iteration from the greedy policy of the program's answer; from anywhere if the program could not be solved.
fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    let rows = solve(solver, task).map(|v| greedy(solver, task, &v));
    pi::run(solver, &Task { warm: rows.as_deref().or(task.warm), ..*task })
}

/// Values in a unit of their own, as the sense of the task has them; `None` where the program is not solved.
///
/// Both objective and constraints are those of `u = (1 - gamma) v / max |r|`, which lies within [-1, 1]: tolerances of
/// interior points are absolute. Without discount the unit is the longest episode.
///
/// With the feature `fast-lp` clarabel weighs the work of a program and takes faer's factorisation in blocks where that
/// pays; asking for it outright is slower on small programs and no faster on large ones.
fn solve(solver: &Solver<'_>, task: &Task<'_>) -> Option<Vec<f64>> {
    /// Feasibility and gap asked for; what is left after it, policy iteration mends.
    const TOLERANCE: f64 = 1e-9;
    let (mdp, sign) = (solver.mdp, task.sense.sign());
    let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
    let largest = sum::max_abs(&task.reward.r);
    let unit = 1.0 / solver.horizon.longest();
    if live.is_empty() || largest == 0.0 || solver.is_out_of_time() {
        return None;
    }
    let mut vars = variables!();
    let mut u: Vec<Option<Variable>> = vec![None; mdp.n_states()];
    live.iter().for_each(|&s| u[s] = Some(vars.add(variable())));
    // Any positive weights have the same solution; equal ones treat all states alike.
    let objective: Expression = u.iter().flatten().map(|&u| u * (1.0 / live.len() as f64)).sum();
    let mut model = vars.minimise(objective).using(clarabel);
    let settings = model.settings();
    settings.verbose(false).tol_feas(TOLERANCE).tol_gap_abs(TOLERANCE).tol_gap_rel(TOLERANCE);
    if let Some(deadline) = solver.options.limits.deadline {
        settings.time_limit(deadline.saturating_duration_since(Instant::now()).as_secs_f64());
    }
    for &s in &live {
        for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
            let mut left = Expression::from(u[s]?);
            let (col, p) = mdp.p(row);
            for (&t, &p) in col.iter().zip(p) {
                if let Some(u) = u[t as usize] {
                    left -= (mdp.gamma() * p) * u;
                }
            }
            model = model.with(constraint!(left >= sign * unit * (task.reward.r[row] / largest)));
        }
    }
    let solution = model.solve().ok()?;
    // The wrapper reports success for unbounded and inexact runs too; only the inner status can be believed.
    if solution.inner().status != SolverStatus::Solved {
        return None;
    }
    Some(u.iter().map(|u| u.map_or(0.0, |u| sign * solution.value(u) / unit * largest)).collect())
}

/// The best row of each state for given values.
fn greedy(solver: &Solver<'_>, task: &Task<'_>, v: &[f64]) -> Vec<usize> {
    let (mdp, sign) = (solver.mdp, task.sense.sign());
    let q = |row: usize| sign * super::certify::q_of(mdp, task.reward, row, v);
    let best = |s: usize| {
        let allowed = mdp.rows(s).filter(|&row| is_allowed(task, row));
        allowed.max_by(|&x, &y| q(x).total_cmp(&q(y))).unwrap_or(mdp.rows(s).start)
    };
    (0..mdp.n_states()).map(best).collect()
}
