//! The smallest reward, in (weighted) L2, among all that differ by shaping and S'-redistribution.
//!
//! With `G Phi (s,a) = Phi(s) - gamma sum_s' P Phi(s')`: the P-weighted form minimises `sum (r - G Phi)^2`, and is the
//! projection of `r` on the directions in which occupancies differ. The unweighted form minimises
//! `sum w (r - G Phi)^2`, `w = 1/||P(.|s,a)||^2`, and spreads what is left over the next states in proportion to `P`.
//! Both are one least-squares problem in S unknowns. Rows of terminal states do not enter, and `Phi` is 0 there.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::least_squares::{self, Prepared, System};
use super::precise::{Precise, PreciseReward};
use super::twice::{TWICE_UNIT, Twice};
use super::{Canon, Canonical, Context, Run, counted, gram, pinned};
use crate::base::Result;
use crate::base::sum::{self, UNIT, gamma_n};
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
        let of_row = |row: usize| 1.0 / sum::dot(mdp.p(row).1, mdp.p(row).1);
        let weights = counted(mdp, (0..mdp.n_rows()).map(of_row).collect());
        // A square and its sum, the inverse; P twice.
        let off = |row: usize| if mdp.p(row).1 == [1.0] { 0.0 } else { 2.0 * mdp.p_error() + 6.0 * UNIT };
        let off: Vec<f64> = (0..mdp.n_rows()).map(off).collect();
        let found = project(context, rewards, &Weights { weights: &weights, off: Some(&off) })?;
        let spread = |left: Left| {
            let form = spread(mdp, &weights, &left.left);
            // An entry is scaled by P w <= ||P|| w = sqrt(w); the product is two roundings, and P and w what they are off.
            let scale = weights.iter().fold(0.0f64, |m, &w| m.max(w.sqrt()));
            let inputs = if mdp.nnz() == mdp.n_rows() { 0.0 } else { 3.0 * mdp.p_error() + 12.0 * UNIT };
            let err = (left.err + inputs * sum::max_abs(&left.left)) * scale * (1.0 + 8.0 * UNIT);
            Canonical { form, pair: None, potential: Some(left.phi), err }
        };
        Ok(found.into_par_iter().map(spread).collect())
    }),
};

/// The potential whose shaping comes closest to a reward in the P-weighted L2 norm, among those that are 0 at terminal
/// states; and what of the reward it leaves.
pub fn closest_shaping(context: &Context<'_>, reward: &ExpectedReward) -> Result<(Vec<f64>, ExpectedReward)> {
    let mdp = context.mdp();
    let weights = counted(mdp, vec![1.0; mdp.n_rows()]);
    let mut found = project(context, &[reward], &Weights { weights: &weights, off: None })?;
    // One form a reward.
    let form = found.swap_remove(0);
    // The form adds gamma P Phi - Phi to the reward; the shaping within it is what undoes that.
    let phi: Vec<f64> = form.phi.into_iter().map(|x| 0.0 - x).collect();
    let longest = (0..mdp.n_rows()).map(|row| mdp.p(row).0.len()).max().unwrap_or(0);
    let size = sum::max_abs(&reward.r) + 2.0 * sum::max_abs(&phi);
    let round = (2.0 * gamma_n(longest + 4) + mdp.gamma_error() + mdp.p_error()) * size;
    Ok((phi, ExpectedReward::rounded(form.left, reward.err + round)))
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
        let weights = counted(context.mdp(), vec![1.0; context.mdp().n_rows()]);
        let found = project(context, rewards, &Weights { weights: &weights, off: None })?;
        let form =
            |Left { left, phi, err }| Canonical { form: Reward::per_row(left), pair: None, potential: Some(phi), err };
        Ok(found.into_iter().map(form).collect())
    }),
};

/// `r - G Phi` with the `Phi` of least squares; 0 on rows of terminal states.
pub(super) fn on_rows(context: &Context<'_>, r: &ExpectedReward) -> Result<Vec<f64>> {
    let mdp = context.mdp();
    let weights = counted(mdp, vec![1.0; mdp.n_rows()]);
    let mut found = project(context, &[r], &Weights { weights: &weights, off: None })?;
    // One form a reward.
    Ok(found.swap_remove(0).left)
}

/// Weights over rows, 0 or at least 1, and what each may be off, relative to it; nothing where they are exact.
struct Weights<'a> {
    weights: &'a [f64],
    off: Option<&'a [f64]>,
}

/// `r - G Phi` of least weighted norm, the shaping potential, and a bound on the error of every entry.
struct Left {
    left: Vec<f64>,
    phi: Vec<f64>,
    err: f64,
}

/// The least form of each reward. The normal equations are factored once.
fn project(context: &Context<'_>, rewards: &[&ExpectedReward], weights: &Weights<'_>) -> Result<Vec<Left>> {
    let mdp = context.mdp();
    let product = |x: &[f64], out: &mut [f64]| {
        let mut y = gram::apply(mdp, x);
        y.iter_mut().zip(weights.weights).for_each(|(y, w)| *y *= w);
        gram::transpose(mdp, &y, out);
    };
    let diagonal = gram::diagonal(mdp, weights.weights);
    let fill = |matrix: &mut DMatrix<f64>| gram::fill(mdp, weights.weights, matrix);
    let system = System { product, fill, diagonal };
    let pinned = pinned(mdp);
    let prepared = least_squares::prepare(&system, &pinned)?;
    let precise = Precise::new(context);
    let one = |expected: &&ExpectedReward| {
        let reward = PreciseReward::new(expected);
        Search { context, precise: &precise, reward, weights, pinned: &pinned }.run(&prepared)
    };
    Ok(rewards.par_iter().map(one).collect())
}

/// One reward of a projection.
struct Search<'a> {
    context: &'a Context<'a>,
    precise: &'a Precise<'a>,
    reward: PreciseReward,
    weights: &'a Weights<'a>,
    pinned: &'a [bool],
}

/// What a potential leaves.
struct Residual {
    left: Vec<f64>,
    /// `G' W left`, which is 0 for the least form, and its length with its own error.
    gradient: Vec<f64>,
    length: f64,
    /// Bound on the error of every entry of `left`.
    err: f64,
}

impl Search<'_> {
    fn run<P, F>(&self, prepared: &Prepared<'_, P, F>) -> Left
    where
        P: Fn(&[f64], &mut [f64]),
        F: Fn(&mut DMatrix<f64>),
    {
        let nothing = vec![Twice::default(); self.pinned.len()];
        let solve = |found: &Residual| prepared.solve(&found.gradient);
        let found = least_squares::refine(nothing, |phi| self.residual(phi), |found| found.length, solve);
        let (phi, Residual { left, err, .. }) = found;
        Left { left, phi: phi.iter().map(|phi| phi.hi).collect(), err }
    }

    /// In twice the working precision, with a bound on the error of the form that counts what the inputs are off.
    ///
    /// Let `g = G' W (r - G Phi)` with the numbers meant, and `d` the distance of `Phi` from the best. Then `G' W G d = g`, and
    /// `||W^1/2 G d||^2 = d' g <= ||d|| ||g||`. With `h` the horizon, `|d| <= h ||G d||_inf` at every state, so
    /// `||d|| <= sqrt(S) h ||W^1/2 G d||`, weights being at least 1: no entry is off by more than `sqrt(S) h ||g||`.
    fn residual(&self, phi: &[Twice]) -> Residual {
        let mdp = self.context.mdp();
        let n = mdp.n_states();
        let mut left = vec![0.0; mdp.n_rows()];
        let mut gradient = vec![Twice::default(); n];
        // Bound on the error of the gradient, and the largest error of an entry.
        let (mut off, mut of_entry) = (vec![0.0; n], 0.0f64);
        for s in (0..n).filter(|&s| !self.pinned[s]) {
            for row in mdp.rows(s) {
                let (entry, error) = self.precise.backup(s, row, self.reward.at(row), phi);
                left[row] = entry.hi;
                of_entry = of_entry.max(error + UNIT * entry.hi.abs());
                let weight = self.weights.weights[row];
                if weight == 0.0 {
                    continue;
                }
                let of_weight = self.weights.off.map_or(0.0, |off| off[row]);
                let part = entry * weight.into();
                let of_part = weight * (error + (of_weight + 4.0 * TWICE_UNIT) * entry.hi.abs());
                gradient[s] = gradient[s] + part;
                off[s] += of_part + 4.0 * TWICE_UNIT * gradient[s].hi.abs();
                for (t, p) in self.precise.row(row) {
                    gradient[t] = gradient[t] - p * part;
                    let of_p = self.precise.off(row) + 4.0 * TWICE_UNIT;
                    off[t] += p.hi * (of_part + of_p * part.hi.abs()) + 4.0 * TWICE_UNIT * gradient[t].hi.abs();
                }
            }
        }
        let mut squares = 0.0;
        for s in 0..n {
            if self.pinned[s] {
                gradient[s] = Twice::default();
                continue;
            }
            squares += (gradient[s].hi.abs() + off[s]).powi(2);
        }
        let (h, length) = (self.context.solver.horizon().longest(), squares.sqrt());
        let err = (of_entry + (n as f64).sqrt() * length * h) * (1.0 + 1e-10);
        Residual { left, gradient: gradient.iter().map(|g| g.hi).collect(), length, err }
    }
}
