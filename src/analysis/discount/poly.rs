//! Polynomials with whole coefficients: signs, divisors and roots in (0, 1), without rounding.

use std::cmp::Ordering;
use std::sync::Arc;

use dashu_base::{Gcd, Sign};
use dashu_int::{IBig, UBig};

use super::modular;
use super::root::Root;

/// A number `num / 2^shift`; compared by value, lowest terms or not.
#[derive(Clone, Debug)]
pub struct Point {
    pub num: IBig,
    pub shift: usize,
}

impl Point {
    /// The fraction that a finite double from 0 on is.
    pub fn of(x: f64) -> Self {
        let bits = x.to_bits();
        let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        // Subnormal numbers have no hidden bit and the exponent of the smallest normal ones.
        let (m, e) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        let zeros = if m == 0 { 0 } else { m.trailing_zeros() };
        let (m, e) = (IBig::from(m >> zeros), if m == 0 { 0 } else { e + zeros as i32 });
        match e {
            0.. => Point { num: m << e as usize, shift: 0 },
            _ => Point { num: m, shift: e.unsigned_abs() as usize },
        }
    }

    /// The point halfway to another.
    pub fn mid(&self, other: &Point) -> Point {
        let shift = self.shift.max(other.shift);
        let sum = self.scaled(shift) + other.scaled(shift);
        Point { num: sum, shift: shift + 1 }
    }

    fn scaled(&self, shift: usize) -> IBig {
        &self.num << (shift - self.shift)
    }

    /// Largest double not above and smallest not below.
    pub fn neighbours(&self) -> (f64, f64) {
        let x = dashu_ratio::RBig::from_parts(self.num.clone(), UBig::ONE << self.shift).to_f64().value();
        let at = |x: f64| Point::of(x.max(0.0));
        let lo = if at(x) <= *self { x } else { x.next_down() };
        let hi = if at(x) >= *self { x } else { x.next_up() };
        (lo, hi)
    }
}

impl Ord for Point {
    fn cmp(&self, other: &Self) -> Ordering {
        let shift = self.shift.max(other.shift);
        self.scaled(shift).cmp(&other.scaled(shift))
    }
}

impl PartialOrd for Point {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Point {}

/// Coefficients from the constant term up; the last is not zero, and zero has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Poly(Vec<IBig>);

impl Poly {
    /// Without leading zeros and without a common factor; the signs stay.
    pub fn primitive(mut c: Vec<IBig>) -> Self {
        while c.last().is_some_and(IBig::is_zero) {
            c.pop();
        }
        let content = c
            .iter()
            .filter(|c| !c.is_zero())
            .fold(UBig::ZERO, |g, c| if g.is_one() { g } else { g.gcd(&c.clone().into_parts().1) });
        if !content.is_zero() && !content.is_one() {
            let content = IBig::from(content);
            c.iter_mut().for_each(|c| *c /= &content);
        }
        Poly(c)
    }

    pub fn coefficients(&self) -> &[IBig] {
        &self.0
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    pub fn degree(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    fn derivative(&self) -> Poly {
        Poly::primitive(self.0.iter().enumerate().skip(1).map(|(k, c)| c * IBig::from(k)).collect())
    }

    /// -1, 0 or 1.
    pub fn sign_at(&self, x: &Point) -> i8 {
        let Some(lead) = self.0.last() else { return 0 };
        let mut acc = lead.clone();
        for (i, c) in self.0.iter().rev().enumerate().skip(1) {
            acc = acc * &x.num + (c << (x.shift * i));
        }
        sign(&acc)
    }

    /// The sign right above a point, 0 for the zero polynomial.
    pub fn sign_above(&self, x: &Point) -> i8 {
        let mut p = self.clone();
        while !p.is_zero() {
            match p.sign_at(x) {
                0 => p = p.derivative(),
                sign => return sign,
            }
        }
        0
    }

    /// The sign right below a point, 0 for the zero polynomial.
    pub fn sign_below(&self, x: &Point) -> i8 {
        let (mut p, mut turn) = (self.clone(), 1);
        while !p.is_zero() {
            match p.sign_at(x) {
                0 => (p, turn) = (p.derivative(), -turn),
                sign => return turn * sign,
            }
        }
        0
    }

    /// Sign changes of the coefficients of `(x + 1)^d q(1 / (x + 1))`, `q` being this on `(lo, hi)` drawn out to `(0, 1)`:
    /// as many as roots there are between, or more by an even number. Two stand for more.
    pub fn variations(&self, lo: &Point, hi: &Point) -> usize {
        let shift = lo.shift.max(hi.shift);
        let (from, width) = (lo.scaled(shift), hi.scaled(shift) - lo.scaled(shift));
        let d = self.degree();
        let mut c: Vec<IBig> = self.0.iter().enumerate().map(|(k, c)| c << (shift * (d - k))).collect();
        shift_by(&mut c, &from);
        let mut power = IBig::ONE;
        for c in &mut c {
            *c *= &power;
            power *= &width;
        }
        changes(&c)
    }

    /// `self / other`, a divisor with no common factor in its coefficients.
    pub fn divided_by(&self, other: &Poly) -> Option<Poly> {
        let lead = other.0.last()?;
        let n = self.0.len().checked_sub(other.0.len())? + 1;
        let (mut rest, mut quotient) = (self.0.clone(), vec![IBig::ZERO; n]);
        for i in (0..n).rev() {
            let top = &rest[i + other.degree()];
            let factor = top / lead;
            if &factor * lead != *top {
                return None;
            }
            for (j, c) in other.0.iter().enumerate() {
                let product = &factor * c;
                rest[i + j] -= product;
            }
            quotient[i] = factor;
        }
        rest.iter().all(IBig::is_zero).then_some(Poly(quotient))
    }

    /// The greatest common divisor, with a leading coefficient above zero.
    pub fn gcd(&self, other: &Poly) -> Poly {
        modular::gcd(self, other)
    }

    /// The product of the different irreducible factors.
    fn square_free(&self) -> Poly {
        let common = self.gcd(&self.derivative());
        if common.degree() == 0 { self.clone() } else { self.divided_by(&common).unwrap_or_else(|| self.clone()) }
    }

    /// All roots in (0, 1), lowest first, each once.
    pub fn roots(&self) -> Vec<Root> {
        let zeros = self.0.iter().take_while(|c| c.is_zero()).count();
        let p = Poly(self.0[zeros..].to_vec());
        if p.degree() == 0 {
            return Vec::new();
        }
        let (p, cells) = match p.isolate(Some(DOUBTFUL)) {
            Some(cells) => (p, cells),
            None => {
                let p = p.square_free();
                // Without a limit bisection of a square-free polynomial ends.
                let cells = p.isolate(None).unwrap_or_default();
                (p, cells)
            }
        };
        let p = Arc::new(p);
        let mut roots: Vec<Root> = cells.into_iter().map(|(lo, hi)| Root::new(&p, lo, hi)).collect();
        // Cells do not overlap.
        roots.sort_by(|x, y| x.lo.cmp(&y.lo));
        roots
    }

    /// Cells `(lo, hi)` of (0, 1) with one root each, or points `lo = hi` that are one, by Descartes' rule and bisection.
    /// Not square-free polynomials reach no end; `None` at a cell of width `2^-limit` in doubt.
    fn isolate(&self, limit: Option<usize>) -> Option<Vec<(Point, Point)>> {
        let mut found = Vec::new();
        let mut open = vec![(self.0.clone(), IBig::ZERO, 0usize)];
        while let Some((q, k, depth)) = open.pop() {
            let (lo, hi) = (Point { num: k.clone(), shift: depth }, Point { num: &k + IBig::ONE, shift: depth });
            match changes(&q) {
                0 => continue,
                1 => {
                    found.push((lo, hi));
                    continue;
                }
                _ => {}
            }
            if limit.is_some_and(|limit| depth >= limit) {
                return None;
            }
            let left: Vec<IBig> = q.iter().enumerate().map(|(i, c)| c << (q.len() - 1 - i)).collect();
            let mut right = left.clone();
            shift_by(&mut right, &IBig::ONE);
            let k = k * IBig::from(2);
            if right[0].is_zero() {
                let mid = Point { num: &k + IBig::ONE, shift: depth + 1 };
                found.push((mid.clone(), mid));
                right.remove(0);
            }
            open.push((right, &k + IBig::ONE, depth + 1));
            open.push((left, k, depth + 1));
        }
        Some(found)
    }
}

/// Bisections after which a double root is looked for.
const DOUBTFUL: usize = 40;

fn sign(x: &IBig) -> i8 {
    if x.is_zero() {
        0
    } else if x.sign() == Sign::Positive {
        1
    } else {
        -1
    }
}

/// Coefficients of `q(x + a)`.
fn shift_by(c: &mut [IBig], a: &IBig) {
    if a.is_zero() {
        return;
    }
    (0..c.len()).for_each(|i| shift_from(c, i, a));
}

/// One round of Horner's scheme: afterwards `c[i]` is final.
fn shift_from(c: &mut [IBig], i: usize, a: &IBig) {
    let is_one = a.is_one();
    for j in (i..c.len().saturating_sub(1)).rev() {
        let (low, high) = c.split_at_mut(j + 1);
        if is_one {
            low[j] += &high[0];
        } else {
            low[j] += &high[0] * a;
        }
    }
}

/// Descartes' bound for the roots of `q` in (0, 1), as far as that matters: 0, 1, or 2 for more.
fn changes(q: &[IBig]) -> usize {
    let mut signs = q.iter().map(sign).filter(|&s| s != 0);
    let first = signs.next();
    // Without a change here there is no root above zero at all.
    if signs.all(|s| Some(s) == first) {
        return 0;
    }
    let mut c: Vec<IBig> = q.iter().rev().cloned().collect();
    let (mut count, mut last) = (0, 0);
    for i in 0..c.len() {
        shift_from(&mut c, i, &IBig::ONE);
        let sign = sign(&c[i]);
        count += usize::from(last != 0 && sign == -last);
        if sign != 0 {
            last = sign;
        }
        if count == 2 {
            break;
        }
    }
    count
}
