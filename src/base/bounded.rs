//! A number together with what is known about it.

use dashu_ratio::RBig;
use serde::Serialize;

use super::interval::Interval;

/// How far the bounds of a [`Bounded`] can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// No bounds were asked for.
    None,
    /// The bounds hold with a stated confidence.
    Statistical,
    /// Two-sided bounds of exact arithmetic; rounding is not accounted for.
    Bounded,
    /// The bounds hold including every rounding error.
    Certified,
    /// Rational arithmetic: the bounds are the number itself, or the two doubles next to it if it is none.
    Exact,
}

impl Grade {
    /// The word used in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Grade::None => "none",
            Grade::Statistical => "statistical",
            Grade::Bounded => "bounded",
            Grade::Certified => "certified",
            Grade::Exact => "exact",
        }
    }
}

/// A value with bounds `lo <= x <= hi` on the true number `x`, and the grade of those bounds.
///
/// Arithmetic on `Bounded` is interval arithmetic with outward rounding: the result has the weaker of the
/// two grades, so `certified` stays certified.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounded {
    /// The best estimate, always inside the bounds.
    pub value: f64,
    /// Lower bound.
    pub lo: f64,
    /// Upper bound.
    pub hi: f64,
    /// What the bounds account for.
    pub grade: Grade,
}

impl Bounded {
    /// A number known exactly.
    pub fn exact(value: f64) -> Self {
        Bounded { value, lo: value, hi: value, grade: Grade::Exact }
    }

    /// A fraction: the nearest double, within the double it is or the two around it. Infinite bounds beyond the doubles.
    pub fn of_fraction(x: &RBig) -> Self {
        let value = x.to_f64().value().clamp(f64::MIN, f64::MAX);
        let against = |y: f64| RBig::try_from(y).map_or(std::cmp::Ordering::Equal, |y| x.cmp(&y));
        // The quotient is rounded once, so its neighbours enclose it.
        let (lo, hi) = match against(value) {
            std::cmp::Ordering::Equal => (value, value),
            std::cmp::Ordering::Greater => (value, value.next_up()),
            std::cmp::Ordering::Less => (value.next_down(), value),
        };
        Bounded { value, lo, hi, grade: Grade::Exact }
    }

    /// The midpoint of an interval with that interval as bounds.
    pub fn from_interval(x: Interval, grade: Grade) -> Self {
        Self::around(x.mid(), x, grade)
    }

    /// An estimate with bounds; the estimate is moved into the bounds when rounding left it just outside.
    pub fn around(value: f64, x: Interval, grade: Grade) -> Self {
        // Not `clamp`, which panics where an overflow has made a bound NaN.
        Bounded { value: value.max(x.lo).min(x.hi), lo: x.lo, hi: x.hi, grade }
    }

    /// The bounds as an interval.
    pub fn interval(self) -> Interval {
        Interval { lo: self.lo, hi: self.hi }
    }

    /// `hi - lo`.
    pub fn width(self) -> f64 {
        self.hi - self.lo
    }

    /// Whether `x` lies within the bounds.
    pub fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// The same number with both bounds cut to `[lo, hi]`, for quantities known to lie there.
    pub fn clamped(self, lo: f64, hi: f64) -> Self {
        Bounded {
            value: self.value.max(lo).min(hi),
            lo: self.lo.max(lo).min(hi),
            hi: self.hi.max(lo).min(hi),
            grade: self.grade,
        }
    }

    /// The same number with a grade that is no better than `grade`.
    pub fn at_most(self, grade: Grade) -> Self {
        Bounded { grade: self.grade.min(grade), ..self }
    }

    fn combine(self, other: Self, value: f64, x: Interval) -> Self {
        let grade = match self.grade.min(other.grade) {
            Grade::Exact if x.lo < x.hi => Grade::Certified,
            grade => grade,
        };
        Self::around(value, x, grade)
    }

    /// Quotient; `None` when the divisor's bounds contain zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        let x = self.interval().checked_div(other.interval())?;
        Some(self.combine(other, self.value / other.value, x))
    }
}

impl std::ops::Add for Bounded {
    type Output = Bounded;
    fn add(self, other: Self) -> Self {
        self.combine(other, self.value + other.value, self.interval() + other.interval())
    }
}

impl std::ops::Sub for Bounded {
    type Output = Bounded;
    fn sub(self, other: Self) -> Self {
        self.combine(other, self.value - other.value, self.interval() - other.interval())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_keeps_the_truth_inside_and_the_weaker_grade() {
        let third = Bounded::around(1.0 / 3.0, Interval::around(1.0 / 3.0), Grade::Certified);
        let sum = third + Bounded::exact(0.1);
        assert_eq!(sum.grade, Grade::Certified);
        assert!(sum.lo < sum.hi && sum.contains(0.1 + 1.0 / 3.0));
        assert_eq!((third - Bounded::exact(0.0).at_most(Grade::Bounded)).grade, Grade::Bounded);
    }

    #[test]
    fn a_fraction_lies_within_neighbouring_doubles() {
        for (num, den) in [(1i64, 3u64), (-2, 7), (3, 4), (0, 5), (1, 10)] {
            let x = RBig::from_parts(num.into(), den.into());
            let b = Bounded::of_fraction(&x);
            assert!(b.lo == b.hi || b.lo.next_up() == b.hi, "{num}/{den}");
            assert!(RBig::try_from(b.lo).unwrap() <= x && x <= RBig::try_from(b.hi).unwrap());
            assert_eq!(b.lo == b.hi, den == 4 || num == 0);
        }
    }

    #[test]
    fn an_exact_operand_becomes_certified_once_rounding_enters() {
        assert_eq!((Bounded::exact(0.1) + Bounded::exact(0.2)).grade, Grade::Certified);
        assert_eq!((Bounded::exact(1.0) + Bounded::exact(2.0)).grade, Grade::Exact);
    }

    #[test]
    fn division_by_an_interval_around_zero_is_refused() {
        let d = Bounded::from_interval(Interval { lo: -1.0, hi: 1.0 }, Grade::Bounded);
        assert!(Bounded::exact(1.0).checked_div(d).is_none());
    }
}
