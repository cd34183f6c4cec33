//! Vectors and linear systems in fractions.

use super::{Q, abs};

/// `sum x_i y_i`.
pub fn dot(x: &[Q], y: &[Q]) -> Q {
    x.iter().zip(y).filter(|(x, _)| !x.is_zero()).fold(Q::ZERO, |sum, (x, y)| sum + x * y)
}

/// `x + y`.
pub fn plus(x: &[Q], y: &[Q]) -> Vec<Q> {
    x.iter().zip(y).map(|(x, y)| x + y).collect()
}

/// `x - y`.
pub fn minus(x: &[Q], y: &[Q]) -> Vec<Q> {
    x.iter().zip(y).map(|(x, y)| x - y).collect()
}

/// `c x`.
pub fn scaled(c: &Q, x: &[Q]) -> Vec<Q> {
    x.iter().map(|x| c * x).collect()
}

/// `x + c y`.
pub fn combination(x: &[Q], c: &Q, y: &[Q]) -> Vec<Q> {
    x.iter().zip(y).map(|(x, y)| x + c * y).collect()
}

/// Largest absolute value, 0 of nothing.
pub fn max_abs(x: &[Q]) -> Q {
    x.iter().map(abs).max().unwrap_or(Q::ZERO)
}

/// Sum of absolute values.
pub fn l1(x: &[Q]) -> Q {
    x.iter().fold(Q::ZERO, |sum, x| sum + abs(x))
}

/// The solution of `a x = b` for a square `a`, by elimination; `None` if `a` is singular.
pub fn solve(mut a: Vec<Vec<Q>>, mut b: Vec<Q>) -> Option<Vec<Q>> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).find(|&i| !a[i][k].is_zero())?;
        a.swap(k, pivot);
        b.swap(k, pivot);
        let (above, below) = a.split_at_mut(k + 1);
        let pivot_row = &above[k];
        for (i, row) in below.iter_mut().enumerate().filter(|(_, row)| !row[k].is_zero()) {
            let factor = &row[k] / &pivot_row[k];
            for (x, p) in row[k..].iter_mut().zip(&pivot_row[k..]).filter(|(_, p)| !p.is_zero()) {
                *x -= &factor * p;
            }
            let known = &factor * &b[k];
            b[k + 1 + i] -= known;
        }
    }
    for k in (0..n).rev() {
        let known = dot(&a[k][k + 1..], &b[k + 1..]);
        b[k] = (&b[k] - known) / &a[k][k];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::super::fraction;
    use super::*;

    #[test]
    fn a_system_is_solved_with_a_pivot_and_a_singular_one_is_not() {
        let q = |x| fraction(x, 1);
        let a = vec![vec![q(0), q(2)], vec![q(3), q(1)]];
        assert_eq!(solve(a, vec![q(4), q(5)]), Some(vec![q(1), q(2)]));
        assert_eq!(solve(vec![vec![q(1), q(2)], vec![q(2), q(4)]], vec![q(1), q(1)]), None);
    }
}
