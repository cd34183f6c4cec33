//! The temperature that a promise of steadiness asks for, and what it costs.

use super::{log_actions, upper};
use crate::base::{Bounded, Code, Diag, Interval, Result};
use crate::solve::Solver;

/// What it takes to promise that an error of the reward does not move the policy much.
#[derive(Clone, Copy, Debug)]
pub struct TradeOff {
    /// The reward may be wrong by this much in the sup norm.
    pub error: f64,
    /// And the policy may move this far in total variation, at any state.
    pub tv: f64,
    /// A temperature that is enough: `tau = e / (2 rho (1 - gamma))`.
    pub temperature: Bounded,
    /// What it costs in return at most: `tau log A / (1 - gamma) = e log A / (2 rho (1 - gamma)^2)`.
    pub cost: Bounded,
}

impl TradeOff {
    /// For a promise about a model; both numbers are rounded up.
    pub fn of(solver: &Solver<'_>, error: f64, tv: f64) -> Result<Self> {
        if !(error > 0.0 && error.is_finite()) {
            return Diag::new(Code::BadNumber, format!("the error of the reward is {error}"))
                .expected("a number above 0, in units of the reward")
                .err();
        }
        if !(tv > 0.0 && tv <= 1.0) {
            return Diag::new(Code::BadNumber, format!("the total variation allowed is {tv}"))
                .expected("a number above 0 and at most 1")
                .help("0.1 allows one decision in ten to change")
                .err();
        }
        let horizon = Interval::point(solver.horizon().longest());
        let twice = Interval::point(tv).scale(2.0);
        // `tv > 0`, so the quotient exists.
        let temperature = (Interval::point(error) * horizon).checked_div(twice).unwrap_or(horizon);
        let cost = temperature * log_actions(solver.mdp()) * horizon;
        Ok(TradeOff { error, tv, temperature: upper(temperature.hi), cost: upper(cost.hi) })
    }
}
