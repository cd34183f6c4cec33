//! Numbers in twice the working precision, for residuals that are smaller than the rounding of what they are made of.
//!
//! A number is an unevaluated sum of two doubles (Dekker 1971). Sums and products are good to `3 u^2` and `5 u^2`
//! (Joldes, Muller, Popescu 2017).

/// Bound on the relative error of an operation, generously: `16 u^2`.
pub(super) const TWICE_UNIT: f64 = 16.0 * crate::base::sum::UNIT * crate::base::sum::UNIT;

/// `hi + lo`, with `hi` the nearest double.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Twice {
    pub hi: f64,
    pub lo: f64,
}

fn two_sum(a: f64, b: f64) -> Twice {
    let hi = a + b;
    let part = hi - a;
    Twice { hi, lo: (a - (hi - part)) + (b - part) }
}

fn fast_two_sum(a: f64, b: f64) -> Twice {
    let hi = a + b;
    Twice { hi, lo: b - (hi - a) }
}

impl Twice {
    pub(super) fn new(hi: f64, lo: f64) -> Self {
        two_sum(hi, lo)
    }
}

impl From<f64> for Twice {
    fn from(x: f64) -> Self {
        Twice { hi: x, lo: 0.0 }
    }
}

impl std::ops::Add for Twice {
    type Output = Twice;

    #[inline]
    fn add(self, other: Twice) -> Twice {
        let (high, low) = (two_sum(self.hi, other.hi), two_sum(self.lo, other.lo));
        let sum = fast_two_sum(high.hi, high.lo + low.hi);
        fast_two_sum(sum.hi, sum.lo + low.lo)
    }
}

impl std::ops::Neg for Twice {
    type Output = Twice;

    fn neg(self) -> Twice {
        Twice { hi: -self.hi, lo: -self.lo }
    }
}

impl std::ops::Sub for Twice {
    type Output = Twice;

    #[inline]
    fn sub(self, other: Twice) -> Twice {
        self + -other
    }
}

impl std::ops::Mul for Twice {
    type Output = Twice;

    #[inline]
    fn mul(self, other: Twice) -> Twice {
        let hi = self.hi * other.hi;
        let lost = f64::mul_add(self.hi, other.hi, -hi);
        fast_two_sum(hi, lost + f64::mul_add(self.hi, other.lo, self.lo * other.hi))
    }
}

impl std::ops::Div<f64> for Twice {
    type Output = Twice;

    fn div(self, by: f64) -> Twice {
        let hi = self.hi / by;
        let left = f64::mul_add(-hi, by, self.hi) + self.lo;
        fast_two_sum(hi, left / by)
    }
}

#[cfg(test)]
mod tests {
    use dashu_ratio::RBig;

    use super::*;

    #[test]
    fn operations_are_good_to_twice_the_digits() {
        let q = |x: Twice| RBig::try_from(x.hi).unwrap() + RBig::try_from(x.lo).unwrap();
        let mut state = 1u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let near = |found: Twice, truth: &RBig| {
            let gap = (q(found) - truth).to_f64().value().abs();
            assert!(gap <= TWICE_UNIT * truth.to_f64().value().abs(), "{found:?} for {truth}");
        };
        for _ in 0..2_000 {
            let (x, y) = (Twice::new(draw(), 1e-17 * draw()), Twice::new(1e3 * draw(), 1e-14 * draw()));
            near(x + y, &(q(x) + q(y)));
            near(x - x * Twice::from(0.75), &(q(x) * RBig::from_parts(1.into(), 4u8.into())));
            near(x * y, &(q(x) * q(y)));
            near(x / 3.0, &(q(x) / RBig::from(3)));
        }
        let tiny = Twice::new(1.0, 1e-25) - Twice::from(1.0);
        assert_eq!(tiny.hi, 1e-25);
    }
}
