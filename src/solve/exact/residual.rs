//! What is left of a right-hand side after some digits: `(c - A z) / p` again and again, without rounding.

use dashu_base::BitTest;
use dashu_int::{IBig, UBig};

use super::equation::{Equation, Terms, remainder};
use super::modular::{mul, power_of_two, prime, reduce, sub};

/// Limbs of a narrow residual.
pub const LIMBS: usize = 4;
/// Residuals and left sides up to this many bits are kept in 256; the rest is room for the sign and one sum.
const NARROW: usize = 250;

/// Residual of one equation.
pub enum Residual {
    /// Two's complement, smallest limb first: all arithmetic is modulo 2^256, and the results fit.
    Narrow([u64; LIMBS]),
    /// Of any size.
    Wide(IBig),
}

impl Residual {
    /// A right-hand side.
    pub fn new(equation: &Equation, bits: usize, c: &IBig) -> Self {
        match &equation.terms {
            Terms::Narrow { .. } if bits <= NARROW && c.bit_len() <= NARROW => Residual::Narrow(limbs(c)),
            _ => Residual::Wide(c.clone()),
        }
    }

    /// As a remainder.
    pub fn modulo<const K: u32>(&self) -> u64 {
        match self {
            Residual::Narrow(x) => {
                let mut sum = 0u128;
                for (i, &limb) in x.iter().enumerate() {
                    sum += u128::from(mul::<K>(reduce::<K>(u128::from(limb)), power_of_two::<K>(64 * i)));
                }
                let sum = reduce::<K>(sum);
                let is_negative = x[LIMBS - 1] >> 63 == 1;
                if is_negative { sub::<K>(sum, power_of_two::<K>(64 * LIMBS)) } else { sum }
            }
            Residual::Wide(x) => remainder::<K>(x),
        }
    }

    /// Takes off the left side at the digits `z` and divides by the prime; the division leaves nothing over.
    pub fn step<const K: u32>(&mut self, equation: &Equation, bits: usize, z: &[u64]) {
        match (&mut *self, &equation.terms) {
            (Residual::Narrow(x), Terms::Narrow { to, low, high }) => {
                let mut sum = products(low.iter().zip(to).map(|(&m, &t)| (m, z[t as usize])));
                if !high.is_empty() {
                    let above = products(high.iter().map(|&(i, m)| (m, z[to[i as usize] as usize])));
                    add(&mut sum, &[0, above[0], above[1], above[2]]);
                }
                *x = sum_of(x, &times(&sum, equation.g));
                *x = difference(x, &times(&equation.lead_low, z[equation.s]));
                divide::<K>(x);
            }
            (Residual::Wide(x), _) => {
                let mut sum = IBig::ZERO;
                equation.for_each(|t, m| sum += IBig::from(m.clone()) * z[t]);
                *x += sum * equation.g;
                *x -= IBig::from(&equation.lead * z[equation.s]);
                *x /= IBig::from(prime::<K>());
                // The right-hand side loses K bits a step; what is left after it is as small as the left side.
                if x.bit_len() <= NARROW {
                    let narrow = Residual::new(equation, bits, x);
                    *self = narrow;
                }
            }
            (Residual::Narrow(_), Terms::Wide(_)) => unreachable!("wide equations start wide and stay so"),
        }
    }
}

/// Two's complement of a number of at most 255 bits.
fn limbs(x: &IBig) -> [u64; LIMBS] {
    let (sign, size) = x.clone().into_parts();
    let mut bytes = [0u8; 8 * LIMBS];
    let le = size.to_le_bytes();
    bytes[..le.len()].copy_from_slice(&le);
    let mut out = [0; LIMBS];
    for (limb, chunk) in out.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = chunk.iter().rev().fold(0, |limb, &byte| limb << 8 | u64::from(byte));
    }
    if sign == dashu_base::Sign::Negative { difference(&[0; LIMBS], &out) } else { out }
}

/// `sum m z` of up to 2^60 products of 64 and 61 bits.
fn products(terms: impl Iterator<Item = (u64, u64)>) -> [u64; LIMBS] {
    let (mut sum, mut carries) = (0u128, 0u64);
    for (m, z) in terms {
        let (next, over) = sum.overflowing_add(u128::from(m) * u128::from(z));
        sum = next;
        carries += u64::from(over);
    }
    [sum as u64, (sum >> 64) as u64, carries, 0]
}

fn add(x: &mut [u64; LIMBS], y: &[u64; LIMBS]) {
    let mut carry = false;
    for (x, &y) in x.iter_mut().zip(y) {
        let (sum, first) = x.overflowing_add(y);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        (*x, carry) = (sum, first | second);
    }
}

fn sum_of(x: &[u64; LIMBS], y: &[u64; LIMBS]) -> [u64; LIMBS] {
    let mut sum = *x;
    add(&mut sum, y);
    sum
}

fn difference(x: &[u64; LIMBS], y: &[u64; LIMBS]) -> [u64; LIMBS] {
    let mut borrow = false;
    std::array::from_fn(|i| {
        let (left, first) = x[i].overflowing_sub(y[i]);
        let (left, second) = left.overflowing_sub(u64::from(borrow));
        borrow = first | second;
        left
    })
}

fn times(x: &[u64; LIMBS], g: u64) -> [u64; LIMBS] {
    let mut carry = 0u64;
    std::array::from_fn(|i| {
        let product = u128::from(x[i]) * u128::from(g) + u128::from(carry);
        carry = (product >> 64) as u64;
        product as u64
    })
}

/// A number modulo 2^256.
pub fn low_limbs(x: &UBig) -> [u64; LIMBS] {
    let bytes = x.to_le_bytes();
    let limb = |i: usize| bytes.iter().skip(8 * i).take(8).rev().fold(0, |limb, &byte| limb << 8 | u64::from(byte));
    std::array::from_fn(limb)
}

/// Exact quotient by the prime, from the smallest limb up (Jebelean 1993).
fn divide<const K: u32>(x: &mut [u64; LIMBS]) {
    let p = prime::<K>();
    // Newton's iteration doubles the bits that are right, of which an odd number starts with three.
    let inverse = (0..5).fold(p, |y: u64, _| y.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(y))));
    let mut borrow = 0;
    for limb in x {
        let (left, under) = limb.overflowing_sub(borrow);
        *limb = left.wrapping_mul(inverse);
        borrow = ((u128::from(*limb) * u128::from(p)) >> 64) as u64 + u64::from(under);
    }
}

#[cfg(test)]
mod tests {
    use dashu_int::UBig;

    use super::super::limbs::Limbs;
    use super::*;

    fn whole(x: &[u64; LIMBS]) -> IBig {
        let size = x.iter().rev().fold(IBig::ZERO, |sum, &limb| (sum << 64usize) + IBig::from(limb));
        if x[LIMBS - 1] >> 63 == 1 { size - (IBig::ONE << (64 * LIMBS)) } else { size }
    }

    #[test]
    fn narrow_and_wide_residuals_take_the_same_steps() {
        let (m, z) = ([3u128 << 90 | 5, 7, (1 << 64) - 1], [prime::<61>() - 1, 12345, prime::<61>() - 2]);
        let lead = UBig::ONE << 140usize;
        let equation =
            |terms| Equation { s: 1, lead_low: low_limbs(&lead), lead: lead.clone(), g: (1 << 53) - 1, terms };
        let wide = equation(Terms::Wide((0..).zip(m.map(UBig::from)).collect()));
        let (low, high) = (m.map(|m| m as u64).to_vec(), vec![(0, (m[0] >> 64) as u64)]);
        let narrow = equation(Terms::Narrow { to: vec![0, 1, 2], low, high });
        let digits = z.map(IBig::from);
        let left = wide.at(&digits, &Limbs::new(&digits));
        assert_eq!(left, narrow.at(&digits, &Limbs::new(&digits)));
        assert_eq!(wide.bits(), narrow.bits());
        for quotient in [IBig::ZERO, IBig::from(-1), IBig::from(17) << 180usize, -(IBig::from(5) << 230usize)] {
            let c = &left + &quotient * IBig::from(prime::<61>());
            let mut as_wide = Residual::Wide(c.clone());
            as_wide.step::<61>(&wide, wide.bits(), &z);
            let Residual::Wide(found) = &as_wide else { panic!("a wide equation stays wide") };
            assert_eq!(*found, quotient);
            let mut as_narrow = Residual::Narrow(limbs_of_any(&c));
            as_narrow.step::<61>(&narrow, narrow.bits(), &z);
            let Residual::Narrow(found) = &as_narrow else { panic!("it fits") };
            assert_eq!(whole(found), quotient);
            assert_eq!(as_narrow.modulo::<61>(), as_wide.modulo::<61>());
            assert_eq!(as_narrow.modulo::<31>(), as_wide.modulo::<31>());
        }
    }

    /// Modulo 2^256, as sums before a division may be.
    fn limbs_of_any(x: &IBig) -> [u64; LIMBS] {
        let modulus = IBig::ONE << (64 * LIMBS);
        let mut rest = x % &modulus;
        if rest < IBig::ZERO {
            rest += &modulus;
        }
        std::array::from_fn(|i| u64::try_from((&rest >> (64 * i)) & IBig::from(u64::MAX)).unwrap())
    }

    #[test]
    fn a_wide_right_hand_side_becomes_narrow_once_it_is_short() {
        let equation = Equation::of(0, UBig::from(2u8), 1, vec![(0, UBig::ONE)]);
        // 2x - x = c with c = p^5: digits 0, 0, 0, 0, 0, 1.
        let c = IBig::from(prime::<61>()).pow(5);
        let mut residual = Residual::new(&equation, equation.bits(), &c);
        assert!(matches!(residual, Residual::Wide(_)));
        for _ in 0..5 {
            assert_eq!(residual.modulo::<61>(), 0);
            residual.step::<61>(&equation, equation.bits(), &[0]);
        }
        assert!(matches!(residual, Residual::Narrow([1, 0, 0, 0])));
    }
}
