//! How far the reward may move with the optimal policy still optimal.
//!
//! The rewards for which a policy is optimal are a polyhedral cone, `<c_sa, r> <= 0` for every action it does not play. The
//! distance of `r` to its complement is `min gap(s,a) / ||c_sa||_dual`, whatever the norm: no linear program is needed. Since
//! `||c_sa||_1 <= 2 w(s)` with the horizon `w`, only pairs with a gap below `2 w` times the best quotient so far are looked
//! at, smallest gap per horizon first.

use super::Optimum;
use super::ball::{Ball, Direction};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;
use crate::solve::{Shifts, Solver};

/// One radius.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radius {
    /// Largest size of a change that leaves the policy optimal; infinite where nothing can change it.
    pub size: Bounded,
    /// The row that becomes as good as the policy's own first; `None` where there is none.
    pub row: Option<usize>,
}

/// Why radii are what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The optimal policy is unique: the radii are positive.
    Unique,
    /// Another action is optimal too: the smallest change can make the policy worse.
    Tie,
    /// Every policy earns the same whatever the start: all actions tie.
    Trivial,
    /// No other action is known to be optimal too, and some may be: the radii reach from 0 to what is large enough anyway.
    Undecided,
    /// No state offers a choice.
    NoChoice,
}

/// The radii of an optimal policy in every norm.
#[derive(Clone, Debug)]
pub struct Radii {
    /// In the order of [`Ball::ALL`].
    pub radii: [Radius; 5],
    /// What kind of case it is.
    pub reason: Reason,
    /// The pair that breaks first in the largest entry, as a direction; `None` where nothing can change.
    pub critical: Option<Direction>,
    /// Linear systems solved.
    pub solved: usize,
    /// Pairs there are.
    pub pairs: usize,
    /// Whether no limit cut the search short.
    pub is_complete: bool,
}

impl Radii {
    /// The radius in a norm.
    pub fn of(&self, ball: Ball) -> Radius {
        self.radii[ball as usize]
    }
}

/// Rows an optimal policy does not play, with a choice to make.
pub(super) fn candidates(mdp: &Mdp, optimum: &Optimum) -> Vec<usize> {
    let states = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
    states.flat_map(|s| mdp.rows(s).filter(move |&row| row != optimum.rows[s])).collect()
}

/// The radii of the policy of `optimum`. At most one linear system for every pair looked at.
pub fn radii(solver: &Solver<'_>, optimum: &Optimum, shifts: &Shifts<'_>) -> Radii {
    let mdp = solver.mdp();
    let pairs = candidates(mdp, optimum);
    let infinite = Radius { size: Bounded::exact(f64::INFINITY), row: None };
    let mut found = Radii {
        radii: [infinite; 5],
        reason: Reason::Unique,
        critical: None,
        solved: 0,
        pairs: pairs.len(),
        is_complete: true,
    };
    if pairs.is_empty() {
        found.reason = Reason::NoChoice;
    } else if let Some(row) = tied(optimum, &pairs) {
        found.reason = if optimum.certain.iter().all(|&o| o) { Reason::Trivial } else { Reason::Tie };
        found.radii = Ball::ALL.map(|_| Radius { size: Bounded::exact(0.0), row: Some(row) });
        found.critical = Some(Direction::of(shifts, row));
        found.solved = 1;
    } else {
        search(solver, optimum, shifts, pairs, &mut found);
        if !optimum.is_decided() {
            found.reason = Reason::Undecided;
            let all = Ball::ALL.into_iter().zip(&mut found.radii);
            all.for_each(|(ball, radius)| radius.size = hull(mdp, optimum, ball, radius.size));
        }
    }
    found
}

/// The first other row that certainly is optimal too.
fn tied(optimum: &Optimum, pairs: &[usize]) -> Option<usize> {
    pairs.iter().copied().find(|&row| optimum.certain[row])
}

/// A radius of a policy that may not be the optimal one, and may have ties. If it is optimal, its radius is at most what was
/// found; if not, the optimal one plays another action in some state, and lifting the policy's own action there by its gap
/// is enough.
fn hull(mdp: &Mdp, optimum: &Optimum, ball: Ball, found: Bounded) -> Bounded {
    let own = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).map(|s| {
        let row = optimum.rows[s];
        optimum.gap[row].interval().checked_div(ball.own(mdp, row)).map_or(f64::INFINITY, |x| x.hi)
    });
    let hi = own.fold(found.hi, f64::max);
    Bounded::around(found.value, Interval { lo: 0.0, hi }, Grade::Certified)
}

/// The search under way, for one norm.
#[derive(Clone, Copy)]
struct Best {
    ball: Ball,
    value: f64,
    row: usize,
    lo: f64,
    hi: f64,
}

impl Best {
    /// Below this no pair from `floor` on can lie, where `floor` is the gap per horizon.
    fn floor(&self, floor: f64) -> f64 {
        if self.ball.is_largest() { floor.next_down() } else { (floor / 2.0).next_down() }
    }

    fn take(&mut self, row: usize, gap: Bounded, dual: Interval) {
        let lo = (gap.lo / dual.hi).next_down();
        let hi = (gap.hi / dual.lo).next_up();
        let value = (gap.value / (dual.lo + (dual.hi - dual.lo) / 2.0)).max(lo).min(hi);
        if value < self.value {
            (self.value, self.row) = (value, row);
        }
        self.lo = self.lo.min(lo);
        self.hi = self.hi.min(hi);
    }

    fn radius(&self) -> Radius {
        let x = Interval { lo: self.lo.max(0.0), hi: self.hi };
        Radius { size: Bounded::around(self.value, x, Grade::Certified), row: Some(self.row) }
    }
}

fn search(solver: &Solver<'_>, optimum: &Optimum, shifts: &Shifts<'_>, mut pairs: Vec<usize>, found: &mut Radii) {
    let mdp = solver.mdp();
    let per_horizon = |row: usize| optimum.gap[row].lo / solver.horizon().at(mdp.state(row));
    pairs.sort_by(|&x, &y| per_horizon(x).total_cmp(&per_horizon(y)));
    // Before any pair is looked at: the entry of the pair itself closes its gap.
    let mut best = Ball::ALL.map(|ball| {
        let mut best = Best { ball, value: f64::INFINITY, row: pairs[0], lo: f64::INFINITY, hi: f64::INFINITY };
        for &row in &pairs {
            let hi = (optimum.gap[row].hi / ball.own(mdp, row).lo).next_up();
            best.hi = best.hi.min(hi);
        }
        best
    });
    for &row in &pairs {
        let floor = per_horizon(row);
        if best.iter().all(|b| b.floor(floor) >= b.hi) {
            break;
        }
        if found.solved > 0 && solver.is_out_of_time() {
            found.is_complete = false;
            best.iter_mut().for_each(|b| b.lo = b.lo.min(b.floor(floor)));
            break;
        }
        let direction = Direction::of(shifts, row);
        let before = best[0].value;
        best.iter_mut().for_each(|b| b.take(row, optimum.gap[row], direction.dual(mdp, b.ball)));
        if best[0].value < before {
            found.critical = Some(direction);
        }
        found.solved += 1;
    }
    found.radii = best.map(|b| b.radius());
}

/// For every state, the distance in the largest entry at which its own action first stops being best; `None` for states
/// without a choice. At most one linear system a pair.
pub fn by_state(solver: &Solver<'_>, optimum: &Optimum, shifts: &Shifts<'_>) -> Vec<Option<Radius>> {
    let mdp = solver.mdp();
    let mut of = |s: usize| {
        let mut rows: Vec<usize> = mdp.rows(s).filter(|&row| row != optimum.rows[s]).collect();
        if mdp.is_terminal(s) || rows.is_empty() {
            return None;
        }
        if let Some(row) = tied(optimum, &rows) {
            return Some(Radius { size: Bounded::exact(0.0), row: Some(row) });
        }
        rows.sort_by(|&x, &y| optimum.gap[x].lo.total_cmp(&optimum.gap[y].lo));
        let (value, x) = (f64::INFINITY, f64::INFINITY);
        let mut best = Best { ball: Ball::Linf, value, row: rows[0], lo: x, hi: optimum.gap[rows[0]].hi };
        for &row in &rows {
            let floor = best.floor(optimum.gap[row].lo / solver.horizon().at(s));
            if best.value < f64::INFINITY && floor >= best.hi {
                break;
            }
            if solver.is_out_of_time() {
                best.lo = best.lo.min(floor);
                break;
            }
            best.take(row, optimum.gap[row], Direction::of(shifts, row).dual(mdp, Ball::Linf));
        }
        Some(if optimum.is_decided() { best.radius() } else { whatever_is_optimal(solver, optimum, s, best.radius()) })
    };
    (0..mdp.n_states()).map(&mut of).collect()
}

/// The radius of a state in the largest entry where it is not known which actions are optimal: what an advantage is worth depends
/// on what is played elsewhere, between 1 and twice the horizon.
fn whatever_is_optimal(solver: &Solver<'_>, optimum: &Optimum, s: usize, found: Radius) -> Radius {
    let mdp = solver.mdp();
    let others = || mdp.rows(s).filter(|&row| row != optimum.rows[s]).map(|row| optimum.gap[row]);
    let is_open = mdp.rows(s).any(|row| optimum.optimal[row] != optimum.certain[row]);
    let least = others().map(|gap| gap.lo).fold(f64::INFINITY, f64::min);
    let lo = if is_open { 0.0 } else { (least / (2.0 * solver.horizon().at(s))).next_down().max(0.0) };
    let hi = others().map(|gap| gap.hi).fold(f64::INFINITY, f64::min).max(optimum.gap[optimum.rows[s]].hi);
    Radius { size: Bounded::around(found.size.value, Interval { lo, hi }, Grade::Certified), ..found }
}
