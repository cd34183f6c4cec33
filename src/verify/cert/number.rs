//! Exact numbers of the checker: decimals of doubles, outward decimals, intervals, vectors over one denominator.
//!
//! A number of a text is what is written. A double of a binary model means the shortest decimal that reads as it: 0.1 is one
//! tenth.

use dashu_base::{BitTest, Gcd, Sign};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use crate::base::{Source, number};
use crate::model::raw::At;

/// Digits of an outward decimal: three more than a double has, so that rounding adds nothing to see.
const DIGITS: i64 = 20;
/// Decimal places of the finest outward decimal, and of the coarsest: what [`number::rational`] reads.
const PLACES: i64 = 300;
/// Decimals with more places than this are written with a power of ten.
const PLAIN_PLACES: usize = 30;
/// Bits kept by [`Range::rounded`]: three doubles wide, so that thousands of roundings stay below one of a double.
const BITS: i64 = 192;
/// Largest common denominator of a vector, in bits. Decimals of doubles need 2300 at most; unlike quotients could
/// need millions.
const DENOMINATOR_BITS: usize = 8192;

/// The rational a double of a model stands for; `None` if it is not finite.
pub(crate) fn of_double(x: f64) -> Option<RBig> {
    number::rational(&format!("{x:e}"))
}

/// The number written at a place of a text, a decimal or a quotient; where there is no text, what the double stands for.
pub(crate) fn written(src: &Source, x: At<f64>) -> Option<RBig> {
    src.number(x.at).or_else(|| of_double(x.value))
}

/// Nearest double, for people.
pub(crate) fn near(x: &RBig) -> f64 {
    x.to_f64().value()
}

fn ten(k: usize) -> UBig {
    UBig::from(10u8).pow(k)
}

/// Sign, digits and number of decimal places of a decimal; `None` for a quotient that is none.
fn decimal(x: &RBig) -> Option<(&'static str, String, usize)> {
    let twos = x.denominator().trailing_zeros().unwrap_or(0);
    let (mut rest, five) = (x.denominator() >> twos, UBig::from(5u8));
    let mut fives = 0;
    while !rest.is_one() && (&rest % &five).is_zero() {
        rest /= &five;
        fives += 1;
    }
    let places = twos.max(fives);
    if !rest.is_one() || places > PLACES as usize {
        return None;
    }
    let (sign, all) = (x.numerator() * IBig::from(ten(places) / x.denominator())).into_parts();
    Some((if sign == Sign::Negative { "-" } else { "" }, all.to_string(), places))
}

/// A JSON value that reads back as `x`: a decimal where there is one, else a quotient in quotes.
pub(crate) fn text(x: &RBig) -> String {
    let Some((sign, all, places)) = decimal(x) else { return format!("\"{x}\"") };
    if places == 0 {
        return format!("{sign}{all}");
    }
    if places > PLAIN_PLACES {
        return format!("{sign}{all}e-{places}");
    }
    let all = format!("{all:0>width$}", width = places + 1);
    let (whole, fraction) = all.split_at(all.len() - places);
    format!("{sign}{whole}.{fraction}")
}

/// A fraction, or a decimal next to it where it is too long to be read back.
pub(crate) fn writable(x: &RBig) -> RBig {
    if number::rational(text(x).trim_matches('"')).is_some() { x.clone() } else { outward(x, true) }
}

/// The decimal next to `x` for people, at or beyond it: upwards or downwards.
pub(super) fn shown(x: &RBig, up: bool) -> String {
    let x = outward(x, up);
    let Some((sign, all, places)) = decimal(&x) else { return text(&x) };
    let exponent = all.len() as i64 - 1 - places as i64;
    if x.is_zero() || (-5..16).contains(&exponent) {
        return text(&x);
    }
    let (first, rest) = all.split_at(1);
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{exponent}")
}

/// The decimal of [`DIGITS`] digits next to `x`, at or beyond it: upwards or downwards.
pub(crate) fn outward(x: &RBig, up: bool) -> RBig {
    if x.is_zero() {
        return RBig::ZERO;
    }
    let bits = x.numerator().bit_len() as i64 - x.denominator().bit_len() as i64;
    // 10 is 2 to the 3.3219...
    let places = (DIGITS - bits * 30_103 / 100_000).clamp(-PLACES, PLACES);
    let scale = RBig::from(ten(places.unsigned_abs() as usize));
    let scaled = if places >= 0 { x * &scale } else { x / &scale };
    let whole = RBig::from(if up { scaled.ceil() } else { scaled.floor() });
    if places >= 0 { whole / scale } else { whole * scale }
}

/// A closed interval of reals with rational ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Lower end.
    pub lo: RBig,
    /// Upper end.
    pub hi: RBig,
}

impl Range {
    /// A single number.
    pub fn point(x: RBig) -> Self {
        Range { lo: x.clone(), hi: x }
    }

    /// Whether `other` lies inside.
    pub fn contains(&self, other: &Range) -> bool {
        self.lo <= other.lo && other.hi <= self.hi
    }

    /// The smallest interval around both whose ends are short decimals.
    pub fn widened(&self, other: &Range) -> Self {
        let lo = if self.lo < other.lo { &self.lo } else { &other.lo };
        let hi = if self.hi > other.hi { &self.hi } else { &other.hi };
        Range { lo: outward(lo, false), hi: outward(hi, true) }
    }

    /// `c` times this interval.
    pub(super) fn scaled(&self, c: &RBig) -> Self {
        let (x, y) = (&self.lo * c, &self.hi * c);
        if x <= y { Range { lo: x, hi: y } } else { Range { lo: y, hi: x } }
    }

    /// Sum.
    pub(super) fn plus(&self, other: &Range) -> Self {
        Range { lo: &self.lo + &other.lo, hi: &self.hi + &other.hi }
    }

    /// Difference.
    pub(super) fn minus(&self, other: &Range) -> Self {
        Range { lo: &self.lo - &other.hi, hi: &self.hi - &other.lo }
    }

    /// Absolute values.
    pub(super) fn abs(&self) -> Self {
        if self.lo >= RBig::ZERO {
            return self.clone();
        }
        let negative = Range { lo: -&self.hi, hi: -&self.lo };
        if self.hi <= RBig::ZERO {
            return negative;
        }
        let hi = if self.hi > negative.hi { self.hi.clone() } else { negative.hi };
        Range { lo: RBig::ZERO, hi }
    }

    /// Squares.
    pub(super) fn squared(&self) -> Self {
        let size = self.abs();
        Range { lo: size.lo.sqr(), hi: size.hi.sqr() }
    }

    /// Larger of two numbers.
    pub(super) fn max(&self, other: &Range) -> Self {
        let larger = |x: &RBig, y: &RBig| if x > y { x.clone() } else { y.clone() };
        Range { lo: larger(&self.lo, &other.lo), hi: larger(&self.hi, &other.hi) }
    }

    /// Quotient by an interval of positive numbers; `None` if `other` reaches down to 0.
    pub(super) fn over(&self, other: &Range) -> Option<Self> {
        if other.lo <= RBig::ZERO {
            return None;
        }
        let lo = if self.lo >= RBig::ZERO { &self.lo / &other.hi } else { &self.lo / &other.lo };
        let hi = if self.hi >= RBig::ZERO { &self.hi / &other.lo } else { &self.hi / &other.hi };
        Some(Range { lo, hi })
    }

    /// Square root of an interval of numbers that are not negative.
    pub(super) fn sqrt(&self) -> Self {
        Range { lo: root(&self.lo, false), hi: root(&self.hi, true) }
    }

    /// The same interval with ends of [`BITS`] bits at most, moved outwards. Keeps long sums from growing.
    pub(super) fn rounded(&self) -> Self {
        Range { lo: shortened(&self.lo, false), hi: shortened(&self.hi, true) }
    }

    /// The part between two numbers.
    pub(super) fn clamped(&self, lo: &RBig, hi: &RBig) -> Self {
        let clamp = |x: &RBig| if x < lo { lo.clone() } else { (if x > hi { hi } else { x }).clone() };
        Range { lo: clamp(&self.lo), hi: clamp(&self.hi) }
    }
}

fn power_of_two(k: i64) -> RBig {
    let power = RBig::from(UBig::ONE << k.unsigned_abs() as usize);
    if k >= 0 { power } else { RBig::ONE / power }
}

fn shortened(x: &RBig, up: bool) -> RBig {
    let (above, below) = (x.numerator().bit_len() as i64, x.denominator().bit_len() as i64);
    if above + below <= 2 * BITS {
        return x.clone();
    }
    let shift = power_of_two(BITS - (above - below));
    let scaled = x * &shift;
    RBig::from(if up { scaled.ceil() } else { scaled.floor() }) / shift
}

/// A rational at or beyond the square root; 0 for what is not positive.
fn root(x: &RBig, up: bool) -> RBig {
    if *x <= RBig::ZERO {
        return RBig::ZERO;
    }
    let bits = x.numerator().bit_len() as i64 - x.denominator().bit_len() as i64;
    let half = BITS - bits / 2;
    let scaled = (x * power_of_two(2 * half)).floor();
    let whole = scaled.into_parts().1.nth_root(2);
    let whole = if up { whole + UBig::ONE } else { whole };
    RBig::from(whole) / power_of_two(half)
}

/// A vector over one denominator, for fast sums.
pub(super) struct Vector {
    num: Vec<IBig>,
    den: UBig,
}

impl Vector {
    pub(super) fn new(xs: &[RBig]) -> Result<Self, String> {
        let mut den = UBig::ONE;
        for x in xs {
            let d = x.denominator();
            if (&den % d).is_zero() {
                continue;
            }
            den = &den / (&den).gcd(d) * d;
            if den.bit_len() > DENOMINATOR_BITS {
                return Err(format!("the common denominator of a witness has more than {DENOMINATOR_BITS} bits"));
            }
        }
        let num = xs.iter().map(|x| x.numerator() * IBig::from(&den / x.denominator())).collect();
        Ok(Vector { num, den })
    }

    /// `sum w_i x_i / total`.
    pub(super) fn average(&self, places: &[u32], weights: &[IBig], total: &IBig) -> RBig {
        let sum = places.iter().zip(weights).fold(IBig::ZERO, |sum, (&i, w)| sum + w * &self.num[i as usize]);
        RBig::from_parts_signed(sum, total * IBig::from(self.den.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> RBig {
        number::rational(text).expect("a number")
    }

    #[test]
    fn a_double_is_its_decimal() {
        assert_eq!(of_double(0.1), Some(q("1/10")));
        assert_eq!(of_double(-2.5e-7), Some(q("-1/4000000")));
        assert_eq!(of_double(f64::NAN), None);
    }

    #[test]
    fn texts_read_back() {
        for (given, written) in
            [("1/8", "0.125"), ("-3", "-3"), ("1/3", "\"1/3\""), ("5e-60", "5e-60"), ("-0.05", "-0.05"), ("100", "100")]
        {
            assert_eq!(text(&q(given)), written);
            assert_eq!(q(written.trim_matches('"')), q(given));
        }
    }

    #[test]
    fn people_see_powers_of_ten_for_what_is_tiny_or_huge() {
        for (given, written) in
            [("1/4", "0.25"), ("-7.5e-12", "-7.5e-12"), ("2e20", "2e20"), ("0", "0"), ("-12", "-12")]
        {
            assert_eq!(shown(&q(given), true), written);
        }
        assert!(q(&shown(&q("1e-9/3"), true)) > q("1e-9/3") && q(&shown(&q("1e-9/3"), false)) < q("1e-9/3"));
    }

    #[test]
    fn outward_decimals_are_outward_and_near() {
        for given in ["1/3", "-1/3", "1e-200/3", "2e150/3", "-123456789/7", "0.25"] {
            let x = q(given);
            let (lo, hi) = (outward(&x, false), outward(&x, true));
            assert!(lo <= x && x <= hi, "{given}");
            let size = if x < RBig::ZERO { -&x } else { x.clone() };
            assert!(&hi - &lo <= size * q("1e-18"), "{given}");
            assert!(!text(&lo).contains('/'), "{given}");
        }
        assert_eq!(outward(&q("0.25"), true), q("0.25"), "short decimals stay");
    }

    #[test]
    fn roots_and_shortened_numbers_enclose() {
        let x = Range { lo: q("2"), hi: q("2.0000001") };
        let r = x.sqrt();
        assert!(r.lo.sqr() <= x.lo && x.hi <= r.hi.sqr() && &r.hi - &r.lo < q("1e-6"));
        let long = RBig::ONE / (q("3").pow(500));
        let short = Range::point(long.clone()).rounded();
        assert!(short.lo < long && long < short.hi && short.hi.denominator().bit_len() < 1100);
        let both = Range { lo: q("-3"), hi: q("2") };
        assert_eq!(both.squared(), Range { lo: q("0"), hi: q("9") });
        assert_eq!(both.over(&both), None);
    }

    #[test]
    fn unlike_quotients_are_refused() {
        let bad: Vec<RBig> = (1..8000u32).map(|k| RBig::ONE / RBig::from(k)).collect();
        assert!(Vector::new(&bad).is_err());
        let good = Vector::new(&[q("1/3"), q("0.5")]).expect("small");
        assert_eq!(good.average(&[0, 1], &[IBig::from(3), IBig::from(1)], &IBig::from(4)), q("3/8"));
    }
}
