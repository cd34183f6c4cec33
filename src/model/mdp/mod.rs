//! The tabular model: who moves where, with what probability.
//!
//! Owns: `Mdp` (sparse rows grouped by state, immutable), `Arrays` it is made from, reachability and end components,
//! random models.
//! May use: `base`, and `model::names`.
//! Must not: know rewards or policies.
//! To add one: a new random model family is a new function in `random.rs`, or a file beside it, with its seed as an argument.

mod arrays;
mod fractions;
mod graph;
mod inputs;
pub mod random;
mod slippery;

use std::ops::Range;

use dashu_ratio::RBig;

use super::names::Names;
use crate::base::number::Number;
pub use arrays::Arrays;
pub use fractions::{Fractions, MOST as MOST_FRACTIONS};
pub(in crate::model) use fractions::{Inputs, normalised};
pub use slippery::Slippery;

/// A finite MDP without its reward: states, per-state actions, transition probabilities, start, discount.
///
/// Transitions are kept as rows. A *row* is one available pair `(s, a)`; rows are grouped by state, in order of
/// action, so per-state action sets cost nothing. Vectors "over rows" are what other texts call `[S][A]` arrays.
/// Row `i` is stored as in CSR: `u32` next states in increasing order and `f64` probabilities.
#[derive(Clone, Debug)]
pub struct Mdp {
    pub(super) states: Names,
    pub(super) actions: Names,
    pub(super) gamma: f64,
    pub(super) mu0: Vec<f64>,
    /// First row of each state, length S + 1.
    pub(super) state_ptr: Vec<u32>,
    /// Action of each row.
    pub(super) row_action: Vec<u32>,
    /// First transition of each row, length rows + 1.
    pub(super) row_ptr: Vec<usize>,
    pub(super) col: Vec<u32>,
    pub(super) val: Vec<f64>,
    pub(super) terminal: Vec<bool>,
    pub(super) reachable: Vec<bool>,
    pub(super) row_sum: (f64, f64),
    /// What the doubles stand for.
    pub(super) inputs: Inputs,
}

impl Mdp {
    /// Number of states, S.
    pub fn n_states(&self) -> usize {
        self.states.len()
    }

    /// Number of declared actions, A. A state may offer fewer.
    pub fn n_actions(&self) -> usize {
        self.actions.len()
    }

    /// Number of available pairs `(s, a)`.
    pub fn n_rows(&self) -> usize {
        self.row_action.len()
    }

    /// Number of stored transitions.
    pub fn nnz(&self) -> usize {
        self.val.len()
    }

    /// Discount.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Start distribution, length S.
    pub fn mu0(&self) -> &[f64] {
        &self.mu0
    }

    /// State names.
    pub fn states(&self) -> &Names {
        &self.states
    }

    /// Action names.
    pub fn actions(&self) -> &Names {
        &self.actions
    }

    /// Rows of state `s`; never empty.
    pub fn rows(&self, s: usize) -> Range<usize> {
        self.state_ptr[s] as usize..self.state_ptr[s + 1] as usize
    }

    /// Action of a row.
    pub fn action(&self, row: usize) -> usize {
        self.row_action[row] as usize
    }

    /// State of a row, by binary search.
    pub fn state(&self, row: usize) -> usize {
        self.state_ptr.partition_point(|&p| p as usize <= row) - 1
    }

    /// Row of the pair `(s, a)`, if the action is available there.
    pub fn row(&self, s: usize, a: usize) -> Option<usize> {
        self.rows(s).find(|&row| self.action(row) == a)
    }

    /// Next states and probabilities of a row.
    pub fn p(&self, row: usize) -> (&[u32], &[f64]) {
        let range = self.transitions(row);
        (&self.col[range.clone()], &self.val[range])
    }

    /// Next states and probabilities of all rows, one after another.
    pub fn all_transitions(&self) -> (&[u32], &[f64]) {
        (&self.col, &self.val)
    }

    /// Positions of a row's transitions in the arrays of all transitions.
    pub fn transitions(&self, row: usize) -> Range<usize> {
        self.row_ptr[row]..self.row_ptr[row + 1]
    }

    /// First transition of each row in the arrays of all transitions, plus the end.
    pub fn row_starts(&self) -> &[usize] {
        &self.row_ptr
    }

    /// Whether the state ends episodes: absorbing, with zero reward for every reward.
    pub fn is_terminal(&self, s: usize) -> bool {
        self.terminal[s]
    }

    /// Whether every action of the state stays in it.
    pub fn is_absorbing(&self, s: usize) -> bool {
        self.rows(s).all(|row| self.p(row).0.iter().all(|&t| t as usize == s))
    }

    /// Whether some policy visits the state with positive probability from the start distribution, at a time that the
    /// discounted return feels: with discount 0 only the first step does.
    pub fn is_reachable(&self, s: usize) -> bool {
        self.reachable[s]
    }

    /// Whether the state is reachable and not absorbing: what happens there matters.
    pub fn is_live(&self, s: usize) -> bool {
        self.reachable[s] && !self.is_absorbing(s)
    }

    /// Indices of the states that no return feels: see [`is_reachable`](Self::is_reachable).
    pub fn unreachable(&self) -> Vec<usize> {
        (0..self.n_states()).filter(|&s| !self.reachable[s]).collect()
    }

    /// Smallest and largest sum of a stored row, which may differ from 1 by rounding.
    pub fn row_sums(&self) -> (f64, f64) {
        self.row_sum
    }

    /// `sum_s' P(s'|s,a) x(s')` for a row. Cost O(successors).
    ///
    /// Plain products and sums: a fused multiply-add is a function call on processors that are not told to have one.
    #[inline]
    pub fn backup(&self, row: usize, x: &[f64]) -> f64 {
        let (col, val) = self.p(row);
        col.iter().zip(val).fold(0.0, |sum, (&t, &p)| sum + p * x[t as usize])
    }

    /// `mu0 . v`, compensated.
    pub fn at_start(&self, v: &[f64]) -> f64 {
        crate::base::sum::dot(&self.mu0, v)
    }

    /// The same dynamics with another discount. The caller has checked that 1 is allowed: see
    /// [`endless_states`](Self::endless_states).
    pub(crate) fn with_gamma(&self, gamma: impl Into<Number>) -> Self {
        let Number { value, exact } = gamma.into();
        let inputs = self.changed(|fractions| fractions.gamma = exact);
        let mut mdp = Mdp { gamma: value, inputs, ..self.clone() };
        if (value == 0.0) != (self.gamma == 0.0) {
            mdp.reachable = mdp.reachable_from_start();
        }
        mdp
    }

    /// The same dynamics with another start distribution; reachability is worked out anew.
    ///
    /// In fractions: `exact`, divided by its sum.
    pub(crate) fn with_mu0(&self, mu0: Vec<f64>, mut exact: Vec<RBig>) -> Self {
        normalised(&mut exact);
        let mut mdp = Mdp { mu0, inputs: self.changed(|fractions| fractions.mu0 = exact), ..self.clone() };
        mdp.reachable = mdp.reachable_from_start();
        mdp
    }

    /// States that [`trimmed`](Self::trimmed) keeps: those that can be reached and those their transitions lead to, which
    /// are no others unless the discount is 0.
    fn kept(&self) -> Vec<usize> {
        let mut kept = self.reachable.clone();
        for s in (0..self.n_states()).filter(|&s| self.reachable[s]) {
            self.rows(s).for_each(|row| self.p(row).0.iter().for_each(|&t| kept[t as usize] = true));
        }
        (0..self.n_states()).filter(|&s| kept[s]).collect()
    }

    /// The model restricted to what a return can feel, and the old index of each new state.
    ///
    /// No policy leaves the reachable set, so nothing is lost; theorems that ask for full reachability apply to
    /// the result (`theory: STARC needs every state reachable`). With discount 0 nothing counts after the first step: the
    /// states that step leads to stay, so that rewards of transitions into them keep their places, and are terminal.
    pub fn trimmed(&self) -> (Mdp, Vec<usize>) {
        let kept = self.kept();
        let mut new_index = vec![u32::MAX; self.n_states()];
        for (new, &old) in kept.iter().enumerate() {
            new_index[old] = new as u32;
        }
        let mut mdp = Mdp {
            // Names are unique in the whole, so they are in the part.
            states: Names::list(kept.iter().map(|&s| self.states.name(s).into_owned()).collect(), 's')
                .unwrap_or_else(|_| Names::count(kept.len(), 's')),
            actions: self.actions.clone(),
            gamma: self.gamma,
            mu0: kept.iter().map(|&s| self.mu0[s]).collect(),
            state_ptr: vec![0],
            row_action: Vec::new(),
            row_ptr: vec![0],
            col: Vec::new(),
            val: Vec::new(),
            terminal: kept.iter().map(|&s| self.terminal[s] || !self.reachable[s]).collect(),
            reachable: vec![true; kept.len()],
            row_sum: self.row_sum,
            inputs: self.changed(|fractions| {
                let of_state = |&s: &usize| -> Vec<RBig> {
                    match self.reachable[s] {
                        true => self.rows(s).flat_map(|row| fractions.p[self.transitions(row)].to_vec()).collect(),
                        false => vec![RBig::ONE; self.rows(s).len()],
                    }
                };
                fractions.p = kept.iter().flat_map(of_state).collect();
                fractions.mu0 = kept.iter().map(|&s| fractions.mu0[s].clone()).collect();
            }),
        };
        for &s in &kept {
            for row in self.rows(s) {
                if self.reachable[s] {
                    let (col, val) = self.p(row);
                    mdp.col.extend(col.iter().map(|&t| new_index[t as usize]));
                    mdp.val.extend_from_slice(val);
                } else {
                    mdp.col.push(new_index[s]);
                    mdp.val.push(1.0);
                }
                mdp.row_action.push(self.row_action[row]);
                mdp.row_ptr.push(mdp.col.len());
            }
            mdp.state_ptr.push(mdp.row_action.len() as u32);
        }
        (mdp, kept)
    }
}
