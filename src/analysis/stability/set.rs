//! How far the reward may move before an action becomes optimal that is not optimal now.
//!
//! Unlike the radius of one policy this is positive where actions tie: the optimal set may shrink, but nothing new enters.
//! For every policy made of optimal actions, and every other action: the least change under which that policy is still best
//! among the tied ones and the other action as good as it is, a linear program in the change alone.

use std::collections::BTreeMap;

use super::ball::{Ball, Direction};
use super::program::{Program, Terms};
use super::radius::Radii;
use super::{Optimum, Tie};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;
use crate::solve::Solver;

/// Policies made of optimal actions that are gone through.
const POLICIES: usize = 256;
/// Multiplications spent on factoring their systems: some seconds.
const WORK: usize = 2_000_000_000;

/// How a set radius was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Every action is optimal, so none can become so.
    Nothing,
    /// The optimal policy is unique: it is the radius of that policy.
    Unique,
    /// Linear programs over all policies made of optimal actions.
    Programs,
    /// Too many of those: between half the gap per horizon and the gap.
    Bracket,
    /// It is not known which actions are optimal: between 0 and the smallest gap of those that certainly are not.
    Undecided,
}

/// `sup { eps : ||r' - r||_inf < eps implies that every action optimal for r' is optimal for r }`.
#[derive(Clone, Copy, Debug)]
pub struct SetRadius {
    /// Its size, in the largest entry.
    pub size: Bounded,
    /// How it was found.
    pub route: Route,
}

/// The set radius. At most 256 policies times the pairs whose gaps allow it.
pub fn set_radius(solver: &Solver<'_>, optimum: &Optimum, radii: &Radii) -> SetRadius {
    let mdp = solver.mdp();
    let Some((_, gap)) = optimum.gap_min(mdp) else {
        return SetRadius { size: Bounded::exact(f64::INFINITY), route: Route::Nothing };
    };
    if !optimum.is_decided() {
        let x = Interval { lo: 0.0, ..bracket(solver, optimum, gap) };
        return SetRadius { size: Bounded::around(gap.value, x, Grade::Certified), route: Route::Undecided };
    }
    let ties = optimum.ties(mdp);
    if ties.is_empty() {
        return SetRadius { size: radii.of(Ball::Linf).size, route: Route::Unique };
    }
    let bracket = bracket(solver, optimum, gap);
    let policies = ties.iter().try_fold(1usize, |n, tie| n.checked_mul(tie.rows.len())).unwrap_or(usize::MAX);
    let cubes = mdp.n_states().saturating_pow(3).saturating_mul(policies);
    match policies <= POLICIES && cubes <= WORK {
        true => match by_programs(solver, optimum, &ties, bracket) {
            Some(x) => SetRadius { size: Bounded::from_interval(x, Grade::Bounded), route: Route::Programs },
            None => SetRadius { size: Bounded::from_interval(bracket, Grade::Certified), route: Route::Bracket },
        },
        false => SetRadius { size: Bounded::from_interval(bracket, Grade::Certified), route: Route::Bracket },
    }
}

/// From below: every action value moves by at most the horizon times the change. From above: raising an action by its gap ties
/// it; where nothing ends, half of that can be had by lowering everything.
fn bracket(solver: &Solver<'_>, optimum: &Optimum, gap: Bounded) -> Interval {
    let mdp = solver.mdp();
    let lo = |row: usize| (optimum.gap[row].lo / (2.0 * solver.horizon().at(mdp.state(row)))).next_down();
    let lo = optimum.others(mdp).map(lo).fold(f64::INFINITY, f64::min).max(0.0);
    let never_ends = (0..mdp.n_states()).all(|s| !mdp.is_terminal(s));
    Interval { lo, hi: if never_ends { gap.hi / 2.0 } else { gap.hi } }
}

fn by_programs(solver: &Solver<'_>, optimum: &Optimum, ties: &[Tie], bracket: Interval) -> Option<Interval> {
    let mdp = solver.mdp();
    let per_horizon = |row: usize| optimum.gap[row].lo / (2.0 * solver.horizon().at(mdp.state(row)));
    let mut others: Vec<usize> = optimum.others(mdp).collect();
    others.sort_by(|&x, &y| per_horizon(x).total_cmp(&per_horizon(y)));
    let mut best = Interval { lo: f64::INFINITY, hi: bracket.hi };
    let mut rows = optimum.rows.clone();
    let mut choice = vec![0; ties.len()];
    loop {
        ties.iter().zip(&choice).for_each(|(tie, &i)| rows[tie.state] = tie.rows[i]);
        let shifts = solver.shifts(&rows);
        let tied = ties.iter().flat_map(|tie| tie.rows.iter().copied().filter(|&row| row != rows[tie.state]));
        let tied: Vec<Direction> = tied.map(|row| Direction::of(&shifts, row)).collect();
        for &row in &others {
            if per_horizon(row) >= best.hi {
                break;
            }
            if solver.is_out_of_time() {
                return None;
            }
            let direction = Direction::of(&shifts, row);
            let free = optimum.gap[row].lo / direction.dual(mdp, Ball::Linf).hi;
            // Without the tied actions in the way it is no farther.
            if free < best.hi {
                let x = with_ties(solver, &direction, &tied, optimum.gap[row])?;
                best = Interval { lo: best.lo.min(x.lo), hi: best.hi.min(x.hi) };
            }
        }
        if !advance(&mut choice, ties) {
            return Some(Interval { lo: best.lo.min(best.hi).max(bracket.lo), hi: best.hi });
        }
    }
}

/// The next choice among ties; `false` after the last.
fn advance(choice: &mut [usize], ties: &[Tie]) -> bool {
    for (i, tie) in choice.iter_mut().zip(ties) {
        *i += 1;
        if *i < tie.rows.len() {
            return true;
        }
        *i = 0;
    }
    false
}

/// Least `||D||_inf` with `<c, D> >= gap` and `<c_k, D> <= 0` for the tied actions. From above by a change that does it, from
/// below by the multipliers: `gap / ||c - sum l_k c_k||_1` for any `l >= 0`.
fn with_ties(solver: &Solver<'_>, c: &Direction, tied: &[Direction], gap: Bounded) -> Option<Interval> {
    let mdp = solver.mdp();
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, _) in std::iter::once(c).chain(tied).flat_map(|d| d.entries(mdp)).filter(|&(_, x)| x != 0.0) {
        let next = place.len();
        place.entry(row).or_insert(next);
    }
    let terms = |d: &Direction, sign: f64| -> Terms {
        d.entries(mdp).filter(|&(_, x)| x != 0.0).map(|(row, x)| (place[&row], sign * x)).collect()
    };
    let size = place.len();
    let mut program = Program::new(size + 1);
    program.cost(size, 1.0, 0.0);
    program.at_most(terms(c, -1.0), -1.0);
    tied.iter().for_each(|d| program.at_most(terms(d, 1.0), 0.0));
    (0..size).for_each(|x| program.within(x, size));
    let found = program.solve(&solver.options().limits).ok()?;
    let mut change = vec![0.0; mdp.n_rows()];
    place.iter().for_each(|(&row, &x)| change[row] = found.x[x]);
    // What is left of a tied action's advantage comes off its own entry, which no other has.
    for d in tied {
        let over = d.dot(mdp, &change).max(0.0);
        change[d.row] -= over;
    }
    let above = gap.hi * crate::base::sum::max_abs(&change) / c.dot(mdp, &change);
    let weight = |k: usize| (found.price[k + 1] / found.price[0]).max(0.0);
    let below = gap.lo / combined(mdp, c, tied, weight);
    (above.is_finite() && below > 0.0).then_some(Interval { lo: below.min(above), hi: above })
}

/// `||c - sum l_k c_k||_1`.
fn combined(mdp: &Mdp, c: &Direction, tied: &[Direction], weight: impl Fn(usize) -> f64) -> f64 {
    let mut sum = vec![0.0; mdp.n_rows()];
    c.entries(mdp).for_each(|(row, x)| sum[row] += x);
    for (k, d) in tied.iter().enumerate() {
        d.entries(mdp).for_each(|(row, x)| sum[row] -= weight(k) * x);
    }
    sum.iter().map(|x| x.abs()).sum()
}
