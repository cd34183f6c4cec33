//! Pairs of returns in rational arithmetic: their hull, and the worst-case regret read off it.

use super::exact::{Exact, Q};

/// Truth and proxy return of a policy.
pub type Point = [Q; 2];

/// Returns of every deterministic policy under two rewards.
pub fn all_returns(exact: &Exact, truth: &[Q], proxy: &[Q]) -> Vec<Point> {
    let returns = |policy: Vec<usize>| [truth, proxy].map(|r| exact.j(&exact.evaluate(&policy, r)));
    exact.policies().into_iter().map(returns).collect()
}

/// Corners of the convex hull, counter-clockwise from the leftmost, by Andrew's monotone chain.
pub fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let half = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for q in points {
            while chain.len() >= 2 && turn(&chain[chain.len() - 2], &chain[chain.len() - 1], q) <= Q::ZERO {
                chain.pop();
            }
            chain.push(q.clone());
        }
        chain.pop();
        chain
    };
    let mut corners = half(&mut points.iter());
    corners.extend(half(&mut points.iter().rev()));
    corners
}

/// Twice the area of the triangle, positive when it turns left.
pub fn turn(o: &Point, p: &Point, q: &Point) -> Q {
    (&p[0] - &o[0]) * (&q[1] - &o[1]) - (&p[1] - &o[1]) * (&q[0] - &o[0])
}

/// `max { x1 - y1 : y2 >= x2 }` over the convex hull of some returns: the longest drop in truth without a drop in
/// proxy. Differences of hull points are the hull of differences, and a linear function on its part with
/// `x2 <= y2` is largest at a corner or where an edge crosses zero.
pub fn longest_drop(points: Vec<Point>) -> Q {
    let corners = hull(points);
    let differences: Vec<Point> =
        corners.iter().flat_map(|x| corners.iter().map(move |y| [&x[0] - &y[0], &x[1] - &y[1]])).collect();
    let (allowed, forbidden): (Vec<Point>, Vec<Point>) = hull(differences).into_iter().partition(|d| d[1] <= Q::ZERO);
    let mut best = allowed.iter().map(|d| d[0].clone()).max().unwrap_or(Q::ZERO);
    for u in &forbidden {
        for w in &allowed {
            let share = &u[1] / (&u[1] - &w[1]);
            best = best.max(&u[0] + share * (&w[0] - &u[0]));
        }
    }
    best
}
