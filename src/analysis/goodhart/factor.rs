//! The triangle of `A = Q R` where rows of `A` come and go.
//!
//! A row comes by rotations of Givens and leaves by those of LINPACK's `dchdd` (Stewart 1979), O(n^2) each. What rounding
//! leaves in `R` only slows the projection that uses it down: that is refined until it is one.

/// Upper triangle, row after row.
pub(super) struct Factor {
    n: usize,
    r: Vec<f64>,
}

impl Factor {
    /// Of a matrix with no rows and `n` columns.
    pub fn empty(n: usize) -> Self {
        Factor { n, r: vec![0.0; n * n] }
    }

    /// Appends a row, given by its entries that are not zero.
    pub fn add(&mut self, (col, val): (&[u32], &[f64])) {
        let n = self.n;
        let mut new = dense(n, col, val);
        let first = col.iter().min().map_or(n, |&c| c as usize);
        for i in first..n {
            if new[i] == 0.0 {
                continue;
            }
            let row = &mut self.r[i * n + i..(i + 1) * n];
            let size = row[0].hypot(new[i]);
            let (c, s) = (row[0] / size, new[i] / size);
            for (r, x) in row.iter_mut().zip(&mut new[i..]) {
                (*r, *x) = (c * *r + s * *x, c * *x - s * *r);
            }
        }
    }

    /// Takes a row away; `independence` is the length of what the projection on the complement of the columns leaves of its
    /// unit vector: 0 for a row the columns cannot do without.
    pub fn remove(&mut self, (col, val): (&[u32], &[f64]), independence: f64) {
        let n = self.n;
        let mut a = self.half(&dense(n, col, val));
        let mut alpha = independence;
        let mut turns = vec![(1.0, 0.0); n];
        for i in (0..n).rev() {
            let size = alpha.hypot(a[i]);
            if size > 0.0 {
                turns[i] = (alpha / size, a[i] / size);
            }
            alpha = size;
        }
        // From the last row up, the row that leaves is turned out of the triangle.
        a.fill(0.0);
        for i in (0..n).rev() {
            let (c, s) = turns[i];
            for (r, x) in self.r[i * n + i..(i + 1) * n].iter_mut().zip(&mut a[i..]) {
                (*r, *x) = (c * *r - s * *x, c * *x + s * *r);
            }
        }
    }

    /// `y` of `R' y = b`; 0 where the triangle has a zero.
    pub fn half(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut y = b.to_vec();
        for i in 0..n {
            let row = &self.r[i * n + i..(i + 1) * n];
            y[i] = if row[0] == 0.0 { 0.0 } else { y[i] / row[0] };
            let known = y[i];
            if known != 0.0 {
                y[i + 1..].iter_mut().zip(&row[1..]).for_each(|(y, r)| *y -= known * r);
            }
        }
        y
    }

    /// `x` of `R x = y`.
    pub fn back(&self, y: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = y.to_vec();
        for i in (0..n).rev() {
            let row = &self.r[i * n + i..(i + 1) * n];
            let known: f64 = row[1..].iter().zip(&x[i + 1..]).map(|(r, x)| r * x).sum();
            x[i] = if row[0] == 0.0 { 0.0 } else { (x[i] - known) / row[0] };
        }
        x
    }
}

fn dense(n: usize, col: &[u32], val: &[f64]) -> Vec<f64> {
    let mut x = vec![0.0; n];
    col.iter().zip(val).for_each(|(&c, v)| x[c as usize] += v);
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_come_and_go_leave_the_triangle_of_the_rest() {
        let rows: [([u32; 2], [f64; 2]); 5] = [
            ([0, 1], [1.0, -0.5]),
            ([1, 2], [0.25, 2.0]),
            ([0, 2], [-1.0, 1.0]),
            ([0, 1], [3.0, 1.0]),
            ([1, 2], [-1.0, 0.5]),
        ];
        let of = |which: &[usize]| {
            let mut factor = Factor::empty(3);
            which.iter().for_each(|&i| factor.add((&rows[i].0, &rows[i].1)));
            factor
        };
        let whole = [0, 1, 2, 3, 4];
        for gone in whole {
            let rest: Vec<usize> = whole.into_iter().filter(|&i| i != gone).collect();
            let (mut factor, known) = (of(&whole), of(&rest));
            // 1 less the leverage of the row is the squared length of what is left of its unit vector.
            let leverage = factor.half(&dense(3, &rows[gone].0, &rows[gone].1)).iter().map(|y| y * y).sum::<f64>();
            factor.remove((&rows[gone].0, &rows[gone].1), (1.0 - leverage).sqrt());
            for b in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.3, -0.7, 2.0]] {
                let (x, y) = (factor.back(&factor.half(&b)), known.back(&known.half(&b)));
                x.iter().zip(&y).for_each(|(x, y)| assert!((x - y).abs() < 1e-13, "{x} {y}"));
            }
        }
    }
}
