//! Can optimising the proxy hurt the truth at all? Decided for all stationary policies and for deterministic ones.
//!
//! Owns: the relation of two rewards on a set of policies (Skalse et al. 2022, Definitions 1 and 2), witness pairs.
//! May use: `base`, `model`, `solve`, `returns`, `canon`, `distance`.
//! Must not: measure how much is lost; that is `regret`.
//! To add one: another set of policies is a file that ends in a [`Decision`].

mod all;
mod deterministic;
mod order;
mod search;

use crate::analysis::returns::ReturnRange;
use crate::base::Bounded;
use crate::model::Policy;
use crate::solve::Solver;

pub use all::near_optimal_witness;
pub use deterministic::MOST_POLICIES;
pub use order::{Relation, TIE, relation};

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
    /// Both rewards projected on the directions of occupancies; range distance 0 up to 1e-9, or a witness.
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
pub struct Decision {
    /// How the two rewards order the set.
    pub relation: Relation,
    /// How that was found.
    pub means: Means,
    /// Policies that were evaluated on the way.
    pub n_policies: usize,
    /// Two policies, where the rewards are hackable.
    pub witness: Option<Witness>,
}

/// Whether a pair of rewards is hackable, on two sets of policies.
#[derive(Clone, Debug)]
pub struct Hackable {
    /// On all stationary policies.
    pub all_policies: Decision,
    /// On the deterministic ones.
    pub deterministic: Decision,
}

/// Decides for both sets. One range distance, one least-squares system a reward, some twenty solves; and an evaluation
/// of each deterministic policy where there are at most [`MOST_POLICIES`].
pub fn hackable(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> Hackable {
    let pair = Pair { solver, truth, proxy };
    let same = all::sameness(&pair);
    let (found, n_policies) = if same.is_some() { (None, 0) } else { pair.search() };
    let mut all_policies = all::decide(&pair, same, found.clone(), n_policies);
    let deterministic = deterministic::decide(&pair, &all_policies, found, n_policies);
    // Deterministic policies are stationary ones.
    if all_policies.witness.is_none() && deterministic.witness.is_some() {
        all_policies = Decision { n_policies: deterministic.n_policies, ..deterministic.clone() };
    }
    Hackable { all_policies, deterministic }
}
