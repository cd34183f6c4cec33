//! Expected rewards without rounding.

use std::sync::Arc;

use dashu_ratio::RBig;

use super::Reward;
use crate::base::number::{as_stored, is_whole};
use crate::base::sum::max_abs;
use crate::model::mdp::Mdp;

/// Sum of `c_i r_i` over rows.
pub(super) fn sum(terms: &[(&RBig, &Vec<RBig>)]) -> Vec<RBig> {
    let n_rows = terms.first().map_or(0, |(_, r)| r.len());
    let row = |row: usize| {
        let parts = terms.iter().filter(|(c, r)| **c != RBig::ZERO && r[row] != RBig::ZERO);
        parts.fold(RBig::ZERO, |sum, (c, r)| sum + *c * &r[row])
    };
    (0..n_rows).map(row).collect()
}

impl Reward {
    /// `r(s,a) = sum_s' P(s'|s,a) R(s,a,s')` over rows without rounding, as written; `None` where only doubles are known,
    /// and on large models. Doubles that are whole numbers are what they are.
    pub fn fractions(&self, mdp: &Mdp) -> Option<Arc<Vec<RBig>>> {
        if self.fractions.is_some() {
            return self.fractions.clone();
        }
        let values = self.listed.as_ref().map_or(&[][..], |listed| &listed.val);
        let next = self.next.as_deref().unwrap_or(&[]);
        let all_whole = [&self.base[..], values, next].iter().all(|values| values.iter().all(|&x| is_whole(x)));
        if all_whole { self.of_doubles(mdp).map(Arc::new) } else { None }
    }

    /// `r(s,a)` over rows as written; the doubles as they are where nothing else is known. O(nnz) operations on fractions.
    pub fn rational(&self, mdp: &Mdp) -> Vec<RBig> {
        if let Some(fractions) = self.fractions(mdp) {
            return (*fractions).clone();
        }
        let mut rewards = Vec::new();
        let row = |row: usize| {
            self.fill_support(mdp, row, &mut rewards);
            if rewards.windows(2).all(|pair| pair[0] == pair[1]) {
                return rewards.first().map_or(RBig::ZERO, |&r| as_stored(r));
            }
            let p = mdp.p(row).1;
            p.iter().zip(&rewards).fold(RBig::ZERO, |sum, (&p, &r)| sum + as_stored(p) * as_stored(r))
        };
        (0..self.n_rows()).map(row).collect()
    }

    /// The same reward with every double taken at its word.
    pub fn exact_inputs(&self, mdp: &Mdp) -> Reward {
        if self.fractions.is_some() { self.clone() } else { self.clone().with_fractions(self.of_doubles(mdp)) }
    }

    /// With `r(s,a)` over rows as written.
    pub(in crate::model) fn with_fractions(self, fractions: Option<Vec<RBig>>) -> Reward {
        Reward { fractions: fractions.map(Arc::new), ..self }
    }

    /// `r(s,a)` with the doubles of the reward as they are, where the model has fractions. O(nnz) operations on fractions.
    fn of_doubles(&self, mdp: &Mdp) -> Option<Vec<RBig>> {
        let p = &mdp.fractions()?.p;
        if self.is_constant_in_next() {
            return Some(self.base.iter().map(|&r| as_stored(r)).collect());
        }
        let mut rewards = Vec::new();
        let row = |row: usize| {
            // Not the sums of base and next that `fill_support` rounds.
            let (col, val) = self.listed_of(row);
            rewards.clear();
            rewards.extend(mdp.p(row).0.iter().map(|&t| match (col.binary_search(&t), &self.next) {
                (Ok(i), _) => as_stored(val[i]),
                (Err(_), Some(next)) => as_stored(self.base[row]) + as_stored(next[t as usize]),
                (Err(_), None) => as_stored(self.base[row]),
            }));
            p[mdp.transitions(row)].iter().zip(&rewards).fold(RBig::ZERO, |sum, (p, r)| sum + p * r)
        };
        Some((0..self.n_rows()).map(row).collect())
    }

    /// The fractions of `R + gamma Phi(s') - Phi(s)`, with the doubles of the potential as they are.
    pub(super) fn shaped_fractions(&self, mdp: &Mdp, phi: &[f64]) -> Option<Vec<RBig>> {
        let (own, model) = (self.fractions.as_ref()?, mdp.fractions()?);
        if max_abs(phi) == 0.0 {
            return Some((**own).clone());
        }
        let phi: Vec<RBig> = phi.iter().map(|&x| as_stored(x)).collect();
        let mut shaped = (**own).clone();
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                let next = mdp.p(row).0.iter().zip(&model.p[mdp.transitions(row)]);
                let arrival = next.fold(RBig::ZERO, |sum, (&t, p)| sum + p * &phi[t as usize]);
                shaped[row] += &model.gamma * arrival - &phi[s];
            }
        }
        Some(shaped)
    }
}
