//! What is true of two rewards on one model, by enumeration of all deterministic policies in fractions.

use crate::truth::num::{Q, Span, abs, dot};
use crate::truth::world::Part;

/// Returns of every deterministic policy under two rewards, and what follows from them.
pub struct Pair<'a> {
    pub part: &'a Part,
    pub x: Vec<Q>,
    pub y: Vec<Q>,
    /// `(J_x, J_y)` of each policy.
    pub points: Vec<(Q, Q)>,
    /// Corners of their hull, counter-clockwise.
    pub hull: Vec<(Q, Q)>,
}

/// Largest and smallest of some numbers.
pub fn ends<'a>(xs: impl Iterator<Item = &'a Q> + Clone) -> (Q, Q) {
    (xs.clone().max().cloned().unwrap_or(Q::ZERO), xs.min().cloned().unwrap_or(Q::ZERO))
}

impl<'a> Pair<'a> {
    pub fn new(part: &'a Part, visits: &[(Vec<usize>, Vec<Q>)], x: Vec<Q>, y: Vec<Q>) -> Self {
        let earned = |policy: &[usize], d: &[Q], r: &[Q]| dot(d, policy.iter().map(|&row| &r[row]));
        let points: Vec<(Q, Q)> = visits.iter().map(|(p, d)| (earned(p, d, &x), earned(p, d, &y))).collect();
        let hull = hull(points.clone());
        Pair { part, x, y, points, hull }
    }

    /// The other way round.
    pub fn reversed(&self) -> Pair<'a> {
        let points: Vec<(Q, Q)> = self.points.iter().map(|(x, y)| (y.clone(), x.clone())).collect();
        let hull = hull(points.clone());
        Pair { part: self.part, x: self.y.clone(), y: self.x.clone(), points, hull }
    }

    /// `max J_x`, `min J_x`.
    pub fn ends_x(&self) -> (Q, Q) {
        ends(self.points.iter().map(|p| &p.0))
    }

    /// `max J_y`, `min J_y`.
    pub fn ends_y(&self) -> (Q, Q) {
        ends(self.points.iter().map(|p| &p.1))
    }

    /// Return range of `x`.
    pub fn rho_x(&self) -> Q {
        let (max, min) = self.ends_x();
        max - min
    }

    /// Return range of `y`.
    pub fn rho_y(&self) -> Q {
        let (max, min) = self.ends_y();
        max - min
    }

    /// `c` with `J_y = c J_x + k` for all policies, if there is one; only where `x` is not trivial.
    pub fn slope(&self) -> Option<Q> {
        let first = &self.points[0];
        let other = self.points.iter().find(|p| p.0 != first.0)?;
        let c = (&other.1 - &first.1) / (&other.0 - &first.0);
        self.points.iter().all(|p| &p.1 - &first.1 == &c * (&p.0 - &first.0)).then_some(c)
    }

    /// Whether both order all policies, mixtures included, alike.
    pub fn same_order(&self) -> bool {
        match (self.rho_x().is_zero(), self.rho_y().is_zero()) {
            (true, true) => true,
            (false, false) => self.slope().is_some_and(|c| c > Q::ZERO),
            _ => false,
        }
    }

    /// `max { J_x(p) - J_x(p') : J_y(p') >= J_y(p) }` over all mixtures: the longest drop of `x` in the polygon that does
    /// not drop in `y`.
    pub fn worst_case(&self) -> Q {
        let (max, min) = self.ends_x();
        let at = |x: &Q| ends(self.hull.iter().filter(|p| p.0 == *x).map(|p| &p.1));
        let (lowest, highest) = (at(&max).1, at(&min).0);
        if lowest <= highest {
            return max - min;
        }
        // Then both lie on one level of `y`, and the length of a level is concave: its largest is at a corner.
        let length = |level: &Q| {
            let (high, low) = self.level(level);
            high - low
        };
        self.hull.iter().map(|p| length(&p.1)).max().unwrap_or(Q::ZERO)
    }

    /// Largest and smallest `J_x` at a level of `J_y`.
    fn level(&self, level: &Q) -> (Q, Q) {
        let mut found: Vec<Q> = self.hull.iter().filter(|p| p.1 == *level).map(|p| p.0.clone()).collect();
        for i in 0..self.hull.len() {
            let (a, b) = (&self.hull[i], &self.hull[(i + 1) % self.hull.len()]);
            if (a.1 < *level) != (b.1 < *level) && a.1 != b.1 {
                found.push(&a.0 + (&b.0 - &a.0) * (level - &a.1) / (&b.1 - &a.1));
            }
        }
        ends(found.iter())
    }

    /// `J_x` of the luckiest and the unluckiest policy that is optimal for `y`.
    pub fn proxy_optimal(&self) -> (Q, Q) {
        let best = self.ends_y().0;
        ends(self.points.iter().filter(|p| p.1 == best).map(|p| &p.0))
    }

    /// `rho(x/rho(x) - y/rho(y))`; 1 where exactly one is trivial.
    pub fn range_distance(&self) -> Q {
        let (rx, ry) = (self.rho_x(), self.rho_y());
        match (rx.is_zero(), ry.is_zero()) {
            (true, true) => Q::ZERO,
            (false, false) => self.rest(&(Q::ONE / rx), &(Q::ONE / ry)),
            _ => Q::ONE,
        }
    }

    /// `rho(a x - b y)`.
    pub fn rest(&self, a: &Q, b: &Q) -> Q {
        let all: Vec<Q> = self.points.iter().map(|p| a * &p.0 - b * &p.1).collect();
        let (max, min) = ends(all.iter());
        max - min
    }

    /// Whether one of two policies is better for `x` and worse for `y`, among the deterministic ones.
    pub fn hackable_deterministic(&self) -> bool {
        let opposed = |a: &(Q, Q), b: &(Q, Q)| a.0 < b.0 && a.1 > b.1;
        self.points.iter().any(|a| self.points.iter().any(|b| opposed(a, b)))
    }

    /// The same among all policies: neither trivial, and not the same order.
    pub fn hackable(&self) -> bool {
        !self.rho_x().is_zero() && !self.rho_y().is_zero() && !self.same_order()
    }
}

/// Corners of the convex hull, counter-clockwise (monotone chain).
pub fn hull(mut points: Vec<(Q, Q)>) -> Vec<(Q, Q)> {
    points.sort();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let turns = |o: &(Q, Q), a: &(Q, Q), b: &(Q, Q)| (&a.0 - &o.0) * (&b.1 - &o.1) > (&a.1 - &o.1) * (&b.0 - &o.0);
    let chain = |points: &mut dyn Iterator<Item = (Q, Q)>| {
        let mut chain: Vec<(Q, Q)> = Vec::new();
        for point in points {
            while chain.len() > 1 && !turns(&chain[chain.len() - 2], &chain[chain.len() - 1], &point) {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut lower = chain(&mut points.iter().cloned());
    lower.extend(chain(&mut points.iter().rev().cloned()));
    lower
}

/// All deterministic policies with the visits of each.
pub fn enumerate(part: &Part) -> Vec<(Vec<usize>, Vec<Q>)> {
    let visits = |policy: Vec<usize>| {
        let d = part.visits(&part.certain(&policy));
        (policy, d)
    };
    part.policies().into_iter().map(visits).collect()
}

/// A canonical form over the live rows.
pub type Form = Vec<Q>;

/// The advantage of the uniform policy.
pub fn val(part: &Part, r: &[Q]) -> Form {
    let v = part.value(&part.uniform(), r);
    (0..r.len()).map(|row| part.backup(row, r, &v) - &v[part.rows[row].at]).collect()
}

/// What is left of `r` after the closest shaping in the norm `sum w x^2` over live rows, with the potential zero where
/// episodes end.
pub fn minimal(part: &Part, r: &[Q], w: &[Q]) -> Form {
    let n = part.n();
    // Column s of G: one at the rows of s, minus gamma P(s | row).
    let column = |s: usize| -> Vec<Q> {
        part.rows.iter().map(|row| Q::from(u8::from(row.at == s)) - &part.gamma * &row.p[s]).collect()
    };
    let columns: Vec<Vec<Q>> = (0..n).map(column).collect();
    let weighted = |x: &[Q]| -> Vec<Q> { x.iter().zip(w).map(|(x, w)| x * w).collect() };
    let normal = columns.iter().map(|a| columns.iter().map(|b| dot(&weighted(a), b)).collect()).collect();
    let right = columns.iter().map(|a| dot(&weighted(a), r)).collect();
    let phi = crate::truth::num::solve(normal, right).expect("shaping is felt");
    (0..r.len())
        .map(|row| &r[row] - columns.iter().zip(&phi).fold(Q::ZERO, |sum, (c, phi)| sum + &c[row] * phi))
        .collect()
}

/// Cosine of the angle of two vectors, both not zero.
pub fn cosine(x: &[Q], y: &[Q]) -> Span {
    let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
    let square = &xy * &xy / (xx * yy);
    // Parallel vectors have it exactly.
    let root = if square == Q::ONE { Span::from(Q::ONE) } else { Span::from(square).sqrt() };
    if xy < Q::ZERO { -root } else { root }
}

/// `|x/|x| - y/|y||` in L2; 1 where exactly one is zero.
pub fn l2_distance(x: &[Q], y: &[Q]) -> Span {
    let zero = |v: &[Q]| v.iter().all(Q::is_zero);
    match (zero(x), zero(y)) {
        (true, true) => Span::zero(),
        (false, false) => {
            let c = cosine(x, y);
            let square = &Span::from(Q::from(2u8)) - &(&Span::from(Q::from(2u8)) * &c);
            square.sqrt()
        }
        _ => Span::from(Q::ONE),
    }
}

/// The same in a norm that stays rational.
pub fn rational_distance(x: &[Q], y: &[Q], norm: impl Fn(&[Q]) -> Q) -> Q {
    let (a, b) = (norm(x), norm(y));
    let scaled =
        |v: &[Q], by: &Q| -> Vec<Q> { v.iter().map(|v| if by.is_zero() { Q::ZERO } else { v / by }).collect() };
    let difference: Vec<Q> = scaled(x, &a).iter().zip(scaled(y, &b)).map(|(x, y)| x - y).collect();
    norm(&difference)
}

/// Sum of the sizes.
pub fn l1(x: &[Q]) -> Q {
    x.iter().fold(Q::ZERO, |sum, x| sum + abs(x))
}

/// The largest size.
pub fn linf(x: &[Q]) -> Q {
    x.iter().map(abs).max().unwrap_or(Q::ZERO)
}
