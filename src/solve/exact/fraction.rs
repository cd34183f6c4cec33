//! Fractions from their remainders modulo a large number.

use std::mem;

use dashu_base::{BitTest, DivRem, Sign};
use dashu_int::{IBig, UBig};

/// Bits by which a modulus must exceed numerator times denominator before the pair is believed. A pair that is wrong
/// all the same has odds of 2^-40, and is found out when the equations are checked.
pub const SPARE: usize = 42;

/// The fraction `num / den` of small size with `num = x den` modulo `modulus`, if there is one: the first convergent
/// whose numerator and denominator leave `SPARE` bits of the modulus (Monagan 2004). Denominators longer than `longest`
/// bits are not looked for.
pub fn reconstruct(x: &UBig, modulus: &UBig, longest: usize) -> Option<(IBig, UBig)> {
    let bits = modulus.bit_len();
    let (mut r0, mut r1) = (modulus.clone(), x.clone());
    // `r = t x` modulo the modulus; signs of `t` alternate, so its size is enough.
    let (mut t0, mut t1, mut is_negative) = (UBig::ZERO, UBig::ONE, false);
    loop {
        if r1.bit_len() + t1.bit_len() + SPARE <= bits {
            let sign = if is_negative { Sign::Negative } else { Sign::Positive };
            return Some((IBig::from_parts(sign, r1), t1));
        }
        if r1.is_zero() || t1.bit_len() > longest {
            return None;
        }
        match Steps::of(&r0, &r1) {
            Some(steps) => {
                (r0, r1) = steps.apply_to_remainders(&r0, &r1);
                (t0, t1) = steps.apply_to_factors(&t0, &t1);
                is_negative ^= steps.is_odd;
            }
            None => {
                let (quotient, rest) = mem::take(&mut r0).div_rem(&r1);
                r0 = mem::replace(&mut r1, rest);
                let next = mem::take(&mut t0) + &quotient * &t1;
                t0 = mem::replace(&mut t1, next);
                is_negative = !is_negative;
            }
        }
    }
}

/// Several steps of Euclid's algorithm at once, `(r0, r1) <- (a r0 + b r1, c r0 + d r1)`, as far as the leading bits
/// determine the quotients (Lehmer 1938; Knuth, section 4.5.2, algorithm L).
///
/// The factors stay below 2^32, and so do the quotients. A fraction that leaves `SPARE` bits is followed by a quotient
/// above 2^40: no such group of steps runs past it.
struct Steps {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    is_odd: bool,
}

impl Steps {
    /// `None` where not even the first quotient is certain, or where it is too large.
    fn of(r0: &UBig, r1: &UBig) -> Option<Self> {
        /// Leading bits used: sums with a factor stay below 2^63.
        const LEADING: usize = 62;
        let shift = r0.bit_len().checked_sub(LEADING)?;
        let leading = |r: &UBig| i64::try_from(r >> shift).ok();
        let (mut x, mut y) = (leading(r0)?, leading(r1)?);
        let mut steps = Steps { a: 1, b: 0, c: 0, d: 1, is_odd: false };
        loop {
            let Steps { a, b, c, d, .. } = steps;
            if y + c == 0 || y + d == 0 {
                break;
            }
            let q = (x + a) / (y + c);
            if q != (x + b) / (y + d) {
                break;
            }
            let (Some(next_c), Some(next_d)) = (factor(a, q, c), factor(b, q, d)) else { break };
            (x, y) = (y, x - q * y);
            steps = Steps { a: c, b: d, c: next_c, d: next_d, is_odd: !steps.is_odd };
        }
        (steps.b != 0).then_some(steps)
    }

    fn apply_to_remainders(&self, r0: &UBig, r1: &UBig) -> (UBig, UBig) {
        // One factor of each pair is negative, and remainders are not.
        let mix = |x: i64, y: i64| {
            let (left, right) = (r0 * x.unsigned_abs(), r1 * y.unsigned_abs());
            if x < 0 || y > 0 { right - left } else { left - right }
        };
        (mix(self.a, self.b), mix(self.c, self.d))
    }

    /// Signs of the factors alternate as those of `t` do, so sizes add up.
    fn apply_to_factors(&self, t0: &UBig, t1: &UBig) -> (UBig, UBig) {
        let mix = |x: i64, y: i64| t0 * x.unsigned_abs() + t1 * y.unsigned_abs();
        (mix(self.a, self.b), mix(self.c, self.d))
    }
}

/// `x - q y` if it is below 2^32.
fn factor(x: i64, q: i64, y: i64) -> Option<i64> {
    let next = x.checked_sub(q.checked_mul(y)?)?;
    (next.unsigned_abs() >> 32 == 0).then_some(next)
}

/// The remainder of least absolute value.
pub fn centred(x: UBig, modulus: &UBig) -> IBig {
    let other = modulus - &x;
    if other < x { -IBig::from(other) } else { IBig::from(x) }
}

/// Powers `p, p^2, p^4, ...` of a base, and the numbers they write.
pub struct Powers(Vec<UBig>);

impl Powers {
    /// Enough for `digits` digits.
    pub fn new(p: u64, digits: usize) -> Self {
        let mut powers = vec![UBig::from(p)];
        while 1 << powers.len() < digits {
            powers.push(powers[powers.len() - 1].sqr());
        }
        Powers(powers)
    }

    /// `p^n`, `n` at most the digits promised.
    pub fn power(&self, n: usize) -> UBig {
        let bits = self.0.iter().enumerate().filter(|(i, _)| n >> i & 1 == 1);
        let low = bits.fold(UBig::ONE, |product, (_, power)| product * power);
        // One bit more than there are powers: the number of digits is a power of two itself.
        if n >> self.0.len() & 1 == 1 { low * self.0[self.0.len() - 1].sqr() } else { low }
    }

    /// `sum digits_i p^i`.
    pub fn number(&self, digits: &[u64]) -> UBig {
        match digits {
            [] => UBig::ZERO,
            [digit] => UBig::from(*digit),
            _ => {
                let half = digits.len().next_power_of_two() / 2;
                let (low, high) = digits.split_at(half);
                self.number(low) + self.number(high) * &self.0[half.trailing_zeros() as usize]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::modular::prime;
    use super::*;

    /// Inverse of an odd number modulo a power of two, for making remainders of fractions.
    fn remainder(num: &IBig, den: &UBig, bits: usize) -> UBig {
        let modulus = IBig::ONE << bits;
        let den = IBig::from(den.clone());
        let inverse = (0..20).fold(IBig::ONE, |y, _| (&y * (IBig::from(2) - &den * &y)) % &modulus);
        let rest = (num * inverse) % &modulus;
        UBig::try_from(if rest < IBig::ZERO { rest + modulus } else { rest }).unwrap()
    }

    proptest! {
        #[test]
        fn fractions_come_back_as_soon_as_the_modulus_is_long_enough(
            num in prop::collection::vec(any::<u8>(), 1..200),
            den in prop::collection::vec(any::<u8>(), 1..200),
            more in 0..40usize,
        ) {
            let (num, den) = (IBig::from_le_bytes(&num), UBig::from_le_bytes(&den) | UBig::ONE);
            let bits = num.bit_len() + den.bit_len() + SPARE + more;
            let x = remainder(&num, &den, bits);
            let (found, under) = reconstruct(&x, &(UBig::ONE << bits), bits).expect("long enough");
            prop_assert_eq!(found * IBig::from(den), num * IBig::from(under));
        }

        #[test]
        fn digits_and_numbers_are_the_same(digits in prop::collection::vec(0..prime::<61>(), 0..40)) {
            let powers = Powers::new(prime::<61>(), 40);
            let plain = digits.iter().rev().fold(UBig::ZERO, |sum, &digit| sum * prime::<61>() + UBig::from(digit));
            prop_assert_eq!(powers.number(&digits), plain);
            prop_assert_eq!(powers.power(digits.len()), UBig::from(prime::<61>()).pow(digits.len()));
        }
    }

    #[test]
    fn a_number_that_is_no_short_fraction_is_refused() {
        // Some remainder of 128 bits without pattern: its convergents fill the modulus.
        let x = UBig::from(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834u128);
        assert!(reconstruct(&x, &((UBig::ONE << 128) - UBig::ONE), 128).is_none());
        assert_eq!(reconstruct(&UBig::ZERO, &(UBig::ONE << 64), 64), Some((IBig::ZERO, UBig::ONE)));
    }

    #[test]
    fn centred_remainders() {
        let seven = UBig::from(7u8);
        assert_eq!(centred(UBig::from(6u8), &seven), IBig::from(-1));
        assert_eq!(centred(UBig::from(3u8), &seven), IBig::from(3));
    }
}
