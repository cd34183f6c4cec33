//! The smallest reward, in (weighted) L2, among all that differ by shaping and S'-redistribution.
//!
//! With `G Phi (s,a) = Phi(s) - gamma sum_s' P Phi(s')`: the P-weighted form minimises `sum (r - G Phi)^2`, and is the
//! projection of `r` on the directions in which occupancies differ. The unweighted form minimises
//! `sum w (r - G Phi)^2`, `w = 1/||P(.|s,a)||^2`, and spreads what is left over the next states in proportion to `P`.
//! Both are one least-squares problem in S unknowns.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::least_squares::{self, System};
use super::{Canon, Canonical, Context, Run, gram, pinned};
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
    run: Run::Together(|context, rewards| {
        let mdp = context.mdp();
        let weights: Vec<f64> = (0..mdp.n_rows()).map(|row| 1.0 / sum::dot(mdp.p(row).1, mdp.p(row).1)).collect();
        // An entry is scaled by P w <= ||P|| w = sqrt(w).
        let scale = weights.iter().fold(0.0f64, |m, &w| m.max(w.sqrt()));
        project(context, rewards, &weights, &pinned(context.mdp()), |left, phi, err| {
            let form = spread(mdp, &weights, &left);
            Canonical { form, pair: None, potential: Some(phi), err: err * scale }
        })
    }),
};

/// The potential whose shaping comes closest to a reward in the P-weighted L2 norm, among those that are 0 at terminal
/// states; and what of the reward it leaves.
pub fn closest_shaping(context: &Context<'_>, reward: &ExpectedReward) -> Result<(Vec<f64>, ExpectedReward)> {
    let mdp = context.mdp();
    let ends: Vec<bool> = (0..mdp.n_states()).map(|s| mdp.is_terminal(s)).collect();
    let weights = vec![1.0; mdp.n_rows()];
    let mut found = project(context, &[reward], &weights, &ends, |left, phi, err| {
        let form = Reward::per_row(left);
        Canonical { form, pair: None, potential: Some(phi), err }
    })?;
    let form = found.remove(0);
    // The form adds gamma P Phi - Phi to the reward; the shaping within it is what undoes that.
    let phi: Vec<f64> = form.potential.unwrap_or_default().into_iter().map(|x| 0.0 - x).collect();
    let longest = (0..mdp.n_rows()).map(|row| mdp.p(row).0.len()).max().unwrap_or(0);
    let size = sum::max_abs(&reward.r) + 2.0 * sum::max_abs(&phi);
    let round = 2.0 * sum::gamma_n(longest + 4) * size;
    Ok((phi, ExpectedReward::rounded(form.form.base().to_vec(), reward.err + round)))
}

/// What is left of each row over its next states in proportion to `P`.
fn spread(mdp: &Mdp, weights: &[f64], left: &[f64]) -> Reward {
    let mut listed = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
    for row in 0..mdp.n_rows() {
        let (col, p) = mdp.p(row);
        listed.col.extend_from_slice(col);
        listed.val.extend(p.iter().map(|p| left[row] * p * weights[row]));
        listed.ptr.push(listed.col.len());
    }
    Reward::with_listed(vec![0.0; mdp.n_rows()], listed)
}

pub(super) static WEIGHTED: Canon = Canon {
    id: "minimal-weighted",
    summary: "least P-weighted L2 norm: the projection on differences of occupancies",
    removes_redistribution: true,
    reads_impossible: false,
    spreads_impossible: false,
    run: Run::Together(|context, rewards| {
        let weights = vec![1.0; context.mdp().n_rows()];
        project(context, rewards, &weights, &pinned(context.mdp()), |left, phi, err| {
            let form = Reward::per_row(left);
            Canonical { form, pair: None, potential: Some(phi), err }
        })
    }),
};

/// `r - G Phi` with the `Phi` of least squares over some of the rows.
pub(super) fn on_rows(context: &Context<'_>, r: &ExpectedReward, free: &[bool]) -> Result<Vec<f64>> {
    let weights: Vec<f64> = free.iter().map(|&free| f64::from(u8::from(free))).collect();
    let whole = |left, phi, err| Canonical { form: Reward::per_row(left), pair: None, potential: Some(phi), err };
    let mut forms = project(context, &[r], &weights, &pinned(context.mdp()), whole)?;
    // One form a reward.
    Ok(forms.swap_remove(0).form.base().to_vec())
}

/// Makes a form of each reward from `r - G Phi` of least weighted norm, the shaping potential, and a bound on the error
/// of every entry. The normal equations are factored once.
fn project(
    context: &Context<'_>,
    rewards: &[&ExpectedReward],
    weights: &[f64],
    pinned: &[bool],
    form: impl Fn(Vec<f64>, Vec<f64>, f64) -> Canonical + Sync,
) -> Result<Vec<Canonical>> {
    let mdp = context.mdp();
    let product = |x: &[f64], out: &mut [f64]| {
        let mut y = gram::apply(mdp, x);
        y.iter_mut().zip(weights).for_each(|(y, w)| *y *= w);
        gram::transpose(mdp, &y, out);
    };
    let diagonal = gram::diagonal(mdp, weights);
    let system = System { product, fill: |matrix: &mut DMatrix<f64>| gram::fill(mdp, weights, matrix), diagonal };
    let prepared = least_squares::prepare(&system, pinned)?;
    let one = |r: &&ExpectedReward| {
        let weighted: Vec<f64> = r.r.iter().zip(weights).map(|(r, w)| r * w).collect();
        let mut b = vec![0.0; mdp.n_states()];
        gram::transpose(mdp, &weighted, &mut b);
        let (phi, residual) = prepared.solve(&b);
        let shaping = gram::apply(mdp, &phi);
        let left: Vec<f64> = r.r.iter().zip(&shaping).map(|(r, g)| r - g).collect();
        // With h the horizon, |x| <= h ||G x||_inf at every state, so ||x||_2 <= sqrt(S) h ||G x||_2. Weights are at least
        // 1, so a residual of the normal equations moves the form by at most residual * S * h in any entry.
        let (n, h) = (mdp.n_states() as f64, context.solver.horizon().longest());
        let round = 4.0 * sum::UNIT * (sum::max_abs(&r.r) + 2.0 * sum::max_abs(&phi));
        // The shaping that is added is minus G Phi.
        form(left, phi, residual * n * h + round + r.err)
    };
    Ok(rewards.par_iter().map(one).collect())
}
