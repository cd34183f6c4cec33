//! Fractions from their remainders modulo a large number.

use std::mem;

use dashu::base::{BitTest, DivRem, Sign};
use dashu::integer::{IBig, UBig};

/// Bits by which a modulus must exceed numerator times denominator before the pair is believed. A pair that is wrong
/// all the same has odds of 2^-40, and is found out when the equations are checked.
pub const SPARE: usize = 42;

/// The fraction `num / den` of small size with `num = x den` modulo `modulus`, if there is one: the first convergent
/// whose numerator and denominator leave `SPARE` bits of the modulus (Monagan 2004).
pub fn reconstruct(x: &UBig, modulus: &UBig) -> Option<(IBig, UBig)> {
    let bits = modulus.bit_len();
    let (mut r0, mut r1) = (modulus.clone(), x.clone());
    // `r = t x` modulo the modulus; signs of `t` alternate, so its size is enough.
    let (mut t0, mut t1, mut is_negative) = (UBig::ZERO, UBig::ONE, false);
    loop {
        if r1.bit_len() + t1.bit_len() + SPARE <= bits {
            let sign = if is_negative { Sign::Negative } else { Sign::Positive };
            return Some((IBig::from_parts(sign, r1), t1));
        }
        if r1.is_zero() {
            return None;
        }
        let (quotient, rest) = mem::take(&mut r0).div_rem(&r1);
        r0 = mem::replace(&mut r1, rest);
        let next = mem::take(&mut t0) + &quotient * &t1;
        t0 = mem::replace(&mut t1, next);
        is_negative = !is_negative;
    }
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
        fn fractions_come_back_as_soon_as_the_modulus_is_long_enough(num in any::<i128>(), den in any::<u64>(), more in 0..40usize) {
            let (num, den) = (IBig::from(num), UBig::from(den | 1));
            let bits = num.bit_len() + den.bit_len() + SPARE + more;
            let x = remainder(&num, &den, bits);
            let (found, under) = reconstruct(&x, &(UBig::ONE << bits)).expect("long enough");
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
        assert!(reconstruct(&x, &((UBig::ONE << 128) - UBig::ONE)).is_none());
        assert_eq!(reconstruct(&UBig::ZERO, &(UBig::ONE << 64)), Some((IBig::ZERO, UBig::ONE)));
    }

    #[test]
    fn centred_remainders() {
        let seven = UBig::from(7u8);
        assert_eq!(centred(UBig::from(6u8), &seven), IBig::from(-1));
        assert_eq!(centred(UBig::from(3u8), &seven), IBig::from(3));
    }
}
