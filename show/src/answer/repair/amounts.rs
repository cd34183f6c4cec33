//! Amounts of a repair in words: the number itself where it is known and short, and no more than bounds say where not.

use dashu_int::UBig;
use dashu_ratio::RBig;

use crate::answer::number::plain;
use crate::answer::say;
use truenorth::analysis::repair::Interval;
use truenorth::base::Bounded;
use truenorth::base::number::shortest;

/// Digits up to which a decimal, and numbers up to which a fraction is written out.
const DIGITS: usize = 6;
const LARGEST: u32 = 999;

/// `328`, `0.5`, `100/101`: a number that is short when written out.
fn exactly(x: &RBig) -> Option<String> {
    let value = x.to_f64().value();
    let text = value.to_string();
    let n_digits = text.chars().filter(char::is_ascii_digit).count();
    let is_decimal = n_digits <= DIGITS && shortest(value) == *x;
    let is_short = *x.denominator() <= UBig::from(LARGEST) && x.numerator().to_string().len() <= 4;
    let text = if is_decimal { text } else { format!("{}/{}", x.numerator(), x.denominator()) };
    (is_decimal || is_short).then(|| text.replace('-', "\u{2212}"))
}

/// A double in its own digits where these are few.
pub(super) fn short(x: f64) -> String {
    exactly(&shortest(x)).unwrap_or_else(|| plain(x))
}

/// A size: the number itself, or what its bounds say.
pub(super) fn said(x: Bounded, number: Option<&RBig>) -> String {
    match number.and_then(exactly) {
        Some(text) => text,
        None if x.lo <= 0.0 && x.hi.is_infinite() => "not known".into(),
        // What is left above zero is as small as one likes.
        None if x.lo == 0.0 && x.value == 0.0 && x.hi < TINY => "0".into(),
        None => say::amount(x, f64::INFINITY),
    }
}

/// Distances up to this around an estimate of 0 are said to be 0; JSON has the bounds.
const TINY: f64 = 1e-6;

/// `more than 0.06`, `more than 0.06 and less than 0.1`, `any amount`.
pub(super) fn amount(found: &Interval) -> String {
    let (above, below) = ends(found);
    match (above, below) {
        (None, None) => "any amount".into(),
        (None, Some(below)) => format!("less than {below}"),
        (Some(above), None) => format!("more than {above}"),
        (Some(above), Some(below)) => format!("more than {above} and less than {below}"),
    }
}

/// The same with a sign, as a range of a coefficient.
pub(super) fn range(found: &Interval, minus: &str) -> String {
    let (above, below) = ends(found);
    let (first, second) = if minus.is_empty() { ("above", "below") } else { ("below", "above") };
    match (above, below) {
        (None, None) => format!("any {first} 0"),
        (None, Some(to)) => format!("{first} 0, {second} {minus}{to}"),
        (Some(from), None) => format!("{first} {minus}{from}"),
        (Some(from), Some(to)) => format!("{first} {minus}{from}, {second} {minus}{to}"),
    }
}

/// What certainly mends begins above the first, if not at 0, and ends below the second, if at all. Where they are not closely
/// known it is said that more may.
fn ends(found: &Interval) -> (Option<String>, Option<String>) {
    let end = |x: Bounded, number: Option<&RBig>, certain: f64, more: &str| match number.and_then(exactly) {
        Some(text) => text,
        None if say::is_close(x) => plain(x.value),
        None => format!("{} ({more})", plain(certain)),
    };
    let above = found.above;
    let is_zero = above.lo == 0.0 && above.hi == 0.0;
    let from = (!is_zero).then(|| end(above, found.above_exactly.as_ref(), above.hi, "less may do"));
    let to = found.below.map(|below| end(below, found.below_exactly.as_ref(), below.lo, "more may do"));
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenorth::base::Grade;

    #[test]
    fn numbers_that_are_known_are_written_out() {
        let of = |a: i64, b: i64| exactly(&(RBig::from(a) / RBig::from(b)));
        assert_eq!(of(328, 1).as_deref(), Some("328"));
        assert_eq!(of(1, 8).as_deref(), Some("0.125"));
        assert_eq!(of(100, 101).as_deref(), Some("100/101"));
        assert_eq!(of(-3, 7).as_deref(), Some("\u{2212}3/7"));
        assert_eq!(of(1, 1_000_003), None);
        assert_eq!(short(0.1), "0.1");
        let wide = truenorth::base::Interval { lo: 0.0, hi: 2.0 };
        assert_eq!(said(Bounded::around(1.0, wide, Grade::Certified), None), "at most 2.0000");
    }
}
