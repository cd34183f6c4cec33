//! The return polygon: all pairs `(J_truth(pi), J_proxy(pi))`, a convex set with deterministic policies at its corners.

use crate::analysis::returns::ReturnRange;
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver, Task};

/// A corner must stick out of the chord of its neighbours by this much, in units of the return ranges.
const FLAT: f64 = 1e-10;

/// The polygon, counter-clockwise, starting from the corner of least truth. One point if all policies earn the
/// same, two if the returns are proportional.
#[derive(Clone, Debug)]
pub struct Polygon {
    /// `[J_truth, J_proxy]` of each corner.
    pub vertices: Vec<[f64; 2]>,
    /// Whether the limit on corners cut the search short; the true polygon is then a little larger.
    pub is_truncated: bool,
}

type Point = [f64; 2];

struct Search<'a> {
    solver: &'a Solver<'a>,
    rewards: [ExpectedReward; 2],
    warm: Vec<usize>,
}

impl Search<'_> {
    /// The corner farthest in a direction, in normalised units.
    fn support(&mut self, direction: Point) -> Point {
        let reward = self.rewards[0].scaled(direction[0]).plus(direction[1], &self.rewards[1]);
        let task = Task { warm: Some(&self.warm), ..Task::new(&reward, Sense::Max) };
        let (policy, returns) = self.solver.policy_and_returns(&task, [&self.rewards[0], &self.rewards[1]]);
        self.warm = policy;
        returns
    }
}

/// Finds every corner: an edge is final when the solve in its outward normal finds nothing beyond it. About two solves
/// a corner, at most `max_vertices` corners.
pub fn polygon(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange, max_vertices: usize) -> Polygon {
    let rewards = [truth.reward.scaled(truth.unit()), proxy.reward.scaled(proxy.unit())];
    let mut search = Search { solver, rewards, warm: truth.best.policy.clone() };
    let start: Vec<Point> = [[-1.0, 0.0], [0.0, -1.0], [1.0, 0.0], [0.0, 1.0]].map(|d| search.support(d)).to_vec();
    let mut is_truncated = false;
    let mut corners: Vec<Point> = Vec::new();
    // Edges still to be examined, as a stack in counter-clockwise order.
    let mut open: Vec<(Point, Point)> = (0..4).rev().map(|i| (start[i], start[(i + 1) % 4])).collect();
    while let Some((p, q)) = open.pop() {
        let edge = [q[0] - p[0], q[1] - p[1]];
        let length = edge[0].hypot(edge[1]);
        if length <= FLAT {
            continue;
        }
        // Outward is to the right of a counter-clockwise edge.
        let normal = [edge[1] / length, -edge[0] / length];
        let done = corners.len() + open.len() >= max_vertices || solver.is_out_of_time();
        is_truncated |= done;
        let r = if done { p } else { search.support(normal) };
        let beyond = (r[0] - p[0]) * normal[0] + (r[1] - p[1]) * normal[1];
        if beyond > FLAT {
            open.push((r, q));
            open.push((p, r));
        } else {
            corners.push(p);
        }
    }
    if corners.is_empty() {
        corners.push(start[0]);
    }
    let vertices = hull(corners);
    let (a, b) = (truth.unit(), proxy.unit());
    Polygon { vertices: vertices.into_iter().map(|[x, y]| [x / a, y / b]).collect(), is_truncated }
}

/// Convex hull, counter-clockwise from the leftmost point, without points on edges (Andrew's monotone chain).
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|p, q| p[0].total_cmp(&q[0]).then(p[1].total_cmp(&q[1])));
    points.dedup_by(|p, q| (p[0] - q[0]).hypot(p[1] - q[1]) <= FLAT);
    if points.len() < 3 {
        return points;
    }
    // Without a tolerance: a point next to an almost vertical chord may lie beyond its end.
    let turn = |o: Point, p: Point, q: Point| (p[0] - o[0]) * (q[1] - o[1]) - (p[1] - o[1]) * (q[0] - o[0]);
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for q in points {
            while chain.len() >= 2 && turn(chain[chain.len() - 2], chain[chain.len() - 1], q) <= 0.0 {
                chain.pop();
            }
            chain.push(q);
        }
        chain.pop();
        chain
    };
    let mut corners = half(&mut points.iter().copied());
    corners.extend(half(&mut points.iter().rev().copied()));
    // Then corners within rounding of the segment between their neighbours go.
    let mut i = 0;
    while corners.len() > 2 && i < corners.len() {
        let n = corners.len();
        if to_segment(corners[(i + n - 1) % n], corners[(i + 1) % n], corners[i]) <= FLAT {
            corners.remove(i);
            i = i.saturating_sub(1);
        } else {
            i += 1;
        }
    }
    corners
}

/// Distance of `p` from the segment between `o` and `q`.
fn to_segment(o: Point, q: Point, p: Point) -> f64 {
    let (u, v) = ([q[0] - o[0], q[1] - o[1]], [p[0] - o[0], p[1] - o[1]]);
    let length = u[0] * u[0] + u[1] * u[1];
    let share = if length > 0.0 { ((u[0] * v[0] + u[1] * v[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    (v[0] - share * u[0]).hypot(v[1] - share * u[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hulls_drop_inner_and_edge_points_and_turn_left() {
        let square = vec![[0.0, 0.0], [1.0, 1.0], [0.5, 0.5], [1.0, 0.0], [0.5, 0.0], [0.0, 1.0]];
        assert_eq!(hull(square), vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        assert_eq!(hull(vec![[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]]), vec![[0.0, 0.0], [1.0, 1.0]]);
        assert_eq!(hull(vec![[2.0, 3.0], [2.0, 3.0]]), vec![[2.0, 3.0]]);
    }
}
