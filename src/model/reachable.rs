//! The part of a model that can be reached.

use std::sync::Arc;

use super::{Mdp, Model, Policy, Reward};

/// The states that a discounted return can feel. No policy leaves them, and theorems about rewards are about them (theory
/// of STARC: every state reachable). With discount 0 they are the states of the start, and those the first step leads to are
/// terminal: see [`Mdp::trimmed`].
#[derive(Clone, Debug)]
pub struct Reachable {
    /// Dynamics of this part; shared with the whole where everything can be reached.
    pub mdp: Arc<Mdp>,
    /// Original index of each of its states.
    pub kept: Vec<usize>,
}

impl Reachable {
    /// Leaves out what no return feels. O(nnz), nothing where there is nothing of the kind.
    pub fn of(model: &Model) -> Self {
        let whole = model.shared_mdp();
        if whole.unreachable().is_empty() {
            let kept = (0..whole.n_states()).collect();
            return Reachable { mdp: whole, kept };
        }
        let (mdp, kept) = whole.trimmed();
        Reachable { mdp: Arc::new(mdp), kept }
    }

    fn is_whole(&self, model: &Model) -> bool {
        // With discount 0 all states may be kept, and some of them be made terminal.
        std::ptr::eq(&*self.mdp, model.mdp())
    }

    /// A reward of the whole model on this part.
    pub fn reward(&self, model: &Model, reward: &Reward) -> Reward {
        if self.is_whole(model) { reward.clone() } else { reward.trimmed(model.mdp(), &self.kept) }
    }

    /// A policy of the whole model on this part.
    pub fn policy(&self, model: &Model, policy: &Policy) -> Policy {
        if self.is_whole(model) { policy.clone() } else { policy.trimmed(model.mdp(), &self.kept) }
    }
}
