//! The smallest reward, in (weighted) L2, among all that differ by shaping and S'-redistribution.
//!
//! With `G Phi (s,a) = Phi(s) - gamma sum_s' P Phi(s')`: the P-weighted form minimises `sum (r - G Phi)^2`, and is the
//! projection of `r` on the directions in which occupancies differ. The unweighted form minimises
//! `sum w (r - G Phi)^2`, `w = 1/||P(.|s,a)||^2`, and spreads what is left over the next states in proportion to `P`.
//! Both are one least-squares problem in S unknowns.

use nalgebra::DMatrix;

use super::least_squares::{self, System};
use super::{Canon, Canonical, Context, gram, pinned};
use crate::base::Result;
use crate::base::sum;
use crate::model::Reward;
use crate::model::reward::{ExpectedReward, Listed};

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

/// `r - G Phi` of least weighted norm, the shaping potential, and a bound on the error of every entry.
fn project(context: &Context<'_>, r: &ExpectedReward, weights: &[f64]) -> Result<(Vec<f64>, Vec<f64>, f64)> {
    let mdp = context.mdp();
    let mut b = vec![0.0; mdp.n_states()];
    let weighted: Vec<f64> = r.r.iter().zip(weights).map(|(r, w)| r * w).collect();
    gram::transpose(mdp, &weighted, &mut b);
    let product = |x: &[f64], out: &mut [f64]| {
        let mut y = gram::apply(mdp, x);
        y.iter_mut().zip(weights).for_each(|(y, w)| *y *= w);
        gram::transpose(mdp, &y, out);
    };
    let diagonal = gram::diagonal(mdp, weights);
    let system = System { product, fill: |matrix: &mut DMatrix<f64>| gram::fill(mdp, weights, matrix), diagonal };
    let (phi, residual) = least_squares::solve(&system, &b, &pinned(mdp))?;
    let shaping = gram::apply(mdp, &phi);
    let left: Vec<f64> = r.r.iter().zip(&shaping).map(|(r, g)| r - g).collect();
    // With h the horizon, |x| <= h ||G x||_inf at every state, so ||x||_2 <= sqrt(S) h ||G x||_2. Weights are at least 1, so a
    // residual of the normal equations moves the form by at most residual * S * h in any entry.
    let (n, h) = (mdp.n_states() as f64, context.solver.horizon().longest());
    let round = 4.0 * sum::UNIT * (sum::max_abs(&r.r) + 2.0 * sum::max_abs(&phi));
    let err = residual * n * h + round + r.err;
    // The shaping that is added is minus G Phi.
    Ok((left, phi, err))
}
