//! A reward held against the truth: are the policies that are optimal for it optimal for the truth?

use super::Workshop;
use crate::analysis::family::{Agreement, agreement, visited};
use crate::analysis::regret::{ProxyOptimal, proxy_optimal};
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Decision, Doubt, Evidence};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;
use crate::solve::Solution;

/// A reward looked at from the truth.
#[derive(Clone, Debug)]
pub struct Check {
    /// Whether every policy that is optimal for it is optimal for the truth.
    pub all: Decision,
    /// Whether some policy that is optimal for it is optimal for the truth.
    pub some: Decision,
    /// Regret of the luckiest of them.
    pub best: Bounded,
    /// Regret of the unluckiest.
    pub worst: Bounded,
    /// `worst` as a share of the true return range.
    pub worst_normalised: Bounded,
}

impl Check {
    /// All, some or none, where that is decided.
    pub fn agreement(&self) -> Option<Agreement> {
        match (self.all.answer(), self.some.answer()) {
            (Some(true), _) => Some(Agreement::All),
            (_, Some(false)) => Some(Agreement::None),
            (Some(false), Some(true)) => Some(Agreement::Some),
            _ => None,
        }
    }

    /// What decided that, or what would.
    pub fn why(&self) -> String {
        match (&self.all, &self.some) {
            (Decision::Yes(_), _) => self.all.why(),
            (_, Decision::No(_)) | (Decision::No(_), _) => self.some.why(),
            _ => self.all.why(),
        }
    }
}

/// Optimal rows, all of them or all that may be.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub may: &'a [bool],
    /// Why some of these may not be.
    pub doubt: Option<&'a Doubt>,
    /// What decides where there is no doubt.
    pub evidence: Evidence,
}

impl<'a> From<&'a Solution> for Rows<'a> {
    fn from(found: &'a Solution) -> Self {
        let evidence = if found.exact.is_some() { Evidence::Exact } else { Evidence::Bounds };
        Rows { may: &found.optimal, doubt: found.doubt.as_ref(), evidence }
    }
}

impl Rows<'_> {
    /// Rows that certainly are: some row of every state is, so one alone must be.
    pub(super) fn must(&self, mdp: &Mdp) -> Vec<bool> {
        if self.doubt.is_none() {
            return self.may.to_vec();
        }
        let mut must = vec![false; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            let mut open = mdp.rows(s).filter(|&row| self.may[row]);
            if let (Some(row), None) = (open.next(), open.next()) {
                must[row] = true;
            }
        }
        must
    }
}

/// Whether all, and whether some, of the policies that use optimal rows of one reward are optimal from the start for another:
/// [`agreement`], with what may be optimal on either side of what must be.
pub(super) fn agrees(mdp: &Mdp, used: Rows<'_>, wanted: Rows<'_>) -> [Decision; 2] {
    let evidence = match (used.evidence, wanted.evidence) {
        (Evidence::Exact, _) | (_, Evidence::Exact) => Evidence::Exact,
        _ => Evidence::Bounds,
    };
    let decided = |yes: bool| if yes { Decision::Yes(evidence) } else { Decision::No(evidence) };
    let Some(doubt) = used.doubt.or(wanted.doubt) else {
        let found = agreement(mdp, used.may, wanted.may);
        return [decided(found == Agreement::All), decided(found != Agreement::None)];
    };
    let undecided = || Decision::Undecided(doubt.clone());
    let (must_use, must_want) = (used.must(mdp), wanted.must(mdp));
    if agreement(mdp, used.may, &must_want) == Agreement::All {
        return [decided(true), decided(true)];
    }
    if agreement(mdp, used.may, wanted.may) == Agreement::None {
        return [decided(false), decided(false)];
    }
    // States that an optimal policy certainly gets to, where nothing that may be optimal is wanted.
    let seen = visited(mdp, &must_use);
    let is_lost = |s: usize| mdp.rows(s).all(|row| !used.may[row] || !wanted.may[row]);
    let fails = (0..mdp.n_states()).any(|s| seen[s] && !mdp.is_terminal(s) && is_lost(s));
    let both: Vec<bool> = must_use.iter().zip(&must_want).map(|(x, y)| *x && *y).collect();
    // One policy that is certainly optimal for both, if every state it gets to has a row that is.
    let reached = visited(mdp, &both);
    let goes_on = |s: usize| mdp.is_terminal(s) || mdp.rows(s).any(|row| both[row]);
    let some = (0..mdp.n_states()).all(|s| !reached[s] || goes_on(s));
    [if fails { decided(false) } else { undecided() }, if some { decided(true) } else { undecided() }]
}

impl Workshop<'_> {
    /// Solves a reward and holds what is optimal for it against the truth.
    pub(super) fn check(&self, reward: ExpectedReward) -> Check {
        self.look(reward).0
    }

    /// The same, with the policies it is about.
    pub(super) fn look(&self, reward: ExpectedReward) -> (Check, ProxyOptimal) {
        let proxy = ReturnRange::of(self.request.solver, reward);
        let found = proxy_optimal(self.request.solver, &self.truth, &proxy);
        let [mut all, mut some] = self.agreement((&proxy.best).into());
        if found.worst.lo > 0.0 {
            all = all.or_else(|| Decision::No(Evidence::Bounds));
        }
        if found.best.lo > 0.0 {
            some = some.or_else(|| Decision::No(Evidence::Bounds));
        }
        let check = Check { all, some, best: found.best, worst: found.worst, worst_normalised: found.worst_normalised };
        (check, found)
    }

    /// Whether all, and whether some, policies with such rows are truth-optimal.
    pub(super) fn agreement(&self, used: Rows<'_>) -> [Decision; 2] {
        if let Decision::Yes(evidence) = self.truth.trivial {
            return [Decision::Yes(evidence), Decision::Yes(evidence)];
        }
        agrees(self.mdp, used, (&self.truth.best).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mdp::Arrays;

    /// Three states with two choices each, all of which may be the start: from the first one gets to the others, which are
    /// never left.
    fn fork() -> Mdp {
        let arrays = Arrays {
            n_states: 3,
            n_actions: 2,
            gamma: 0.5,
            row_ptr: (0..=6).collect(),
            col: vec![1, 2, 1, 1, 2, 2],
            val: vec![1.0; 6],
        };
        Mdp::from_arrays(arrays).unwrap()
    }

    fn answers(used: [u8; 6], wanted: [u8; 6], doubt: bool) -> [Option<bool>; 2] {
        let (used, wanted, why) = (used.map(|x| x == 1), wanted.map(|x| x == 1), Doubt::Limit);
        let rows = |may| Rows { may, doubt: doubt.then_some(&why), evidence: Evidence::Bounds };
        agrees(&fork(), rows(&used), rows(&wanted)).map(|decision| decision.answer())
    }

    #[test]
    fn what_may_be_optimal_decides_less_than_what_is() {
        let wanted = [1, 0, 1, 0, 1, 1];
        assert_eq!(answers([1, 0, 1, 1, 1, 1], wanted, false), [Some(false), Some(true)]);
        assert_eq!(answers([1, 0, 1, 1, 1, 1], wanted, true), [None, None]);
        assert_eq!(answers([1, 0, 0, 1, 1, 1], wanted, true), [Some(false), Some(false)]);
        assert_eq!(answers([1, 0, 1, 0, 1, 0], wanted, true), [None, None]);
        assert_eq!(answers([1, 0, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0], true), [Some(true), Some(true)]);
        // One of both may be optimal in the first state, and neither is wanted there.
        assert_eq!(answers([1, 1, 1, 0, 1, 0], [0, 1, 1, 0, 0, 1], true), [Some(false), Some(false)]);
    }
}
