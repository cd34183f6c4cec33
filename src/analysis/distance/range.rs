//! Range STARC: `rho(R1/rho(R1) - R2/rho(R2))`, the distance with universal constants.
//!
//! `NWCR <= d <= 2 NWCR` in every finite MDP, whatever the discount, with unreachable states or not. Needs no canonical
//! form, because the return range ignores shaping and redistribution. Two solves besides the four of the ranges.

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver, Task};

/// The distance; 0 between trivial rewards, 1 when exactly one is trivial.
pub fn range_distance(solver: &Solver<'_>, x: &ReturnRange, y: &ReturnRange) -> Bounded {
    range_distances(solver, x, &[y]).remove(0)
}

/// From one reward to each of several: two solves each, all of them together.
pub fn range_distances(solver: &Solver<'_>, x: &ReturnRange, ys: &[&ReturnRange]) -> Vec<Bounded> {
    let solved: Vec<&ReturnRange> = ys.iter().copied().filter(|y| !x.is_trivial() && !y.is_trivial()).collect();
    let difference = |y: &&ReturnRange| x.reward.scaled(x.unit()).plus(-y.unit(), &y.reward);
    let differences: Vec<ExpectedReward> = solved.iter().map(difference).collect();
    let together = solver.sweeps_together() && differences.len() > 1;
    let both = |reward| {
        [(Sense::Max, &x.best), (Sense::Min, &x.worst)].map(|(sense, near)| Task {
            warm: (!together).then_some(near.policy.as_slice()),
            ..Task::new(reward, sense)
        })
    };
    let tasks: Vec<Task<'_>> = differences.iter().flat_map(both).collect();
    let mut ends = solver.values_all(&tasks).into_iter().map(|values| values.at_start(solver.mdp()));
    let distance = |y: &&ReturnRange| match (x.is_trivial(), y.is_trivial()) {
        (true, true) => Bounded::exact(0.0).at_most(x.rho.grade),
        (true, false) | (false, true) => Bounded::exact(1.0).at_most(x.rho.grade.min(y.rho.grade)),
        (false, false) => match (ends.next(), ends.next()) {
            // Two solves a pair. `ReturnRange` would call a difference that is all rounding trivial; here its plain
            // bounds are wanted.
            (Some(max), Some(min)) => of_spread(x, y, max - min),
            _ => Bounded::from_interval(Interval { lo: 0.0, hi: 2.0 }, Grade::Certified),
        },
    };
    ys.iter().map(distance).collect()
}

/// The distance from the return range of the difference of scaled rewards.
fn of_spread(x: &ReturnRange, y: &ReturnRange, spread: Bounded) -> Bounded {
    // rho is a seminorm, so using 1/rho(x) only to rounding moves the distance by at most |1 - a rho(x)|.
    let miss = |range: &ReturnRange| (Interval::point(1.0) - range.rho.interval().scale(range.unit())).abs().hi;
    let slack = miss(x) + miss(y);
    let bounds = spread.interval() + Interval { lo: -slack, hi: slack };
    Bounded::around(spread.value.max(0.0), bounds, spread.grade).clamped(0.0, 2.0)
}
