//! A range covered with intervals of optimality, and put together.

use std::sync::Arc;

use dashu_ratio::RBig;
use rayon::prelude::*;

use super::agree::visited;
use super::fractions::Fractions;
use super::reach::{End, Prober, Reach};
use super::{Breakpoint, Family, Piece, Rewards, count_ties, differing};
use crate::base::number::{Number, as_stored};
use crate::base::{Bounded, Doubt, Grade, Interval};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver, Task};

/// Policies after which a family is left incomplete: each piece keeps a flag a row.
const MAX_POLICIES: usize = 20_000;

pub(super) fn cover(
    solver: &Solver<'_>,
    mdp: &Arc<Mdp>,
    rewards: &Rewards,
    range: (Number, Number),
    in_doubles: bool,
) -> Family {
    let fractions = match in_doubles {
        true => Err(Doubt::bounds("exact arithmetic")),
        false => Fractions::new(solver, rewards),
    };
    let (fractions, doubt) = match fractions {
        Ok(fractions) => (Some(fractions), None),
        Err(doubt) => (None, Some(doubt)),
    };
    let prober = Prober { solver, rewards, range: range.clone(), fractions };
    let (mut reaches, mut gaps, mut n_policies) = (Vec::new(), vec![range], 0);
    while !gaps.is_empty() && n_policies < MAX_POLICIES && !solver.is_out_of_time() {
        let middle = |gap: &(Number, Number)| match prober.fractions {
            Some(_) => Number::of((&gap.0.exact + &gap.1.exact) / RBig::from(2)),
            None => stored(gap.0.value + (gap.1.value - gap.0.value) / 2.0),
        };
        let points: Vec<Number> = gaps.iter().map(middle).collect();
        n_policies += points.len();
        let found = probe(&prober, &points, &reaches);
        let mut left = Vec::new();
        for ((gap, x), reach) in gaps.into_iter().zip(points).zip(found) {
            // Without a reach a limit was met: the stretch stays open, and the family says so.
            let Some(reach) = reach else { continue };
            let is_point = match (&reach.from.exact, &reach.to.exact) {
                (Some(from), Some(to)) => from == to,
                _ => reach.to.bounds.lo <= reach.from.bounds.hi,
            };
            left.extend(rest(&prober, gap, x, if is_point { None } else { Some(&reach) }));
            if !is_point {
                reaches.push(reach);
            }
        }
        gaps = left;
    }
    assemble(&prober, mdp, reaches, n_policies, doubt)
}

/// A double as the number it is.
fn stored(x: f64) -> Number {
    Number { value: x, exact: as_stored(x) }
}

/// What is left of a stretch on both sides of a reach that contains a point of it, or of that point alone.
fn rest(prober: &Prober<'_>, gap: (Number, Number), x: Number, reach: Option<&Reach>) -> Vec<(Number, Number)> {
    let (before, after) = match (reach, &prober.fractions) {
        (None, _) => (Some(x.clone()), Some(x)),
        (Some(reach), Some(_)) => [&reach.from, &reach.to].map(|end| end.exact.clone().map(Number::of)).into(),
        (Some(reach), None) => {
            let ends = [reach.from.bounds.lo.min(x.value), reach.to.bounds.hi.max(x.value)];
            ends.map(|end| end.is_finite().then(|| stored(end))).into()
        }
    };
    let left = before.map(|end| (gap.0, end));
    let right = after.map(|end| (end, gap.1));
    let is_open = |(from, to): &(Number, Number)| match prober.fractions {
        Some(_) => from.exact < to.exact,
        None => to.value - from.value > prober.resolution(),
    };
    [left, right].into_iter().flatten().filter(is_open).collect()
}

/// What is optimal at some points, and how far.
fn probe(prober: &Prober<'_>, points: &[Number], known: &[Reach]) -> Vec<Option<Reach>> {
    let solver = prober.solver;
    let rewards: Vec<ExpectedReward> = points.iter().map(|x| prober.rewards.at(x.value)).collect();
    let nearest = |x: f64| {
        let distance = |reach: &&Reach| (reach.from.value - x).abs().min((reach.to.value - x).abs());
        known.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|reach| reach.policy.as_slice())
    };
    let warm: Vec<Option<&[usize]>> =
        points.iter().map(|x| if solver.sweeps_together() { None } else { nearest(x.value) }).collect();
    let tasks: Vec<Task<'_>> =
        rewards.iter().zip(warm).map(|(reward, warm)| Task { warm, ..Task::new(reward, Sense::Max) }).collect();
    let solved = solver.values_all(&tasks);
    points.par_iter().zip(solved).map(|(x, solved)| prober.reach(x, solved.policy)).collect()
}

/// Pieces and breakpoints from overlapping and touching intervals.
fn assemble(
    prober: &Prober<'_>,
    mdp: &Arc<Mdp>,
    mut reaches: Vec<Reach>,
    n_policies: usize,
    doubt: Option<Doubt>,
) -> Family {
    let resolution = prober.resolution();
    reaches.sort_by(|x, y| match (&x.from.exact, &y.from.exact) {
        (Some(x), Some(y)) => x.cmp(y),
        _ => x.from.value.total_cmp(&y.from.value),
    });
    // Rounding may end a policy a hair too early; it is found again behind that point.
    reaches.dedup_by(|next, last| {
        let touches = prober.fractions.is_some() || next.from.bounds.lo <= last.to.bounds.hi + resolution;
        let is_same = next.tied == last.tied && touches;
        if is_same && next.to.value > last.to.value {
            (last.to, last.at_to) = (next.to.clone(), std::mem::take(&mut next.at_to));
        }
        is_same
    });
    let mut family = Family {
        range: (prober.range.0.value, prober.range.1.value),
        mdp: Arc::clone(mdp),
        pieces: Vec::with_capacity(reaches.len()),
        breakpoints: Vec::new(),
        is_exact: prober.fractions.is_some(),
        doubt,
        n_policies,
        is_complete: !reaches.is_empty(),
    };
    let mut ends: Vec<[Place; 2]> = reaches.iter().map(|r| [&r.from, &r.to].map(|end| place(end, r))).collect();
    if let (Some(first), Some(last)) = (reaches.first(), reaches.last()) {
        ends[0][0] = outer(prober, &mut family, first, Side::Left);
        for (i, pair) in reaches.windows(2).enumerate() {
            match inner(prober, &mut family, &pair[0], &pair[1]) {
                Some(x) => (ends[i][1], ends[i + 1][0]) = (x.clone(), x),
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
        let piece = piece(prober, &family, reach, ends, changed);
        family.pieces.push(piece);
    }
    family
}

/// A number of the range, and the fraction that it is where that is known.
type Place = (Bounded, Option<RBig>);

/// What is known of an end; with rows in doubt there may be another policy.
fn place(end: &End, reach: &Reach) -> Place {
    let grade = if end.exact.is_some() { Grade::Exact } else { Grade::Certified };
    let grade = if reach.n_open == 0 { grade } else { Grade::Bounded };
    (Bounded::around(end.value, end.bounds, grade), end.exact.clone())
}

fn piece(prober: &Prober<'_>, family: &Family, reach: &Reach, [from, to]: [Place; 2], changed: Vec<usize>) -> Piece {
    let of_root = |end: &End, place: &Place| place.1.clone().filter(|x| end.exact.as_ref() == Some(x));
    Piece {
        from: from.0,
        to: to.0,
        fractions: [of_root(&reach.from, &from), of_root(&reach.to, &to)],
        optimal: reach.tied.clone(),
        doubt: family.doubt.clone().filter(|_| reach.n_open > 0),
        policy: reach.policy.clone(),
        n_ties: count_ties(&family.mdp, &reach.tied),
        changed,
        line: reach.start,
        value_from: value(prober, reach, &from),
        value_to: value(prober, reach, &to),
        earned: None,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// The end of the range a piece reaches; a tie just there becomes a breakpoint, and a stretch that is missing makes the
/// family incomplete.
fn outer(prober: &Prober<'_>, family: &mut Family, reach: &Reach, side: Side) -> Place {
    let (bound, end, extra) = match side {
        Side::Left => (&prober.range.0, &reach.from, &reach.at_from),
        Side::Right => (&prober.range.1, &reach.to, &reach.at_to),
    };
    let at = Bounded::of_fraction(&bound.exact);
    let edge = (at, Some(bound.exact.clone()));
    let x = match (&prober.fractions, &end.exact) {
        (Some(_), None) => return edge,
        (Some(_), Some(x)) => match (x.cmp(&bound.exact), side) {
            (std::cmp::Ordering::Equal, _) => edge.clone(),
            (std::cmp::Ordering::Less, Side::Left) | (std::cmp::Ordering::Greater, Side::Right) => return edge,
            _ => {
                family.is_complete = false;
                return place(end, reach);
            }
        },
        (None, _) => {
            // How far inside the range the piece ends, by the farthest and the nearest bound.
            let (farthest, nearest) = match side {
                Side::Left => (end.bounds.hi - at.lo, end.bounds.lo - at.hi),
                Side::Right => (at.hi - end.bounds.lo, at.lo - end.bounds.hi),
            };
            if nearest > prober.resolution() {
                family.is_complete = false;
                return place(end, reach);
            }
            if farthest < 0.0 {
                return edge;
            }
            (Bounded::around(at.value, end.bounds.hull(at.interval()), Grade::Certified), None)
        }
    };
    let mut optimal = reach.tied.clone();
    extra.iter().for_each(|&row| optimal[row] = true);
    let changed = differing(&family.mdp, &optimal, &reach.tied).collect();
    let value = value(prober, reach, &x);
    push_breakpoint(family, reach, x.0, value, optimal, changed);
    edge
}

/// The breakpoint between two neighbours; `None` where a stretch between them is missing.
fn inner(prober: &Prober<'_>, family: &mut Family, left: &Reach, right: &Reach) -> Option<Place> {
    let x = match (&prober.fractions, &left.to.exact, &right.from.exact) {
        (Some(_), Some(x), Some(y)) if x == y => (Bounded::of_fraction(x), Some(x.clone())),
        (Some(_), _, _) => return None,
        (None, _, _) if right.from.bounds.lo - left.to.bounds.hi > prober.resolution() => return None,
        (None, _, _) => (between(left, right), None),
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
    // The return is convex in x: between both lines at the ends of what may be a stretch of its own.
    let both = [left, right].map(|reach| value(prober, reach, &x));
    let value = match x.1 {
        Some(_) => both[0],
        None => Bounded::around(both[0].value, both[0].interval().hull(both[1].interval()), Grade::Certified)
            .at_most(both[0].grade.min(both[1].grade)),
    };
    push_breakpoint(family, left, x.0, value, optimal, changed);
    Some(x)
}

/// In fractions the rows that are optimal at a breakpoint are known; in doubles they are those that may be.
fn push_breakpoint(
    family: &mut Family,
    reach: &Reach,
    x: Bounded,
    value: Bounded,
    optimal: Vec<bool>,
    changed: Vec<usize>,
) {
    let mdp = &family.mdp;
    let seen = visited(mdp, &optimal);
    family.breakpoints.push(Breakpoint {
        x,
        n_ties: count_ties(mdp, &optimal),
        is_visited: changed.iter().any(|&s: &usize| seen[s]),
        value,
        policy: reach.policy.clone(),
        doubt: family.doubt.clone(),
        optimal,
        changed,
        earned: None,
    });
}

/// What is known of a root that ends one policy and begins another.
fn between(left: &Reach, right: &Reach) -> Bounded {
    let bounds = left.to.bounds.hull(right.from.bounds);
    let grade = if left.n_open + right.n_open == 0 { Grade::Certified } else { Grade::Bounded };
    Bounded::around(left.to.value + (right.from.value - left.to.value) / 2.0, bounds, grade)
}

/// `J0 + x J1` of a policy, and where rows are in doubt what the best policy may earn above it.
fn value(prober: &Prober<'_>, reach: &Reach, (x, exact): &Place) -> Bounded {
    if let (Some([j0, j1]), Some(x)) = (&reach.exact_start, exact) {
        return Bounded::of_fraction(&(j0 + j1 * x));
    }
    let [j0, j1] = reach.start;
    let mut sum = j0.interval() + j1.interval() * x.interval();
    if reach.n_open > 0 {
        let above = (reach.open.max(0.0) * prober.solver.horizon().longest()).next_up();
        sum = sum + Interval { lo: 0.0, hi: above };
    }
    Bounded::around(j0.value + j1.value * x.value, sum, Grade::Certified.min(x.grade).min(j0.grade).min(j1.grade))
}
