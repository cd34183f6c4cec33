//! Deterministic policies: finitely many, so that rewards can agree on them without being equivalent.

use rayon::prelude::*;

use super::search::{Found, Pair};
use super::{Decision, Means, Relation, relation};
use crate::model::{Mdp, Policy};

/// Most policies that are evaluated one by one.
pub const MOST_POLICIES: usize = 1 << 16;

const TIME: Relation = Relation::Undecided("the time limit came first");
const MANY: Relation = Relation::Undecided("there are too many deterministic policies to try them all");

/// The relation on deterministic policies: by trying all of them where they are few, else by what is known of all
/// policies and by search.
pub(super) fn decide(pair: &Pair<'_>, all: &Decision, found: Option<Found>, n: usize) -> Decision {
    if all.relation.is_hackable() == Some(false) {
        // Extreme returns are those of deterministic policies, so trivial is trivial and equivalent is equivalent.
        return Decision { relation: all.relation, means: Means::Subset, n_policies: 0, witness: None };
    }
    let choices = Choices::of(pair.solver.mdp());
    if let Some(count) = choices.count().filter(|&count| count <= MOST_POLICIES) {
        let tried = enumerate(pair, &choices, count);
        // What search has found stands where rounding or time kept the list from being put in order.
        if tried.relation.is_hackable().is_some() || found.is_none() {
            return tried;
        }
    }
    let relation = match (&found, pair.solver.is_out_of_time()) {
        (Some(_), _) => Relation::Hackable,
        (None, true) => TIME,
        (None, false) => MANY,
    };
    Decision { relation, means: Means::Search, n_policies: n, witness: found.map(|f| f.witness) }
}

fn enumerate(pair: &Pair<'_>, choices: &Choices, count: usize) -> Decision {
    let policy = |k| Policy::Deterministic(choices.policy(k));
    let each = |k| (!pair.solver.is_out_of_time()).then(|| pair.returns(&policy(k)));
    let returns: Option<Vec<_>> = (0..count).into_par_iter().with_min_len(64).map(each).collect();
    let means = Means::Enumeration;
    let Some(returns) = returns else {
        return Decision { relation: TIME, means, n_policies: count, witness: None };
    };
    let scale = (pair.solver.scale(&pair.truth.reward), pair.solver.scale(&pair.proxy.reward));
    let (relation, inverted) = relation(&returns, scale);
    let witness = inverted.and_then(|(from, to)| {
        pair.witness((policy(from), returns[from]), (policy(to), returns[to])).map(|found| found.witness)
    });
    Decision { relation, means, n_policies: count, witness }
}

/// The rows among which each state chooses; an ended episode has nothing to choose.
struct Choices(Vec<std::ops::Range<usize>>);

impl Choices {
    fn of(mdp: &Mdp) -> Self {
        let rows = |s: usize| if mdp.is_terminal(s) { mdp.rows(s).start..mdp.rows(s).start + 1 } else { mdp.rows(s) };
        Choices((0..mdp.n_states()).map(rows).collect())
    }

    /// How many policies there are, if a machine word holds it.
    fn count(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |n, rows| n.checked_mul(rows.len()))
    }

    /// Policy number `k`.
    fn policy(&self, mut k: usize) -> Vec<usize> {
        let digit = |rows: &std::ops::Range<usize>| {
            let row = rows.start + k % rows.len();
            k /= rows.len();
            row
        };
        self.0.iter().map(digit).collect()
    }
}
