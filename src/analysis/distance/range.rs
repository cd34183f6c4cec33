//! Range STARC: `rho(R1/rho(R1) - R2/rho(R2))`, the distance with universal constants.
//!
//! `NWCR <= d <= 2 NWCR` in every finite MDP, whatever the discount, with unreachable states or not. Needs no canonical
//! form, because the return range ignores shaping and redistribution. Two solves besides the four of the ranges.

use dashu_ratio::RBig;

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Decision, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver, Task};

/// The distance; 0 between trivial rewards, 1 when exactly one is trivial, and an interval where that is not decided.
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
    let anything = Bounded::from_interval(Interval { lo: 0.0, hi: 2.0 }, Grade::Certified);
    let distance = |y: &&ReturnRange| match (&x.trivial, &y.trivial) {
        (Decision::Yes(_), Decision::Yes(_)) => Bounded::exact(0.0),
        (Decision::Yes(_), Decision::No(_)) | (Decision::No(_), Decision::Yes(_)) => Bounded::exact(1.0),
        // Of a reward that may be trivial: 0 or 1 beside one that is, anything beside one that is not.
        (Decision::Yes(_), _) | (_, Decision::Yes(_)) => {
            Bounded::from_interval(Interval { lo: 0.0, hi: 1.0 }, Grade::Certified)
        }
        _ => match (ends.next(), ends.next()) {
            (Some(max), Some(min)) if x.trivial.is_no() && y.trivial.is_no() => {
                let found = of_spread(x, y, max - min);
                if found.width() <= CLOSE { found } else { in_fractions(solver, x, y).unwrap_or(found) }
            }
            _ => anything,
        },
    };
    ys.iter().map(distance).collect()
}

/// A distance known less closely than this is worked out in fractions on models of up to [`MOST_STATES`] states that do not
/// end an episode: the rewards are divided by ranges, which are as long as the values of a policy.
const CLOSE: f64 = 1e-9;
const MOST_STATES: usize = 24;

/// The distance without rounding, where that is affordable.
fn in_fractions(solver: &Solver<'_>, x: &ReturnRange, y: &ReturnRange) -> Option<Bounded> {
    let mdp = solver.mdp();
    if (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count() > MOST_STATES {
        return None;
    }
    let (room, rx) = solver.exactly_for(&x.reward).ok()?;
    let (_, ry) = solver.exactly_for(&y.reward).ok()?;
    let spread = |r: &[RBig], near: &ReturnRange| {
        let end =
            |sense, start: &[usize]| Some(room.optimum(r, sense, None, start).ok()?.values.dot(&room.fractions.mu0));
        Some(end(Sense::Max, &near.best.policy)? - end(Sense::Min, &near.worst.policy)?)
    };
    let (a, b) = (spread(&rx, x)?, spread(&ry, y)?);
    if a == RBig::ZERO || b == RBig::ZERO {
        return None;
    }
    let difference: Vec<RBig> = rx.iter().zip(ry.iter()).map(|(x, y)| x / &a - y / &b).collect();
    Some(Bounded::of_fraction(&spread(&difference, x)?))
}

/// The distance from the return range of the difference of scaled rewards.
fn of_spread(x: &ReturnRange, y: &ReturnRange, spread: Bounded) -> Bounded {
    // rho is a seminorm, so using 1/rho(x) only to rounding moves the distance by at most |1 - a rho(x)|.
    let miss = |range: &ReturnRange| (Interval::point(1.0) - range.rho.interval().scale(range.unit())).abs().hi;
    let slack = miss(x) + miss(y);
    let bounds = spread.interval() + Interval { lo: -slack, hi: slack };
    Bounded::around(spread.value.max(0.0), bounds, spread.grade).clamped(0.0, 2.0)
}
