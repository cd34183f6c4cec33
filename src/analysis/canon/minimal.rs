//! The smallest reward, in (weighted) L2, among all that differ by shaping and S'-redistribution.
//!
//! With `G Phi (s,a) = Phi(s) - gamma sum_s' P Phi(s')`: the P-weighted form minimises `sum (r - G Phi)^2`, and is the
//! projection of `r` on the directions in which occupancies differ. The unweighted form minimises
//! `sum w (r - G Phi)^2`, `w = 1/||P(.|s,a)||^2`, and spreads what is left over the next states in proportion to `P`.
//! Both are one least-squares problem in S unknowns.

use nalgebra::DMatrix;

use super::least_squares::{self, System};
use super::{Canon, Canonical, Context, pinned};
use crate::base::Result;
use crate::base::sum;
use crate::model::reward::{ExpectedReward, Listed};
use crate::model::{Mdp, Reward};

pub(super) static CANON: Canon = Canon {
    id: "minimal",
    summary: "least L2 norm over all transitions",
    removes_redistribution: true,
    reads_impossible: false,
    spreads_impossible: false,
    run: |context, _, expected| {
        let mdp = context.mdp();
        let weights: Vec<f64> = (0..mdp.n_rows()).map(|row| 1.0 / sum::dot(mdp.p(row).1, mdp.p(row).1)).collect();
        let (left, phi, err) = project(context, expected, &weights)?;
        let mut listed = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
        for row in 0..mdp.n_rows() {
            let (col, p) = mdp.p(row);
            listed.col.extend_from_slice(col);
            listed.val.extend(p.iter().map(|p| left[row] * p * weights[row]));
            listed.ptr.push(listed.col.len());
        }
        // An entry is scaled by P w <= ||P|| w = sqrt(w).
        let spread = weights.iter().fold(0.0f64, |m, &w| m.max(w.sqrt()));
        let form = Reward::with_listed(vec![0.0; mdp.n_rows()], listed);
        Ok(Canonical { form, pair: None, potential: Some(phi), err: err * spread })
    },
};

pub(super) static WEIGHTED: Canon = Canon {
    id: "minimal-weighted",
    summary: "least P-weighted L2 norm: the projection on differences of occupancies",
    removes_redistribution: true,
    reads_impossible: false,
    spreads_impossible: false,
    run: |context, _, expected| {
        let (left, phi, err) = project(context, expected, &vec![1.0; context.mdp().n_rows()])?;
        Ok(Canonical { form: Reward::per_row(left), pair: None, potential: Some(phi), err })
    },
};

/// `r - G Phi` with the `Phi` of least squares over some of the rows.
pub(super) fn on_rows(context: &Context<'_>, r: &ExpectedReward, free: &[bool]) -> Result<Vec<f64>> {
    let weights: Vec<f64> = free.iter().map(|&free| f64::from(u8::from(free))).collect();
    Ok(project(context, r, &weights)?.0)
}

/// `r - G Phi` of least weighted norm, the shaping potential, and a bound on the error of every entry.
fn project(context: &Context<'_>, r: &ExpectedReward, weights: &[f64]) -> Result<(Vec<f64>, Vec<f64>, f64)> {
    let mdp = context.mdp();
    let mut b = vec![0.0; mdp.n_states()];
    let weighted: Vec<f64> = r.r.iter().zip(weights).map(|(r, w)| r * w).collect();
    transpose(mdp, &weighted, &mut b);
    let product = |x: &[f64], out: &mut [f64]| {
        let mut y = apply(mdp, x);
        y.iter_mut().zip(weights).for_each(|(y, w)| *y *= w);
        transpose(mdp, &y, out);
    };
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
    let system = System { product, fill: |matrix: &mut DMatrix<f64>| fill(mdp, weights, matrix), diagonal };
    let (phi, residual) = least_squares::solve(&system, &b, &pinned(mdp))?;
    let shaping = apply(mdp, &phi);
    let left: Vec<f64> = r.r.iter().zip(&shaping).map(|(r, g)| r - g).collect();
    // With h the horizon, |x| <= h ||G x||_inf at every state, so ||x||_2 <= sqrt(S) h ||G x||_2. Weights are at least 1, so a
    // residual of the normal equations moves the form by at most residual * S * h in any entry.
    let (n, h) = (mdp.n_states() as f64, context.solver.horizon().longest());
    let round = 4.0 * sum::UNIT * (sum::max_abs(&r.r) + 2.0 * sum::max_abs(&phi));
    let err = residual * n * h + round + r.err;
    // The shaping that is added is minus G Phi.
    Ok((left, phi, err))
}

/// `sum over rows of w g g'`, where `g` is the row's line of `G`: O(rows x successors^2), dense rows as vectors.
fn fill(mdp: &Mdp, weights: &[f64], matrix: &mut DMatrix<f64>) {
    let n = mdp.n_states();
    let mut dense = vec![0.0; n];
    for s in 0..n {
        for row in mdp.rows(s) {
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

/// `G x` over rows.
fn apply(mdp: &Mdp, x: &[f64]) -> Vec<f64> {
    let mut out = Vec::with_capacity(mdp.n_rows());
    for s in 0..mdp.n_states() {
        out.extend(mdp.rows(s).map(|row| x[s] - mdp.gamma() * mdp.backup(row, x)));
    }
    out
}

/// `G' y` over states.
fn transpose(mdp: &Mdp, y: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            out[s] += y[row];
            let (col, p) = mdp.p(row);
            let flow = mdp.gamma() * y[row];
            for (&t, &p) in col.iter().zip(p) {
                out[t as usize] -= flow * p;
            }
        }
    }
}
