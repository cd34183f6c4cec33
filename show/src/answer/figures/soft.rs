//! Soft policies over the temperature as a picture.

use crate::plot::{SoftPoint, SoftTradeOff};
use truenorth::analysis::soft::{Softened, TradeOff};
use truenorth::base::Bounded;

/// What each temperature costs in return and how far it lets the policy move; the promise, if there is one, is marked.
/// `optimum` is the return without entropy.
pub fn soft(points: &[Softened], optimum: Bounded, reward: &str, promise: Option<&TradeOff>) -> SoftTradeOff {
    // Half the sum of the changes of probabilities is the total variation.
    let point = |p: &Softened| SoftPoint {
        temperature: p.temperature,
        policy_return: p.policy_return.value,
        floor: optimum.value - p.loss_bound.value,
        local: p.lipschitz_local.value().map(|c| 0.5 * c.value).filter(|c| *c > 0.0),
        worst: 0.5 * p.lipschitz_worst.value,
    };
    SoftTradeOff {
        title: format!("What a temperature costs in {reward}, and how steady it makes the policy"),
        return_label: format!("return of {reward}"),
        sensitivity_label: "TV per unit of reward".into(),
        points: points.iter().map(point).collect(),
        optimum: optimum.value,
        marked: promise.map(|p| (p.temperature.value, format!("TV at most {} for errors up to {}", p.tv, p.error))),
    }
}
