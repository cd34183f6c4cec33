//! A range covered with intervals of optimality, and put together.

use std::sync::Arc;

use dashu::rational::RBig;
use rayon::prelude::*;

use super::agree::visited;
use super::fractions::{Fractions, fraction};
use super::reach::{End, Prober, Reach};
use super::{Breakpoint, Family, Piece, Rewards, count_ties, differing};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver, Task};

/// Policies after which a family is left incomplete: each piece keeps a flag a row.
const MAX_POLICIES: usize = 20_000;

pub(super) fn cover(
    solver: &Solver<'_>,
    mdp: &Arc<Mdp>,
    rewards: &Rewards,
    range: (f64, f64),
    in_doubles: bool,
) -> Family {
    let fractions = if in_doubles { None } else { Fractions::new(solver, rewards) };
    let prober = Prober { solver, rewards, range, fractions };
    let (mut reaches, mut gaps, mut n_policies) = (Vec::new(), vec![range], 0);
    while !gaps.is_empty() && n_policies < MAX_POLICIES && !solver.is_out_of_time() {
        let points: Vec<f64> = gaps.iter().map(|gap| gap.0 + (gap.1 - gap.0) / 2.0).collect();
        n_policies += points.len();
        let found = probe(&prober, &points, &reaches);
        let mut left = Vec::new();
        for ((gap, x), reach) in gaps.iter().zip(points).zip(found) {
            // Without a reach a limit was met: the stretch stays open, and the family says so.
            let Some(reach) = reach else { continue };
            let is_point = reach.to.bounds.lo <= reach.from.bounds.hi;
            let (before, after) = if is_point { (x, x) } else { (reach.from.bounds.lo, reach.to.bounds.hi) };
            let rest = [(gap.0, before.min(x)), (after.max(x), gap.1)];
            left.extend(rest.into_iter().filter(|rest| rest.1 - rest.0 > prober.resolution()));
            if !is_point {
                reaches.push(reach);
            }
        }
        gaps = left;
    }
    assemble(&prober, mdp, reaches, n_policies)
}

/// What is optimal at some points, and how far.
fn probe(prober: &Prober<'_>, points: &[f64], known: &[Reach]) -> Vec<Option<Reach>> {
    let solver = prober.solver;
    let rewards: Vec<ExpectedReward> = points.iter().map(|&x| prober.rewards.at(x)).collect();
    let nearest = |x: f64| {
        let distance = |reach: &&Reach| (reach.from.value - x).abs().min((reach.to.value - x).abs());
        known.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|reach| reach.policy.as_slice())
    };
    let task = |(&x, reward)| {
        let warm = if solver.sweeps_together() { None } else { nearest(x) };
        Task { warm, ..Task::new(reward, Sense::Max) }
    };
    let tasks: Vec<Task<'_>> = points.iter().zip(&rewards).map(task).collect();
    let solved = solver.values_all(&tasks);
    points.par_iter().zip(solved).map(|(&x, solved)| prober.reach(x, solved.policy)).collect()
}

/// Pieces and breakpoints from overlapping and touching intervals.
fn assemble(prober: &Prober<'_>, mdp: &Arc<Mdp>, mut reaches: Vec<Reach>, n_policies: usize) -> Family {
    let (range, resolution) = (prober.range, prober.resolution());
    reaches.sort_by(|x, y| x.from.value.total_cmp(&y.from.value));
    // Rounding may end a policy a hair too early; it is found again behind that point.
    reaches.dedup_by(|next, last| {
        let is_same = next.tied == last.tied && next.from.bounds.lo <= last.to.bounds.hi + resolution;
        if is_same && next.to.value > last.to.value {
            (last.to, last.at_to) = (next.to.clone(), std::mem::take(&mut next.at_to));
        }
        is_same
    });
    let mut family = Family {
        range,
        mdp: Arc::clone(mdp),
        pieces: Vec::with_capacity(reaches.len()),
        breakpoints: Vec::new(),
        is_exact: prober.fractions.is_some(),
        n_near_ties: reaches.iter().map(|reach| reach.n_near).max().unwrap_or(0),
        n_policies,
        is_complete: !reaches.is_empty(),
    };
    let mut ends: Vec<[Bounded; 2]> =
        reaches.iter().map(|r| [&r.from, &r.to].map(|end| bounded(end, grade(r)))).collect();
    if let (Some(first), Some(last)) = (reaches.first(), reaches.last()) {
        ends[0][0] = outer(prober, &mut family, first, Side::Left);
        for (i, pair) in reaches.windows(2).enumerate() {
            match inner(prober, &mut family, &pair[0], &pair[1]) {
                Some(x) => (ends[i][1], ends[i + 1][0]) = (x, x),
                None => family.is_complete = false,
            }
        }
        ends[reaches.len() - 1][1] = outer(prober, &mut family, last, Side::Right);
    }
    for (i, (reach, ends)) in reaches.iter().zip(ends).enumerate() {
        let changed = match i.checked_sub(1) {
            Some(before) => differing(mdp, &reaches[before].tied, &reach.tied).collect(),
            None => Vec::new(),
        };
        family.pieces.push(piece(mdp, reach, ends, changed));
    }
    family
}

fn piece(mdp: &Mdp, reach: &Reach, [from, to]: [Bounded; 2], changed: Vec<usize>) -> Piece {
    Piece {
        from,
        to,
        fractions: [end_fraction(&reach.from, from).cloned(), end_fraction(&reach.to, to).cloned()],
        optimal: reach.tied.clone(),
        policy: reach.policy.clone(),
        n_ties: count_ties(mdp, &reach.tied),
        changed,
        line: reach.start,
        value_from: value(reach, from, end_fraction(&reach.from, from)),
        value_to: value(reach, to, end_fraction(&reach.to, to)),
        earned: None,
    }
}

/// The fraction behind an end, if the end was not moved.
fn end_fraction(end: &End, x: Bounded) -> Option<&RBig> {
    end.exact.as_ref().filter(|_| x.grade == Grade::Exact && end.value == x.value)
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// The end of the range a piece reaches; a tie just there becomes a breakpoint, and a stretch that is missing makes the
/// family incomplete.
fn outer(prober: &Prober<'_>, family: &mut Family, reach: &Reach, side: Side) -> Bounded {
    let (bound, end, extra) = match side {
        Side::Left => (prober.range.0, &reach.from, &reach.at_from),
        Side::Right => (prober.range.1, &reach.to, &reach.at_to),
    };
    // How far inside the range the piece ends, by the farthest and the nearest bound.
    let (farthest, nearest) = match side {
        Side::Left => (end.bounds.hi - bound, end.bounds.lo - bound),
        Side::Right => (bound - end.bounds.lo, bound - end.bounds.hi),
    };
    if nearest > prober.resolution() {
        family.is_complete = false;
        return bounded(end, grade(reach));
    }
    let edge = Bounded::exact(bound);
    if farthest < -prober.resolution() {
        return edge;
    }
    let is_exact = end.exact.as_ref().is_some_and(|x| *x == fraction(bound));
    let x = match is_exact {
        true => edge,
        false => Bounded::around(bound, end.bounds.hull(Interval::point(bound)), Grade::Bounded),
    };
    let mut optimal = reach.tied.clone();
    extra.iter().for_each(|&row| optimal[row] = true);
    let changed = differing(&family.mdp, &optimal, &reach.tied).collect();
    push_breakpoint(family, reach, x, optimal, changed);
    edge
}

/// The breakpoint between two neighbours; `None` where a stretch between them is missing.
fn inner(prober: &Prober<'_>, family: &mut Family, left: &Reach, right: &Reach) -> Option<Bounded> {
    if right.from.bounds.lo - left.to.bounds.hi > prober.resolution() {
        return None;
    }
    let x = match (&left.to.exact, &right.from.exact) {
        (Some(x), Some(y)) if x == y => Bounded::of_fraction(x).at_most(grade(left).min(grade(right))),
        (Some(_), _) | (_, Some(_)) => between(left, right).at_most(Grade::Bounded),
        _ => between(left, right).at_most(grade(left).min(grade(right))),
    };
    let mut optimal = left.tied.clone();
    optimal.iter_mut().zip(&right.tied).for_each(|(x, &y)| *x |= y);
    left.at_to.iter().chain(&right.at_from).for_each(|&row| optimal[row] = true);
    let mdp = &family.mdp;
    let mut is_changed = vec![false; mdp.n_states()];
    differing(mdp, &optimal, &left.tied)
        .chain(differing(mdp, &optimal, &right.tied))
        .for_each(|s| is_changed[s] = true);
    let changed = (0..mdp.n_states()).filter(|&s| is_changed[s]).collect();
    push_breakpoint(family, left, x, optimal, changed);
    Some(x)
}

fn push_breakpoint(family: &mut Family, reach: &Reach, x: Bounded, optimal: Vec<bool>, changed: Vec<usize>) {
    let mdp = &family.mdp;
    let seen = visited(mdp, &optimal);
    family.breakpoints.push(Breakpoint {
        x,
        n_ties: count_ties(mdp, &optimal),
        is_visited: changed.iter().any(|&s: &usize| seen[s]),
        value: value(reach, x, end_fraction(&reach.to, x).or(end_fraction(&reach.from, x))),
        policy: reach.policy.clone(),
        optimal,
        changed,
        earned: None,
    });
}

/// What is known of a root that ends one policy and begins another.
fn between(left: &Reach, right: &Reach) -> Bounded {
    let bounds = left.to.bounds.hull(right.from.bounds);
    Bounded::around(left.to.value + (right.from.value - left.to.value) / 2.0, bounds, Grade::Certified)
}

fn bounded(end: &End, grade: Grade) -> Bounded {
    Bounded::around(end.value, end.bounds, if end.exact.is_some() { Grade::Exact } else { Grade::Certified })
        .at_most(grade)
}

/// How far the ends of a reach can be trusted: a near tie may hide another policy.
fn grade(reach: &Reach) -> Grade {
    if reach.n_near == 0 { Grade::Exact } else { Grade::Bounded }
}

/// `J0 + x J1` of a policy.
fn value(reach: &Reach, x: Bounded, exact: Option<&RBig>) -> Bounded {
    let of_double = (x.lo == x.hi).then(|| fraction(x.value));
    if let (Some([j0, j1]), Some(x)) = (&reach.exact_start, exact.or(of_double.as_ref())) {
        return Bounded::of_fraction(&(j0 + j1 * x)).at_most(grade(reach));
    }
    let [j0, j1] = reach.start;
    let product = j1.interval() * x.interval();
    let sum = j0.interval() + product;
    Bounded::around(j0.value + j1.value * x.value, sum, Grade::Certified.min(x.grade).min(j0.grade).min(j1.grade))
}
