//! Can optimising the proxy hurt the truth at all? Decided for all stationary policies and for deterministic ones.
//!
//! Owns: the relation of two rewards on a set of policies (Skalse et al. 2022, Definitions 1 and 2), witness pairs.
//! May use: `base`, `model`, `solve`, `returns`, `canon`, `distance`, `order`.
//! Must not: measure how much is lost; that is `regret`.
//! To add one: another set of policies is a file that ends in a [`Judgement`].

mod all;
mod deterministic;
mod order;
mod search;

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Decision};
use crate::model::Policy;
use crate::solve::Solver;

pub use all::near_optimal_witness;
pub use deterministic::{MOST_EXACT, MOST_POLICIES};
pub use order::{Relation, relation};

use search::Pair;

/// Two policies on which the rewards contradict each other: from the first to the second the proxy rises and the truth
/// falls, certainly, rounding included.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The one the truth prefers.
    pub from: Policy,
    /// The one the proxy prefers.
    pub to: Policy,
    /// Truth and proxy return of `from`.
    pub from_returns: (Bounded, Bounded),
    /// Truth and proxy return of `to`.
    pub to_returns: (Bounded, Bounded),
}

/// How a relation was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Whether the rewards order all policies alike, or a witness that they do not.
    Projection,
    /// Every deterministic policy evaluated.
    Enumeration,
    /// A search among deterministic policies, which can find a witness and cannot exclude one.
    Search,
    /// It follows from the relation on all stationary policies.
    Subset,
}

impl Means {
    /// The word used in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Means::Projection => "projection",
            Means::Enumeration => "enumeration",
            Means::Search => "search",
            Means::Subset => "subset",
        }
    }
}

/// What was found out about one set of policies.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Whether some policy is better than another under the truth and worse under the proxy.
    pub hackable: Decision,
    /// How the two rewards order the set, where that is decided.
    pub relation: Option<Relation>,
    /// How that was found.
    pub means: Means,
    /// Policies that were evaluated on the way.
    pub n_policies: usize,
    /// Two policies, where the rewards are hackable and a pair was found whose returns differ by more than their bounds.
    pub witness: Option<Witness>,
}

/// Whether a pair of rewards is hackable, on two sets of policies.
#[derive(Clone, Debug)]
pub struct Hackable {
    /// On all stationary policies.
    pub all_policies: Judgement,
    /// On the deterministic ones.
    pub deterministic: Judgement,
}

/// Decides for both sets. The order of all policies, one least-squares system a reward, some twenty solves; and an
/// evaluation of each deterministic policy where there are at most [`MOST_POLICIES`], in fractions of at most
/// [`MOST_EXACT`].
pub fn hackable(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> Hackable {
    let pair = Pair { solver, truth, proxy };
    let known = all::known(&pair);
    let (found, n_policies) = if known.harmless.is_yes() { (None, 0) } else { pair.search() };
    let mut all_policies = all::decide(&pair, &known, found.clone(), n_policies);
    let deterministic = deterministic::decide(&pair, &known, &all_policies, found, n_policies);
    // Deterministic policies are stationary ones.
    if all_policies.witness.is_none() && deterministic.hackable.is_yes() {
        let hackable = all_policies.hackable.or_else(|| deterministic.hackable.clone());
        all_policies = Judgement { hackable, ..deterministic.clone() };
    }
    Hackable { all_policies, deterministic }
}
