//! Numbers and decisions as words that claim no more than their bounds.

use serde_json::{Map, Value};

use super::number::{percent, plain};
use crate::report::Tone;
use truenorth::base::{Bounded, Decision};

/// Shares of a return range up to this are said with their measure and without alarm: they matter to nobody.
pub const HARDLY: f64 = 1e-9;

/// Whether the bounds are so close that one number says all: within a thousandth of it, or alike as printed.
pub fn is_close(x: Bounded) -> bool {
    x.width() <= 1e-3 * x.value.abs() || plain(x.lo) == plain(x.hi)
}

/// A number where its bounds are close, else what they leave: `at least 26.3`, `between 0.1 and 0.4`. `most` is the
/// largest value there is, which as a bound says nothing.
pub fn amount(x: Bounded, most: f64) -> String {
    within(x, most, plain)
}

/// A share of one as a percentage, likewise.
pub fn share(x: Bounded) -> String {
    within(x, 1.0, percent)
}

fn within(x: Bounded, most: f64, show: fn(f64) -> String) -> String {
    let (below, above) = (x.lo <= 0.0, x.hi >= most || !x.hi.is_finite());
    match (below, above) {
        _ if is_close(x) => show(x.value),
        (true, true) => format!("at most {}", show(most)),
        (true, false) => format!("at most {}", show(x.hi)),
        (false, true) => format!("at least {}", show(x.lo)),
        (false, false) if show(x.lo) == show(x.hi) => format!("about {}", show(x.value)),
        (false, false) => format!("between {} and {}", show(x.lo), show(x.hi)),
    }
}

/// Adds a decision to a JSON object: `true`, `false` or `null`, and beside it why.
pub fn decide(map: &mut Map<String, Value>, key: &str, decision: &Decision) {
    map.insert(key.to_owned(), decision.answer().into());
    map.insert(format!("{key}_why"), decision.why().into());
}

/// The mark of a decision.
pub fn tone(decision: &Decision, yes: Tone, no: Tone) -> Tone {
    match decision {
        Decision::Yes(_) => yes,
        Decision::No(_) => no,
        Decision::Undecided(_) => Tone::Unsure,
    }
}

/// `yes`, `no` or `undecided` for a table.
pub fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Yes(_) => "yes",
        Decision::No(_) => "no",
        Decision::Undecided(_) => "undecided",
    }
}

/// Digits of a place where something switches: more than those of a value, as neighbours are told apart by it.
pub fn digits(x: f64) -> String {
    let text = format!("{x:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" && x != 0.0 { plain(x) } else { text.replace('-', "\u{2212}") }
}

/// A place with its bounds, where these are wider than the digits.
pub fn place(x: Bounded) -> String {
    if x.hi - x.lo <= 1e-9 { digits(x.value) } else { format!("{} to {}", digits(x.lo), digits(x.hi)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenorth::base::{Grade, Interval};

    #[test]
    fn what_bounds_leave_open_is_not_said() {
        let said = |lo, hi| amount(Bounded::from_interval(Interval { lo, hi }, Grade::Certified), 100.0);
        assert_eq!(said(26.3, 100.0), "at least 26.300");
        assert_eq!(said(0.0, 5.0), "at most 5.0000");
        assert_eq!(said(1.0, 2.0), "between 1.0000 and 2.0000");
        assert_eq!(said(2.0, 2.0 + 1e-12), "2.0000");
        assert_eq!(said(0.0, 100.0), "at most 100.00");
        assert_eq!(amount(Bounded::exact(0.0), 1.0), "0");
    }
}
