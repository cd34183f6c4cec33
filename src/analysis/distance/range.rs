//! Range STARC: `rho(R1/rho(R1) - R2/rho(R2))`, the distance with universal constants.
//!
//! `NWCR <= d <= 2 NWCR` in every finite MDP, whatever the discount, with unreachable states or not. Needs no canonical
//! form, because the return range ignores shaping and redistribution. Two solves besides the four of the ranges.

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Interval};
use crate::solve::Solver;

/// The distance; 0 between trivial rewards, 1 when exactly one is trivial.
pub fn range_distance(solver: &Solver<'_>, x: &ReturnRange, y: &ReturnRange) -> Bounded {
    match (x.is_trivial, y.is_trivial) {
        (true, true) => return Bounded::exact(0.0).at_most(x.rho.grade),
        (true, false) | (false, true) => return Bounded::exact(1.0).at_most(x.rho.grade.min(y.rho.grade)),
        (false, false) => {}
    }
    let (a, b) = (x.unit(), y.unit());
    let difference = x.reward.scaled(a).plus(-b, &y.reward);
    let best = ReturnRange::near(solver, difference, x);
    // `best.rho` would call a difference that is all rounding trivial; here its plain bounds are wanted.
    let spread = best.max - best.min;
    // rho is a seminorm, so using 1/rho(x) only to rounding moves the distance by at most |1 - a rho(x)|.
    let miss = |factor: f64, rho: Bounded| (Interval::point(1.0) - rho.interval().scale(factor)).abs().hi;
    let slack = miss(a, x.rho) + miss(b, y.rho);
    let bounds = spread.interval() + Interval { lo: -slack, hi: slack };
    Bounded::around(spread.value.max(0.0), bounds, spread.grade).clamped(0.0, 2.0)
}
