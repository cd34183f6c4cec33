//! What a predicate says of one instance.

use std::cmp::Ordering;

use super::{Q, fraction, real};
use truenorth::base::Interval;

/// What a predicate found.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// The claim is true of this instance.
    Holds,
    /// It is false, and this is why.
    Fails(String),
    /// Bounds are too wide to tell.
    Undecided(String),
    /// The claim says nothing about this instance.
    Vacuous,
}

/// A number that can be held against another of its kind.
pub trait Value {
    /// How the two compare; `None` where their bounds overlap.
    fn compare(&self, other: &Self) -> Option<Ordering>;
    /// For people.
    fn shown(&self) -> String;
    /// For people, beside the other number.
    fn nearly(&self, other: &Self) -> bool;
}

impl Value for Q {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn shown(&self) -> String {
        let text = self.to_string();
        // A fraction of many digits says less than its decimal.
        if text.len() <= 12 { text } else { format!("{:.6}", self.to_f64().value()) }
    }

    fn nearly(&self, other: &Self) -> bool {
        self == other
    }
}

/// Bounds closer than this, relative to the larger of 1 and the number, count as the number itself where two numbers are
/// to be equal: a thousand times the rounding of the longest computation a predicate makes.
const NARROW: f64 = 1e-9;

impl Value for Interval {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.hi < other.lo {
            Some(Ordering::Less)
        } else if self.lo > other.hi {
            Some(Ordering::Greater)
        } else if self.lo == self.hi && self == other {
            Some(Ordering::Equal)
        } else {
            None
        }
    }

    fn shown(&self) -> String {
        format!("{:.9}", self.mid())
    }

    fn nearly(&self, other: &Self) -> bool {
        let width = (self.hi - self.lo).max(other.hi - other.lo);
        self.lo <= other.hi && other.lo <= self.hi && width <= NARROW * self.mid().abs().max(1.0)
    }
}

impl Finding {
    /// `x = y`. Bounds that overlap and are narrow count as equal, wide ones as undecided.
    pub fn equal<T: Value>(what: &str, x: &T, y: &T) -> Self {
        match x.compare(y) {
            Some(Ordering::Equal) => Finding::Holds,
            None if x.nearly(y) => Finding::Holds,
            None => Finding::Undecided(format!("{what}: {} and {} may differ", x.shown(), y.shown())),
            Some(_) => Finding::Fails(format!("{what}: {} is not {}", x.shown(), y.shown())),
        }
    }

    /// `x = y` in every entry.
    pub fn all_equal<T: Value>(what: &str, x: &[T], y: &[T]) -> Self {
        Self::all(x.iter().zip(y).enumerate().map(|(i, (x, y))| Self::equal(&format!("{what} [{i}]"), x, y)))
    }

    /// `x <= y`.
    pub fn at_most<T: Value>(what: &str, x: &T, y: &T) -> Self {
        match x.compare(y) {
            Some(Ordering::Greater) => Finding::Fails(format!("{what}: {} is more than {}", x.shown(), y.shown())),
            Some(_) => Finding::Holds,
            None => Finding::Undecided(format!("{what}: {} and {} are too close", x.shown(), y.shown())),
        }
    }

    /// `x < y`.
    pub fn less<T: Value>(what: &str, x: &T, y: &T) -> Self {
        match x.compare(y) {
            Some(Ordering::Less) => Finding::Holds,
            Some(_) => Finding::Fails(format!("{what}: {} is not less than {}", x.shown(), y.shown())),
            None => Finding::Undecided(format!("{what}: {} and {} are too close", x.shown(), y.shown())),
        }
    }

    /// A yes or no that is decided exactly; `why` says what is wrong if it is no.
    pub fn is(holds: bool, why: impl FnOnce() -> String) -> Self {
        if holds { Finding::Holds } else { Finding::Fails(why()) }
    }

    /// The first failure, else the first doubt, else vacuous if everything is, else holds.
    pub fn all(findings: impl IntoIterator<Item = Finding>) -> Self {
        let (mut doubt, mut is_empty) = (None, true);
        for finding in findings {
            match finding {
                Finding::Fails(_) => return finding,
                Finding::Undecided(_) if doubt.is_none() => doubt = Some(finding),
                Finding::Undecided(_) | Finding::Holds => is_empty = false,
                Finding::Vacuous => {}
            }
        }
        doubt.unwrap_or(if is_empty { Finding::Vacuous } else { Finding::Holds })
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Finding) -> Self {
        Self::all([self, other])
    }
}

/// How strong a claim is to be: as stated, or with its constants made smaller than they may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strength {
    is_overstated: bool,
}

impl Strength {
    /// The claim with its constants divided by 1.01: false if they are sharp.
    pub const OVERSTATED: Strength = Strength { is_overstated: true };

    /// A constant of the claim, or what an overstatement makes of it.
    pub fn constant(self, c: Q) -> Q {
        if self.is_overstated { c * fraction(100, 101) } else { c }
    }

    /// A constant that is no fraction.
    pub fn bound(self, c: Interval) -> Interval {
        if self.is_overstated { c * real(&fraction(100, 101)) } else { c }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_bounds_decide_nothing_but_the_equality_of_narrow_ones() {
        let wide = Interval { lo: 0.0, hi: 1.0 };
        let inside = Interval { lo: 0.4, hi: 0.5 };
        assert!(matches!(Finding::at_most("x", &wide, &inside), Finding::Undecided(_)));
        assert!(matches!(Finding::equal("x", &wide, &inside), Finding::Undecided(_)));
        assert_eq!(Finding::equal("x", &Interval::around(0.1), &Interval::point(0.1)), Finding::Holds);
        assert!(matches!(Finding::equal("x", &inside, &Interval::point(0.7)), Finding::Fails(_)));
    }

    #[test]
    fn one_failure_outweighs_everything() {
        let doubt = || Finding::Undecided("?".into());
        assert_eq!(Finding::all([Finding::Holds, doubt(), Finding::Fails("no".into())]), Finding::Fails("no".into()));
        assert_eq!(Finding::all([Finding::Holds, doubt()]), doubt());
        assert_eq!(Finding::all([Finding::Vacuous, Finding::Holds]), Finding::Holds);
        assert_eq!(Finding::all([Finding::Vacuous]), Finding::Vacuous);
    }
}
