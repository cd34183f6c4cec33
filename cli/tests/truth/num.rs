//! Fractions, and enclosures of the few irrational numbers by fractions.

use std::ops::{Add, Div, Mul, Neg, Sub};

use dashu_base::{Abs, BitTest, SquareRoot, UnsignedAbs};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

/// A rational number.
pub type Q = RBig;

/// Binary digits kept of a root.
const DIGITS: usize = 400;

/// The rational a finite double is.
pub fn q(x: f64) -> Q {
    Q::try_from(x).expect("a finite double")
}

/// A whole number.
pub fn int(n: i64) -> Q {
    Q::from(n)
}

/// `n / d`.
pub fn frac(n: i64, d: u64) -> Q {
    Q::from_parts(IBig::from(n), UBig::from(d))
}

/// `base^n`, `n` of any sign.
pub fn power(base: u64, n: i32) -> Q {
    let whole = UBig::from(base).pow(n.unsigned_abs() as usize);
    if n < 0 { Q::from_parts(IBig::ONE, whole) } else { Q::from(whole) }
}

/// The nearest double.
pub fn near(x: &Q) -> f64 {
    x.to_f64().value()
}

/// `|x|`.
pub fn abs(x: &Q) -> Q {
    x.clone().abs()
}

/// `sum x_i y_i`.
pub fn dot<'a>(xs: impl IntoIterator<Item = &'a Q>, ys: impl IntoIterator<Item = &'a Q>) -> Q {
    xs.into_iter().zip(ys).fold(Q::ZERO, |sum, (x, y)| if x.is_zero() || y.is_zero() { sum } else { sum + x * y })
}

/// Text that a model file may hold: a decimal where there is a finite one, else a quotient in quotation marks.
pub fn text(x: &Q) -> String {
    decimal(x).unwrap_or_else(|| format!("\"{}/{}\"", x.numerator(), x.denominator()))
}

/// The finite decimal expansion, if it has one of at most 120 digits.
pub fn decimal(x: &Q) -> Option<String> {
    if x.is_int() {
        return Some(x.numerator().to_string());
    }
    let (mut scaled, ten) = (x.clone(), int(10));
    for digits in 1..=120 {
        scaled *= &ten;
        if scaled.is_int() {
            let whole = scaled.numerator().clone().unsigned_abs().to_string();
            let sign = if *x < Q::ZERO { "-" } else { "" };
            let padded = format!("{whole:0>width$}", width = digits + 1);
            let (front, back) = padded.split_at(padded.len() - digits);
            return Some(format!("{sign}{front}.{back}"));
        }
    }
    None
}

/// Solves `a x = b` by elimination; `None` where `a` is singular.
pub fn solve(mut a: Vec<Vec<Q>>, mut b: Vec<Q>) -> Option<Vec<Q>> {
    let n = b.len();
    for col in 0..n {
        let pivot = (col..n).find(|&row| !a[row][col].is_zero())?;
        a.swap(col, pivot);
        b.swap(col, pivot);
        for row in col + 1..n {
            if a[row][col].is_zero() {
                continue;
            }
            let factor = &a[row][col] / &a[col][col];
            for k in col..n {
                if !a[col][k].is_zero() {
                    let less = &factor * &a[col][k];
                    a[row][k] -= less;
                }
            }
            let less = &factor * &b[col];
            b[row] -= less;
        }
    }
    for row in (0..n).rev() {
        let known = dot(&a[row][row + 1..], &b[row + 1..]);
        b[row] = (&b[row] - known) / &a[row][row];
    }
    Some(b)
}

/// A number known to lie between two fractions.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub lo: Q,
    pub hi: Q,
}

impl From<Q> for Span {
    fn from(x: Q) -> Self {
        Span { lo: x.clone(), hi: x }
    }
}

impl From<&Q> for Span {
    fn from(x: &Q) -> Self {
        Span::from(x.clone())
    }
}

/// `floor(x 2^k)` and `ceil(x 2^k)`.
fn scaled(x: &Q, k: usize) -> (IBig, IBig) {
    let shifted = x * Q::from(UBig::ONE << k);
    (shifted.floor(), shifted.ceil())
}

impl Span {
    pub fn zero() -> Self {
        Span::from(Q::ZERO)
    }

    /// The root of a number that is not negative; what rounding left below zero counts as zero.
    pub fn sqrt(&self) -> Span {
        let root = |x: &Q, up: bool| {
            if *x <= Q::ZERO {
                return Q::ZERO;
            }
            // Digits behind the point that leave DIGITS of the root itself.
            let (n, d) = (x.numerator().bit_len() as isize, x.denominator().bit_len() as isize);
            let k = (DIGITS as isize - (n - d) / 2).max(0) as usize;
            let (floor, ceil) = scaled(x, 2 * k);
            let of = if up { ceil } else { floor };
            let root = UBig::try_from(of).expect("not negative").sqrt();
            let root = if up { root + UBig::ONE } else { root };
            Q::from_parts(root.into(), UBig::ONE << k)
        };
        Span { lo: root(&self.lo, false), hi: root(&self.hi, true) }
    }

    pub fn abs(&self) -> Span {
        match () {
            () if self.lo >= Q::ZERO => self.clone(),
            () if self.hi <= Q::ZERO => -self.clone(),
            () => Span { lo: Q::ZERO, hi: Q::max(-&self.lo, self.hi.clone()) },
        }
    }

    pub fn square(&self) -> Span {
        let x = self.abs();
        Span { lo: &x.lo * &x.lo, hi: &x.hi * &x.hi }
    }

    pub fn max(&self, other: &Span) -> Span {
        let larger = |a: &Q, b: &Q| if a < b { b.clone() } else { a.clone() };
        Span { lo: larger(&self.lo, &other.lo), hi: larger(&self.hi, &other.hi) }
    }

    pub fn hull(&self, other: &Span) -> Span {
        let smaller = |a: &Q, b: &Q| if a > b { b.clone() } else { a.clone() };
        Span { lo: smaller(&self.lo, &other.lo), hi: Span::max(self, other).hi }
    }

    /// The same with shorter ends.
    pub fn short(&self) -> Span {
        let bits = |x: &Q| x.denominator().bit_len() + x.numerator().bit_len();
        if bits(&self.lo).max(bits(&self.hi)) < 4 * DIGITS {
            return self.clone();
        }
        let d = self.lo.denominator().bit_len().max(self.hi.denominator().bit_len()) as isize;
        let n = self.lo.numerator().bit_len().max(self.hi.numerator().bit_len()) as isize;
        let k = (DIGITS as isize + (d - n).max(0)) as usize;
        let unit = UBig::ONE << k;
        Span { lo: Q::from_parts(scaled(&self.lo, k).0, unit.clone()), hi: Q::from_parts(scaled(&self.hi, k).1, unit) }
    }

    pub fn near(&self) -> f64 {
        near(&((&self.lo + &self.hi) / int(2)))
    }
}

impl Neg for Span {
    type Output = Span;
    fn neg(self) -> Span {
        Span { lo: -self.hi, hi: -self.lo }
    }
}

impl Add for &Span {
    type Output = Span;
    fn add(self, other: &Span) -> Span {
        Span { lo: &self.lo + &other.lo, hi: &self.hi + &other.hi }.short()
    }
}

impl Sub for &Span {
    type Output = Span;
    fn sub(self, other: &Span) -> Span {
        Span { lo: &self.lo - &other.hi, hi: &self.hi - &other.lo }.short()
    }
}

impl Mul for &Span {
    type Output = Span;
    fn mul(self, other: &Span) -> Span {
        let mut all = [&self.lo * &other.lo, &self.lo * &other.hi, &self.hi * &other.lo, &self.hi * &other.hi];
        all.sort();
        let [lo, _, _, hi] = all;
        Span { lo, hi }.short()
    }
}

impl Div for &Span {
    type Output = Span;
    fn div(self, other: &Span) -> Span {
        assert!(other.lo > Q::ZERO || other.hi < Q::ZERO, "division by a span around 0");
        let inverse = Span { lo: Q::ONE / &other.hi, hi: Q::ONE / &other.lo };
        self * &inverse
    }
}

#[test]
fn numbers_are_written_as_they_are() {
    assert_eq!(text(&frac(-1, 8)), "-0.125");
    assert_eq!(text(&frac(1, 3)), "\"1/3\"");
    assert_eq!(text(&power(10, -3)), "0.001");
    assert_eq!(text(&int(-12)), "-12");
}

#[test]
fn a_root_is_enclosed() {
    let x = Span::from(power(10, -31) * int(2)).sqrt();
    assert!(&x.lo * &x.lo <= power(10, -31) * int(2) && &x.hi * &x.hi >= power(10, -31) * int(2));
    assert!((&x.hi - &x.lo) < power(10, -100));
}
