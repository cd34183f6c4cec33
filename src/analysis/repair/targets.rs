//! Truth-optimal policies, one for each way to act where they get.

use super::Workshop;
use crate::analysis::family::{next, starts};
use crate::base::Doubt;
use crate::model::Mdp;

/// Most policies that are tried one by one.
pub(super) const MAX_TARGETS: usize = 256;

/// Policies to be made optimal.
pub(super) struct Targets {
    /// Deterministic, each with the row of every state; the one the proxy likes best comes first.
    pub policies: Vec<Vec<usize>>,
    /// Whether these are all, up to what they would do where they never get.
    pub tried: Tried,
}

/// How many of the truth-optimal policies were tried.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried {
    /// All.
    All,
    /// There are too many.
    TooMany,
    /// Something stopped that.
    Cut(Doubt),
}

impl Tried {
    /// Whether none was left out.
    pub fn is_all(&self) -> bool {
        *self == Tried::All
    }

    /// Why some were.
    pub fn doubt(&self) -> Option<Doubt> {
        match self {
            Tried::All => None,
            Tried::TooMany => Some(Doubt::bounds(format!("to try more than {MAX_TARGETS} truth-optimal policies"))),
            Tried::Cut(doubt) => Some(doubt.clone()),
        }
    }
}

impl Workshop<'_> {
    /// All truth-optimal policies, or the first [`MAX_TARGETS`]. Where that is in doubt, all that may be.
    pub(super) fn targets(&self) -> Targets {
        let (mdp, optimal) = (self.mdp, &self.truth.best.optimal);
        let liked = self.liked(optimal);
        let (mut policies, is_all) = enumerate(mdp, optimal, &liked);
        policies.retain(|policy| *policy != liked);
        policies.insert(0, liked);
        Targets { policies, tried: if is_all { Tried::All } else { Tried::TooMany } }
    }
}

/// Policies that use only some rows, which differ where they get from the start; elsewhere they do as `other` does.
fn enumerate(mdp: &Mdp, used: &[bool], other: &[usize]) -> (Vec<Vec<usize>>, bool) {
    let mut found = Vec::new();
    // Depth first: what is open is at most one branch with its siblings.
    let mut open = vec![(vec![None; mdp.n_states()], starts(mdp).collect::<Vec<usize>>())];
    while let Some((choice, mut waiting)) = open.pop() {
        let Some(s) = waiting.pop() else {
            if found.len() == MAX_TARGETS {
                return (found, false);
            }
            found.push(choice.iter().zip(other).map(|(row, &other)| row.unwrap_or(other)).collect());
            continue;
        };
        if choice[s].is_some() || mdp.is_terminal(s) {
            open.push((choice, waiting));
            continue;
        }
        for row in mdp.rows(s).filter(|&row| used[row]) {
            let (mut choice, mut waiting) = (choice.clone(), waiting.clone());
            choice[s] = Some(row);
            waiting.extend(next(mdp, row).filter(|&t| choice[t].is_none()));
            open.push((choice, waiting));
        }
    }
    (found, true)
}
