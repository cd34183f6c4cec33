//! What two rewards have to do with each other, in fractions: orders of policies, worst-case regret, normalised
//! distances.

use std::cmp::Ordering;

use super::linear::{combination, dot, max_abs};
use super::{Q, World, real};
use truenorth::base::Interval;

/// Worst-case regret and a weight at which its dual takes its least value.
#[derive(Clone, Debug, PartialEq)]
pub struct Regret {
    /// `max { J1(pi1) - J1(pi2) : J2(pi2) >= J2(pi1) }`.
    pub value: Q,
    /// A minimiser of `rho(R1 - lambda R2)` over `lambda >= 0`.
    pub weight: Q,
}

impl World {
    /// Returns of two rewards for every deterministic policy.
    fn returns_of_both(&self, x: &[Q], y: &[Q]) -> Vec<(Q, Q)> {
        let both = |pi: &Vec<Q>| {
            let occupancy = self.occupancy(pi);
            (dot(&occupancy, x), dot(&occupancy, y))
        };
        self.policies().iter().map(both).collect()
    }

    /// How the orders of all stationary policies relate: `Equal` for the same order, `Less` for the opposite one,
    /// `None` otherwise. Pairs of returns fill the convex hull of those of deterministic policies, so an order is the
    /// same where these lie on a rising line or in one point, opposite where on a falling line.
    pub fn orders(&self, x: &[Q], y: &[Q]) -> Option<Ordering> {
        let points = self.returns_of_both(x, y);
        let from: Vec<(Q, Q)> = points.iter().map(|p| (&p.0 - &points[0].0, &p.1 - &points[0].1)).collect();
        let Some(along) = from.iter().find(|d| !d.0.is_zero() || !d.1.is_zero()) else {
            return Some(Ordering::Equal);
        };
        let on_line = from.iter().all(|d| &d.0 * &along.1 == &d.1 * &along.0);
        match (&along.0 * &along.1).cmp(&Q::ZERO) {
            Ordering::Equal => None,
            _ if !on_line => None,
            Ordering::Greater => Some(Ordering::Equal),
            Ordering::Less => Some(Ordering::Less),
        }
    }

    /// Whether two rewards order all stationary policies alike.
    pub fn same_order(&self, x: &[Q], y: &[Q]) -> bool {
        self.orders(x, y) == Some(Ordering::Equal)
    }

    /// Worst-case regret, read off the polygon of differences of returns: the greatest drop of the truth at no gain of
    /// the proxy.
    pub fn worst_case(&self, truth: &[Q], proxy: &[Q]) -> Regret {
        let returns = self.returns_of_both(truth, proxy);
        // (gain of the proxy, drop of the truth) for every ordered pair of policies.
        let mut points: Vec<(Q, Q)> =
            returns.iter().flat_map(|p| returns.iter().map(|q| (&p.1 - &q.1, &p.0 - &q.0))).collect();
        points.sort();
        let hull = upper_hull(points);
        let mut found = Regret { value: Q::ZERO, weight: Q::ZERO };
        for (i, point) in hull.iter().enumerate().filter(|(_, point)| point.0 <= Q::ZERO) {
            if point.1 >= found.value {
                let slope = match i {
                    _ if !point.0.is_zero() => Q::ZERO,
                    0 => Q::ZERO,
                    _ => slope(&hull[i - 1], point),
                };
                found = Regret { value: point.1.clone(), weight: slope.max(Q::ZERO) };
            }
        }
        for pair in hull.windows(2).filter(|pair| pair[0].0 < Q::ZERO && pair[1].0 > Q::ZERO) {
            let slope = slope(&pair[0], &pair[1]);
            if slope > Q::ZERO {
                found = Regret { value: &pair[0].1 - &slope * &pair[0].0, weight: slope };
            }
        }
        found
    }

    /// Worst-case regret as a part of the return range of the truth, 0 for a trivial one.
    pub fn regret_share(&self, truth: &[Q], proxy: &[Q]) -> Q {
        let range = self.range(truth);
        if range.is_zero() { Q::ZERO } else { self.worst_case(truth, proxy).value / range }
    }

    /// `rho(x / rho(x) - y / rho(y))`, a trivial reward counting as 0.
    pub fn range_distance(&self, x: &[Q], y: &[Q]) -> Q {
        let (x, y) = (unit(&self.range(x), x), unit(&self.range(y), y));
        self.range(&combination(&x, &-Q::ONE, &y))
    }
}

fn slope(a: &(Q, Q), b: &(Q, Q)) -> Q {
    (&b.1 - &a.1) / (&b.0 - &a.0)
}

/// Upper hull of sorted points, from left to right.
fn upper_hull(points: Vec<(Q, Q)>) -> Vec<(Q, Q)> {
    let mut hull: Vec<(Q, Q)> = Vec::new();
    for point in points {
        if hull.last().is_some_and(|last| last.0 == point.0) {
            hull.pop();
        }
        while let [.., a, b] = hull.as_slice()
            && slope(a, b) <= slope(a, &point)
        {
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

/// `x / n`, or `x` if `n` is 0.
pub fn unit(n: &Q, x: &[Q]) -> Vec<Q> {
    if n.is_zero() { x.to_vec() } else { x.iter().map(|x| x / n).collect() }
}

/// `max |x/||x|| - y/||y|||` in the largest absolute value; a vector of zeros stays what it is.
pub fn max_distance(x: &[Q], y: &[Q]) -> Q {
    let (x, y) = (unit(&max_abs(x), x), unit(&max_abs(y), y));
    max_abs(&combination(&x, &-Q::ONE, &y))
}

/// Whether `y = c x` for some `c > 0`; two vectors of zeros are such.
pub fn is_positive_multiple(x: &[Q], y: &[Q]) -> bool {
    let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
    if xx.is_zero() || yy.is_zero() {
        return xx.is_zero() && yy.is_zero();
    }
    xy > Q::ZERO && &xy * &xy == xx * yy
}

/// Euclidean distance of `x/|x|` and `y/|y|`; a vector of zeros stays what it is.
///
/// As `sqrt(2 (1 - cos))` with `1 - cos = (|x|^2 |y|^2 - <x,y>^2) / (|x||y| (|x||y| + <x,y>))` for an acute angle, so
/// that small distances keep their digits.
pub fn chord(x: &[Q], y: &[Q]) -> Interval {
    let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
    if xx.is_zero() || yy.is_zero() {
        return Interval::point(if xx.is_zero() && yy.is_zero() { 0.0 } else { 1.0 });
    }
    let product = &xx * &yy;
    let sine = &product - &xy * &xy;
    if sine.is_zero() {
        return Interval::point(if xy > Q::ZERO { 0.0 } else { 2.0 });
    }
    let (lengths, inner) = (real(&product).sqrt(), real(&xy));
    let missing = match xy > Q::ZERO {
        true => real(&sine).checked_div(lengths * (lengths + inner)),
        false => (lengths - inner).checked_div(lengths),
    };
    // Neither vector is 0, so neither is a length.
    let missing = missing.unwrap_or(Interval { lo: 0.0, hi: 2.0 });
    missing.scale(2.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Size, Tape, number};
    use super::*;

    #[test]
    fn worst_case_regret_of_a_bandit_is_that_of_its_arms() {
        let world = World::bandit(&["a", "b", "c"]);
        let x: Vec<Q> = ["1", "0", "1/2"].map(number).to_vec();
        assert_eq!(world.worst_case(&x, &x).value, Q::ZERO);
        let y: Vec<Q> = ["-1", "0", "-1/2"].map(number).to_vec();
        assert_eq!(world.worst_case(&x, &y), Regret { value: Q::ONE, weight: Q::ZERO });
        assert_eq!(world.range_distance(&x, &y), number("2"));
        assert_eq!(world.orders(&x, &y), Some(Ordering::Less));
    }

    #[test]
    fn the_weight_attains_the_regret_and_no_other_does_better() {
        for seed in 0..60 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().states(1, 3));
            let (x, y) = (draw.reward("x", &world), draw.reward("y", &world));
            let found = world.worst_case(&x, &y);
            let dual = |weight: &Q| world.range(&combination(&x, &-weight, &y));
            assert_eq!(dual(&found.weight), found.value, "seed {seed}");
            for weight in ["0", "1/2", "1", "3"].map(number) {
                assert!(dual(&weight) >= found.value);
            }
        }
    }

    #[test]
    fn chords_enclose_known_lengths() {
        let q = |x: &[&str]| x.iter().map(|x| number(x)).collect::<Vec<_>>();
        let right = chord(&q(&["1", "0"]), &q(&["0", "3"]));
        assert!(right.lo <= 2f64.sqrt() && 2f64.sqrt() <= right.hi);
        let near = chord(&q(&["1", "0"]), &q(&["1", "1/100000000"]));
        assert!(near.lo < 1e-8 && 1e-8 < near.hi + 1e-23 && near.hi - near.lo < 1e-20);
        assert_eq!(chord(&q(&["0"]), &q(&["1"])), Interval::point(1.0));
    }
}
