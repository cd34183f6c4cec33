//! An optimal policy, every other action that is optimal too, and how far the rest falls short.

use dashu_ratio::RBig;

use super::fractions::advantage;
use crate::base::{Bounded, Decision, Doubt, Evidence, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::{Advantages, Sense, Solution, Solver, Task};

/// Policy improvement steps on top of what the solver returned. Each is certain to be one, so they end by themselves; a
/// solver that stopped at its tolerance needs a handful.
const STEPS: usize = 1_000;
/// Bounds of a gap that are farther apart than this part of it are replaced by its fraction, where that is affordable. A
/// matter of how much is worked out: nothing is decided by it.
const CLOSE: f64 = 1e-9;

/// The optimal set of one reward, and the gap `V*(s) - Q*(s,a)` of every action.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// One row a state: optimal, or not told from it.
    pub rows: Vec<usize>,
    /// Gaps over rows, with bounds; 0 at terminal states.
    pub gap: Vec<Bounded>,
    /// Rows that may be optimal: every optimal one is among them.
    pub optimal: Vec<bool>,
    /// Rows that certainly are.
    pub certain: Vec<bool>,
    /// Why the two sets differ, where they do.
    pub doubt: Option<Doubt>,
    /// Whether no limit cut the search short.
    pub is_complete: bool,
    how: Evidence,
}

/// A state with more than one optimal action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The state.
    pub state: usize,
    /// Its rows.
    pub rows: Vec<usize>,
}

impl Optimum {
    /// Solves, improves as long as that is certain, and compares all actions by their advantage over the policy found: one
    /// extra evaluation, never the difference of two estimates. What bounds leave in doubt, and gaps they do not tell to
    /// nine digits, come from fractions where the model is small and its numbers known: an exact policy evaluation or two,
    /// and O(nnz) operations on its long numbers.
    pub fn of(solver: &Solver<'_>, expected: &ExpectedReward) -> Self {
        let solution = solver.optimise(&Task::new(expected, Sense::Max));
        let (rows, advantages) = improved(solver, expected, &solution);
        let mut found = Self::from_advantages(solver, rows, &advantages, &twins(solver.mdp(), expected));
        found.is_complete = solution.is_converged() && !solver.is_out_of_time();
        let in_doubt = (0..found.gap.len()).any(|row| found.optimal[row] != found.certain[row]);
        if in_doubt || found.gap.iter().any(|gap| !is_close(gap)) {
            let settled = match found.is_complete {
                true => found.settle(solver, expected, &solution),
                false => Err(Doubt::Limit),
            };
            if let Err(doubt) = settled {
                found.doubt = in_doubt.then_some(doubt);
            }
        }
        found
    }

    /// `twin` names rows that are the same as another one of their state.
    fn from_advantages(solver: &Solver<'_>, rows: Vec<usize>, found: &Advantages, twin: &[usize]) -> Self {
        let mdp = solver.mdp();
        let is_own = |row: usize| twin[rows[mdp.state(row)]] == twin[row];
        let others = (0..mdp.n_rows()).filter(|&row| !is_own(row) && !mdp.is_terminal(mdp.state(row)));
        // The optimum is at most this above the policy: the advantages that rounding leaves open, collected for ever.
        let open = others.clone().map(|row| found.a[row] + found.error[row]).fold(0.0, f64::max);
        let is_proved = others.clone().all(|row| found.a[row] + found.error[row] < 0.0);
        let slack = if is_proved { 0.0 } else { (open * solver.horizon().longest()).next_up() };
        let mut gap = vec![Bounded::exact(0.0); mdp.n_rows()];
        let (mut optimal, mut certain) = (vec![true; mdp.n_rows()], vec![true; mdp.n_rows()]);
        let is_open = |s: usize| mdp.rows(s).any(|row| !is_own(row) && found.a[row] + found.error[row] + slack >= 0.0);
        for s in (0..mdp.n_states()).filter(|&s| !is_proved && !mdp.is_terminal(s) && is_open(s)) {
            // Another action may be better.
            for row in mdp.rows(s).filter(|&row| is_own(row)) {
                gap[row] = Bounded::around(0.0, Interval { lo: 0.0, hi: slack }, Grade::Certified);
                certain[row] = false;
            }
        }
        for row in others {
            let x = Interval::ball(-found.a[row], found.error[row] + slack);
            let x = Interval { lo: x.lo.max(0.0), hi: x.hi.max(0.0) };
            gap[row] = Bounded::around((-found.a[row]).max(0.0), x, Grade::Certified);
            (optimal[row], certain[row]) = (x.lo <= 0.0, false);
        }
        Optimum { rows, gap, optimal, certain, doubt: None, is_complete: true, how: Evidence::Bounds }
    }

    /// Finds the optimal set in fractions, and gaps whose bounds are not close.
    fn settle(&mut self, solver: &Solver<'_>, expected: &ExpectedReward, solution: &Solution) -> Result<(), Doubt> {
        let mdp = solver.mdp();
        let (room, rewards) = solver.exactly_for(expected)?;
        let (values, optimal, policy) = match &solution.exact {
            Some(values) if solution.doubt.is_none() => {
                (values.clone(), solution.optimal.clone(), solution.policy.clone())
            }
            _ => {
                let found = room.optimum(&rewards, Sense::Max, None, &self.rows)?;
                (found.values, found.optimal, found.policy)
            }
        };
        let live = |row: &usize| !mdp.is_terminal(mdp.state(*row));
        for row in (0..mdp.n_rows()).filter(live) {
            if optimal[row] {
                self.gap[row] = Bounded::exact(0.0);
            } else if self.optimal[row] || !is_close(&self.gap[row]) {
                if solver.is_out_of_time() {
                    return Err(Doubt::Limit);
                }
                let gap: RBig = -advantage(&room, mdp, &values, &rewards, row);
                self.gap[row] = Bounded::of_fraction(&gap);
            }
        }
        // The policy in use may differ from an optimal one by less than rounding shows.
        for s in 0..mdp.n_states() {
            if !optimal[self.rows[s]] {
                self.rows[s] = policy[s];
            }
        }
        (self.certain, self.optimal, self.how) = (optimal.clone(), optimal, Evidence::Exact);
        Ok(())
    }

    /// Whether the optimal set is known: exactly [`optimal`](Self::optimal).
    pub fn is_decided(&self) -> bool {
        self.optimal == self.certain
    }

    /// Why the optimal set is not known, where it is not.
    pub fn why_open(&self) -> Doubt {
        self.doubt.clone().unwrap_or(Doubt::Limit)
    }

    /// Whether one policy alone is optimal in every state.
    pub fn unique(&self, mdp: &Mdp) -> Decision {
        let choice = |s: usize| !mdp.is_terminal(s) && mdp.rows(s).len() > 1;
        if !(0..mdp.n_states()).any(choice) {
            return Decision::structure(true);
        }
        if !self.ties(mdp).is_empty() {
            // A tie that bounds did not leave open is one of rows that are the same.
            return Decision::No(if self.how == Evidence::Exact { self.how } else { Evidence::Structure });
        }
        match self.is_decided() {
            true => Decision::Yes(self.how),
            false => Decision::Undecided(self.why_open()),
        }
    }

    /// Whether all ties are known.
    pub fn ties_are_known(&self) -> Decision {
        match self.is_decided() {
            true => Decision::Yes(self.how),
            false => Decision::Undecided(self.why_open()),
        }
    }

    /// States with more than one action that certainly is optimal.
    pub fn ties(&self, mdp: &Mdp) -> Vec<Tie> {
        let of = |state: usize| Tie { state, rows: mdp.rows(state).filter(|&row| self.certain[row]).collect() };
        (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).map(of).filter(|tie| tie.rows.len() > 1).collect()
    }

    /// States with actions of which it is not known whether they are optimal, and those that may be.
    pub fn undecided(&self, mdp: &Mdp) -> Vec<Tie> {
        let is_open = |s: &usize| mdp.rows(*s).any(|row| self.optimal[row] != self.certain[row]);
        let of = |state: usize| Tie { state, rows: mdp.rows(state).filter(|&row| self.optimal[row]).collect() };
        (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).filter(is_open).map(of).collect()
    }

    /// Rows that certainly are not optimal.
    pub fn others<'a>(&'a self, mdp: &'a Mdp) -> impl Iterator<Item = usize> + 'a {
        (0..mdp.n_rows()).filter(|&row| !self.optimal[row])
    }

    /// The smallest gap of an action that is not optimal, and its row; `None` where every action is optimal. Actions of which
    /// that is not known may have it: then it is anything from 0 to the smallest that is known, infinite where none is.
    pub fn gap_min(&self, mdp: &Mdp) -> Option<(usize, Bounded)> {
        let least = |rows: &mut dyn Iterator<Item = usize>| {
            rows.min_by(|&x, &y| self.gap[x].value.total_cmp(&self.gap[y].value))
        };
        let end =
            |of: fn(&Bounded) -> f64| self.others(mdp).map(|row| of(&self.gap[row])).fold(f64::INFINITY, f64::min);
        let open = least(&mut (0..mdp.n_rows()).filter(|&row| self.optimal[row] && !self.certain[row]));
        let known = least(&mut self.others(mdp));
        let lo = if open.is_some() { 0.0 } else { end(|b| b.lo) };
        let row = known.or(open)?;
        let x = Interval { lo, hi: end(|b| b.hi) };
        let grade = if open.is_some() { Grade::Certified } else { self.gap[row].grade };
        Some((row, Bounded::around(self.gap[row].value, x, grade)))
    }
}

/// Whether bounds tell a gap to nine digits.
fn is_close(gap: &Bounded) -> bool {
    gap.hi - gap.lo <= CLOSE * gap.lo
}

/// For every row the first one of its state that is the same: as rewarding, and leading to the same states. Itself where
/// numbers are known up to rounding only. O(nnz).
fn twins(mdp: &Mdp, expected: &ExpectedReward) -> Vec<usize> {
    let mut twin: Vec<usize> = (0..mdp.n_rows()).collect();
    let (Some(fractions), Some(r)) = (mdp.fractions(), &expected.fractions) else { return twin };
    let next = |row: usize| (mdp.p(row).0, &fractions.p[mdp.transitions(row)]);
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        for row in mdp.rows(s) {
            let same = |other: &usize| r[*other] == r[row] && next(*other) == next(row);
            twin[row] = (mdp.rows(s).start..row).find(same).unwrap_or(row);
        }
    }
    twin
}

/// Improves a policy as long as some action is certainly better.
fn improved(solver: &Solver<'_>, expected: &ExpectedReward, from: &Solution) -> (Vec<usize>, Advantages) {
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
            return (rows, advantages);
        }
        rows = better;
    }
    let value = solver.evaluate_closely(&Policy::Deterministic(rows.clone()), &[expected]).swap_remove(0);
    let advantages = solver.advantages(expected, &value);
    (rows, advantages)
}
