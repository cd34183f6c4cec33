//! What soft policies tend to as the temperature goes to zero.

use super::SoftValues;
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::{Solution, Solver};

/// The limit of the soft policies of one reward.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Among the optimal policies the one with most discounted entropy to come.
    pub policy: Policy,
    /// Expected discounted entropy of its choices from each state, in nats.
    pub entropy: Vec<f64>,
    /// Whether it plays every optimal action of some state, and not all of them alike.
    pub differs_from_uniform: bool,
}

/// `pi_tau` for `tau -> 0`: not uniform over the optimal actions, since `Q_tau = Q* + tau h + o(tau)` where `h` solves the
/// soft Bellman equation of temperature 1 with reward zero over the optimal actions alone. An action that leads to more
/// choices among optimal actions is played more. As good as the set of optimal rows of `optimum`.
pub fn limit(solver: &Solver<'_>, optimum: &Solution) -> Limit {
    /// Probabilities closer than this are the same.
    const SAME: f64 = 1e-9;
    let mdp = solver.mdp();
    let nothing = ExpectedReward::exact(vec![0.0; mdp.n_rows()]);
    let start = vec![0.0; mdp.n_states()];
    let soft = SoftValues::of(solver, &nothing, Some(&optimum.optimal), 1.0, &start);
    let is_uneven = |s: usize| {
        let played = || soft.policy.support(mdp, s).map(|(_, p)| p);
        let (least, most) = (played().fold(1.0, f64::min), played().fold(0.0, f64::max));
        !mdp.is_terminal(s) && most - least > SAME
    };
    let differs_from_uniform = (0..mdp.n_states()).any(is_uneven);
    Limit { policy: soft.policy, entropy: soft.v, differs_from_uniform }
}
