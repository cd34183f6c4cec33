//! Doubles and fractions of whole numbers, taken for exactly what they are.

use std::cmp::Ordering;

use dashu_int::{IBig, UBig};

/// `m` and `e` with `x = m 2^e`, `m` odd or zero; `x` is finite.
pub fn split(x: f64) -> (i64, i32) {
    let bits = x.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    // Subnormal numbers have no hidden bit and the exponent of the smallest normal ones.
    let (m, e) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    if m == 0 {
        return (0, 0);
    }
    let zeros = m.trailing_zeros();
    let m = (m >> zeros) as i64;
    (if x < 0.0 { -m } else { m }, e + zeros as i32)
}

/// `num / den` against a finite double; `den > 0`.
fn compare(num: &IBig, den: &UBig, x: f64) -> Ordering {
    let (m, e) = split(x);
    let (left, right) = (num.clone(), IBig::from(den.clone()) * m);
    let by = e.unsigned_abs() as usize;
    if e < 0 { (left << by).cmp(&right) } else { left.cmp(&(right << by)) }
}

/// Largest double not above and smallest double not below `num / den`; equal when the quotient is a double.
pub fn neighbours(num: &IBig, den: &UBig) -> (f64, f64) {
    let mut x = near(num, den).clamp(f64::MIN, f64::MAX);
    // `near` is a few units off at most, so this takes a few steps.
    loop {
        match compare(num, den, x) {
            Ordering::Equal => return (x, x),
            Ordering::Greater => {
                let above = x.next_up();
                if above.is_infinite() || compare(num, den, above) == Ordering::Less {
                    return (x, above);
                }
                x = above;
            }
            Ordering::Less => {
                let below = x.next_down();
                if below.is_infinite() {
                    return (below, x);
                }
                x = below;
            }
        }
    }
}

/// A double within a few units in the last place of `num / den`.
fn near(num: &IBig, den: &UBig) -> f64 {
    let (sign, size) = num.clone().into_parts();
    let (top, top_shift) = leading(&size);
    let (bottom, bottom_shift) = leading(den);
    let exponent = top_shift as i64 - bottom_shift as i64;
    // Beyond this the quotient is outside the range of doubles whatever the leading digits are.
    let exponent = exponent.clamp(-2_400, 2_400) as i32;
    // In four steps, so that no factor leaves the range before the product does.
    let quarter = exponent / 4;
    let x = top / bottom * 2f64.powi(quarter) * 2f64.powi(quarter) * 2f64.powi(quarter);
    let x = x * 2f64.powi(exponent - 3 * quarter);
    if sign == dashu_base::Sign::Negative { -x } else { x }
}

/// Leading 64 bits of a number as a double, and the place of the last of them.
fn leading(x: &UBig) -> (f64, usize) {
    let shift = dashu_base::BitTest::bit_len(x).saturating_sub(64);
    // At most 64 bits are left.
    (u64::try_from(x >> shift).unwrap_or(u64::MAX) as f64, shift)
}

#[cfg(test)]
mod tests {
    use dashu_ratio::RBig;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn doubles_are_split_into_odd_numbers_and_powers_of_two() {
        assert_eq!(split(0.0), (0, 0));
        assert_eq!(split(-12.0), (-3, 2));
        assert_eq!(split(5e-324), (1, -1074));
        assert_eq!(split(f64::MAX), ((1 << 53) - 1, 971));
    }

    #[test]
    fn neighbours_meet_exactly_at_doubles() {
        let of = |num: i64, den: u64| neighbours(&IBig::from(num), &UBig::from(den));
        assert_eq!(of(-3, 4), (-0.75, -0.75));
        assert_eq!(of(0, 7), (0.0, 0.0));
        let (lo, hi) = of(1, 3);
        assert_eq!(lo.next_up(), hi);
        assert_eq!(lo.max(hi - f64::EPSILON / 2.0), 1.0 / 3.0);
    }

    #[test]
    fn neighbours_of_what_is_too_large_or_small_for_a_double() {
        let huge = IBig::ONE << 3_000;
        assert_eq!(neighbours(&huge, &UBig::ONE), (f64::MAX, f64::INFINITY));
        assert_eq!(neighbours(&-huge, &UBig::ONE), (f64::NEG_INFINITY, f64::MIN));
        assert_eq!(neighbours(&IBig::ONE, &(UBig::ONE << 5_000)), (0.0, 5e-324));
        assert_eq!(neighbours(&IBig::from(-1), &(UBig::ONE << 5_000)), (-5e-324, -0.0));
    }

    proptest! {
        #[test]
        fn neighbours_enclose_and_touch(num in any::<i64>(), den in 1..u64::MAX, shift in 0..1_500usize, up in any::<bool>()) {
            let num = if up { IBig::from(num) << shift } else { IBig::from(num) };
            let den = if up { UBig::from(den) } else { UBig::from(den) << shift };
            let (lo, hi) = neighbours(&num, &den);
            prop_assert!(lo == hi || lo.next_up() == hi);
            let x = RBig::from_parts(num, den);
            prop_assert!(lo.is_infinite() || RBig::try_from(lo).unwrap() <= x);
            prop_assert!(hi.is_infinite() || x <= RBig::try_from(hi).unwrap());
        }
    }
}
