//! Symmetric positive definite systems in one unknown per state, direct when small, conjugate gradients when not.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::twice::Twice;
use crate::base::sum::{dot, max_abs};
use crate::base::{Code, Diag, Result};

/// Largest system factored densely: O(n^3) time, 32 MB here.
const DENSE: usize = 2_000;
/// Conjugate gradient steps before the system is called hopeless.
const MAX_STEPS: usize = 100_000;

/// The matrix `N` of normal equations, in the two forms the solvers want.
pub(super) struct System<P, F> {
    /// Writes `N x`.
    pub product: P,
    /// Adds `N` to a matrix of zeros; only called for small systems.
    pub fill: F,
    /// Diagonal of `N`.
    pub diagonal: Vec<f64>,
}

/// A system ready to be solved for many right-hand sides.
pub(super) struct Prepared<'a, P, F> {
    system: &'a System<P, F>,
    /// States held at 0.
    pinned: &'a [bool],
    factor: Option<Cholesky<f64, Dyn>>,
}

/// Factors a system of `pinned.len()` unknowns if it is small.
pub(super) fn prepare<'a, P, F>(system: &'a System<P, F>, pinned: &'a [bool]) -> Result<Prepared<'a, P, F>>
where
    P: Fn(&[f64], &mut [f64]),
    F: Fn(&mut DMatrix<f64>),
{
    let n = pinned.len();
    let factor = if n <= DENSE { Some(factorise(&system.fill, n, pinned)?) } else { None };
    Ok(Prepared { system, pinned, factor })
}

impl<P, F> Prepared<'_, P, F>
where
    P: Fn(&[f64], &mut [f64]),
    F: Fn(&mut DMatrix<f64>),
{
    /// Solves `N phi = b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let (n, pinned) = (b.len(), self.pinned);
        let masked = |x: &[f64], out: &mut [f64]| {
            (self.system.product)(x, out);
            (0..n).filter(|&s| pinned[s]).for_each(|s| out[s] = x[s]);
        };
        let b: Vec<f64> = (0..n).map(|s| if pinned[s] { 0.0 } else { b[s] }).collect();
        let residual = |phi: &[f64]| {
            let mut out = vec![0.0; n];
            masked(phi, &mut out);
            out.iter().zip(&b).map(|(x, b)| b - x).collect::<Vec<f64>>()
        };
        match &self.factor {
            Some(factor) => {
                let back = |b: &[f64]| factor.solve(&DVector::from_column_slice(b));
                let phi = back(&b);
                // One step of iterative refinement removes most of what elimination left.
                let before = residual(phi.as_slice());
                let refined = &phi + back(&before);
                let better = max_abs(&residual(refined.as_slice())) < max_abs(&before);
                (if better { refined } else { phi }).as_slice().to_vec()
            }
            None => gradients(masked, &self.system.diagonal, &b, 1e-14 * max_abs(&b)),
        }
    }
}

/// Potentials in twice the working precision: corrections are solved for from what the potential so far leaves, for as long
/// as each shortens it to less than half. `length` is that of what is left, its own error included.
pub(super) fn refine<R>(
    mut phi: Vec<Twice>,
    residual: impl Fn(&[Twice]) -> R,
    length: impl Fn(&R) -> f64,
    solve: impl Fn(&R) -> Vec<f64>,
) -> (Vec<Twice>, R) {
    /// Each step gains the digits that a solve has right; where there are none more do not help.
    const STEPS: usize = 12;
    let mut found = residual(&phi);
    for _ in 0..STEPS {
        let change = solve(&found);
        if change.iter().all(|&d| d == 0.0) {
            break;
        }
        let next: Vec<Twice> = phi.iter().zip(&change).map(|(&phi, &d)| phi + d.into()).collect();
        let after = residual(&next);
        let (before, now) = (length(&found), length(&after));
        if now < before {
            (phi, found) = (next, after);
        }
        if now.is_nan() || now > 0.5 * before {
            break;
        }
    }
    (phi, found)
}

fn factorise(fill: &impl Fn(&mut DMatrix<f64>), n: usize, pinned: &[bool]) -> Result<Cholesky<f64, Dyn>> {
    let mut matrix = DMatrix::zeros(n, n);
    fill(&mut matrix);
    for s in (0..n).filter(|&s| pinned[s]) {
        matrix.row_mut(s).fill(0.0);
        matrix.column_mut(s).fill(0.0);
        matrix[(s, s)] = 1.0;
    }
    match Cholesky::new(matrix) {
        Some(factor) => Ok(factor),
        None => Diag::new(Code::Numerical, "a least-squares system is numerically singular")
            .help("the discount is too close to 1 for this canonical form; `starc-range` does not need it")
            .err(),
    }
}

/// Jacobi-preconditioned conjugate gradients, until no residual is above `target`.
pub(super) fn gradients(product: impl Fn(&[f64], &mut [f64]), diagonal: &[f64], b: &[f64], target: f64) -> Vec<f64> {
    let n = b.len();
    let mut x = vec![0.0; n];
    let mut r = b.to_vec();
    let precondition = |r: &[f64]| -> Vec<f64> { r.iter().zip(diagonal).map(|(r, d)| r / d.max(1e-300)).collect() };
    let mut z = precondition(&r);
    let mut p = z.clone();
    let mut rz = dot(&r, &z);
    let mut q = vec![0.0; n];
    for _ in 0..MAX_STEPS {
        if max_abs(&r) <= target || rz == 0.0 {
            break;
        }
        product(&p, &mut q);
        let alpha = rz / dot(&p, &q);
        for i in 0..n {
            x[i] += alpha * p[i];
            r[i] -= alpha * q[i];
        }
        z = precondition(&r);
        let next = dot(&r, &z);
        let beta = next / rz;
        rz = next;
        for i in 0..n {
            p[i] = z[i] + beta * p[i];
        }
    }
    x
}
