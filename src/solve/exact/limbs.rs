//! Many long numbers in one piece of memory, for sums of their multiples.

use dashu_base::{BitTest, Sign};
use dashu_int::{IBig, UBig};

/// Numbers, each in the same count of 64-bit limbs, smallest first.
pub struct Limbs {
    width: usize,
    size: Vec<u64>,
    is_negative: Vec<bool>,
}

/// A sum of multiples: what is added and what is taken off, apart.
pub struct Sum {
    plus: Vec<u64>,
    minus: Vec<u64>,
}

impl Limbs {
    /// Numbers of any size and sign.
    pub fn new(numbers: &[IBig]) -> Self {
        let width = numbers.iter().map(|x| x.bit_len().div_ceil(64)).max().unwrap_or(0);
        let mut size = Vec::with_capacity(width * numbers.len());
        let mut is_negative = Vec::with_capacity(numbers.len());
        for x in numbers {
            let (sign, magnitude) = x.clone().into_parts();
            is_negative.push(sign == Sign::Negative);
            let bytes = magnitude.to_le_bytes();
            size.extend(bytes.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |limb, &b| limb << 8 | u64::from(b))));
            size.resize(width * is_negative.len(), 0);
        }
        Limbs { width, size, is_negative }
    }

    /// Zero, with room for sums of fewer than 2^64 multiples by numbers below 2^128.
    pub fn zero(&self) -> Sum {
        Sum { plus: vec![0; self.width + 3], minus: vec![0; self.width + 3] }
    }

    /// Adds `2^(64 place) m` times number `i`, for place 0 or 1.
    pub fn add(&self, sum: &mut Sum, i: usize, m: u64, place: usize) {
        let to = if self.is_negative[i] { &mut sum.minus } else { &mut sum.plus };
        let (low, high) = to[place..].split_at_mut(self.width);
        let mut carry = 0u64;
        for (to, &x) in low.iter_mut().zip(&self.size[i * self.width..(i + 1) * self.width]) {
            // At most (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
            let next = u128::from(x) * u128::from(m) + u128::from(*to) + u128::from(carry);
            (*to, carry) = (next as u64, (next >> 64) as u64);
        }
        for to in high {
            let (next, over) = to.overflowing_add(carry);
            (*to, carry) = (next, u64::from(over));
        }
    }
}

impl Sum {
    /// The number.
    pub fn value(&self) -> IBig {
        let whole = |limbs: &[u64]| {
            let bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
            IBig::from(UBig::from_le_bytes(&bytes))
        };
        whole(&self.plus) - whole(&self.minus)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_are_those_of_whole_numbers(
            parts in prop::collection::vec((any::<i128>(), 0..200usize, any::<u64>(), 0..2usize), 1..6),
        ) {
            let numbers: Vec<IBig> = parts.iter().map(|&(x, by, ..)| IBig::from(x) << by).collect();
            let limbs = Limbs::new(&numbers);
            let mut sum = limbs.zero();
            let mut plain = IBig::ZERO;
            for (i, &(_, _, m, place)) in parts.iter().enumerate() {
                limbs.add(&mut sum, i, m, place);
                plain += (&numbers[i] * m) << (64 * place);
            }
            prop_assert_eq!(sum.value(), plain);
        }
    }

    #[test]
    fn carries_run_to_the_end() {
        let numbers = [IBig::from(UBig::ones(256)), IBig::ZERO];
        let limbs = Limbs::new(&numbers);
        let mut sum = limbs.zero();
        (0..3).for_each(|_| limbs.add(&mut sum, 0, u64::MAX, 1));
        assert_eq!(sum.value(), (&numbers[0] * u64::MAX * 3u8) << 64usize);
    }
}
