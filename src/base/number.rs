//! Reading numbers exactly: decimals as the nearest double, rationals such as `"19/20"` rounded once; and the fractions
//! that were written.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

/// Longest text read as a number. A longer one is a mistake, and powers of ten with huge exponents cost memory.
const MAX_LEN: usize = 400;
/// Largest decimal exponent accepted inside a rational; a double ends at about 308.
const MAX_EXPONENT: i64 = 400;

/// Nearest double of `text`, a decimal or a quotient of two decimals; `None` if it is neither or not finite.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let value = match text.split_once('/') {
        None => decimal(text).map(|_| ()).and_then(|()| text.parse::<f64>().ok())?,
        Some(_) => rational(text)?.to_f64().value(),
    };
    value.is_finite().then_some(value)
}

/// The exact rational named by `text`, a decimal or a quotient of two decimals.
pub fn rational(text: &str) -> Option<RBig> {
    let text = text.trim();
    if text.len() > MAX_LEN {
        return None;
    }
    match text.split_once('/') {
        None => decimal(text),
        Some((num, den)) => {
            let (num, den) = (decimal(num.trim())?, decimal(den.trim())?);
            (den != RBig::ZERO).then(|| num / den)
        }
    }
}

/// The shortest decimal that reads as a finite double: what was written, if it had at most 15 digits.
pub fn shortest(x: f64) -> RBig {
    if is_whole(x) {
        return RBig::from(x as i64);
    }
    rational(&format!("{x:e}")).unwrap_or(RBig::ZERO)
}

/// A finite double as the fraction that it is.
pub fn as_stored(x: f64) -> RBig {
    RBig::try_from(x).unwrap_or(RBig::ZERO)
}

/// What a fraction is beyond a double that stands for it.
pub fn rest(fraction: &RBig, double: f64) -> f64 {
    (fraction - as_stored(double)).to_f64().value()
}

/// Whether a double is a whole number that stands for itself alone: rounding does not make one of anything else.
pub fn is_whole(x: f64) -> bool {
    x.trunc() == x && x.abs() <= 9_007_199_254_740_992.0
}

/// A number as written: the fraction, and the double next to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// The nearest double.
    pub value: f64,
    /// The number itself.
    pub exact: RBig,
}

impl Number {
    /// Reads a decimal or a quotient of two decimals; `None` if it is neither or not finite.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Number { value: parse(text)?, exact: rational(text)? })
    }

    /// A fraction.
    pub fn of(exact: RBig) -> Self {
        Number { value: exact.to_f64().value(), exact }
    }
}

/// A double stands for the shortest decimal that reads as it.
impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Number { value, exact: shortest(value) }
    }
}

fn decimal(text: &str) -> Option<RBig> {
    if text.len() > MAX_LEN {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        None => (text, 0),
        Some((m, e)) => (m, e.parse::<i64>().ok()?),
    };
    if exponent.abs() > MAX_EXPONENT {
        return None;
    }
    let (negative, digits) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: String = [whole, fraction].concat();
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let int: IBig = all.parse().ok()?;
    let int = if negative { -int } else { int };
    let shift = exponent - fraction.len() as i64;
    let ten = |k: i64| UBig::from(10u8).pow(k.unsigned_abs() as usize);
    Some(match shift {
        0.. => RBig::from(int * IBig::from(ten(shift))),
        _ => RBig::from_parts(int, ten(shift)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rationals_are_rounded_once() {
        assert_eq!(parse("1/3"), Some(1.0 / 3.0));
        assert_eq!(parse("19/20"), Some(0.95));
        assert_eq!(parse(" -1.5e-3 / 3 "), Some(-0.0005));
        assert_eq!(parse("0.1"), Some(0.1));
        assert_eq!(parse("-0"), Some(0.0));
    }

    #[test]
    fn what_was_written_in_15_digits_is_found_again() {
        for text in ["0.1", "0.95", "-12.5", "1e-30", "123456789.012345", "0", "7", "9007199254740993"] {
            let number = Number::parse(text).unwrap();
            assert_eq!(number.exact, rational(text).unwrap());
            assert_eq!(shortest(number.value) == number.exact, text != "9007199254740993", "{text}");
        }
        assert_ne!(as_stored(0.1), shortest(0.1));
        assert!(is_whole(-3.0) && !is_whole(0.5) && !is_whole(1e17));
    }

    #[test]
    fn what_is_not_a_finite_number_is_refused() {
        for bad in
            ["", "/", "1/0", "1/", "nan", "inf", "1e400", "0x10", "1//2", "1_000", "1e999999999999", "--1", "1e-"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
