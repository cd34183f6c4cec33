//! The best of several draws.

use super::{Q, total};

/// Distribution of the best of `n` independent draws from `base` by `score`; among equals the draws decide, each being
/// as likely as the base has it.
pub fn best_of(base: &[Q], score: &[Q], n: usize) -> Vec<Q> {
    let mass = |fits: &dyn Fn(&Q) -> bool| total(base.iter().zip(score).filter(|(_, s)| fits(s)).map(|(p, _)| p));
    let power = |x: Q| (0..n).fold(Q::ONE, |product, _| product * &x);
    let share = |arm: usize| {
        let (below, equal) = (mass(&|s| *s < score[arm]), mass(&|s| *s == score[arm]));
        match equal.is_zero() {
            true => Q::ZERO,
            false => (power(&below + &equal) - power(below)) * &base[arm] / equal,
        }
    };
    (0..base.len()).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;

    #[test]
    fn the_best_of_two_is_that_of_all_pairs() {
        let base = ["1/2", "1/3", "1/6"].map(number);
        let score = ["1", "2", "2"].map(number);
        let mut known = vec![Q::ZERO; 3];
        for i in 0..3 {
            for j in 0..3 {
                let p = &base[i] * &base[j];
                known[if score[j] > score[i] { j } else { i }] += p;
            }
        }
        assert_eq!(best_of(&base, &score, 2), known);
        assert_eq!(best_of(&base, &score, 1), base);
    }
}
