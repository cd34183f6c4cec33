//! Square roots that are only compared: squares decide, so fractions suffice.

use super::{Finding, Q, Value, abs};

/// `x |x|`: grows with `x`, so it compares like `x`, and the square of a root is a fraction.
pub fn signed_square(x: &Q) -> Q {
    x * abs(x)
}

/// The number `from - sqrt(square)`, `square >= 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    /// What the root is taken from.
    pub from: Q,
    /// The square of what is taken.
    pub square: Q,
}

impl Lowered {
    /// Whether `from - sqrt(square) <= x`.
    pub fn is_at_most(&self, x: &Q) -> bool {
        signed_square(&(&self.from - x)) <= self.square
    }

    /// Whether the number is not larger than another of its kind.
    pub fn is_below(&self, other: &Lowered) -> bool {
        root_is_at_most(&other.square, &(&other.from - &self.from), &self.square)
    }

    /// `from - sqrt(square) <= x`, for people.
    pub fn below(&self, what: &str, x: &Q) -> Finding {
        Finding::is(self.is_at_most(x), || {
            format!("{what}: {} - sqrt({}) is more than {}", self.from.shown(), self.square.shown(), x.shown())
        })
    }
}

/// Whether `sqrt(x) <= shift + sqrt(y)`, for `x, y >= 0`.
pub fn root_is_at_most(x: &Q, shift: &Q, y: &Q) -> bool {
    // Squared once, one root is left: 2 |shift| sqrt of the side on which the shift is positive.
    let mixed = |root: &Q| Q::from(4u8) * shift * shift * root;
    match *shift >= Q::ZERO {
        true => signed_square(&(x - shift * shift - y)) <= mixed(y),
        false => mixed(x) <= signed_square(&(y - x - shift * shift)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;

    #[test]
    fn roots_compare_as_their_decimals_do() {
        let numbers = ["0", "1/4", "1", "2", "9/4", "3", "7"].map(number);
        let shifts = ["-2", "-1", "-1/2", "0", "1/3", "1", "2"].map(number);
        for x in &numbers {
            for y in &numbers {
                for shift in &shifts {
                    let root = |x: &Q| x.to_f64().value().sqrt();
                    let slack = shift.to_f64().value() + root(y) - root(x);
                    // Both sides are equal only where the roots are fractions, which doubles hold here.
                    let expected = slack >= -1e-12;
                    assert_eq!(root_is_at_most(x, shift, y), expected, "sqrt({x}) and {shift} + sqrt({y})");
                    let (low, high) = (
                        Lowered { from: Q::ZERO, square: y.clone() },
                        Lowered { from: shift.clone(), square: x.clone() },
                    );
                    assert_eq!(low.is_below(&high), expected);
                }
            }
        }
    }
}
