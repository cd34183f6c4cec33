//! Policies that are pulled towards given weights on the actions, state by state.

use super::Visits;
use crate::analysis::soft::SoftValues;
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// The policy that maximises `E sum gamma^t (r - tau ln(pi(a|s) / w(s,a)))`: `pi ~ w exp(Q / tau)`.
///
/// With `w = 1` this is the entropy-regularised optimum; with `w` a policy it is the one penalised by `tau` times the
/// divergence KL of its actions from those of `w`, state by state: the same problem with the reward `r + tau ln w`. Rows
/// with `w = 0` are never played; every state needs one above 0. A limit leaves wider bounds.
pub fn regularised(solver: &Solver<'_>, reward: &ExpectedReward, weights: &[f64], tau: f64) -> SoftValues {
    let mdp = solver.mdp();
    let mut paid = reward.r.clone();
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        mdp.rows(s).filter(|&row| weights[row] > 0.0).for_each(|row| paid[row] += tau * weights[row].ln());
    }
    let allowed: Vec<bool> = weights.iter().map(|&w| w > 0.0).collect();
    let paid = ExpectedReward::rounded(paid, reward.err);
    SoftValues::of(solver, &paid, Some(&allowed), tau, &vec![0.0; mdp.n_states()])
}

/// The policy that maximises the proxy less `weight` times the divergence of actions from the reference, which is the
/// penalty of reinforcement learning from human feedback.
pub(super) fn near_reference(
    solver: &Solver<'_>,
    proxy: &ExpectedReward,
    reference: &Visits,
    weight: f64,
) -> SoftValues {
    let mdp = solver.mdp();
    let mut weights = vec![0.0; mdp.n_rows()];
    for s in 0..mdp.n_states() {
        reference.policy.support(mdp, s).for_each(|(row, p)| weights[row] = p);
    }
    regularised(solver, proxy, &weights, weight)
}
