//! The point of a convex hull that is nearest to the origin, in fractions (Wolfe 1976).

use dashu_ratio::RBig;

/// The nearest point.
pub(super) struct Nearest {
    /// Weight of each corner.
    pub weights: Vec<RBig>,
    /// The point.
    pub point: Vec<RBig>,
    /// Its squared length.
    pub square: RBig,
}

/// Of `n` points given coordinate by coordinate. Without rounding the method ends: the distance falls from set to set of
/// affinely independent corners. O(n^2) products a coordinate, and a system of n equations a step; `None` if it is stopped.
pub(super) fn nearest(n: usize, coordinates: &[Vec<RBig>], stop: impl Fn() -> bool) -> Option<Nearest> {
    let mut gram = vec![vec![RBig::ZERO; n]; n];
    for (k, x) in coordinates.iter().enumerate() {
        if k % 64 == 0 && stop() {
            return None;
        }
        for (i, row) in gram.iter_mut().enumerate() {
            row.iter_mut().zip(x).for_each(|(sum, y)| *sum += &x[i] * y);
        }
    }
    let first = (0..n).min_by(|&i, &j| gram[i][i].cmp(&gram[j][j]))?;
    let mut weights = vec![RBig::ZERO; n];
    weights[first] = RBig::ONE;
    let mut corners = vec![first];
    loop {
        if stop() {
            return None;
        }
        let along = |j: usize| corners.iter().fold(RBig::ZERO, |sum, &i| sum + &weights[i] * &gram[j][i]);
        let products: Vec<RBig> = (0..n).map(along).collect();
        let square = corners.iter().fold(RBig::ZERO, |sum, &i| sum + &weights[i] * &products[i]);
        let best = (0..n).min_by(|&i, &j| products[i].cmp(&products[j]))?;
        if square == RBig::ZERO || products[best] >= square {
            let at = |x: &Vec<RBig>| x.iter().zip(&weights).fold(RBig::ZERO, |sum, (x, w)| sum + x * w);
            return Some(Nearest { point: coordinates.iter().map(at).collect(), weights, square });
        }
        corners.push(best);
        loop {
            let flat = affine(&gram, &corners)?;
            if flat.iter().all(|w| *w > RBig::ZERO) {
                corners.iter().zip(flat).for_each(|(&i, w)| weights[i] = w);
                break;
            }
            // As far towards the flat's nearest point as the weights stay weights.
            let falling = corners.iter().zip(&flat).filter(|(_, to)| **to <= RBig::ZERO);
            let part = falling.map(|(&i, to)| &weights[i] / (&weights[i] - to)).min()?;
            for (&i, to) in corners.iter().zip(&flat) {
                let moved = &weights[i] + &part * (to - &weights[i]);
                weights[i] = moved;
            }
            corners.retain(|&i| weights[i] > RBig::ZERO);
        }
    }
}

/// Weights of the point nearest to the origin in the flat through some corners: `G w = t 1`, `sum w = 1`.
fn affine(gram: &[Vec<RBig>], corners: &[usize]) -> Option<Vec<RBig>> {
    let m = corners.len();
    let mut a: Vec<Vec<RBig>> = corners
        .iter()
        .map(|&i| corners.iter().map(|&j| gram[i][j].clone()).chain([RBig::ONE, RBig::ZERO]).collect())
        .collect();
    a.push((0..m).map(|_| RBig::ONE).chain([RBig::ZERO, RBig::ONE]).collect());
    for k in 0..=m {
        let pivot = (k..=m).find(|&i| a[i][k] != RBig::ZERO)?;
        a.swap(k, pivot);
        let row = a[k].clone();
        for (_, other) in a.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = &other[k] / &row[k];
            if factor != RBig::ZERO {
                (k..m + 2).for_each(|j| other[j] = &other[j] - &factor * &row[j]);
            }
        }
    }
    Some((0..m).map(|k| &a[k][m + 1] / &a[k][k]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(points: &[&[i32]]) -> Nearest {
        let n = points[0].len();
        let coordinates: Vec<Vec<RBig>> = (0..n).map(|k| points.iter().map(|p| RBig::from(p[k])).collect()).collect();
        nearest(points.len(), &coordinates, || false).expect("it is not stopped")
    }

    #[test]
    fn the_origin_is_inside_on_the_edge_or_outside() {
        assert_eq!(of(&[&[1, 1], &[-1, 1], &[0, -1]]).square, RBig::ZERO);
        assert_eq!(of(&[&[1, 0], &[-3, 0], &[5, 5]]).square, RBig::ZERO);
        let found = of(&[&[1, 1], &[1, -2], &[5, 0]]);
        assert_eq!((found.square, found.point), (RBig::ONE, vec![RBig::ONE, RBig::ZERO]));
        assert_eq!(found.weights[0], RBig::from_parts(2.into(), 3u8.into()));
        // Two alike, one further away.
        assert_eq!(of(&[&[2, 0], &[2, 0], &[3, 0]]).square, RBig::from(4));
    }
}
