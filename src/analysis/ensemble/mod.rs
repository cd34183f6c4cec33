//! Several proxies instead of one: their mean, their minimum, their mean less their disagreement.
//!
//! Coste et al. 2024 for reward models; here on every transition of a table. None of them sees an error that all members
//! share, and none is indifferent to the scale of a member: `R -> c R` for one of them shifts the mean towards it, moves
//! the minimum, and asks for `lambda / c` in the variance.
//!
//! Owns: the combinations, what each earns when it is optimised, the facts that bound the truth by the minimum.
//! May use: `base`, `model`, `solve`, `returns`, `regret`.
//! Must not: learn or weight members; they are given.
//! To add one: a variant of [`Rule`] with its formula in `combine.rs`.

mod combine;
mod hull;
mod nearest;

use crate::analysis::regret::{ProxyOptimal, proxy_optimal};
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Code, Decision, Diag, Doubt, Result};
use crate::model::{Policy, Reward};
use crate::solve::Solver;

pub use combine::{Rule, combine};
pub use hull::{Hull, hull};

/// One combination, optimised.
#[derive(Clone, Debug)]
pub struct Combined {
    /// How the members were combined.
    pub rule: Rule,
    /// Best and worst returns of the combination.
    pub range: ReturnRange,
    /// What its optimal policies earn in truth, lucky and unlucky.
    pub earned: ProxyOptimal,
    /// What each member thinks of the unlucky one.
    pub members: Vec<Bounded>,
}

impl Combined {
    /// The optimal policy that is worst in truth.
    pub fn policy(&self) -> Policy {
        Policy::Deterministic(self.earned.unlucky.policy.clone())
    }
}

/// An ensemble of proxies against the truth.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// Each member by itself, optimised.
    pub single: Vec<ProxyOptimal>,
    /// Each rule, optimised.
    pub combined: Vec<Combined>,
    /// Whether the truth is a weighted mean of the members.
    pub hull: Hull,
    /// Best worst-case return: what is promised of its policies where the truth lies in the hull. `None` unless the
    /// worst case was asked for.
    pub promise: Option<Bounded>,
    /// Whether the policies of the worst case earn at least that in truth; `None` where it was not promised.
    pub is_promise_kept: Option<Decision>,
    /// Whether the worst case of the policy is at most what its least member promises, as it must be.
    pub is_below_members: Option<Decision>,
}

/// Combines, optimises, and holds against the truth: two solves a rule and a member, and two for their ties. Refused for
/// no members, and for a weight that is not a number of at least 0.
pub fn ensemble(
    solver: &Solver<'_>,
    truth: (&Reward, &ReturnRange),
    members: &[Reward],
    rules: &[Rule],
) -> Result<Ensemble> {
    if members.is_empty() {
        return Diag::new(Code::Usage, "an ensemble without members").expected("at least one proxy").err();
    }
    for rule in rules {
        rule.check()?;
    }
    let mdp = solver.mdp();
    let ranges: Vec<ReturnRange> = members.iter().map(|r| ReturnRange::of(solver, r.expected(mdp))).collect();
    let single = ranges.iter().map(|range| proxy_optimal(solver, truth.1, range)).collect();
    let one = |&rule: &Rule| {
        let range = ReturnRange::of(solver, combine(mdp, members, rule).expected(mdp));
        let earned = proxy_optimal(solver, truth.1, &range);
        let rewards: Vec<_> = ranges.iter().map(|range| &range.reward).collect();
        let policy = Policy::Deterministic(earned.unlucky.policy.clone());
        let members = solver.evaluate_closely(&policy, &rewards).iter().map(|e| e.at_start(mdp)).collect();
        Combined { rule, range, earned, members }
    };
    let combined: Vec<Combined> = rules.iter().map(one).collect();
    let hull = hull(solver, truth.1, &ranges);
    let worst = combined.iter().find(|c| c.rule == Rule::WorstCase);
    let is_promise_kept = match (worst, &hull) {
        (Some(worst), Hull::Inside { .. }) => Some(kept(worst.range.max, worst.earned.worst_return)),
        _ => None,
    };
    let is_below_members = worst.map(|worst| {
        let below = |&member| kept(worst.range.max, member);
        worst.members.iter().map(below).fold(Decision::structure(true), Decision::and)
    });
    Ok(Ensemble {
        single,
        promise: worst.map(|worst| worst.range.max),
        combined,
        hull,
        is_promise_kept,
        is_below_members,
    })
}

/// Whether `less <= more`, of numbers of which that is a theorem: bounds could only refute it.
fn kept(less: Bounded, more: Bounded) -> Decision {
    Decision::is_not_negative(more - less, || Doubt::Limit).or_else(|| Decision::structure(true))
}
