//! Determinants in fractions.

use super::Q;

/// The determinant of a square matrix, by elimination.
pub fn determinant(mut a: Vec<Vec<Q>>) -> Q {
    let mut product = Q::ONE;
    for k in 0..a.len() {
        let Some(pivot) = (k..a.len()).find(|&i| !a[i][k].is_zero()) else {
            return Q::ZERO;
        };
        if pivot != k {
            a.swap(k, pivot);
            product = -product;
        }
        product *= &a[k][k];
        let (above, below) = a.split_at_mut(k + 1);
        let pivot_row = &above[k];
        for row in below {
            let factor = &row[k] / &pivot_row[k];
            row[k..].iter_mut().zip(&pivot_row[k..]).for_each(|(x, p)| *x -= &factor * p);
        }
    }
    product
}

/// The `n`-th divided difference over `n + 1` different points: 0 for every polynomial of degree below `n`.
pub fn divided_difference(points: &[Q], values: &[Q]) -> Q {
    let weight = |i: usize| {
        let others = points.iter().enumerate().filter(|&(j, _)| j != i);
        others.fold(Q::ONE, |product, (_, point)| product * (&points[i] - point))
    };
    values.iter().enumerate().fold(Q::ZERO, |sum, (i, value)| sum + value / weight(i))
}

#[cfg(test)]
mod tests {
    use super::super::fraction;
    use super::*;

    fn q(x: i64) -> Q {
        fraction(x, 1)
    }

    #[test]
    fn a_determinant_keeps_its_sign_when_rows_are_swapped() {
        assert_eq!(determinant(vec![vec![q(0), q(2)], vec![q(3), q(1)]]), q(-6));
        assert_eq!(determinant(vec![vec![q(1), q(2)], vec![q(2), q(4)]]), q(0));
    }

    #[test]
    fn differences_of_a_square_are_its_leading_term() {
        let points = [q(0), q(1), q(3), q(4)];
        let squares: Vec<Q> = points.iter().map(|x| x * x).collect();
        assert_eq!(divided_difference(&points[..3], &squares[..3]), q(1));
        assert_eq!(divided_difference(&points, &squares), q(0));
    }
}
