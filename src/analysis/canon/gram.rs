//! The matrix of shaping, and least squares with weights on it.
//!
//! `G Phi (s,a) = Phi(s) - gamma sum_s' P(s'|s,a) Phi(s')` over rows. What a shaping adds in expectation is `-G Phi`, what
//! an occupancy `mu` lacks to be one is `G' mu - mu0`, and `G' diag(w) G` is the matrix of every weighted least squares in
//! potentials.

use nalgebra::DMatrix;

use super::cholesky::Cholesky;
use super::least_squares::{self, System};
use crate::base::sum;
use crate::model::Mdp;

/// `G x` over rows. O(nnz).
pub fn apply(mdp: &Mdp, x: &[f64]) -> Vec<f64> {
    let mut out = Vec::with_capacity(mdp.n_rows());
    for s in 0..mdp.n_states() {
        out.extend(mdp.rows(s).map(|row| x[s] - mdp.gamma() * mdp.backup(row, x)));
    }
    out
}

/// `G' y` over states, written to `out`. O(nnz), rows with `y = 0` cost nothing.
pub fn transpose(mdp: &Mdp, y: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s).filter(|&row| y[row] != 0.0) {
            out[s] += y[row];
            let (col, p) = mdp.p(row);
            let flow = mdp.gamma() * y[row];
            for (&t, &p) in col.iter().zip(p) {
                out[t as usize] -= flow * p;
            }
        }
    }
}

/// Diagonal of `G' diag(w) G`.
pub(super) fn diagonal(mdp: &Mdp, weights: &[f64]) -> Vec<f64> {
    let mut diagonal = vec![0.0; mdp.n_states()];
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            let (col, p) = mdp.p(row);
            diagonal[s] += weights[row];
            for (&t, &p) in col.iter().zip(p) {
                let g = mdp.gamma() * p;
                diagonal[t as usize] += weights[row] * g * g;
                if t as usize == s {
                    diagonal[s] -= 2.0 * weights[row] * g;
                }
            }
        }
    }
    diagonal
}

/// Adds `sum over rows of w g g'`, where `g` is the row's line of `G`: O(rows x successors^2), dense rows as vectors.
pub(super) fn fill(mdp: &Mdp, weights: &[f64], matrix: &mut DMatrix<f64>) {
    let n = mdp.n_states();
    let mut dense = vec![0.0; n];
    for s in 0..n {
        for row in mdp.rows(s).filter(|&row| weights[row] != 0.0) {
            let (col, p) = mdp.p(row);
            col.iter().zip(p).for_each(|(&t, &p)| dense[t as usize] = -mdp.gamma() * p);
            dense[s] += 1.0;
            let touched = || col.iter().map(|&t| t as usize).chain((!col.contains(&(s as u32))).then_some(s));
            for j in touched() {
                let scale = weights[row] * dense[j];
                // nalgebra stores columns one after the other.
                let column = &mut matrix.as_mut_slice()[j * n..(j + 1) * n];
                if 2 * col.len() >= n {
                    column.iter_mut().zip(&dense).for_each(|(x, g)| *x += scale * g);
                } else {
                    touched().for_each(|i| column[i] += scale * dense[i]);
                }
            }
            touched().for_each(|j| dense[j] = 0.0);
        }
    }
}

/// Solves systems with the matrices `G' diag(w) G + diag(e)` of one model again and again.
pub struct Gram<'a> {
    mdp: &'a Mdp,
    sparse: Option<Cholesky>,
}

/// Up to this many states the matrix is factored as it stands.
const DENSE: usize = 100;

impl<'a> Gram<'a> {
    /// Chooses by size and fill.
    pub fn new(mdp: &'a Mdp) -> Self {
        Gram { mdp, sparse: if mdp.n_states() > DENSE { Cholesky::new(mdp) } else { None } }
    }

    /// Solves `(G' diag(w) G + diag(e)) x = b`, with `w >= 0` over rows and `e >= 0` over states; `None` if the matrix is
    /// numerically singular. Factors give what rounding allows; where they fill up, conjugate gradients stop when no
    /// residual is above `accuracy` times the largest entry of `b`.
    pub fn solve(&self, weights: &[f64], extra: &[f64], b: &[f64], accuracy: f64) -> Option<Vec<f64>> {
        let mdp = self.mdp;
        let product = |x: &[f64], out: &mut [f64]| {
            let mut y = apply(mdp, x);
            y.iter_mut().zip(weights).for_each(|(y, w)| *y *= w);
            transpose(mdp, &y, out);
            (0..x.len()).for_each(|s| out[s] += extra[s] * x[s]);
        };
        if let Some(sparse) = &self.sparse {
            return sparse.solve(mdp, weights, extra, b, product);
        }
        let mut diagonal = diagonal(mdp, weights);
        diagonal.iter_mut().zip(extra).for_each(|(d, e)| *d += e);
        if b.len() <= DENSE {
            let fill = |matrix: &mut DMatrix<f64>| {
                fill(mdp, weights, matrix);
                (0..b.len()).for_each(|s| matrix[(s, s)] += extra[s]);
            };
            let system = System { product, fill, diagonal };
            return least_squares::prepare(&system, &vec![false; b.len()]).ok().map(|prepared| prepared.solve(b));
        }
        Some(least_squares::gradients(product, &diagonal, b, accuracy * sum::max_abs(b)))
    }
}
