//! How far a policy stays optimal.

use dashu::rational::RBig;

use super::enclose::Lines;
use super::fractions::{Fractions, Worth, fraction};
use super::{RESOLUTION, Rewards, TIE};
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
    /// Advantages over the range that could not be told from zero but may not be.
    pub n_near: usize,
}

/// What becomes of a row's advantage along the range.
enum Fate {
    /// Negative all along, or beyond an end that lies outside.
    Below,
    /// Zero all along.
    Tied { is_near: bool },
    /// Positive already, by about this much.
    Above(f64),
    /// Zero at one point: right of it positive if it rises, left of it if not.
    Root { end: End, rises: bool },
}

/// Finds out how far policies reach.
pub(super) struct Prober<'a> {
    pub solver: &'a Solver<'a>,
    pub rewards: &'a Rewards,
    pub range: (f64, f64),
    pub fractions: Option<Fractions<'a>>,
}

impl Prober<'_> {
    /// Largest `|x|`.
    pub fn farthest(&self) -> f64 {
        self.range.0.abs().max(self.range.1.abs())
    }

    /// Breakpoints this close are one.
    pub fn resolution(&self) -> f64 {
        RESOLUTION * self.farthest()
    }

    /// The reach of a policy that is optimal at `x`, or nearly, and is improved until it is. `None` if a limit ends that.
    pub fn reach(&self, x: f64, mut policy: Vec<usize>) -> Option<Reach> {
        let mdp = self.solver.mdp();
        for _ in 0..MAX_IMPROVEMENTS {
            let lines = Lines::of(self.solver, self.rewards, &policy, self.farthest());
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
                        Fate::Tied { is_near } => {
                            reach.tied[row] = true;
                            reach.n_near += usize::from(is_near);
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
            n_near: 0,
        }
    }

    fn fate(&self, lines: &Lines, worth: Option<&(&Fractions<'_>, Worth)>, s: usize, row: usize, x: f64) -> Fate {
        let ends = [self.range.0, self.range.1].map(|x| lines.at(row, x));
        let (tolerance, slope, now) = (TIE * lines.size, lines.slope(row), lines.at(row, x));
        let is_below = ends.iter().all(|a| a.hi < -tolerance);
        if is_below && worth.is_none() {
            return Fate::Below;
        }
        // A root outside the range ends nothing, unless it lies just at its end.
        if is_below && ends.iter().all(|a| a.hi < -1e3 * tolerance) {
            return Fate::Below;
        }
        if let Some((fractions, worth)) = worth {
            return self.fate_in_fractions(fractions.advantage(worth, s, row), tolerance, x);
        }
        if ends.iter().all(|a| a.lo >= -tolerance && a.hi <= tolerance) {
            return Fate::Tied { is_near: true };
        }
        if now.lo > tolerance {
            return Fate::Above(now.lo);
        }
        let Some(step) = now.checked_div(slope) else { return Fate::Tied { is_near: true } };
        let bounds = Interval::point(x) - step;
        let end = End { value: bounds.mid(), bounds, exact: None };
        Fate::Root { end, rises: slope.lo > 0.0 }
    }

    fn fate_in_fractions(&self, [a0, a1]: [RBig; 2], tolerance: f64, x: f64) -> Fate {
        let (tolerance, at) = (fraction(tolerance), |x: f64| &a0 + &a1 * fraction(x));
        if a0.is_zero() && a1.is_zero() {
            return Fate::Tied { is_near: false };
        }
        let is_small = |a: RBig| -&tolerance <= a && a <= tolerance;
        if is_small(at(self.range.0)) && is_small(at(self.range.1)) {
            return Fate::Tied { is_near: true };
        }
        let now = at(x);
        if now > RBig::ZERO {
            return Fate::Above(now.to_f64().value());
        }
        if a1.is_zero() {
            return Fate::Below;
        }
        Fate::Root { rises: a1 > RBig::ZERO, end: End::of_fraction(-a0 / a1) }
    }

    /// Ends a reach at the nearest roots.
    fn end(&self, reach: &mut Reach, roots: &[(usize, End, bool)]) {
        let resolution = self.resolution();
        for (_, end, rises) in roots {
            let (side, is_nearer): (&mut End, fn(f64, f64) -> bool) = match rises {
                true => (&mut reach.to, |x, y| x < y),
                false => (&mut reach.from, |x, y| x > y),
            };
            let nearer = |x: f64, y: f64| if is_nearer(x, y) { x } else { y };
            // Of two fractions within the same double the nearer one counts.
            let takes_over = match (&end.exact, &side.exact) {
                (Some(x), Some(y)) => {
                    if *rises {
                        x < y
                    } else {
                        x > y
                    }
                }
                _ => is_nearer(end.value, side.value),
            };
            side.bounds =
                Interval { lo: nearer(end.bounds.lo, side.bounds.lo), hi: nearer(end.bounds.hi, side.bounds.hi) };
            side.value = nearer(end.value, side.value);
            if takes_over {
                side.exact = end.exact.clone();
            }
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
