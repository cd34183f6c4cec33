//! All stationary policies: two rewards never contradict each other iff one is trivial or they are equivalent.
//!
//! Skalse et al. 2022, Theorem 1 and Corollaries 1 and 2. With `p` the projections on the directions of occupancies: they
//! are hackable iff both are non-zero and not positive multiples of each other, and then moving the occupancy of a policy
//! with full support along `p_proxy/|p_proxy| - p_truth/|p_truth|` raises the proxy and lowers the truth.

use super::search::{Found, Pair};
use super::{Judgement, Means, Relation, Witness};
use crate::analysis::canon::flow_projection;
use crate::analysis::distance::range_distance;
use crate::analysis::order::order;
use crate::analysis::returns::ReturnRange;
use crate::base::sum::{dot, max_abs};
use crate::base::{Decision, Doubt, Evidence};
use crate::model::Policy;
use crate::solve::Solver;

/// What the order of all policies says.
pub(super) struct Known {
    /// Whether the rewards never contradict each other: one is trivial, or they are one task.
    pub harmless: Decision,
    /// Whether they contradict each other wherever they can.
    pub opposite: Decision,
    /// How they order all policies, if that is decided and they are harmless.
    relation: Option<Relation>,
}

/// Decided by the order of all policies; in fractions where bounds cannot tell.
pub(super) fn known(pair: &Pair<'_>) -> Known {
    let distance = range_distance(pair.solver, pair.truth, pair.proxy);
    let order = order(pair.solver, pair.truth, pair.proxy, distance);
    let (x, y) = (&pair.truth.trivial, &pair.proxy.trivial);
    let relation = match (x.answer(), y.answer()) {
        (Some(true), Some(true)) => Some(Relation::BothTrivial),
        (Some(true), Some(false)) => Some(Relation::TruthTrivial),
        (Some(false), Some(true)) => Some(Relation::ProxyTrivial),
        (Some(false), Some(false)) => order.same.is_yes().then_some(Relation::Equivalent),
        _ => None,
    };
    let harmless = x.clone().or(y.clone()).or(order.same);
    let limited = |decision: Decision| match decision {
        Decision::Undecided(_) if pair.solver.is_out_of_time() => Decision::Undecided(Doubt::Limit),
        decision => decision,
    };
    Known {
        opposite: limited(order.opposite),
        relation: relation.filter(|_| harmless.is_yes()),
        harmless: limited(harmless),
    }
}

/// Rewards that are not the same are hackable, and a witness that is certain says so too.
pub(super) fn decide(pair: &Pair<'_>, known: &Known, found: Option<Found>, n: usize) -> Judgement {
    let (means, hackable) = (Means::Projection, known.harmless.clone().not());
    if hackable.is_no() {
        return Judgement { hackable, relation: known.relation, means, n_policies: 0, witness: None };
    }
    let moved = direction(pair).and_then(|u| {
        let start = Policy::uniform(pair.solver.mdp());
        let occupancy = pair.solver.occupancy(&start).occ_sa;
        pair.moved(start, &occupancy, &u, f64::INFINITY)
    });
    let witness = Pair::better(moved, found).map(|found| found.witness);
    let hackable = match witness {
        Some(_) => hackable.or_else(|| Decision::Yes(Evidence::Bounds)),
        None => hackable,
    };
    let relation = hackable.is_yes().then_some(Relation::Hackable);
    Judgement { hackable, relation, means, n_policies: n + 2, witness }
}

/// `p_proxy/|p_proxy| - p_truth/|p_truth|`, `None` where a projection is not known or vanishes.
fn direction(pair: &Pair<'_>) -> Option<Vec<f64>> {
    let unit = |range: &ReturnRange| {
        let p = flow_projection(pair.solver, &range.reward).ok()?;
        // Scaled by the largest entry first, so that squares of small numbers do not vanish.
        let largest = max_abs(&p);
        let length = p.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt() * largest;
        (length > 0.0).then(|| p.iter().map(|x| x / length).collect::<Vec<f64>>())
    };
    let (truth, proxy) = (unit(pair.truth)?, unit(pair.proxy)?);
    Some(proxy.iter().zip(&truth).map(|(y, x)| y - x).collect())
}

impl Pair<'_> {
    /// The start against the policy reached by moving its occupancy along `u` as far as it stays one, `longest` times at
    /// most.
    fn moved(&self, start: Policy, occupancy: &[f64], u: &[f64], longest: f64) -> Option<Found> {
        let falling = occupancy.iter().zip(u).filter(|(_, u)| **u < 0.0);
        let step = falling.fold(longest, |t, (x, u)| f64::min(t, x / -u));
        if !step.is_finite() || step <= 0.0 {
            return None;
        }
        let there: Vec<f64> = occupancy.iter().zip(u).map(|(x, u)| f64::max(x + step * u, 0.0)).collect();
        let end = Policy::from_occupancy(self.solver.mdp(), &there);
        let [a, b] = [start, end].map(|policy| {
            let returns = self.returns(&policy);
            (policy, returns)
        });
        self.witness(a, b)
    }
}

/// A witness among the policies that lose at most `loss` of the best true return (Corollary 2): they contain an open set,
/// so it exists wherever the rewards are hackable and `loss > 0`. `None` if none is certain; then the rewards are the same,
/// or the loss is too small for rounding.
///
/// Starts from a mixture of the best and the uniform policy that loses half of what is allowed and moves as long as no
/// more than the other half is lost.
pub fn near_optimal_witness(
    solver: &Solver<'_>,
    truth: &ReturnRange,
    proxy: &ReturnRange,
    loss: f64,
) -> Option<Witness> {
    let pair = Pair { solver, truth, proxy };
    if known(&pair).harmless.is_yes() || loss.is_nan() || loss <= 0.0 {
        return None;
    }
    let mdp = solver.mdp();
    let u = direction(&pair)?;
    let best = solver.occupancy(&Policy::Deterministic(truth.best.policy.clone())).occ_sa;
    let uniform = solver.occupancy(&Policy::uniform(mdp)).occ_sa;
    let lost = dot(&best, &truth.reward.r) - dot(&uniform, &truth.reward.r);
    let weight = if lost > loss / 2.0 { loss / 2.0 / lost } else { 1.0 };
    let start: Vec<f64> = best.iter().zip(&uniform).map(|(b, u)| b + weight * (u - b)).collect();
    // A little less than the other half, so that rounding stays inside.
    let longest = 0.49 * loss / -dot(&u, &truth.reward.r);
    let found = pair.moved(Policy::from_occupancy(mdp, &start), &start, &u, longest)?;
    let is_near = (truth.max - found.witness.to_returns.0).hi <= loss;
    is_near.then_some(found.witness)
}
