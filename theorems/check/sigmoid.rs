//! The sigmoid, which no fraction but 0 keeps a fraction.

use super::{Q, real};
use truenorth::base::Interval;

/// `1 / (1 + exp(-x))`.
pub fn sigmoid(x: &Q) -> Interval {
    let one = Interval::point(1.0);
    let below = one + real(&-x).exp();
    one.checked_div(below).expect("exponentials are positive")
}

/// The mean of `sigmoid(r - c)` over reference rewards `c`, at least one: preference as reward.
pub fn preference(r: &Q, references: &[Q]) -> Interval {
    let sum = references.iter().fold(Interval::point(0.0), |sum, c| sum + sigmoid(&(r - c)));
    sum.checked_div(Interval::point(references.len() as f64)).expect("there are references")
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;

    #[test]
    fn sigmoids_of_opposites_sum_to_one() {
        assert!((sigmoid(&Q::ZERO).mid() - 0.5).abs() < 1e-15);
        let sum = sigmoid(&number("3")) + sigmoid(&number("-3"));
        assert!(sum.lo <= 1.0 && 1.0 <= sum.hi && sum.hi - sum.lo < 1e-14);
        // 1 / (1 + 1/e).
        assert!((sigmoid(&number("1")).mid() - 0.731_058_578_630_004_9).abs() < 1e-15);
        let both = preference(&number("1"), &[Q::ZERO, number("2")]);
        assert!(both.lo <= 0.5 && 0.5 <= both.hi);
    }
}
