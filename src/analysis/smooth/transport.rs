//! The least work that turns one distribution over states into another: the Wasserstein distance of order 1.

use super::Metric;
use crate::base::Interval;
use crate::base::sum::{UNIT, gamma_n};

/// Mass that rounding leaves over.
const DUST: f64 = 4.0 * UNIT;

/// `W1(p, q)` for lists of states with probabilities, between the work of a plan and the price that potentials put on it.
///
/// On a line the area between the distribution functions, in O(n log n); else shortest augmenting paths on the supports,
/// O(n^3) for supports of n states. Mass that both have in a state stays there, as the metric allows.
pub fn distance(metric: &Metric, p: &[(usize, f64)], q: &[(usize, f64)]) -> Interval {
    match metric.positions() {
        Some(x) => on_line(x, p, q),
        None => Plan::new(metric, p, q).solve(),
    }
}

fn on_line(x: &[f64], p: &[(usize, f64)], q: &[(usize, f64)]) -> Interval {
    let added = p.iter().copied().chain(q.iter().map(|&(s, m)| (s, -m)));
    let mut steps: Vec<(f64, f64)> = added.map(|(s, m)| (x[s], m)).collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut above, mut area, mut length) = (0.0, 0.0, 0.0);
    for pair in steps.windows(2) {
        above += pair[0].1;
        let gap = pair[1].0 - pair[0].0;
        area += f64::abs(above) * gap;
        length += gap;
    }
    // The difference of the distribution functions is at most 1 and carries a rounding for each step.
    let error = gamma_n(steps.len() + 2) * (area + 2.0 * length);
    if error == 0.0 || area == 0.0 && steps.len() < 2 {
        return Interval::point(area);
    }
    let ball = Interval::ball(area, error);
    Interval { lo: ball.lo.max(0.0), ..ball }
}

/// A transport problem: supplies, demands, and the way between them.
struct Plan {
    supply: Vec<f64>,
    demand: Vec<f64>,
    /// Distances, `[supply][demand]`.
    cost: Vec<Vec<f64>>,
    flow: Vec<Vec<f64>>,
    /// Prices of supplies and demands: of a demand at most that of a supply plus the distance.
    price: (Vec<f64>, Vec<f64>),
}

impl Plan {
    fn new(metric: &Metric, p: &[(usize, f64)], q: &[(usize, f64)]) -> Self {
        let left = |of: &[(usize, f64)], other: &[(usize, f64)]| -> Vec<(usize, f64)> {
            let common = |s: usize| other.iter().filter(|&&(t, _)| t == s).map(|(_, m)| m).sum::<f64>();
            of.iter().map(|&(s, m)| (s, m - m.min(common(s)))).filter(|&(_, m)| m > 0.0).collect()
        };
        let (from, to) = (left(p, q), left(q, p));
        let cost = from.iter().map(|&(s, _)| to.iter().map(|&(t, _)| metric.d(s, t)).collect()).collect();
        Plan {
            flow: vec![vec![0.0; to.len()]; from.len()],
            price: (vec![0.0; from.len()], vec![0.0; to.len()]),
            supply: from.into_iter().map(|(_, m)| m).collect(),
            demand: to.into_iter().map(|(_, m)| m).collect(),
            cost,
        }
    }

    fn solve(mut self) -> Interval {
        let (supply, demand) = (self.supply.clone(), self.demand.clone());
        while let Some(path) = self.shortest() {
            self.push(&path);
        }
        let (n, m) = (self.flow.len(), demand.len());
        let longest = self.cost.iter().flatten().copied().fold(0.0, f64::max);
        let pairs = || (0..n).flat_map(|i| (0..m).map(move |j| (i, j)));
        let work: f64 = pairs().map(|(i, j)| self.flow[i][j] * self.cost[i][j]).sum();
        // What rounding left behind travels the longest way.
        let left: f64 = self.supply.iter().sum::<f64>().max(self.demand.iter().sum());
        let total: f64 = supply.iter().sum::<f64>().max(demand.iter().sum());
        let excess = pairs().map(|(i, j)| self.price.1[j] - self.price.0[i] - self.cost[i][j]).fold(0.0, f64::max);
        let paid: f64 = demand.iter().zip(&self.price.1).map(|(d, p)| d * p).sum();
        let taken: f64 = supply.iter().zip(&self.price.0).map(|(s, p)| s * p).sum();
        let error = gamma_n(n * m + n + m + 4) * total * longest;
        let hi = work + left * longest + error;
        let lo = (paid - taken - excess * total - left * longest - error).min(hi);
        Interval { lo: lo.max(0.0), hi }
    }

    /// The nearest demand that is open from any supply that has some left, by Dijkstra's algorithm on prices; as a path
    /// supply, demand, supply, ..., demand.
    fn shortest(&mut self) -> Option<Vec<usize>> {
        let (n, m) = (self.supply.len(), self.demand.len());
        let mut far = vec![f64::INFINITY; n + m];
        let (mut from, mut is_done) = (vec![usize::MAX; n + m], vec![false; n + m]);
        (0..n).filter(|&i| self.supply[i] > DUST).for_each(|i| far[i] = 0.0);
        let end = loop {
            let open = (0..n + m).filter(|&x| !is_done[x] && far[x].is_finite());
            let x = open.min_by(|&x, &y| far[x].total_cmp(&far[y]))?;
            is_done[x] = true;
            if x >= n && self.demand[x - n] > DUST {
                break x;
            }
            let others = if x < n { n..n + m } else { 0..n };
            for y in others.filter(|&y| x < n || self.flow[y][x - n] > 0.0) {
                let (i, j) = if x < n { (x, y - n) } else { (y, x - n) };
                let reduced = self.cost[i][j] + self.price.0[i] - self.price.1[j];
                // Rounding may leave a price a little too high.
                let step = if x < n { reduced.max(0.0) } else { (-reduced).max(0.0) };
                if !is_done[y] && far[x] + step < far[y] {
                    (far[y], from[y]) = (far[x] + step, x);
                }
            }
        };
        let reach = far[end];
        (0..n).for_each(|i| self.price.0[i] += far[i].min(reach));
        (0..m).for_each(|j| self.price.1[j] += far[n + j].min(reach));
        let mut path = vec![end];
        while let Some(&x) = path.last()
            && from[x] != usize::MAX
        {
            path.push(from[x]);
        }
        path.reverse();
        Some(path)
    }

    /// Sends as much as the path takes.
    fn push(&mut self, path: &[usize]) {
        let n = self.supply.len();
        // A path has both ends.
        let (first, last) = (path[0], path[path.len() - 1] - n);
        let back = path[1..].chunks_exact(2).map(|pair| (pair[1], pair[0] - n));
        let free = back.map(|(i, j)| self.flow[i][j]).fold(f64::INFINITY, f64::min);
        let amount = free.min(self.supply[first]).min(self.demand[last]);
        for pair in path.windows(2) {
            match pair[0] < n {
                true => self.flow[pair[0]][pair[1] - n] += amount,
                false => self.flow[pair[1]][pair[0] - n] -= amount,
            }
        }
        self.supply[first] -= amount;
        self.demand[last] -= amount;
    }
}
