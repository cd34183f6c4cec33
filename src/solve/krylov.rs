//! BiCGSTAB for the large components that elimination cannot afford (van der Vorst 1992).

use crate::base::sum::max_abs;

/// Relative residual at which the iteration stops; the certificate of the caller measures what is left.
const RESIDUAL: f64 = 1e-14;
/// Iterations before giving up on progress; each costs two products.
const MAX_ITERATIONS: usize = 5_000;

/// Solves `A x = b` where `product` writes `A x`, with `A = I - gamma P`.
///
/// If the recurrence breaks down the best iterate so far is polished by plain fixed-point steps `x <- b + (I - A) x`,
/// which always contract. The result is an estimate; callers bound its error by a backup.
pub(super) fn solve(product: impl Fn(&[f64], &mut [f64]), b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut x = vec![0.0; n];
    let mut scratch = vec![0.0; n];
    for _restart in 0..4 {
        product(&x, &mut scratch);
        let mut r: Vec<f64> = b.iter().zip(&scratch).map(|(b, ax)| b - ax).collect();
        let target = RESIDUAL * max_abs(b).max(max_abs(&x));
        if max_abs(&r) <= target {
            return x;
        }
        let shadow = r.clone();
        let (mut p, mut v) = (vec![0.0; n], vec![0.0; n]);
        let (mut rho, mut alpha, mut omega) = (1.0, 1.0, 1.0);
        let mut t = vec![0.0; n];
        for _ in 0..MAX_ITERATIONS {
            let rho_next = dot(&shadow, &r);
            let beta = (rho_next / rho) * (alpha / omega);
            if !beta.is_finite() {
                break;
            }
            rho = rho_next;
            for i in 0..n {
                p[i] = r[i] + beta * (p[i] - omega * v[i]);
            }
            product(&p, &mut v);
            alpha = rho / dot(&shadow, &v);
            if !alpha.is_finite() {
                break;
            }
            for i in 0..n {
                r[i] -= alpha * v[i];
            }
            product(&r, &mut t);
            let tt = dot(&t, &t);
            omega = if tt > 0.0 { dot(&t, &r) / tt } else { 0.0 };
            for i in 0..n {
                x[i] += alpha * p[i] + omega * r[i];
                r[i] -= omega * t[i];
            }
            if max_abs(&r) <= target || omega == 0.0 {
                break;
            }
        }
    }
    // Four restarts did not reach the target: contract towards it.
    for _ in 0..MAX_ITERATIONS {
        product(&x, &mut scratch);
        let mut worst = 0.0f64;
        for i in 0..n {
            let step = b[i] - scratch[i];
            worst = worst.max(step.abs());
            x[i] += step;
        }
        if worst <= RESIDUAL * max_abs(b).max(max_abs(&x)) {
            break;
        }
    }
    x
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
