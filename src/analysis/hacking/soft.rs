//! Policies that are pulled towards given weights on the actions, state by state.

use super::Visits;
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// The policy that maximises `E sum gamma^t (r - tau ln(pi(a|s) / w(s,a)))`: `pi ~ w exp(Q / tau)`.
///
/// With `w = 1` this is the entropy-regularised optimum; with `w` a policy it is the one penalised by `tau` times the
/// divergence KL of its actions from those of `w`, state by state. Rows with `w = 0` are never played; every state
/// needs one above 0. Soft policy iteration, each step one policy evaluation; it is Newton's method for the soft
/// Bellman equation (Geist, Scherrer and Pietquin 2019), so few steps are needed. Limits end it with the last policy.
pub fn regularised(solver: &Solver<'_>, reward: &ExpectedReward, weights: &[f64], tau: f64) -> Policy {
    /// Probabilities that move less than this have settled.
    const SETTLED: f64 = 1e-13;
    /// Newton needs about ten steps; this many mean that rounding keeps it moving.
    const STEPS: usize = 100;
    let mdp = solver.mdp();
    let mut prob = vec![0.0; mdp.n_rows()];
    for s in 0..mdp.n_states() {
        let total: f64 = weights[mdp.rows(s)].iter().sum();
        mdp.rows(s).for_each(|row| prob[row] = weights[row] / total);
    }
    let charge = |p: f64, w: f64| if p > 0.0 { tau * (p / w).ln() } else { 0.0 };
    for _ in 0..STEPS {
        if solver.is_out_of_time() {
            break;
        }
        let paid: Vec<f64> = (0..mdp.n_rows()).map(|row| reward.r[row] - charge(prob[row], weights[row])).collect();
        let policy = Policy::Stochastic(prob.clone());
        let v = solver.evaluate(&policy, &[&ExpectedReward::exact(paid)]).remove(0).v;
        let before = prob.clone();
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            let open = || mdp.rows(s).filter(|&row| weights[row] > 0.0);
            let q = |row: usize| reward.r[row] + mdp.gamma() * mdp.backup(row, &v);
            let top = open().fold(f64::NEG_INFINITY, |m, row| m.max(q(row)));
            let share = |row: usize| weights[row] * ((q(row) - top) / tau).exp();
            let size: f64 = open().map(share).sum();
            open().for_each(|row| prob[row] = share(row) / size);
        }
        if before.iter().zip(&prob).all(|(x, y)| (x - y).abs() <= SETTLED) {
            break;
        }
    }
    Policy::Stochastic(prob)
}

/// The policy that maximises the proxy less `weight` times the divergence of actions from the reference, which is the
/// penalty of reinforcement learning from human feedback. Where the reference never comes it does as the reference.
pub fn near_reference(solver: &Solver<'_>, proxy: &ExpectedReward, reference: &Visits, weight: f64) -> Policy {
    let mdp = solver.mdp();
    let mut weights = vec![0.0; mdp.n_rows()];
    for s in 0..mdp.n_states() {
        reference.policy.support(mdp, s).for_each(|(row, p)| weights[row] = p);
    }
    regularised(solver, proxy, &weights, weight)
}
