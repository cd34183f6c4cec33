//! Policy iteration with exact linear solves (Howard 1960).

use super::certify::{backup_error, is_allowed, q_of};
use super::small::{SIDES, Small, System};
use super::{Iterate, Method, Outcome, Solver, Task};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};

pub(super) static METHOD: Method =
    Method { id: "pi", summary: "policy iteration with direct linear solves; exact up to rounding", run };

/// Sweeps that look for the first policy of a small model: each costs a third of a linear solve, and on models that mix
/// they mostly find the last policy.
const SWEEPS: usize = 8;

/// Improves until no action is better by more than the rounding of its own backup.
pub(super) fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    match solver.small() {
        Some(small) => run_small(solver, small, task, []).0,
        None => iterate(solver, task, start(solver.mdp, task), &mut Chains(solver)),
    }
}

/// The same on a small model; and what the policy found earns from the start for other rewards, from the same linear
/// solve. At most [`SIDES`] `- 1` of them.
pub(super) fn run_small<const N: usize>(
    solver: &Solver<'_>,
    small: &Small,
    task: &Task<'_>,
    also: [&ExpectedReward; N],
) -> (Iterate, [f64; N]) {
    let mdp = solver.mdp;
    let mut rows = start(mdp, task);
    let mut dense = Dense { small, system: small.system(), q: vec![0.0; mdp.n_rows()], also };
    if task.warm.is_none() {
        dense.sweep(mdp, task, &mut rows);
    }
    let found = iterate(solver, task, rows, &mut dense);
    let mut returns = [0.0; N];
    for (s, &mu) in mdp.mu0().iter().enumerate() {
        let earned = dense.system.at(s);
        returns.iter_mut().enumerate().for_each(|(i, sum)| *sum += mu * earned[i + 1]);
    }
    (found, returns)
}

/// The policy of the task, or the one that is greedy for the immediate reward.
fn start(mdp: &Mdp, task: &Task<'_>) -> Vec<usize> {
    let (r, sign) = (&task.reward.r, task.sense.sign());
    let pick = |s: usize| {
        let start = task.warm.map(|warm| warm[s]).filter(|&row| is_allowed(task, row));
        // Every state keeps an allowed row.
        start.unwrap_or_else(|| {
            mdp.rows(s)
                .filter(|&row| is_allowed(task, row))
                .max_by(|&x, &y| (sign * r[x]).total_cmp(&(sign * r[y])))
                .unwrap_or(mdp.rows(s).start)
        })
    };
    (0..mdp.n_states()).map(pick).collect()
}

/// What policy iteration asks of a model.
trait Engine {
    /// Values of a deterministic policy, into `v`. Returns whether a limit has cut the solve short.
    fn evaluate(&mut self, task: &Task<'_>, rows: &[usize], v: &mut [f64]) -> bool;
    /// `r + gamma P v` of a row, with the `v` evaluated last.
    fn q(&self, task: &Task<'_>, row: usize, v: &[f64]) -> f64;
}

/// Of any size: sparse chains.
struct Chains<'a>(&'a Solver<'a>);

impl Engine for Chains<'_> {
    fn evaluate(&mut self, task: &Task<'_>, rows: &[usize], v: &mut [f64]) -> bool {
        let policy = Policy::Deterministic(rows.to_vec());
        let mdp = self.0.mdp;
        let earned = policy.average(mdp, &task.reward.r);
        let solved = self.0.chain(&policy).solve(mdp.gamma(), &earned, &self.0.closely());
        v.copy_from_slice(&solved.x);
        solved.is_cut
    }

    fn q(&self, task: &Task<'_>, row: usize, v: &[f64]) -> f64 {
        q_of(self.0.mdp, task.reward, row, v)
    }
}

/// Small models: dense systems, all backups at once.
struct Dense<'a, const N: usize> {
    small: &'a Small,
    system: System<'a>,
    q: Vec<f64>,
    also: [&'a ExpectedReward; N],
}

impl<const N: usize> Dense<'_, N> {
    /// Value iteration until the greedy policy stays for a sweep.
    fn sweep(&mut self, mdp: &Mdp, task: &Task<'_>, rows: &mut [usize]) {
        let sign = task.sense.sign();
        let mut v: Vec<f64> = rows.iter().map(|&row| task.reward.r[row]).collect();
        for _ in 0..SWEEPS {
            self.small.q(&task.reward.r, &v, &mut self.q);
            let mut changed = false;
            for (s, (chosen, v)) in rows.iter_mut().zip(&mut v).enumerate() {
                let before = *chosen;
                for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
                    if sign * self.q[row] > sign * self.q[*chosen] {
                        *chosen = row;
                    }
                }
                *v = self.q[*chosen];
                changed |= *chosen != before;
            }
            if !changed {
                break;
            }
        }
    }
}

impl<const N: usize> Engine for Dense<'_, N> {
    fn evaluate(&mut self, task: &Task<'_>, rows: &[usize], v: &mut [f64]) -> bool {
        const { assert!(N < SIDES) };
        self.system.solve(rows, |s| {
            let mut side = [0.0; SIDES];
            side[0] = task.reward.r[rows[s]];
            self.also.iter().zip(&mut side[1..]).for_each(|(reward, side)| *side = reward.r[rows[s]]);
            side
        });
        v.iter_mut().enumerate().for_each(|(s, v)| *v = self.system.at(s)[0]);
        self.small.q(&task.reward.r, v, &mut self.q);
        false
    }

    fn q(&self, _task: &Task<'_>, row: usize, _v: &[f64]) -> f64 {
        self.q[row]
    }
}

fn iterate(solver: &Solver<'_>, task: &Task<'_>, mut rows: Vec<usize>, engine: &mut impl Engine) -> Iterate {
    let (mdp, reward, sign) = (solver.mdp, task.reward, task.sense.sign());
    let mut v = vec![0.0; mdp.n_states()];
    let mut sweeps = 0;
    let mut outcome = Outcome::Converged;
    loop {
        let is_cut = engine.evaluate(task, &rows, &mut v);
        sweeps += 1;
        let mut changed = false;
        for s in 0..mdp.n_states() {
            let current = engine.q(task, rows[s], &v);
            let mut best = (current, rows[s]);
            for row in mdp.rows(s).filter(|&row| is_allowed(task, row)) {
                let q = engine.q(task, row, &v);
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
        if changed || is_cut {
            match solver.must_stop(sweeps, f64::INFINITY) {
                Some(reached) => outcome = reached,
                None => continue,
            }
        }
        return Iterate { v, policy: rows, sweeps, outcome, half: None, proof: None };
    }
}
