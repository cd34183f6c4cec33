//! Gaussian elimination without pivoting, for the small parts of a chain.
//!
//! `I - gamma P` has row sums `1 - gamma > 0` and no positive entry off the diagonal, so it is diagonally dominant:
//! every pivot is positive and no entry grows. Its transpose has the same elimination by columns. With discount 1 a
//! component of transient states is weakly dominant and irreducible, which is enough.

/// The factors of a square matrix, the lower one with ones on its diagonal, in the place of the matrix.
pub(in super::super) struct Factors {
    n: usize,
    a: Vec<f64>,
}

impl Factors {
    /// Factors the `n` by `n` matrix `a`, kept by rows. O(n^3).
    pub(in super::super) fn new(n: usize, mut a: Vec<f64>) -> Self {
        for k in 0..n {
            let (above, below) = a.split_at_mut((k + 1) * n);
            let pivot_row = &above[k * n..];
            let pivot = pivot_row[k];
            for row in below.chunks_exact_mut(n) {
                // Where rounding ate the way out nothing can be said, and the certificate will say so.
                let factor = if pivot > 0.0 { row[k] / pivot } else { 0.0 };
                row[k] = factor;
                if factor != 0.0 {
                    for (r, p) in row[k + 1..].iter_mut().zip(&pivot_row[k + 1..]) {
                        *r -= factor * p;
                    }
                }
            }
        }
        Factors { n, a }
    }

    /// Solves in place. O(n^2).
    pub(in super::super) fn solve(&self, x: &mut [f64]) {
        let n = self.n;
        let dot = |row: &[f64], x: &[f64]| row.iter().zip(x).map(|(r, x)| r * x).sum::<f64>();
        for k in 1..n {
            x[k] -= dot(&self.a[k * n..k * n + k], &x[..k]);
        }
        for k in (0..n).rev() {
            let row = &self.a[k * n..(k + 1) * n];
            let known = dot(&row[k + 1..], &x[k + 1..]);
            x[k] = if row[k] > 0.0 { (x[k] - known) / row[k] } else { 0.0 };
        }
    }
}
