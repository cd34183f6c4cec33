//! Deterministic policies: finitely many, so that rewards can agree on them without being equivalent.

use std::collections::HashSet;

use dashu_ratio::RBig;
use rayon::prelude::*;

use super::all::Known;
use super::order::{inversion_by_bounds, is_separated, relation};
use super::search::{Found, Pair};
use super::{Judgement, Means, Relation, Witness};
use crate::base::{Bounded, Decision, Doubt, Evidence, Result};
use crate::model::{Mdp, Policy};

/// Most policies that are evaluated one by one.
pub const MOST_POLICIES: usize = 1 << 16;
/// Most of them, those that differ only where they never come not counted, that are evaluated in fractions where bounds
/// cannot put them in order.
pub const MOST_EXACT: usize = 1 << 12;

/// The relation on deterministic policies: by trying all of them where they are few, else by what is known of all
/// policies and by search.
pub(super) fn decide(pair: &Pair<'_>, known: &Known, all: &Judgement, found: Option<Found>, n: usize) -> Judgement {
    if all.hackable.is_no() {
        // Extreme returns are those of deterministic policies, so trivial is trivial and equivalent is equivalent.
        let (hackable, relation) = (all.hackable.clone(), all.relation);
        return Judgement { hackable, relation, means: Means::Subset, n_policies: 0, witness: None };
    }
    let choices = Choices::of(pair.solver.mdp());
    let count = choices.count();
    if let Some(count) = count.filter(|&count| count <= MOST_POLICIES) {
        let tried = enumerate(pair, &choices, count);
        // What search has found stands where rounding or time kept the list from being put in order.
        if !tried.hackable.is_undecided() || found.is_none() && !known.opposite.is_yes() {
            return tried;
        }
    }
    let doubt = || match count {
        _ if pair.solver.is_out_of_time() => Doubt::Limit,
        Some(count) => {
            Doubt::bounds(format!("trying all {count} deterministic policies, which is done up to {MOST_POLICIES},"))
        }
        None => Doubt::bounds(format!("trying all deterministic policies, which is done up to {MOST_POLICIES},")),
    };
    let is_opposite = known.opposite.is_yes() && known.harmless.is_no();
    let hackable = match found {
        Some(_) => Decision::Yes(Evidence::Bounds),
        // The best and the worst policy of the truth are deterministic, and the proxy puts them the other way round.
        None if is_opposite => known.opposite.clone(),
        None => Decision::Undecided(doubt()),
    };
    let relation = hackable.is_yes().then_some(Relation::Hackable);
    Judgement { hackable, relation, means: Means::Search, n_policies: n, witness: found.map(|f| f.witness) }
}

fn enumerate(pair: &Pair<'_>, choices: &Choices, count: usize) -> Judgement {
    let (means, limit) = (Means::Enumeration, || Decision::Undecided(Doubt::Limit));
    let judge = |hackable: Decision, relation: Option<Relation>, witness: Option<Witness>| Judgement {
        hackable,
        relation,
        means,
        n_policies: count,
        witness,
    };
    let Some(policies) = choices.distinct(pair, count) else { return judge(limit(), None, None) };
    let policy = |k: usize| Policy::Deterministic(policies[k].clone());
    let each = |k| (!pair.solver.is_out_of_time()).then(|| pair.returns(&policy(k)));
    let returns: Option<Vec<_>> = (0..policies.len()).into_par_iter().with_min_len(64).map(each).collect();
    let Some(returns) = returns else { return judge(limit(), None, None) };
    if let Some((from, to)) = inversion_by_bounds(&returns) {
        let witness = pair.witness((policy(from), returns[from]), (policy(to), returns[to]));
        let hackable = Decision::Yes(Evidence::Bounds);
        return judge(hackable, Some(Relation::Hackable), witness.map(|found| found.witness));
    }
    if is_separated(&returns) && policies.len() > 1 {
        return judge(Decision::No(Evidence::Bounds), Some(Relation::Equivalent), None);
    }
    match in_fractions(pair, &policies) {
        Ok(exact) => {
            let (relation, inverted) = relation(&exact);
            let side = |k: usize| {
                let [truth, proxy] = &exact[k];
                (policy(k), (Bounded::of_fraction(truth), Bounded::of_fraction(proxy)))
            };
            let witness = inverted.map(|(from, to)| {
                let ((from, from_returns), (to, to_returns)) = (side(from), side(to));
                Witness { from, to, from_returns, to_returns }
            });
            judge(Decision::exact(relation == Relation::Hackable), Some(relation), witness)
        }
        Err(doubt) => judge(Decision::Undecided(doubt), None, None),
    }
}

/// Truth and proxy return of each policy: one exact linear system each.
fn in_fractions(pair: &Pair<'_>, policies: &[Vec<usize>]) -> Result<Vec<[RBig; 2]>, Doubt> {
    let mdp = pair.solver.mdp();
    if pair.solver.is_out_of_time() {
        return Err(Doubt::Limit);
    }
    let (room, truth) = pair.solver.exactly_for(&pair.truth.reward)?;
    let proxy = pair.proxy.reward.fractions.clone().ok_or(Doubt::InputRounding)?;
    if policies.len() > MOST_EXACT {
        let n = policies.len();
        let needs =
            format!("exact returns of {n} deterministic policies, which are worked out for up to {MOST_EXACT},");
        return Err(Doubt::bounds(needs));
    }
    let each = |policy: &Vec<usize>| {
        let visits = room.visits(policy)?;
        let live = || (0..mdp.n_states()).filter(|&s| visits[s] != RBig::ZERO);
        Ok([&truth, &proxy].map(|r| live().fold(RBig::ZERO, |sum, s| sum + &visits[s] * &r[policy[s]])))
    };
    policies.par_iter().map(each).collect()
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

    /// All of them, one for those that differ only where they never come; `None` if a limit came first.
    fn distinct(&self, pair: &Pair<'_>, count: usize) -> Option<Vec<Vec<usize>>> {
        let mdp = pair.solver.mdp();
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for k in 0..count {
            if k % 1024 == 0 && pair.solver.is_out_of_time() {
                return None;
            }
            let mut policy = self.policy(k);
            let visited = visited(mdp, &policy);
            (0..mdp.n_states()).filter(|&s| !visited[s]).for_each(|s| policy[s] = mdp.rows(s).start);
            if seen.insert(policy.clone()) {
                all.push(policy);
            }
        }
        Some(all)
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

/// States a policy comes to at a time that its return can feel.
fn visited(mdp: &Mdp, policy: &[usize]) -> Vec<bool> {
    let mut seen: Vec<bool> = mdp.mu0().iter().map(|&m| m > 0.0).collect();
    if mdp.gamma() == 0.0 {
        return seen;
    }
    let mut open: Vec<usize> = (0..mdp.n_states()).filter(|&s| seen[s]).collect();
    while let Some(s) = open.pop() {
        for (&t, &p) in mdp.p(policy[s]).0.iter().zip(mdp.p(policy[s]).1) {
            if p > 0.0 && !std::mem::replace(&mut seen[t as usize], true) {
                open.push(t as usize);
            }
        }
    }
    seen
}
