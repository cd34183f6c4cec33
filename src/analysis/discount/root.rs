//! Roots in (0, 1) of whole polynomials: cells that hold one each, refined as far as a question needs.

use std::cmp::Ordering;
use std::sync::Arc;

use dashu_base::BitTest;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::poly::{Point, Poly};

/// A root of a square-free polynomial, the only one in its open cell; or a point that is one.
#[derive(Clone, Debug)]
pub struct Root {
    pub poly: Arc<Poly>,
    pub lo: Point,
    pub hi: Point,
    /// Sign of the polynomial between `lo` and the root.
    below: i8,
}

impl Root {
    pub fn new(poly: &Arc<Poly>, lo: Point, hi: Point) -> Self {
        Root { below: poly.sign_above(&lo), poly: poly.clone(), lo, hi }
    }

    /// A fraction in [0, 1]: the root of its own linear polynomial.
    pub fn of(x: &RBig) -> Self {
        let den = x.denominator();
        let poly = Arc::new(Poly::primitive(vec![-x.numerator(), IBig::from(den.clone())]));
        let shift = den.bit_len() - 1;
        match *den == UBig::ONE << shift {
            true => {
                let at = Point { num: x.numerator().clone(), shift };
                Root::new(&poly, at.clone(), at)
            }
            false => {
                let at = |num: IBig| Point { num, shift: 0 };
                Root::new(&poly, at(IBig::ZERO), at(IBig::ONE))
            }
        }
    }

    /// Whether it is below another one.
    pub fn is_below(&self, other: &Root) -> bool {
        self.clone().compare(&mut other.clone()) == Ordering::Less
    }

    /// The sign of a polynomial at the root.
    pub fn sign_at(&self, q: &Poly) -> i8 {
        if let Some(point) = self.point() {
            return q.sign_at(point);
        }
        if q.is_zero() || self.is_root_of(&self.poly.gcd(q)) {
            return 0;
        }
        // Not zero there: the sign right above is that at the root.
        self.clone().sign_above(q)
    }

    /// The root itself, where it is a point.
    pub fn point(&self) -> Option<&Point> {
        (self.lo == self.hi).then_some(&self.lo)
    }

    /// Halves the cell.
    pub fn refine(&mut self) {
        if self.point().is_some() {
            return;
        }
        let mid = self.lo.mid(&self.hi);
        match self.poly.sign_at(&mid) {
            0 => (self.lo, self.hi) = (mid.clone(), mid),
            sign if sign == self.below => self.lo = mid,
            _ => self.hi = mid,
        }
    }

    /// Halves the cell until its ends are neighbours among doubles, or as far as anybody reads.
    pub fn bounds(&self) -> (f64, f64) {
        /// Halvings at most; a double between 0 and 1 that is not tiny has fewer places.
        const PLACES: usize = 80;
        let mut root = self.clone();
        for _ in 0..PLACES {
            let (lo, hi) = (root.lo.neighbours().0, root.hi.neighbours().1);
            if hi <= lo.next_up() {
                break;
            }
            root.refine();
        }
        (root.lo.neighbours().0, root.hi.neighbours().1)
    }

    /// Whether a divisor of this root's polynomial has the root.
    fn is_root_of(&self, divisor: &Poly) -> bool {
        match self.point() {
            Some(point) => divisor.sign_at(point) == 0,
            None => divisor.degree() > 0 && divisor.sign_above(&self.lo) != divisor.sign_below(&self.hi),
        }
    }

    /// Refines both until they can be told apart, or are known to be equal.
    pub fn compare(&mut self, other: &mut Root) -> Ordering {
        /// Halvings before a common divisor is looked for.
        const FIRST: usize = 8;
        let mut steps = 0;
        loop {
            match (self.point().cloned(), other.point().cloned()) {
                (Some(x), Some(y)) => return x.cmp(&y),
                _ if self.hi <= other.lo => return Ordering::Less,
                _ if other.hi <= self.lo => return Ordering::Greater,
                _ => {}
            }
            if steps == FIRST {
                let common = self.poly.gcd(&other.poly);
                if self.is_root_of(&common) && other.is_root_of(&common) && self.shares(other, &common) {
                    return Ordering::Equal;
                }
            }
            self.refine();
            other.refine();
            steps += 1;
        }
    }

    /// Whether a common divisor that has this root has it where the other one is too.
    fn shares(&self, other: &Root, common: &Poly) -> bool {
        let lo = if self.lo >= other.lo { &self.lo } else { &other.lo };
        let hi = if self.hi <= other.hi { &self.hi } else { &other.hi };
        if lo == hi { common.sign_at(lo) == 0 } else { common.sign_above(lo) != common.sign_below(hi) }
    }

    /// The sign of a polynomial right above the root.
    pub fn sign_above(&mut self, q: &Poly) -> i8 {
        /// Halvings before a common divisor is looked for.
        const FIRST: usize = 3;
        let (mut q, mut turn, mut steps) = (q.clone(), 1, 0);
        loop {
            if q.is_zero() {
                return 0;
            }
            if let Some(point) = self.point() {
                return turn * q.sign_above(point);
            }
            if q.variations(&self.lo, &self.hi) == 0 {
                return turn * q.sign_below(&self.hi);
            }
            if steps == FIRST {
                // The root is the only one of its polynomial here, so a divisor keeps the sign it has at the upper end.
                let mut common = self.poly.gcd(&q);
                while self.is_root_of(&common) {
                    let Some(rest) = q.divided_by(&common) else { break };
                    (q, turn) = (rest, turn * common.sign_below(&self.hi));
                    common = self.poly.gcd(&q);
                }
            }
            self.refine();
            steps += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poly(c: &[i64]) -> Poly {
        Poly::primitive(c.iter().map(|&c| IBig::from(c)).collect())
    }

    fn product(factors: &[&[i64]]) -> Poly {
        let multiply = |x: &Poly, y: &Poly| {
            let mut c = vec![IBig::ZERO; x.degree() + y.degree() + 1];
            for (i, a) in x.coefficients().iter().enumerate() {
                y.coefficients().iter().enumerate().for_each(|(j, b)| c[i + j] += a * b);
            }
            Poly::primitive(c)
        };
        factors.iter().fold(poly(&[1]), |all, f| multiply(&all, &poly(f)))
    }

    #[test]
    fn roots_are_found_once_whatever_their_order() {
        // g^2 - 3 g + 1, (3 g - 1)^2, (2 g - 1)^3, g^4, 5 g - 7 and g^2 + 1.
        let all =
            product(&[&[1, -3, 1], &[-1, 3], &[-1, 3], &[-1, 2], &[-1, 2], &[-1, 2], &[0, 1], &[-7, 5], &[1, 0, 1]]);
        let roots = all.roots();
        let near: Vec<f64> = roots.iter().map(|root| root.bounds().0).collect();
        let truth = [1.0 / 3.0, (3.0 - 5f64.sqrt()) / 2.0, 0.5];
        assert_eq!(near.len(), 3, "{near:?}");
        near.iter().zip(truth).for_each(|(x, y)| assert!((x - y).abs() < 1e-15, "{x} {y}"));
        let mut third = roots[0].clone();
        let mut same = poly(&[-1, 3]).roots()[0].clone();
        assert_eq!(third.compare(&mut same), Ordering::Equal);
        assert_eq!(third.compare(&mut roots[1].clone()), Ordering::Less);
        // Touched at a third, crossed at a half.
        let sign = |root: &Root| [all.sign_below(&root.lo), root.clone().sign_above(&all)];
        assert_eq!(sign(&roots[2])[1], -sign(&roots[1])[1]);
        assert_eq!(roots[2].point().map(|p| p.neighbours()), Some((0.5, 0.5)));
    }

    #[test]
    fn close_roots_are_told_apart() {
        // (k g - 1)((k + 1) g - 1) with k = 10^9: 1e-18 apart.
        let k = 1_000_000_000;
        let roots = product(&[&[-1, k], &[-1, k + 1]]).roots();
        assert_eq!(roots.len(), 2);
        let (mut x, mut y) = (roots[0].clone(), roots[1].clone());
        assert_eq!(x.compare(&mut y), Ordering::Less);
    }
}
