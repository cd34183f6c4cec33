//! What the numbers meant are beyond the doubles that stand for them.

use super::Solver;
use crate::base::number::rest;

/// Second parts of discount and probabilities: with them they are known to twice the digits of a double.
#[derive(Clone, Debug, Default)]
pub struct Rests {
    /// Of the discount.
    pub gamma: f64,
    /// Of all stored transitions, in storage order; empty where nothing is known beyond the doubles.
    pub p: Vec<f64>,
    /// Whether the numbers meant are known.
    pub is_known: bool,
}

impl Solver<'_> {
    /// The second parts of the model's numbers, worked out once. O(nnz) operations on fractions.
    pub fn rests(&self) -> &Rests {
        let find = || match self.mdp.fractions() {
            Some(fractions) => {
                let all = fractions.p.iter().zip(self.mdp.all_transitions().1);
                let p = all.map(|(fraction, &p)| rest(fraction, p)).collect();
                Rests { gamma: rest(&fractions.gamma, self.mdp.gamma()), p, is_known: true }
            }
            None => Rests::default(),
        };
        self.rests.get_or_init(find)
    }
}
