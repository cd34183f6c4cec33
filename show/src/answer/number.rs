//! How numbers are written for people.

use crate::report::{Cell, Number};
use truenorth::analysis::distance::Distance;
use truenorth::base::Bounded;

/// Four digits after the point for numbers around 1, fewer for larger ones, a power of ten for the rest.
pub fn plain(x: f64) -> String {
    // Rounded first, so that 99.9999999 counts as 100.
    let size = format!("{:.4e}", x.abs()).parse().unwrap_or(x.abs());
    let text = match size {
        0.0 => return "0".into(),
        s if !(1e-3..1e6).contains(&s) => format!("{x:.3e}"),
        s if s < 10.0 => format!("{x:.4}"),
        s if s < 100.0 => format!("{x:.3}"),
        s if s < 1000.0 => format!("{x:.2}"),
        _ => format!("{x:.1}"),
    };
    text.replace('-', "\u{2212}").replace("e\u{2212}", "e-")
}

/// A share of one as a whole percentage; near the ends with a decimal, so that not quite all is not called all.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        p if (p - p.round()).abs() < 1e-9 => format!("{} %", p.round()),
        p if p < 0.1 => "less than 0.1 %".into(),
        p if p > 99.9 => "more than 99.9 %".into(),
        p if (1.0..99.0).contains(&p) => format!("{p:.0} %"),
        p => format!("{p:.1} %"),
    }
}

/// A percentage with one decimal, none if it is a whole number.
pub fn percent1(share: f64) -> String {
    let percent = 100.0 * share;
    if (percent - percent.round()).abs() < 1e-9 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// The number and its grade; its bounds too where they are wider than the digits shown.
///
/// A number that cannot be told from zero is written 0 with its bounds; 0 alone is a proven one.
pub fn number(b: Bounded) -> Number {
    let error = (b.hi - b.value).max(b.value - b.lo);
    if b.contains(0.0) && error < NEGLIGIBLE {
        let zero = Number::new("0").graded(b.grade.word());
        return if b.lo == b.hi { zero } else { zero.between(plain(b.lo), plain(b.hi)) };
    }
    let number = Number::new(plain(b.value)).graded(b.grade.word());
    let (lo, hi) = (plain(b.lo), plain(b.hi));
    // Bounds that print alike say nothing that the number does not.
    if error <= 1e-4 * b.value.abs() || lo == hi { number } else { number.between(lo, hi) }
}

/// An entry of a table that is known to within `error`: 0 where rounding alone can have made it.
pub fn entry(x: f64, error: f64) -> String {
    if x.abs() <= error { "0".into() } else { plain(x) }
}

/// What rounding may leave of a zero beside numbers of this size.
pub fn rounding(xs: &[f64]) -> f64 {
    /// Units in the last place: sums over a few dozen states lose no more, and nobody means a part in 10^14.
    const UNITS: f64 = 64.0;
    UNITS * f64::EPSILON * xs.iter().fold(0.0, |most: f64, x| most.max(x.abs()))
}

/// A share between two, as percentages; ends that print alike are one number.
pub fn percents(lo: f64, hi: f64) -> String {
    let ends = (percent(lo), percent(hi));
    if ends.0 == ends.1 { format!("about {}", ends.0) } else { format!("{} to {}", ends.0, ends.1) }
}

/// Where the bounds are narrower than this and contain zero, the digits of the value are rounding.
const NEGLIGIBLE: f64 = 1e-6;

/// The number, or a dash where it is not defined.
pub fn distance(d: &Distance) -> Cell {
    match d {
        Distance::Value(b) => number(*b).into(),
        Distance::Undefined(_) => "undefined".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_a_paper() {
        let minus = "\u{2212}";
        assert_eq!(plain(0.54202593), "0.5420");
        assert_eq!(plain(-46.35267), format!("{minus}46.353"));
        assert_eq!(plain(1.5e-7), "1.500e-7");
        assert_eq!(plain(0.0), "0");
        assert_eq!(plain(99.9999999999), "100.00");
        assert_eq!(percent(0.9191), "92 %");
        assert_eq!(percent(0.42), "42 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[test]
    fn rounding_is_no_number_and_equal_ends_are_one() {
        assert_eq!((entry(-6.7e-17, 1e-15), entry(6.7e-15, 1e-15)), ("0".into(), "6.700e-15".into()));
        assert_eq!(
            (entry(0.25, rounding(&[0.25, 0.5])), entry(1e-17, rounding(&[0.25, 0.5]))),
            ("0.2500".into(), "0".into())
        );
        assert_eq!(entry(0.0, rounding(&[])), "0");
        // A number alone is what it is, however small.
        assert_eq!(entry(-5.7e-17, rounding(&[-5.7e-17])), plain(-5.7e-17));
        assert_eq!((percents(0.5702, 0.5698), percents(0.42, 0.57)), ("about 57 %".into(), "42 % to 57 %".into()));
    }
}
