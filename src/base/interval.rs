//! Interval arithmetic with outward rounding, for the few scalars at the end of a computation.
//!
//! A correctly rounded IEEE operation is off by at most half a unit in the last place, so one step of
//! `next_down` / `next_up` encloses the exact result. When the operation was exact the bounds stay tight.

/// A closed interval `[lo, hi]` of reals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

fn down(rounded: f64, error: f64) -> f64 {
    if error >= 0.0 { rounded } else { rounded.next_down() }
}

fn up(rounded: f64, error: f64) -> f64 {
    if error <= 0.0 { rounded } else { rounded.next_up() }
}

/// Sum and its exact rounding error (Knuth's two-sum); the error is NaN on overflow.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let bb = s - a;
    (s, (a - (s - bb)) + (b - bb))
}

fn product(a: f64, b: f64) -> (f64, f64) {
    let p = a * b;
    // An underflowing error term would claim exactness: below this size the error is called unknown.
    if p != 0.0 && p.abs() < 1e-290 || p == 0.0 && a != 0.0 && b != 0.0 {
        return (p, f64::NAN);
    }
    (p, f64::mul_add(a, b, -p))
}

fn down_any((x, e): (f64, f64)) -> f64 {
    if e.is_nan() { x.next_down() } else { down(x, e) }
}

fn up_any((x, e): (f64, f64)) -> f64 {
    if e.is_nan() { x.next_up() } else { up(x, e) }
}

/// How many doubles a function of the system's mathematics library may be off: those in use stay below one, in the
/// worst published cases below three.
const LIBM: i32 = 4;

/// The double `n` steps above `x`, below it if `n` is negative.
fn stepped(x: f64, n: i32) -> f64 {
    (0..n.abs()).fold(x, |x, _| if n > 0 { x.next_up() } else { x.next_down() })
}

impl Interval {
    /// The single point `x`.
    pub fn point(x: f64) -> Self {
        Interval { lo: x, hi: x }
    }

    /// The smallest interval around `x` with floating-point ends strictly outside it: `x` is one rounding off.
    pub fn around(x: f64) -> Self {
        Interval { lo: x.next_down(), hi: x.next_up() }
    }

    /// `[x - radius, x + radius]`, rounded outwards.
    pub fn ball(x: f64, radius: f64) -> Self {
        Interval { lo: down_any(two_sum(x, -radius)), hi: up_any(two_sum(x, radius)) }
    }

    /// The middle, inside the interval.
    pub fn mid(self) -> f64 {
        (self.lo + (self.hi - self.lo) / 2.0).max(self.lo).min(self.hi)
    }

    /// Smallest interval that contains both.
    pub fn hull(self, other: Self) -> Self {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Product with the number `c`.
    pub fn scale(self, c: f64) -> Self {
        self * Interval::point(c)
    }

    /// The interval of absolute values.
    pub fn abs(self) -> Self {
        if self.lo >= 0.0 {
            self
        } else if self.hi <= 0.0 {
            -self
        } else {
            Interval { lo: 0.0, hi: self.hi.max(-self.lo) }
        }
    }

    /// Square root of the part at or above zero.
    pub fn sqrt(self) -> Self {
        let root_down = |x: f64| {
            let r = x.sqrt();
            if f64::mul_add(r, r, -x) > 0.0 { r.next_down() } else { r }
        };
        let root_up = |x: f64| {
            let r = x.sqrt();
            if f64::mul_add(r, r, -x) < 0.0 { r.next_up() } else { r }
        };
        Interval { lo: root_down(self.lo.max(0.0)).max(0.0), hi: root_up(self.hi.max(0.0)) }
    }

    /// Exponential. Widened by `LIBM` roundings on each side; never below 0.
    pub fn exp(self) -> Self {
        Interval { lo: stepped(self.lo.exp(), -LIBM).max(0.0), hi: stepped(self.hi.exp(), LIBM) }
    }

    /// Natural logarithm of the part above zero, minus infinity at zero.
    pub fn ln(self) -> Self {
        Interval { lo: stepped(self.lo.max(0.0).ln(), -LIBM), hi: stepped(self.hi.max(0.0).ln(), LIBM) }
    }

    /// Hyperbolic tangent, inside [-1, 1].
    pub fn tanh(self) -> Self {
        Interval { lo: stepped(self.lo.tanh(), -LIBM).max(-1.0), hi: stepped(self.hi.tanh(), LIBM).min(1.0) }
    }

    /// Sine of an interval inside `[-pi/2, pi/2]`, where it increases; inside [-1, 1].
    pub fn sin(self) -> Self {
        Interval { lo: stepped(self.lo.sin(), -LIBM).max(-1.0), hi: stepped(self.hi.sin(), LIBM).min(1.0) }
    }

    /// Arc sine of the part inside [-1, 1]; inside `[-pi/2, pi/2]`.
    pub fn asin(self) -> Self {
        use std::f64::consts::FRAC_PI_2;
        let (lo, hi) = (self.lo.clamp(-1.0, 1.0).asin(), self.hi.clamp(-1.0, 1.0).asin());
        Interval { lo: stepped(lo, -LIBM).max(-FRAC_PI_2.next_up()), hi: stepped(hi, LIBM).min(FRAC_PI_2.next_up()) }
    }

    /// Quotient; `None` when the divisor contains zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        if other.lo <= 0.0 && other.hi >= 0.0 {
            return None;
        }
        let ends = [self.lo / other.lo, self.lo / other.hi, self.hi / other.lo, self.hi / other.hi];
        let lo = ends.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Zero divided by anything is exactly zero.
        let lo = if lo == 0.0 && self.lo >= 0.0 && self.lo == 0.0 { 0.0 } else { lo.next_down() };
        let hi = if hi == 0.0 && self.hi == 0.0 { 0.0 } else { hi.next_up() };
        Some(Interval { lo, hi })
    }
}

impl std::ops::Add for Interval {
    type Output = Interval;
    fn add(self, o: Self) -> Self {
        Interval { lo: down_any(two_sum(self.lo, o.lo)), hi: up_any(two_sum(self.hi, o.hi)) }
    }
}

impl std::ops::Neg for Interval {
    type Output = Interval;
    fn neg(self) -> Self {
        Interval { lo: -self.hi, hi: -self.lo }
    }
}

impl std::ops::Sub for Interval {
    type Output = Interval;
    fn sub(self, o: Self) -> Self {
        self + -o
    }
}

impl std::ops::Mul for Interval {
    type Output = Interval;
    fn mul(self, o: Self) -> Self {
        let ends = [product(self.lo, o.lo), product(self.lo, o.hi), product(self.hi, o.lo), product(self.hi, o.hi)];
        Interval {
            lo: ends.iter().map(|&e| down_any(e)).fold(f64::INFINITY, f64::min),
            hi: ends.iter().map(|&e| up_any(e)).fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use dashu_ratio::RBig;
    use proptest::prelude::*;

    use super::*;

    fn exact(x: f64) -> RBig {
        RBig::try_from(x).expect("finite in these tests")
    }

    fn encloses(x: Interval, truth: &RBig) -> bool {
        exact(x.lo) <= *truth && *truth <= exact(x.hi)
    }

    proptest! {
        #[test]
        fn operations_enclose_the_rational_result(a in -1e9..1e9f64, b in -1e9..1e9f64, k in -40..40i32) {
            let b = b * 2f64.powi(k);
            let (x, y) = (Interval::point(a), Interval::point(b));
            prop_assert!(encloses(x + y, &(exact(a) + exact(b))));
            prop_assert!(encloses(x - y, &(exact(a) - exact(b))));
            prop_assert!(encloses(x * y, &(exact(a) * exact(b))));
            if b != 0.0 {
                prop_assert!(encloses(x.checked_div(y).unwrap(), &(exact(a) / exact(b))));
            }
            let root = Interval::point(a.abs()).sqrt();
            prop_assert!(exact(root.lo) * exact(root.lo) <= exact(a.abs()));
            prop_assert!(exact(root.hi) * exact(root.hi) >= exact(a.abs()));
        }
    }

    #[test]
    fn functions_enclose_known_digits() {
        // 18 digits of e, ln 3, tanh 1 and sin 1.
        let known = [
            (Interval::point(1.0).exp(), "2.718281828459045235"),
            (Interval::point(3.0).ln(), "1.098612288668109691"),
            (Interval::point(1.0).tanh(), "0.761594155955764888"),
            (Interval::point(1.0).sin(), "0.841470984807896507"),
            (Interval::point(0.5).asin(), "0.523598775598298873"),
        ];
        for (found, digits) in known {
            let truth = crate::base::number::rational(digits).unwrap();
            assert!(encloses(found, &truth), "{digits}");
            assert!(found.hi - found.lo < 1e-14);
        }
        assert_eq!(Interval::point(0.0).ln().lo, f64::NEG_INFINITY);
    }

    #[test]
    fn exact_results_stay_tight() {
        let x = Interval::point(0.5) + Interval::point(0.25);
        assert_eq!((x.lo, x.hi), (0.75, 0.75));
        let tiny = Interval::point(1e-300) * Interval::point(1e-300);
        assert!(tiny.lo < 0.0 && tiny.hi > 0.0, "underflow is not called exact");
    }
}
