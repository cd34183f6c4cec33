//! Policies that are paid for being undecided: entropy-regularised values, and how fast they follow the reward.
//!
//! Owns: soft values and policies at a temperature, what they cost in return, their Lipschitz constants, the limit of
//! temperature zero, the temperature that a promise asks for.
//! May use: `base`, `model`, `solve`.
//! Must not: read files or print.
//! To add one: another number about one soft policy is a field of [`Softened`]; another question is a new file.

mod earned;
mod limit;
mod local;
mod trade_off;
mod values;

use crate::base::{Bounded, Code, Diag, Grade, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::{Solution, Solver};

pub use limit::{Limit, limit};
pub use local::{LocalConstant, local_constant};
pub use trade_off::TradeOff;
pub use values::SoftValues;

/// Temperatures outside this range, in units of the largest reward, are slips: below, doubles cannot tell the policy from
/// a greedy one, and above from a uniform one.
const TEMPERATURES: std::ops::RangeInclusive<f64> = 1e-12..=1e12;

/// A soft policy, what it earns, and how far it moves with the reward.
#[derive(Clone, Debug)]
pub struct Softened {
    /// The temperature `tau`.
    pub temperature: f64,
    /// Soft values `V_tau`, with bounds, and the soft policy.
    pub soft: SoftValues,
    /// `mu0 . V_tau`: return plus `tau` times the entropy of the choices to come.
    pub value_at_start: Bounded,
    /// What the soft policy earns: its return without the pay for entropy. Bounds count that `policy` of
    /// [`soft`](Self::soft) is known up to the bounds of its values only.
    pub policy_return: Bounded,
    /// What it gives away: the optimal return less its own.
    pub loss: Bounded,
    /// The loss is at most `tau log A / (1 - gamma)`, with `A` the most actions that any state offers; `V_tau` is above
    /// `V*` by at most as much, and `Q_tau` above `Q*` by at most `gamma` times as much.
    pub loss_bound: Bounded,
    /// By how much the policy moves, in the sum of `|pi' - pi|` at the state where it moves most, for each unit in the sup
    /// norm that the reward moves: at this reward.
    pub lipschitz_local: LocalConstant,
    /// The same at the worst reward of the worst model of this discount: `1 / (tau (1 - gamma))`.
    pub lipschitz_worst: Bounded,
    /// Whether a limit cut the solve short.
    pub is_complete: bool,
}

impl Softened {
    /// Largest total variation, at any state, between this policy and that of a reward within `error` in the sup norm:
    /// `tanh(error / (2 tau (1 - gamma)))`, rounded up.
    pub fn tv_bound(&self, error: f64) -> f64 {
        (Interval::point(error) * self.lipschitz_worst.interval()).scale(0.5).tanh().hi
    }
}

/// The soft policy of each temperature. `optimum` is the solution without entropy.
///
/// A few policy evaluations each; the local constant is O(S^3 + S^2 2^(A-1)) and left out where that is too much.
pub fn soften(
    solver: &Solver<'_>,
    reward: &ExpectedReward,
    optimum: &Solution,
    temperatures: &[f64],
) -> Result<Vec<Softened>> {
    temperatures.iter().try_for_each(|&temperature| check_temperature(reward, temperature))?;
    let one = |&temperature: &f64| one(solver, reward, optimum, temperature);
    Ok(temperatures.iter().map(one).collect())
}

fn one(solver: &Solver<'_>, reward: &ExpectedReward, optimum: &Solution, temperature: f64) -> Softened {
    let mdp = solver.mdp();
    let soft = SoftValues::of(solver, reward, None, temperature, &optimum.v);
    let horizon = Interval { lo: 0.0, hi: solver.horizon().longest() };
    let per_reward = worst_constant(solver, temperature);
    let (best, loss_bound) = (optimum.at_start(mdp), upper((log_actions(mdp) * horizon).scale(temperature).hi));
    let least = (best - loss_bound).lo;
    let policy_return = earned::earned(solver, reward, &soft, temperature).clamped(least, best.hi);
    Softened {
        temperature,
        value_at_start: soft.at_start(mdp),
        policy_return,
        // Nothing earns more than the optimum.
        loss: (best - policy_return).clamped(0.0, loss_bound.hi),
        loss_bound,
        lipschitz_local: local_constant(solver, &soft, temperature),
        lipschitz_worst: per_reward,
        is_complete: soft.is_converged && !solver.is_out_of_time(),
        soft,
    }
}

/// A number rounded up, as the bound it is.
fn upper(x: f64) -> Bounded {
    Bounded { value: x, lo: x, hi: x, grade: Grade::Certified }
}

/// `horizon / tau`, the horizon being `1 / (1 - gamma)`, or the longest expected episode without discount.
fn worst_constant(solver: &Solver<'_>, temperature: f64) -> Bounded {
    let longest = Interval::point(solver.horizon().longest());
    // The solver's horizon counts the rounding of the stored probabilities; without that it is a little less.
    let left = Interval::point(1.0) - Interval::point(solver.mdp().gamma());
    let horizon = Interval::point(1.0).checked_div(left).map_or(longest, |plain| plain.hull(longest));
    // `tau > 0` is checked at the door, so the quotient exists.
    let constant = horizon.checked_div(Interval::point(temperature)).unwrap_or(horizon);
    Bounded::from_interval(constant, Grade::Certified)
}

/// `log` of the most actions that a state offers where episodes go on.
fn log_actions(mdp: &Mdp) -> Interval {
    let live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
    let most = live.map(|s| mdp.rows(s).len()).max().unwrap_or(1);
    // The logarithm of 1 is exactly 0.
    if most == 1 { Interval::point(0.0) } else { Interval::point(most as f64).ln() }
}

/// Refuses a temperature that cannot be meant.
fn check_temperature(reward: &ExpectedReward, temperature: f64) -> Result<()> {
    let size = crate::base::sum::max_abs(&reward.r);
    let unit = if size > 0.0 { size } else { 1.0 };
    if temperature > 0.0 && TEMPERATURES.contains(&(temperature / unit)) {
        return Ok(());
    }
    Diag::new(Code::BadNumber, format!("the temperature is {temperature}"))
        .expected(format!(
            "a number above 0, from {:.0e} to {:.0e}",
            unit * TEMPERATURES.start(),
            unit * TEMPERATURES.end()
        ))
        .help(format!("the largest expected reward is {unit}; a tenth of that is a mild temperature"))
        .err()
}

/// The policy of soft action values: `exp(Q / tau)` over its sum, zero where not allowed.
fn softmax(mdp: &Mdp, q: &[f64], allowed: Option<&[bool]>, temperature: f64) -> Policy {
    let mut prob = vec![0.0; mdp.n_rows()];
    for s in 0..mdp.n_states() {
        let rows = || mdp.rows(s).filter(|&row| allowed.is_none_or(|allowed| allowed[row]));
        let best = rows().map(|row| q[row]).fold(f64::NEG_INFINITY, f64::max);
        rows().for_each(|row| prob[row] = ((q[row] - best) / temperature).exp());
        let total: f64 = prob[mdp.rows(s)].iter().sum();
        prob[mdp.rows(s)].iter_mut().for_each(|p| *p /= total);
    }
    Policy::Stochastic(prob)
}
