//! Projection on polyhedral cones in fractions, and the steepest ascent of a linear reward among occupancies.

use crate::truth::num::{Q, dot, solve};
use crate::truth::world::{Part, Row};

/// The closest point to `y` among `{ sum x_i f_i + sum l_k g_k : l >= 0 }` with `f` free, by the active-set method of Lawson
/// and Hanson, which ends in exact arithmetic. Dependent columns are left out as they come.
pub fn closest(y: &[Q], free: &[Vec<Q>], signed: &[Vec<Q>]) -> Vec<Q> {
    let combine = |used: &[usize], x: &[Q]| -> Vec<Q> {
        let columns = free.iter().chain(used.iter().map(|&k| &signed[k]));
        let mut sum = vec![Q::ZERO; y.len()];
        for (column, x) in columns.zip(x) {
            sum.iter_mut().zip(column).for_each(|(s, c)| *s += x * c);
        }
        sum
    };
    let fit = |used: &[usize]| -> Option<Vec<Q>> {
        let columns: Vec<&Vec<Q>> = free.iter().chain(used.iter().map(|&k| &signed[k])).collect();
        let normal = columns.iter().map(|a| columns.iter().map(|b| dot(*a, *b)).collect()).collect();
        solve(normal, columns.iter().map(|a| dot(*a, y)).collect())
    };
    let mut used: Vec<usize> = Vec::new();
    let mut x = fit(&used).expect("free columns are independent");
    let mut barred: Vec<usize> = Vec::new();
    loop {
        let reached = combine(&used, &x);
        let left: Vec<Q> = y.iter().zip(&reached).map(|(y, r)| y - r).collect();
        let open = (0..signed.len()).filter(|k| !used.contains(k) && !barred.contains(k));
        let gain = |k: &usize| dot(&signed[*k], &left);
        let Some(next) = open.filter(|k| gain(k) > Q::ZERO).max_by(|a, b| gain(a).cmp(&gain(b))) else {
            return reached;
        };
        used.push(next);
        x.push(Q::ZERO);
        loop {
            let Some(wish) = fit(&used) else {
                // It says nothing new.
                barred.push(used.pop().expect("just pushed"));
                x.pop();
                break;
            };
            let n = free.len();
            let negative: Vec<usize> = (n..wish.len()).filter(|&i| wish[i] < Q::ZERO).collect();
            if negative.is_empty() {
                x = wish;
                barred.clear();
                break;
            }
            let share = |i: &usize| &x[*i] / (&x[*i] - &wish[*i]);
            let step = negative.iter().map(share).min().expect("some");
            x = x.iter().zip(&wish).map(|(x, w)| x + &step * (w - x)).collect();
            let gone: Vec<usize> = (n..x.len()).filter(|&i| x[i].is_zero()).collect();
            for i in gone.into_iter().rev() {
                used.remove(i - n);
                x.remove(i);
            }
        }
    }
}

/// Corners of the steepest ascent of `y` from the uniform policy, as occupancies of rows; `None` where numbers grow too long
/// to follow. A terminal state is a place like others, with one row: choices inside it are none.
pub fn steepest(part: &Part, y: &[Q]) -> Option<Vec<Vec<Q>>> {
    let (live, rows) = (part.rows.len(), part.rows.len() + part.ends.len());
    let pad = |x: Vec<Q>, end: &dyn Fn(usize) -> Q| -> Vec<Q> {
        x.into_iter().chain((0..part.ends.len()).map(end)).collect()
    };
    let column = |s: usize| {
        let of = |row: &Row| Q::from(u8::from(row.at == s)) - &part.gamma * &row.p[s];
        pad(part.rows.iter().map(of).collect(), &|_| Q::ZERO)
    };
    let at_end = |k: usize| {
        let of = |row: &Row| -(&part.gamma * &row.full[part.ends[k].0]);
        pad(part.rows.iter().map(of).collect(), &|j| if j == k { Q::ONE - &part.gamma } else { Q::ZERO })
    };
    let shaping: Vec<Vec<Q>> = (0..part.n()).map(column).chain((0..part.ends.len()).map(at_end)).collect();
    let y = pad(y.to_vec(), &|_| Q::ZERO);
    let start = part.occupancy(&part.uniform());
    let after = |k: usize| {
        let (t, mu) = &part.ends[k];
        let entered = part.rows.iter().zip(&start).fold(Q::ZERO, |sum, (row, x)| sum + x * &row.full[*t]);
        (mu + &part.gamma * entered) / (Q::ONE - &part.gamma)
    };
    let mut x = pad(start.clone(), &after);
    let mut corners = vec![start.clone()];
    loop {
        // What the cone of directions leaves of y is its closest point in the polar cone: shapings less rises at zero.
        let falls: Vec<Vec<Q>> = (0..rows)
            .filter(|&k| x[k].is_zero())
            .map(|k| (0..rows).map(|i| if i == k { -Q::ONE } else { Q::ZERO }).collect())
            .collect();
        let polar = closest(&y, &shaping, &falls);
        let d: Vec<Q> = y.iter().zip(&polar).map(|(y, p)| y - p).collect();
        if d.iter().all(Q::is_zero) {
            return Some(corners);
        }
        let reach = (0..rows).filter(|&k| d[k] < Q::ZERO).map(|k| &x[k] / -&d[k]).min()?;
        x = x.iter().zip(&d).map(|(x, d)| x + &reach * d).collect();
        corners.push(x[..live].to_vec());
        let long = x.iter().map(|x| x.numerator().to_string().len()).max().unwrap_or(0);
        if corners.len() > 40 || long > 3_000 {
            return None;
        }
    }
}

#[test]
fn a_point_is_projected_on_a_quadrant() {
    let unit = |i: usize| (0..2).map(|k| Q::from(u8::from(k == i))).collect::<Vec<Q>>();
    let y = vec![Q::from(3), Q::from(-2)];
    assert_eq!(closest(&y, &[], &[unit(0), unit(1)]), vec![Q::from(3), Q::ZERO]);
    assert_eq!(closest(&y, &[unit(1)], &[unit(0)]), y);
}

#[test]
fn a_steepest_path_turns_where_an_action_is_used_up() {
    // Stay for 1, end for 0, or end half the time for 2.
    let half = crate::truth::num::frac(1, 2);
    let row = |action: usize, stay: Q| Row { at: 0, action, full: vec![stay.clone(), Q::ONE - &stay], p: vec![stay] };
    let part = Part {
        gamma: half.clone(),
        live: vec![0],
        rows: vec![row(0, Q::ONE), row(1, Q::ZERO), row(2, half)],
        of: std::iter::once(0..3).collect(),
        mu: vec![Q::ONE],
        felt: vec![true, true],
        ends: vec![(1, Q::ZERO)],
    };
    let corners = steepest(&part, &[Q::ONE, Q::ZERO, Q::from(2)]).expect("a path");
    let truth: Vec<Q> = corners.iter().map(|x| Q::from(2) * &x[0] / Q::from(4)).collect();
    assert_eq!(truth, [crate::truth::num::frac(2, 9), crate::truth::num::frac(2, 7), Q::ZERO]);
}
