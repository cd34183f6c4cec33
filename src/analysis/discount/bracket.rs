//! Switches of large models, by bisection between discounts that are solved with bounds.

use super::{Ladder, Method, Rung, Switch};
use crate::base::{Bounded, Grade, Interval, Result};
use crate::model::{Mdp, Reward};
use crate::solve::{Options, Outcome, Sense, Solver, Task};

/// Discounts solved before bisection begins: two switches that cancel each other and lie between two of them stay unseen.
const GRID: usize = 16;
/// Brackets narrower than this are not halved.
const NARROW: f64 = 1e-6;
/// Stands for right above 0, where the next reward alone counts and ties are usual.
const ABOVE_ZERO: f64 = 1e-7;

/// What is known at one discount.
struct Sample {
    gamma: f64,
    policy: Vec<usize>,
    /// Rows that may be optimal: all optimal ones are among them.
    optimal: Vec<bool>,
    is_converged: bool,
}

impl Sample {
    fn at(mdp: &Mdp, reward: &Reward, gamma: f64, warm: Option<&[usize]>, options: Options) -> Result<Self> {
        let mdp = mdp.with_gamma(gamma);
        let solver = Solver::new(&mdp, options)?;
        let reward = reward.expected(&mdp);
        let solution = solver.optimise(&Task { warm, ..Task::new(&reward, Sense::Max) });
        let is_converged = solution.outcome == Outcome::Converged;
        Ok(Sample { gamma, policy: solution.policy, optimal: solution.optimal, is_converged })
    }

    /// States at which no action is optimal at both discounts: there certainly is a switch between.
    fn apart<'a>(&'a self, other: &'a Sample, mdp: &'a Mdp) -> impl Iterator<Item = usize> + 'a {
        let shares = |s: usize| mdp.rows(s).any(|row| self.optimal[row] && other.optimal[row]);
        (0..mdp.n_states()).filter(move |&s| !mdp.is_terminal(s) && !shares(s))
    }
}

/// A grid, then halving of every bracket whose ends have no optimal action in common at some state. One solve a point,
/// warm-started by its neighbour.
pub fn ladder(mdp: &Mdp, reward: &Reward, (from, to): (f64, f64), options: Options) -> Result<Ladder> {
    let end = to.min(super::NEAR_ONE);
    let begin = if from == 0.0 { ABOVE_ZERO.min(end) } else { from };
    let at = |i: usize| if i == GRID { end } else { begin + (end - begin) * i as f64 / GRID as f64 };
    let mut grid: Vec<Sample> = Vec::with_capacity(GRID + 1);
    for i in 0..=GRID {
        if i > 0 && options.limits.reached().is_some() {
            break;
        }
        let warm = grid.last().map(|sample| sample.policy.clone());
        grid.push(Sample::at(mdp, reward, at(i), warm.as_deref(), options)?);
    }
    let is_whole = grid.len() == GRID + 1;
    // The brackets still to be looked at, the lowest last.
    let mut ahead: Vec<Sample> = grid.into_iter().rev().collect();
    let mut switches = Vec::new();
    let mut rungs: Vec<Rung> = Vec::new();
    let (mut is_complete, mut start) = (is_whole, Bounded::exact(from));
    // The grid has at least its first point.
    let Some(mut low) = ahead.pop() else { return Ok(empty(from, to)) };
    while let Some(high) = ahead.pop() {
        is_complete &= low.is_converged && high.is_converged;
        let mut apart = low.apart(&high, mdp).peekable();
        if apart.peek().is_none() {
            drop(apart);
            low = high;
            continue;
        }
        let is_stopped = options.limits.reached().is_some();
        let middle = low.gamma + (high.gamma - low.gamma) / 2.0;
        if high.gamma - low.gamma > NARROW && !is_stopped {
            drop(apart);
            let between = Sample::at(mdp, reward, middle, Some(&low.policy), options)?;
            ahead.push(high);
            ahead.push(between);
            continue;
        }
        is_complete &= !is_stopped;
        // What was solved is the decimal next to the double.
        let gamma =
            Bounded::from_interval(Interval { lo: low.gamma.next_down(), hi: high.gamma.next_up() }, Grade::Certified);
        let states: Vec<usize> = apart.collect();
        switches.extend(states.into_iter().map(|state| {
            let (from, to) = (low.policy[state], high.policy[state]);
            Switch { gamma, state, from, to }
        }));
        rungs.push(Rung { from: start, to: gamma, policy: low.policy, value: [None; 2], truth: [None; 2] });
        (start, low) = (gamma, high);
    }
    let last = Bounded::exact(if is_whole { to } else { low.gamma });
    rungs.push(Rung { from: start, to: last, policy: low.policy, value: [None; 2], truth: [None; 2] });
    Ok(Ladder { rungs, switches, is_complete, ..empty(from, to) })
}

fn empty(from: f64, to: f64) -> Ladder {
    Ladder {
        from,
        to,
        method: Method::Bisection,
        rungs: Vec::new(),
        switches: Vec::new(),
        touches: Vec::new(),
        always_tied: Vec::new(),
        blackwell: None,
        radius: None,
        is_complete: true,
    }
}
