//! What acting greedily on some action values costs, and how far ahead one has to look for it to cost nothing.

use crate::analysis::returns::ReturnRange;
use crate::base::sum::max_abs;
use crate::base::{Bounded, Grade};
use crate::model::Mdp;
use crate::solve::{Sense, Solver, Task};

/// Action values closer than this, relative to the largest, are ties: what rounding leaves of equal ones.
const TIE: f64 = 1e-11;
/// Steps of look-ahead whose regret is worked out; beyond, only whether they are enough.
const SHOWN: usize = 100;
/// Steps after which the search ends.
const MOST: usize = 10_000;

/// Policies that take a best action by some values.
#[derive(Clone, Debug)]
pub struct Greedy {
    /// Rows that are best at their state, ties included.
    pub rows: Vec<bool>,
    /// States, other than terminal ones, at which some best row is not optimal for the reward.
    pub wrong: Vec<usize>,
    /// Regret of the luckiest choice among the best rows.
    pub best: Bounded,
    /// Regret of the unluckiest.
    pub worst: Bounded,
}

/// Looking `h` steps ahead.
#[derive(Clone, Debug)]
pub struct Step {
    /// `h`.
    pub steps: usize,
    /// States with a wrong best action.
    pub wrong: usize,
    /// Regret of the luckiest choice among best actions.
    pub best: Bounded,
    /// Regret of the unluckiest.
    pub worst: Bounded,
}

/// How far ahead to look.
#[derive(Clone, Debug)]
pub struct LookAhead {
    /// From one step on, up to the first that is enough.
    pub steps: Vec<Step>,
    /// The smallest number of steps with no wrong action at any state.
    pub enough: Option<usize>,
    /// Steps tried.
    pub tried: usize,
}

/// Rows that are best by `q` at each state.
fn best_rows(mdp: &Mdp, q: &[f64]) -> Vec<bool> {
    let tie = TIE * max_abs(q);
    let mut rows = vec![false; q.len()];
    for s in 0..mdp.n_states() {
        let best = mdp.rows(s).map(|row| q[row]).fold(f64::NEG_INFINITY, f64::max);
        mdp.rows(s).for_each(|row| rows[row] = best - q[row] <= tie);
    }
    rows
}

fn wrong(mdp: &Mdp, range: &ReturnRange, rows: &[bool]) -> Vec<usize> {
    let is_wrong = |s: &usize| mdp.rows(*s).any(|row| rows[row] && !range.best.optimal[row]);
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).filter(is_wrong).collect()
}

/// The greedy policies of action values over rows, and what they cost under a reward. Two solves unless nothing is wrong.
pub fn greedy(solver: &Solver<'_>, range: &ReturnRange, q: &[f64]) -> Greedy {
    let mdp = solver.mdp();
    of_rows(solver, range, best_rows(mdp, q))
}

fn of_rows(solver: &Solver<'_>, range: &ReturnRange, rows: Vec<bool>) -> Greedy {
    let wrong = wrong(solver.mdp(), range, &rows);
    // Rows that may be optimal all count as optimal, so this is as certain as the ties are.
    let nothing = Bounded::exact(0.0).at_most(Grade::Bounded);
    if wrong.is_empty() {
        return Greedy { rows, wrong, best: nothing, worst: nothing };
    }
    let tasks = [Sense::Max, Sense::Min].map(|sense| Task { allowed: Some(&rows), ..Task::new(&range.reward, sense) });
    let lost = |task: &Task<'_>| {
        let earned = solver.values(task).at_start(solver.mdp());
        (range.max - earned).clamped(0.0, range.rho.hi).at_most(Grade::Bounded)
    };
    let [best, worst] = [lost(&tasks[0]), lost(&tasks[1])];
    Greedy { rows, wrong, best, worst }
}

/// Looks 1, 2, ... steps ahead, until the greedy action is optimal at every state. Beyond the last step nothing is
/// earned but the potential: with `Phi` this is look-ahead under the shaped reward, whose action values differ by a
/// constant a state. One backup a step, and two solves where the greedy actions change.
pub fn look_ahead(solver: &Solver<'_>, range: &ReturnRange, phi: &[f64]) -> LookAhead {
    let mdp = solver.mdp();
    let mut v: Vec<f64> = (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { phi[s] }).collect();
    let mut found = LookAhead { steps: Vec::new(), enough: None, tried: 0 };
    let mut last: Option<Greedy> = None;
    while found.enough.is_none() && found.tried < MOST && !solver.is_out_of_time() {
        found.tried += 1;
        let q: Vec<f64> =
            (0..mdp.n_rows()).map(|row| range.reward.r[row] + mdp.gamma() * mdp.backup(row, &v)).collect();
        let rows = best_rows(mdp, &q);
        if found.steps.len() < SHOWN {
            let now = match last.take() {
                Some(same) if same.rows == rows => same,
                _ => of_rows(solver, range, rows),
            };
            let (wrong, best, worst) = (now.wrong.len(), now.best, now.worst);
            found.steps.push(Step { steps: found.tried, wrong, best, worst });
            found.enough = (wrong == 0).then_some(found.tried);
            last = Some(now);
        } else if wrong(mdp, range, &rows).is_empty() {
            found.enough = Some(found.tried);
        }
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            v[s] = mdp.rows(s).map(|row| q[row]).fold(f64::NEG_INFINITY, f64::max);
        }
    }
    found
}
