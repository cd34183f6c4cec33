//! How far a policy stays optimal.

use dashu_ratio::RBig;

use super::enclose::Lines;
use super::fractions::{Fractions, Worth};
use super::{RESOLUTION, Rewards};
use crate::base::number::Number;
use crate::base::{Bounded, Interval};
use crate::solve::Solver;

/// Improvements of a policy that was thought to be optimal; one or two are usual, where any are.
const MAX_IMPROVEMENTS: usize = 1_000;

/// One end of an interval of `x`.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Estimate.
    pub value: f64,
    /// Where it lies.
    pub bounds: Interval,
    /// The number itself.
    pub exact: Option<RBig>,
}

impl End {
    fn of_fraction(x: RBig) -> Self {
        let b = Bounded::of_fraction(&x);
        End { value: b.value, bounds: b.interval(), exact: Some(x) }
    }

    fn infinite(sign: f64) -> Self {
        let x = sign * f64::INFINITY;
        End { value: x, bounds: Interval::point(x), exact: None }
    }
}

/// A policy, the interval on which it is optimal, and its ties.
pub(super) struct Reach {
    pub policy: Vec<usize>,
    /// Ends, not cut to the range; infinite where nothing ends it.
    pub from: End,
    pub to: End,
    /// Rows that are optimal all along.
    pub tied: Vec<bool>,
    /// Other rows that are optimal at the left end.
    pub at_from: Vec<usize>,
    /// Other rows that are optimal at the right end.
    pub at_to: Vec<usize>,
    /// Return from the start, without `x` and its slope.
    pub start: [Bounded; 2],
    /// The same in fractions.
    pub exact_start: Option<[RBig; 2]>,
    /// Rows of which doubles do not tell whether they are tied, or where they become better.
    pub n_open: usize,
    /// By how much such a row may be better, anywhere on the range.
    pub open: f64,
}

/// What becomes of a row's advantage along the range.
enum Fate {
    /// Negative all along, or beyond an end that lies outside.
    Below,
    /// Zero all along.
    Tied,
    /// Not told by doubles; better by at most this much.
    Open(f64),
    /// Positive already, by about this much.
    Above(f64),
    /// Zero at one point: right of it positive if it rises, left of it if not.
    Root { end: End, rises: bool },
}

/// Finds out how far policies reach.
pub(super) struct Prober<'a> {
    pub solver: &'a Solver<'a>,
    pub rewards: &'a Rewards,
    pub range: (Number, Number),
    pub fractions: Option<Fractions<'a>>,
}

impl Prober<'_> {
    /// Stretches this short are not looked into: none are too short for fractions.
    pub fn resolution(&self) -> f64 {
        let farthest = self.range.0.value.abs().max(self.range.1.value.abs());
        if self.fractions.is_some() { 0.0 } else { RESOLUTION * farthest }
    }

    /// The reach of a policy that is optimal at `x`, or nearly, and is improved until it is. `None` if a limit ends that.
    pub fn reach(&self, x: &Number, mut policy: Vec<usize>) -> Option<Reach> {
        let mdp = self.solver.mdp();
        for _ in 0..MAX_IMPROVEMENTS {
            let lines = Lines::of(self.solver, self.rewards, &policy);
            let worth = match &self.fractions {
                Some(fractions) => Some((fractions, fractions.worth(&policy)?)),
                None => None,
            };
            let mut reach = self.unbounded(&policy, &lines, worth.as_ref().map(|(_, worth)| worth));
            let mut roots = Vec::new();
            let mut is_better = false;
            for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
                let (current, mut best) = (policy[s], 0.0);
                for row in mdp.rows(s).filter(|&row| row != current) {
                    match self.fate(&lines, worth.as_ref(), s, row, x) {
                        Fate::Below => {}
                        Fate::Tied => reach.tied[row] = true,
                        Fate::Open(by) => {
                            reach.tied[row] = true;
                            reach.n_open += 1;
                            reach.open = reach.open.max(by);
                        }
                        Fate::Above(by) => {
                            is_better = true;
                            if by >= best {
                                (best, policy[s]) = (by, row);
                            }
                        }
                        Fate::Root { end, rises } => roots.push((row, end, rises)),
                    }
                }
            }
            if !is_better {
                self.end(&mut reach, &roots);
                return Some(reach);
            }
            if self.solver.is_out_of_time() {
                return None;
            }
        }
        None
    }

    /// The reach of a policy nothing is known to end.
    fn unbounded(&self, policy: &[usize], lines: &Lines, worth: Option<&Worth>) -> Reach {
        let mdp = self.solver.mdp();
        let mut tied = vec![false; mdp.n_rows()];
        policy.iter().for_each(|&row| tied[row] = true);
        (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)).for_each(|s| tied[mdp.rows(s)].fill(true));
        let exact_start = worth.map(|worth| worth.start.clone());
        Reach {
            policy: policy.to_vec(),
            from: End::infinite(-1.0),
            to: End::infinite(1.0),
            tied,
            at_from: Vec::new(),
            at_to: Vec::new(),
            start: match &exact_start {
                Some(both) => [0, 1].map(|i| Bounded::of_fraction(&both[i])),
                None => lines.start,
            },
            exact_start,
            n_open: 0,
            open: 0.0,
        }
    }

    fn fate(&self, lines: &Lines, worth: Option<&(&Fractions<'_>, Worth)>, s: usize, row: usize, x: &Number) -> Fate {
        let at = |x: &Number| lines.at(row, Bounded::of_fraction(&x.exact).interval());
        let ends = [&self.range.0, &self.range.1].map(at);
        // A root outside the range ends nothing.
        if ends.iter().all(|a| a.hi < 0.0) {
            return Fate::Below;
        }
        if let Some((fractions, worth)) = worth {
            return fate_in_fractions(fractions.advantage(worth, s, row), &x.exact);
        }
        let (slope, now) = (lines.slope(row), at(x));
        if now.lo > 0.0 {
            return Fate::Above(now.lo);
        }
        let Some(step) = now.checked_div(slope) else { return Fate::Open(ends[0].hi.max(ends[1].hi)) };
        let bounds = Interval::point(x.value) - step;
        let end = End { value: bounds.mid(), bounds, exact: None };
        Fate::Root { end, rises: slope.lo > 0.0 }
    }

    /// Ends a reach at the nearest roots.
    fn end(&self, reach: &mut Reach, roots: &[(usize, End, bool)]) {
        if self.fractions.is_some() {
            return end_in_fractions(reach, roots);
        }
        let resolution = self.resolution();
        for (_, end, rises) in roots {
            let (side, nearer): (&mut End, fn(f64, f64) -> f64) = match rises {
                true => (&mut reach.to, f64::min),
                false => (&mut reach.from, f64::max),
            };
            side.bounds =
                Interval { lo: nearer(end.bounds.lo, side.bounds.lo), hi: nearer(end.bounds.hi, side.bounds.hi) };
            side.value = nearer(end.value, side.value);
        }
        for (row, end, rises) in roots {
            if *rises && end.bounds.lo <= reach.to.bounds.hi + resolution {
                reach.at_to.push(*row);
            }
            if !*rises && end.bounds.hi >= reach.from.bounds.lo - resolution {
                reach.at_from.push(*row);
            }
        }
    }
}

fn fate_in_fractions([a0, a1]: [RBig; 2], x: &RBig) -> Fate {
    let now = &a0 + &a1 * x;
    if now > RBig::ZERO {
        return Fate::Above(now.to_f64().value());
    }
    match (a0.is_zero(), a1.is_zero()) {
        (true, true) => Fate::Tied,
        (false, true) => Fate::Below,
        _ => Fate::Root { rises: a1 > RBig::ZERO, end: End::of_fraction(-a0 / a1) },
    }
}

/// The same in fractions: the roots that are as near as any are those at an end.
fn end_in_fractions(reach: &mut Reach, roots: &[(usize, End, bool)]) {
    for (row, end, rises) in roots {
        let (side, at) = match rises {
            true => (&mut reach.to, &mut reach.at_to),
            false => (&mut reach.from, &mut reach.at_from),
        };
        let order = match (&end.exact, &side.exact) {
            (Some(x), Some(y)) if *rises => x.cmp(y),
            (Some(x), Some(y)) => y.cmp(x),
            // Nothing ends it yet.
            _ => std::cmp::Ordering::Less,
        };
        match order {
            std::cmp::Ordering::Less => (*side, *at) = (end.clone(), vec![*row]),
            std::cmp::Ordering::Equal => at.push(*row),
            std::cmp::Ordering::Greater => {}
        }
    }
}
