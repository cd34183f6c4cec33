//! Advantages of single actions in fractions.

use dashu_ratio::RBig;

use crate::model::Mdp;
use crate::solve::{ExactValues, Exactly};

/// `A(s,a) = r(s,a) + gamma P_sa V - V(s)` of one row: one division of long numbers.
pub(super) fn advantage(room: &Exactly<'_>, mdp: &Mdp, values: &ExactValues, rewards: &[RBig], row: usize) -> RBig {
    let mut weights = vec![RBig::ZERO; mdp.n_states()];
    for (&t, p) in mdp.p(row).0.iter().zip(&room.fractions.p[mdp.transitions(row)]) {
        weights[t as usize] += &room.fractions.gamma * p;
    }
    weights[mdp.state(row)] -= RBig::ONE;
    &rewards[row] + values.dot(&weights)
}
