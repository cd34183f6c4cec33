//! An optimal policy, every other action that is optimal too, and how far the rest falls short.

use std::sync::Arc;

use crate::base::{Bounded, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy, Reward};
use crate::solve::{Advantages, Evaluation, Options, Sense, Solution, Solver, Task};

/// Most states, and most transitions, of a model whose doubtful ties are settled in fractions: a second or so.
const EXACT_STATES: usize = 200;
const EXACT_TRANSITIONS: usize = 20_000;
/// Policy improvement steps on top of what the solver returned. Each is certain to be one, so they end by themselves; a
/// solver that stopped at its tolerance needs a handful.
const STEPS: usize = 1_000;

/// The optimal set of one reward, and the gap `V*(s) - Q*(s,a)` of every action.
///
/// Every optimal action is in `optimal`. Where `is_proved`, all in it are; otherwise some of them may fall short by less
/// than their bounds.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// One optimal row a state.
    pub rows: Vec<usize>,
    /// What that policy earns.
    pub value: Evaluation,
    /// Gaps over rows, with bounds; 0 at terminal states.
    pub gap: Vec<Bounded>,
    /// Rows that are optimal, or cannot be told from it.
    pub optimal: Vec<bool>,
    /// Whether the optimal set is exactly `optimal`: no gap is in doubt, or the doubtful ones were settled in fractions.
    pub is_proved: bool,
    /// Whether no limit cut the search short.
    pub is_complete: bool,
}

/// A state with more than one optimal action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The state.
    pub state: usize,
    /// Its optimal rows.
    pub rows: Vec<usize>,
}

impl Optimum {
    /// Solves, improves as long as that is certain, and compares all actions by their advantage over the policy found: one
    /// extra evaluation, never the difference of two estimates. Doubtful ties of small models are settled in fractions, for
    /// which `reward` is asked; `expected` is its mean over next states.
    pub fn of(solver: &Solver<'_>, reward: &Reward, expected: &ExpectedReward) -> Self {
        let mdp = solver.mdp();
        let solution = solver.optimise(&Task::new(expected, Sense::Max));
        let (rows, value, advantages) = improved(solver, expected, &solution);
        let mut found = Self::from_advantages(solver, rows, value, &advantages);
        found.is_complete = solution.is_converged() && !solver.is_out_of_time();
        if !found.is_proved && mdp.n_states() <= EXACT_STATES && mdp.nnz() <= EXACT_TRANSITIONS {
            found.settle(solver, reward, expected);
        }
        found
    }

    fn from_advantages(solver: &Solver<'_>, rows: Vec<usize>, value: Evaluation, found: &Advantages) -> Self {
        let mdp = solver.mdp();
        // The optimum is at most this above the policy: the advantages that rounding leaves open, collected for ever.
        let open = found.a.iter().zip(&found.error).map(|(a, e)| a + e).fold(0.0, f64::max);
        let is_own = |row: usize| rows[mdp.state(row)] == row;
        let others = (0..mdp.n_rows()).filter(|&row| !is_own(row) && !mdp.is_terminal(mdp.state(row)));
        let is_proved = others.clone().all(|row| found.a[row] + found.error[row] < 0.0);
        let slack = if is_proved { 0.0 } else { (open * solver.horizon().longest()).next_up() };
        let mut gap = vec![Bounded::exact(0.0); mdp.n_rows()];
        let mut optimal = vec![true; mdp.n_rows()];
        for row in others {
            let (a, error) = (found.a[row], found.error[row] + slack);
            let x = Interval::ball(-a, error);
            gap[row] =
                Bounded::around((-a).max(0.0), Interval { lo: x.lo.max(0.0), hi: x.hi.max(0.0) }, Grade::Certified);
            optimal[row] = x.lo <= 0.0;
        }
        Optimum { rows, value, gap, optimal, is_proved, is_complete: true }
    }

    /// Finds the optimal set in fractions.
    fn settle(&mut self, solver: &Solver<'_>, reward: &Reward, expected: &ExpectedReward) {
        let mdp = solver.mdp();
        let Ok(exact) = Solver::new(mdp, Options { method: Some("exact"), ..*solver.options() }) else { return };
        let written = ExpectedReward { fractions: Some(Arc::new(reward.rational(mdp))), ..expected.clone() };
        let solution = exact.optimise(&Task::new(&written, Sense::Max));
        if solution.exact.is_none() {
            return;
        }
        for row in 0..mdp.n_rows() {
            self.optimal[row] = solution.optimal[row];
            if solution.optimal[row] {
                self.gap[row] = Bounded::exact(0.0);
            }
        }
        // The policy in use may differ from an optimal one by less than rounding shows.
        for s in 0..mdp.n_states() {
            if !solution.optimal[self.rows[s]] {
                self.rows[s] = solution.policy[s];
            }
        }
        self.value = solver.evaluate_closely(&Policy::Deterministic(self.rows.clone()), &[expected]).swap_remove(0);
        self.is_proved = true;
    }

    /// Whether some state has more than one optimal action: then the smallest change of the reward can break the tie.
    pub fn is_degenerate(&self, mdp: &Mdp) -> bool {
        !self.ties(mdp).is_empty()
    }

    /// States with more than one optimal action, or that cannot be told apart.
    pub fn ties(&self, mdp: &Mdp) -> Vec<Tie> {
        let of = |state: usize| Tie { state, rows: mdp.rows(state).filter(|&row| self.optimal[row]).collect() };
        (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).map(of).filter(|tie| tie.rows.len() > 1).collect()
    }

    /// Rows that are not optimal.
    pub fn others<'a>(&'a self, mdp: &'a Mdp) -> impl Iterator<Item = usize> + 'a {
        (0..mdp.n_rows()).filter(|&row| !self.optimal[row])
    }

    /// The smallest gap of an action that is not optimal, and its row; `None` where every action is optimal.
    pub fn gap_min(&self, mdp: &Mdp) -> Option<(usize, Bounded)> {
        let least = self.others(mdp).min_by(|&x, &y| self.gap[x].value.total_cmp(&self.gap[y].value))?;
        let end =
            |of: fn(&Bounded) -> f64| self.others(mdp).map(|row| of(&self.gap[row])).fold(f64::INFINITY, f64::min);
        let x = Interval { lo: end(|b| b.lo), hi: end(|b| b.hi) };
        Some((least, Bounded::around(self.gap[least].value, x, Grade::Certified)))
    }
}

/// Improves a policy as long as some action is certainly better.
fn improved(solver: &Solver<'_>, expected: &ExpectedReward, from: &Solution) -> (Vec<usize>, Evaluation, Advantages) {
    let mdp = solver.mdp();
    let mut rows = from.policy.clone();
    for _ in 0..STEPS {
        let value = match from.is_converged() {
            true => solver.evaluate_closely(&Policy::Deterministic(rows.clone()), &[expected]).swap_remove(0),
            // Once a limit is reached there is no time for a linear solve.
            false => solver.evaluate_near(&Policy::Deterministic(rows.clone()), expected, from.v.clone()),
        };
        let advantages = solver.advantages(expected, &value);
        let mut better = rows.clone();
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            let certain = |&row: &usize| advantages.a[row] - advantages.error[row] > 0.0;
            let best = mdp.rows(s).filter(certain).max_by(|&x, &y| advantages.a[x].total_cmp(&advantages.a[y]));
            better[s] = best.unwrap_or(rows[s]);
        }
        if better == rows || solver.is_out_of_time() {
            return (rows, value, advantages);
        }
        rows = better;
    }
    let value = solver.evaluate_closely(&Policy::Deterministic(rows.clone()), &[expected]).swap_remove(0);
    let advantages = solver.advantages(expected, &value);
    (rows, value, advantages)
}
