//! Finite sets of points and the orders that linear functions give them: what rewards can say of finitely many
//! policies.
//!
//! A point is the occupancy of a policy, a linear function is a reward. Exact, for a handful of points.

use super::{Q, combination, dot, minus, scaled};

/// Row echelon form with leading ones, without zero rows, and the columns of the ones.
fn echelon(rows: &[Vec<Q>]) -> (Vec<Vec<Q>>, Vec<usize>) {
    let (mut rows, mut pivots) = (rows.to_vec(), Vec::new());
    let n = rows.first().map_or(0, Vec::len);
    for column in 0..n {
        let k = pivots.len();
        let Some(found) = (k..rows.len()).find(|&i| !rows[i][column].is_zero()) else { continue };
        rows.swap(k, found);
        rows[k] = scaled(&(Q::ONE / &rows[k][column]), &rows[k]);
        let line = rows[k].clone();
        let others = rows.iter_mut().enumerate().filter(|(i, row)| *i != k && !row[column].is_zero());
        for (_, row) in others {
            *row = combination(row, &-row[column].clone(), &line);
        }
        pivots.push(column);
    }
    rows.truncate(pivots.len());
    (rows, pivots)
}

/// Dimension of the span.
pub fn rank(vectors: &[Vec<Q>]) -> usize {
    echelon(vectors).1.len()
}

/// Differences to the first point.
fn differences(points: &[Vec<Q>]) -> Vec<Vec<Q>> {
    points.iter().skip(1).map(|x| minus(x, &points[0])).collect()
}

/// Dimension of the smallest plane through all points.
pub fn affine_dimension(points: &[Vec<Q>]) -> usize {
    rank(&differences(points))
}

/// Points by their value, the lowest first; points of one value together.
pub fn classes(points: &[Vec<Q>], r: &[Q]) -> Vec<Vec<usize>> {
    let value: Vec<Q> = points.iter().map(|x| dot(x, r)).collect();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&i, &j| value[i].cmp(&value[j]));
    order.chunk_by(|&i, &j| value[i] == value[j]).map(<[usize]>::to_vec).collect()
}

/// The `Z` of Skalse et al.: differences inside classes.
pub fn ties(points: &[Vec<Q>], r: &[Q]) -> Vec<Vec<Q>> {
    let inside =
        |class: &Vec<usize>| class[1..].iter().map(|&i| minus(&points[i], &points[class[0]])).collect::<Vec<_>>();
    classes(points, r).iter().flat_map(inside).collect()
}

/// Two points of which `y` falls strictly and `x` rises strictly, if there are any.
pub fn hack(points: &[Vec<Q>], x: &[Q], y: &[Q]) -> Option<(usize, usize)> {
    let pairs = (0..points.len()).flat_map(|i| (0..points.len()).map(move |j| (i, j)));
    pairs.into_iter().find(|&(i, j)| {
        let step = minus(&points[j], &points[i]);
        dot(&step, x) > Q::ZERO && dot(&step, y) < Q::ZERO
    })
}

/// Whether all points are worth the same.
pub fn is_trivial(points: &[Vec<Q>], r: &[Q]) -> bool {
    classes(points, r).len() <= 1
}

/// Whether both order the points alike, ties included.
pub fn is_same_order(points: &[Vec<Q>], x: &[Q], y: &[Q]) -> bool {
    let sorted = |r: &[Q]| {
        let mut order = classes(points, r);
        order.iter_mut().for_each(|class| class.sort_unstable());
        order
    };
    sorted(x) == sorted(y)
}

/// Whether some linear function is 0 on all of `flat` and positive on all of `rising`: the null space of the first,
/// then Fourier-Motzkin elimination.
pub fn has_function(flat: &[Vec<Q>], rising: &[Vec<Q>]) -> bool {
    let Some(n) = rising.first().map(Vec::len) else { return true };
    let (rows, pivots) = echelon(flat);
    // w is free off the pivots and follows there, so w.x depends on the free part of w alone.
    let reduced = |x: &Vec<Q>| {
        let x = pivots.iter().zip(&rows).fold(x.clone(), |x, (&p, row)| combination(&x, &-x[p].clone(), row));
        (0..n).filter(|k| !pivots.contains(k)).map(|k| x[k].clone()).collect::<Vec<_>>()
    };
    let mut system: Vec<Vec<Q>> = rising.iter().map(reduced).collect();
    for k in 0..n - pivots.len() {
        let (zero, other): (Vec<_>, Vec<_>) = system.into_iter().partition(|x| x[k].is_zero());
        let (up, down): (Vec<_>, Vec<_>) = other.into_iter().partition(|x| x[k] > Q::ZERO);
        system = zero;
        for x in &up {
            system.extend(down.iter().map(|y| combination(&scaled(&-y[k].clone(), x), &x[k], y)));
        }
        if system.iter().any(|x| x.iter().all(Q::is_zero)) {
            return false;
        }
    }
    system.is_empty()
}

/// Whether some reward gives the points exactly this order, the lowest class first.
pub fn is_realisable(points: &[Vec<Q>], order: &[Vec<usize>]) -> bool {
    let step = |i: usize, j: usize| minus(&points[j], &points[i]);
    let flat: Vec<Vec<Q>> = order.iter().flat_map(|c| c[1..].iter().map(|&i| step(c[0], i))).collect();
    let rising: Vec<Vec<Q>> = order.windows(2).map(|pair| step(pair[0][0], pair[1][0])).collect();
    has_function(&flat, &rising)
}

/// Every order that arises from this one by calling some neighbours equal, but not all and not none.
pub fn merged(order: &[Vec<usize>]) -> Vec<Vec<Vec<usize>>> {
    let gaps = order.len().saturating_sub(1) as u32;
    let coarser = |kept: u32| {
        let mut classes = vec![order[0].clone()];
        for (i, class) in order.iter().enumerate().skip(1) {
            match kept >> (i - 1) & 1 {
                1 => classes.push(class.clone()),
                _ => classes.last_mut().expect("it starts with one").extend(class),
            }
        }
        classes
    };
    (1..(1u32 << gaps).saturating_sub(1)).map(coarser).collect()
}

/// Whether some reward, not constant on the points, simplifies `r`: by trying every coarser order.
pub fn has_simplification(points: &[Vec<Q>], r: &[Q]) -> bool {
    merged(&classes(points, r)).iter().any(|order| is_realisable(points, order))
}

/// A reward that is not constant on the points, not hackable with `r` and orders them differently; `None` if there is
/// none.
///
/// Walk from `r` in the direction of a reward that is not a multiple of it on the points, until the first strict pair
/// is tied. Without such a direction every reward is `c r + constant` on the points.
pub fn unhackable_partner(points: &[Vec<Q>], r: &[Q]) -> Option<Vec<Q>> {
    let steps: Vec<Vec<Q>> =
        (0..points.len()).flat_map(|i| (0..points.len()).map(move |j| minus(&points[j], &points[i]))).collect();
    let rising: Vec<&Vec<Q>> = steps.iter().filter(|step| dot(step, r) > Q::ZERO).collect();
    let unit = |k: usize| (0..r.len()).map(|i| if i == k { Q::ONE } else { Q::ZERO }).collect::<Vec<Q>>();
    for x in (0..r.len()).flat_map(|k| [unit(k), scaled(&-Q::ONE, &unit(k))]) {
        let until = |step: &&Vec<Q>| {
            let slope = dot(step, &x);
            (slope < Q::ZERO).then(|| -dot(step, r) / slope)
        };
        // Where nothing that rises falls along x, x breaks ties at most.
        let t = rising.iter().filter_map(until).min().unwrap_or(Q::ONE);
        let found = combination(r, &t, &x);
        if !is_trivial(points, &found) && !is_same_order(points, r, &found) {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;

    fn points(list: &[[&str; 2]]) -> Vec<Vec<Q>> {
        list.iter().map(|x| x.iter().map(|x| number(x)).collect()).collect()
    }

    #[test]
    fn dimensions_of_a_line_and_a_triangle() {
        assert_eq!(affine_dimension(&points(&[["1", "1"], ["2", "2"], ["5", "5"]])), 1);
        assert_eq!(affine_dimension(&points(&[["1", "1"], ["2", "2"], ["5", "4"]])), 2);
        assert_eq!(rank(&points(&[["1", "1"], ["0", "0"]])), 1);
    }

    #[test]
    fn a_square_has_eight_orders_without_ties_and_no_diagonal_first() {
        let square = points(&[["0", "0"], ["1", "0"], ["0", "1"], ["1", "1"]]);
        let order = |list: [usize; 4]| list.map(|i| vec![i]).to_vec();
        assert!(is_realisable(&square, &order([0, 1, 2, 3])));
        assert!(!is_realisable(&square, &order([0, 3, 1, 2])));
        assert!(is_realisable(&square, &[vec![0], vec![1, 2], vec![3]]));
        assert!(!is_realisable(&square, &[vec![0], vec![1], vec![2, 3]]));
        assert_eq!(merged(&order([0, 1, 2, 3])).len(), 6);
    }

    #[test]
    fn partners_exist_off_a_line_only() {
        let line = points(&[["1", "1"], ["2", "2"], ["5", "5"]]);
        let r = vec![number("1"), number("0")];
        assert_eq!(unhackable_partner(&line, &r), None);
        let triangle = points(&[["0", "0"], ["1", "0"], ["3", "1"]]);
        let partner = unhackable_partner(&triangle, &r).unwrap();
        assert_eq!(hack(&triangle, &r, &partner), None);
        assert!(!is_trivial(&triangle, &partner) && !is_same_order(&triangle, &r, &partner));
        assert!(has_simplification(&triangle, &r) && !has_simplification(&line, &r));
    }
}
