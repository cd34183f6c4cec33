//! What acting greedily on some action values costs, and how far ahead one has to look for it to cost nothing.

use std::sync::Arc;

use dashu_ratio::RBig;

use crate::analysis::returns::ReturnRange;
use crate::base::number::as_stored;
use crate::base::sum::gamma_n;
use crate::base::{Bounded, Doubt, Grade, Interval, Result};
use crate::model::Mdp;
use crate::solve::{Exactly, Sense, Solver, Task};

/// Steps of look-ahead whose regret is worked out; beyond, only whether they are enough.
const SHOWN: usize = 100;
/// Steps after which the search ends.
const MOST: usize = 10_000;

/// Policies that take a best action by some values.
#[derive(Clone, Debug)]
pub struct Greedy {
    /// Rows that may be best at their state: all that are, ties included.
    pub rows: Vec<bool>,
    /// States, other than terminal ones, at which some best row certainly is not optimal for the reward.
    pub wrong: Vec<usize>,
    /// States of which that is not known.
    pub undecided: Vec<usize>,
    /// Why it is not.
    pub doubt: Option<Doubt>,
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
    /// States of which it is not known whether they have one.
    pub undecided: usize,
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
    /// The smallest number of steps for which there certainly is no wrong action at any state.
    pub enough: Option<usize>,
    /// The smallest for which there may be none: the same, unless something is undecided.
    pub may_be_enough: Option<usize>,
    /// Why something is.
    pub doubt: Option<Doubt>,
    /// Steps tried.
    pub tried: usize,
}

/// Rows that may be best at each state, and whether those of a state are just the best ones.
#[derive(PartialEq)]
pub(super) struct Choice {
    may: Vec<bool>,
    is_known: Vec<bool>,
}

impl Choice {
    /// By values `q` of which each may be off by `off`.
    pub(super) fn of(mdp: &Mdp, q: &[f64], off: &[f64]) -> Self {
        let mut choice = Choice { may: vec![false; q.len()], is_known: vec![true; mdp.n_states()] };
        for s in 0..mdp.n_states() {
            let least = mdp.rows(s).map(|row| (q[row] - off[row]).next_down()).fold(f64::NEG_INFINITY, f64::max);
            let exact = mdp.rows(s).all(|row| off[row] == 0.0);
            let top = mdp.rows(s).map(|row| q[row]).fold(f64::NEG_INFINITY, f64::max);
            let may = |row: usize| if exact { q[row] == top } else { (q[row] + off[row]).next_up() >= least };
            mdp.rows(s).for_each(|row| choice.may[row] = may(row));
            choice.is_known[s] = exact || mdp.rows(s).filter(|&row| choice.may[row]).count() == 1;
        }
        choice
    }

    /// Settles what matters in fractions, from the values of single rows: states whose best rows are not known, and may not
    /// be optimal. Why not, where that cannot be done.
    pub(super) fn settle(
        &mut self,
        mdp: &Mdp,
        range: &ReturnRange,
        q: impl FnOnce() -> Result<Box<dyn Fn(usize) -> RBig>, Doubt>,
    ) -> Option<Doubt> {
        let open: Vec<usize> = (0..mdp.n_states()).filter(|&s| self.matters(mdp, range, s)).collect();
        if open.is_empty() {
            return None;
        }
        let q = match q() {
            Ok(q) => q,
            Err(doubt) => return Some(doubt),
        };
        for s in open {
            let values: Vec<(usize, RBig)> =
                mdp.rows(s).filter(|&row| self.may[row]).map(|row| (row, q(row))).collect();
            let top = values.iter().map(|(_, q)| q).max().cloned();
            values.iter().for_each(|(row, q)| self.may[*row] = Some(q) == top.as_ref());
            self.is_known[s] = true;
        }
        range.best.doubt.clone()
    }

    fn matters(&self, mdp: &Mdp, range: &ReturnRange, s: usize) -> bool {
        let may = || mdp.rows(s).filter(|&row| self.may[row]);
        !mdp.is_terminal(s) && !self.is_known[s] && !may().all(|row| is_optimal(mdp, range, row))
    }
}

/// Whether a row certainly is optimal for the reward.
fn is_optimal(mdp: &Mdp, range: &ReturnRange, row: usize) -> bool {
    let optimal = &range.best.optimal;
    let alone = || mdp.rows(mdp.state(row)).filter(|&row| optimal[row]).count() == 1;
    optimal[row] && (range.best.doubt.is_none() || alone())
}

/// The greedy policies of action values over rows, taken at their word, and what they cost under a reward. Two solves unless
/// nothing is wrong.
pub fn greedy(solver: &Solver<'_>, range: &ReturnRange, q: &[f64]) -> Greedy {
    let choice = Choice::of(solver.mdp(), q, &vec![0.0; q.len()]);
    of_choice(solver, range, choice, range.best.doubt.clone())
}

/// What a choice costs; `doubt` says why some of it is open, where it is.
pub(super) fn of_choice(solver: &Solver<'_>, range: &ReturnRange, choice: Choice, doubt: Option<Doubt>) -> Greedy {
    let mdp = solver.mdp();
    let (wrong, undecided) = wrong(mdp, range, &choice);
    let rows = choice.may;
    if wrong.is_empty() && undecided.is_empty() {
        let nothing = Bounded::exact(0.0);
        return Greedy { rows, wrong, undecided, doubt: None, best: nothing, worst: nothing };
    }
    let tasks = [Sense::Max, Sense::Min].map(|sense| Task { allowed: Some(&rows), ..Task::new(&range.reward, sense) });
    let lost = |task: &Task<'_>| {
        let earned = solver.values(task).at_start(mdp);
        (range.max - earned).clamped(0.0, range.rho.hi)
    };
    let [mut best, mut worst] = [lost(&tasks[0]), lost(&tasks[1])];
    let is_open = (0..mdp.n_states()).any(|s| !mdp.is_terminal(s) && !choice.is_known[s]);
    if is_open {
        // The best rows are some of these.
        let hull = Interval { lo: best.lo, hi: worst.hi };
        best = Bounded::around(best.value, hull, Grade::Certified);
        worst = Bounded::around(worst.value, hull, Grade::Certified);
    }
    let doubt = if undecided.is_empty() { None } else { Some(doubt.unwrap_or(Doubt::Limit)) };
    Greedy { rows, wrong, undecided, doubt, best, worst }
}

/// Backups in fractions, made only as far as they are asked for.
struct InFractions<'a> {
    room: Exactly<'a>,
    rewards: Arc<Vec<RBig>>,
    v: Vec<RBig>,
    steps: usize,
}

impl<'a> InFractions<'a> {
    fn new(solver: &'a Solver<'a>, range: &ReturnRange, phi: &[f64]) -> Result<Self, Doubt> {
        let (room, rewards) = solver.exactly_for(&range.reward)?;
        let mdp = solver.mdp();
        let v = (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { RBig::ZERO } else { as_stored(phi[s]) }).collect();
        Ok(InFractions { room, rewards, v, steps: 0 })
    }

    fn q(&self, row: usize) -> RBig {
        &self.rewards[row] + self.room.backup(row, &self.v)
    }

    /// Values of looking so many steps ahead.
    fn advance(&mut self, solver: &Solver<'_>, steps: usize) -> Result<(), Doubt> {
        /// Steps taken in fractions: their numbers grow with every one.
        const MOST_STEPS: usize = 200;
        let mdp = solver.mdp();
        if steps > MOST_STEPS {
            return Err(Doubt::bounds(format!("looking more than {MOST_STEPS} steps ahead in exact arithmetic")));
        }
        while self.steps < steps {
            if solver.is_out_of_time() {
                return Err(Doubt::Limit);
            }
            let best = |s: usize| mdp.rows(s).map(|row| self.q(row)).max().unwrap_or(RBig::ZERO);
            self.v = (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { RBig::ZERO } else { best(s) }).collect();
            self.steps += 1;
        }
        Ok(())
    }
}

/// Looks 1, 2, ... steps ahead, until the greedy action is optimal at every state. Beyond the last step nothing is
/// earned but the potential: with `Phi` this is look-ahead under the shaped reward, whose action values differ by a
/// constant a state. One backup a step, and two solves where the greedy actions change; where rounding hides which actions
/// are best and that matters, backups in fractions of small models.
pub fn look_ahead(solver: &Solver<'_>, range: &ReturnRange, phi: &[f64]) -> LookAhead {
    let mdp = solver.mdp();
    let mut v: Vec<f64> = (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { phi[s] }).collect();
    let mut found = LookAhead { steps: Vec::new(), enough: None, may_be_enough: None, tried: 0, doubt: None };
    let mut last: Option<(Choice, Greedy)> = None;
    let mut exact: Option<Result<InFractions<'_>, Doubt>> = None;
    // What the values so far may be off.
    let mut off = 0.0f64;
    while found.enough.is_none() && found.tried < MOST && !solver.is_out_of_time() {
        found.tried += 1;
        let q: Vec<f64> =
            (0..mdp.n_rows()).map(|row| range.reward.r[row] + mdp.gamma() * mdp.backup(row, &v)).collect();
        let largest = v.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let error = |row: usize| {
            let rounding = 2.0 * gamma_n(mdp.p(row).1.len() + 3) * (range.reward.r[row].abs() + largest + off);
            (rounding + range.reward.err + mdp.gamma() * off + f64::MIN_POSITIVE) * (1.0 + 4.0 * f64::EPSILON)
        };
        let errors: Vec<f64> = (0..mdp.n_rows()).map(error).collect();
        let mut choice = Choice::of(mdp, &q, &errors);
        let step = found.tried - 1;
        let doubt = choice.settle(mdp, range, || {
            let exact = exact.get_or_insert_with(|| InFractions::new(solver, range, phi));
            let exact = exact.as_mut().map_err(|doubt| doubt.clone())?;
            exact.advance(solver, step)?;
            let rows: Vec<RBig> = (0..mdp.n_rows()).map(|row| exact.q(row)).collect();
            Ok(Box::new(move |row: usize| rows[row].clone()) as Box<dyn Fn(usize) -> RBig>)
        });
        let now = match last.take() {
            Some((same, greedy)) if same == choice => greedy,
            _ if found.steps.len() < SHOWN => {
                let copy = Choice { may: choice.may.clone(), is_known: choice.is_known.clone() };
                of_choice(solver, range, copy, doubt.or_else(|| range.best.doubt.clone()))
            }
            _ => unsolved(solver, range, &choice),
        };
        if found.steps.len() < SHOWN {
            let (wrong, undecided) = (now.wrong.len(), now.undecided.len());
            found.steps.push(Step { steps: found.tried, wrong, undecided, best: now.best, worst: now.worst });
        }
        if now.wrong.is_empty() {
            found.may_be_enough.get_or_insert(found.tried);
            found.enough = now.undecided.is_empty().then_some(found.tried);
        }
        found.doubt = found.doubt.or_else(|| now.doubt.clone());
        last = Some((choice, now));
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            v[s] = mdp.rows(s).map(|row| q[row]).fold(f64::NEG_INFINITY, f64::max);
        }
        off = errors.iter().copied().fold(0.0, f64::max);
    }
    found
}

/// States at which a best row certainly is not optimal, and those of which that is not known.
fn wrong(mdp: &Mdp, range: &ReturnRange, choice: &Choice) -> (Vec<usize>, Vec<usize>) {
    let may = |s: usize| mdp.rows(s).filter(|&row| choice.may[row]);
    let not_optimal = |row: usize| !range.best.optimal[row];
    // Of rows that may be best one is: where all are wrong, it is.
    let is_wrong = |s: usize| if choice.is_known[s] { may(s).any(not_optimal) } else { may(s).all(not_optimal) };
    let is_right = |s: usize| may(s).all(|row| is_optimal(mdp, range, row));
    let doubtful = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s) && !is_right(s));
    doubtful.partition(|&s| is_wrong(s))
}

/// Only which states are wrong, without what that costs.
fn unsolved(solver: &Solver<'_>, range: &ReturnRange, choice: &Choice) -> Greedy {
    let (wrong, undecided) = wrong(solver.mdp(), range, choice);
    let nothing = Bounded::exact(0.0).at_most(Grade::None);
    Greedy { rows: choice.may.clone(), wrong, undecided, doubt: None, best: nothing, worst: nothing }
}
