//! Rewards on a model, as values.
//!
//! Owns: `Reward`, its expectation, linear expressions, and the transformations that keep the policy order.
//! May use: `base`, `model::mdp`.
//! Must not: solve; a canonical form that needs values lives in `analysis::canon`.
//! To add one: a new transformation is a new variant in `transform.rs`, drawn and applied there.

pub mod expr;
mod inputs;
mod rational;
pub mod transform;

use std::ops::Range;
use std::sync::Arc;

use dashu_ratio::RBig;

use super::mdp::Mdp;
use crate::base::number::{self, Number, as_stored, is_whole};
use crate::base::sum::{self, UNIT};
use crate::base::{Code, Diag, Result};
use inputs::{linear_error, sum_error};

/// A reward `R(s,a,s')` on a model: any real function on rows x states.
///
/// Stored as a number per row, plus a number per next state, with listed exceptions that replace both:
/// `R(row, s') = listed(row, s')` if listed, else `base(row) + next(s')`. R(s), R(s,a), sparse tables with a
/// default, and potential shaping on every transition, possible or not, all fit in O(rows + S + listed).
/// Tables read from a file are zero on terminal states; transformed rewards need not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Reward {
    pub(in crate::model) base: Vec<f64>,
    pub(in crate::model) next: Option<Vec<f64>>,
    pub(in crate::model) listed: Option<Listed>,
    /// `r(s,a)` over rows as written; `None` for doubles that are known up to rounding, and on large models.
    pub(in crate::model) fractions: Option<Arc<Vec<RBig>>>,
    /// Every entry is within this of what was written, besides half a unit in the last place of what it is made of.
    pub(in crate::model) off: f64,
}

/// Exceptions, in CSR form over rows, next states increasing.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// First exception of each row, length rows + 1.
    pub ptr: Vec<usize>,
    /// Next states.
    pub col: Vec<u32>,
    /// Rewards.
    pub val: Vec<f64>,
}

/// `r(s,a) = sum_s' P(s'|s,a) R(s,a,s')` over rows, with a bound on the rounding error of every entry.
#[derive(Clone, Debug)]
pub struct ExpectedReward {
    /// One number a row.
    pub r: Vec<f64>,
    /// `|r - exact| <= err` for every row.
    pub err: f64,
    /// The numbers themselves, where they are known.
    pub fractions: Option<Arc<Vec<RBig>>>,
}

impl ExpectedReward {
    /// A vector over rows taken as exact.
    pub fn exact(r: Vec<f64>) -> Self {
        ExpectedReward { r, err: 0.0, fractions: None }
    }

    /// Doubles within `err` of the numbers meant.
    pub fn rounded(r: Vec<f64>, err: f64) -> Self {
        ExpectedReward { r, err, fractions: None }
    }

    /// Fractions over rows, and the doubles next to them.
    pub fn of_fractions(fractions: Arc<Vec<RBig>>) -> Self {
        let r: Vec<f64> = fractions.iter().map(|x| x.to_f64().value()).collect();
        let err = UNIT * sum::max_abs(&r) + f64::MIN_POSITIVE;
        ExpectedReward { r, err, fractions: Some(fractions) }
    }

    /// `self + c other` with the fractions of it, where both have them.
    pub fn plus_exactly(&self, c: &Number, other: &Self) -> Self {
        let both = self.fractions.as_ref().zip(other.fractions.as_ref());
        let fractions = both.map(|(x, y)| Arc::new(rational::sum(&[(&RBig::ONE, x), (&c.exact, y)])));
        // The doubles are those of the nearest factor.
        let off = number::rest(&c.exact, c.value).abs() * sum::max_abs(&other.r);
        let near = self.plus(c.value, other);
        ExpectedReward { err: (near.err + off) * (1.0 + 4.0 * UNIT), fractions, ..near }
    }

    /// `self + c other`, rounding included; without fractions, which would cost far more.
    pub fn plus(&self, c: f64, other: &Self) -> Self {
        let r = sum::plus_scaled(&self.r, c, &other.r);
        let round = UNIT * sum::max_abs(&r);
        ExpectedReward { r, err: (self.err + c.abs() * other.err + round) * (1.0 + 4.0 * UNIT), fractions: None }
    }

    /// `c self`, rounding included; without fractions.
    pub fn scaled(&self, c: f64) -> Self {
        let r: Vec<f64> = self.r.iter().map(|x| c * x).collect();
        let round = if c == 1.0 || c == -1.0 { 0.0 } else { UNIT * sum::max_abs(&r) };
        ExpectedReward { r, err: (c.abs() * self.err + round) * (1.0 + 4.0 * UNIT), fractions: None }
    }
}

impl Reward {
    /// A reward per row.
    pub fn per_row(base: Vec<f64>) -> Self {
        Reward { base, next: None, listed: None, fractions: None, off: 0.0 }
    }

    /// `k` on every transition from a state that is not terminal.
    pub fn constant(mdp: &Mdp, k: f64) -> Self {
        let mut base = vec![k; mdp.n_rows()];
        for s in (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)) {
            base[mdp.rows(s)].fill(0.0);
        }
        Reward::per_row(base).exact_inputs(mdp)
    }

    /// A reward per row with exceptions.
    pub fn with_listed(base: Vec<f64>, listed: Listed) -> Self {
        debug_assert_eq!(listed.ptr.len(), base.len() + 1);
        let listed = (!listed.col.is_empty()).then_some(listed);
        Reward { base, next: None, listed, fractions: None, off: 0.0 }
    }

    /// One number for every stored transition of a model, in storage order; 0 on all others.
    pub fn per_transition(mdp: &Mdp, val: Vec<f64>) -> Self {
        debug_assert_eq!(val.len(), mdp.nnz());
        let listed = Listed { ptr: mdp.row_ptr.clone(), col: mdp.col.clone(), val };
        Reward::with_listed(vec![0.0; mdp.n_rows()], listed)
    }

    /// The rewards of all stored transitions in storage order, where they are kept just so: no copy, and a loop over them
    /// is one pass over memory.
    pub fn on_transitions(&self, mdp: &Mdp) -> Option<&[f64]> {
        let listed = self.listed.as_ref()?;
        (listed.ptr == mdp.row_ptr && listed.col == mdp.col).then_some(&listed.val)
    }

    /// Number of rows it is defined on.
    pub fn n_rows(&self) -> usize {
        self.base.len()
    }

    /// Whether the reward of a row does not depend on the next state, for all rows.
    pub fn is_constant_in_next(&self) -> bool {
        self.next.is_none() && self.listed.is_none()
    }

    /// The part that depends on the row alone.
    pub fn base(&self) -> &[f64] {
        &self.base
    }

    /// Exceptions of a row.
    fn listed_of(&self, row: usize) -> (&[u32], &[f64]) {
        match &self.listed {
            None => (&[], &[]),
            Some(l) => (&l.col[l.ptr[row]..l.ptr[row + 1]], &l.val[l.ptr[row]..l.ptr[row + 1]]),
        }
    }

    /// `R(row, s')`.
    pub fn at(&self, row: usize, s_next: usize) -> f64 {
        let (col, val) = self.listed_of(row);
        match col.binary_search(&(s_next as u32)) {
            Ok(i) => val[i],
            Err(_) => self.base[row] + self.next.as_ref().map_or(0.0, |next| next[s_next]),
        }
    }

    /// Writes `R(row, .)` into `out`, length S. O(S).
    pub fn fill_row(&self, row: usize, out: &mut [f64]) {
        match &self.next {
            None => out.fill(self.base[row]),
            Some(next) => out.iter_mut().zip(next).for_each(|(o, n)| *o = self.base[row] + n),
        }
        let (col, val) = self.listed_of(row);
        for (&t, &r) in col.iter().zip(val) {
            out[t as usize] = r;
        }
    }

    /// Writes the reward of each stored transition of `row` into `out`, in storage order.
    pub fn fill_support(&self, mdp: &Mdp, row: usize, out: &mut Vec<f64>) {
        out.clear();
        let (states, _) = mdp.p(row);
        let (col, val) = self.listed_of(row);
        let mut i = 0;
        for &t in states {
            while i < col.len() && col[i] < t {
                i += 1;
            }
            out.push(if i < col.len() && col[i] == t {
                val[i]
            } else {
                self.base[row] + self.next.as_ref().map_or(0.0, |next| next[t as usize])
            });
        }
    }

    /// `r(s,a)` over rows. O(nnz + listed).
    pub fn expected(&self, mdp: &Mdp) -> ExpectedReward {
        if self.is_constant_in_next() {
            let err = self.entry_error();
            return self.with_error(ExpectedReward { r: self.base.clone(), err, fractions: self.fractions(mdp) });
        }
        let mut buffer = Vec::new();
        let (mut r, mut err) = (Vec::with_capacity(self.base.len()), 0.0f64);
        // Entries are made of two parts where rewards are paid for arrivals.
        let (is_whole, arrival) = (self.is_whole(), self.next.as_ref().map_or(0.0, |next| sum::max_abs(next)));
        let in_order = self.on_transitions(mdp);
        for row in 0..self.base.len() {
            if self.next.is_none() && self.listed_of(row).0.is_empty() {
                r.push(self.base[row]);
                continue;
            }
            let rewards = match in_order {
                Some(rewards) => &rewards[mdp.transitions(row)],
                None => {
                    self.fill_support(mdp, row, &mut buffer);
                    &buffer
                }
            };
            let (value, absolute) = sum::dot_and_size(mdp.p(row).1, rewards);
            // The compensated dot product is good to 2u relative plus n u^2 of the absolute sum; adding base and
            // next in `fill_support` costs one more rounding of each summand.
            let of_inputs = match (is_whole, mdp.p(row).1) {
                (true, [1.0]) => 0.0,
                _ => (2.0 * UNIT + mdp.p_error()) * absolute + 2.0 * UNIT * (self.base[row].abs() + arrival),
            };
            err = err.max(4.0 * UNIT * absolute + of_inputs);
            r.push(value);
        }
        let most = if is_whole { 0.0 } else { UNIT * sum::max_abs(&self.base) };
        err = if err == 0.0 { most + self.off } else { (err.max(most) + self.off) * (1.0 + 8.0 * UNIT) };
        self.with_error(ExpectedReward { r, err, fractions: self.fractions(mdp) })
    }

    /// Sum of `c_i R_i` over the same model, with the fractions of it where every reward has them.
    ///
    /// # Panics
    /// If `terms` is empty; callers combine at least one reward.
    pub fn combined(terms: &[(Number, &Reward)]) -> Reward {
        let doubles: Vec<(f64, &Reward)> = terms.iter().map(|(c, reward)| (c.value, *reward)).collect();
        let exact = terms.iter().map(|(c, reward)| Some((&c.exact, reward.fractions.as_deref()?)));
        let fractions = exact.collect::<Option<Vec<_>>>().map(|exact| rational::sum(&exact));
        let mut sum = Reward::linear(&doubles).with_fractions(fractions);
        // The doubles are those of the nearest factors.
        sum.off += terms.iter().map(|(c, reward)| number::rest(&c.exact, c.value).abs() * reward.size()).sum::<f64>();
        sum
    }

    /// Sum of `c_i R_i` over the same model, in doubles.
    ///
    /// # Panics
    /// If `terms` is empty; callers combine at least one reward.
    pub fn linear(terms: &[(f64, &Reward)]) -> Reward {
        let n_rows = terms[0].1.n_rows();
        let mut base = vec![0.0; n_rows];
        let mut next: Option<Vec<f64>> = None;
        for &(c, reward) in terms {
            base.iter_mut().zip(&reward.base).for_each(|(b, r)| *b = f64::mul_add(c, *r, *b));
            if let Some(add) = &reward.next {
                let next = next.get_or_insert_with(|| vec![0.0; add.len()]);
                next.iter_mut().zip(add).for_each(|(n, r)| *n = f64::mul_add(c, *r, *n));
            }
        }
        let listed = terms.iter().any(|(_, r)| r.listed.is_some()).then(|| {
            let mut listed = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
            let mut columns: Vec<u32> = Vec::new();
            for row in 0..n_rows {
                columns.clear();
                columns.extend(terms.iter().flat_map(|(_, r)| r.listed_of(row).0));
                columns.sort_unstable();
                columns.dedup();
                for &t in &columns {
                    let value = terms.iter().fold(0.0, |v, (c, r)| f64::mul_add(*c, r.at(row, t as usize), v));
                    listed.col.push(t);
                    listed.val.push(value);
                }
                listed.ptr.push(listed.col.len());
            }
            listed
        });
        let off = linear_error(terms);
        Reward { base, next, listed, fractions: None, off }
    }

    /// `c R`.
    pub fn scaled(&self, c: f64) -> Reward {
        Reward::combined(&[(Number { value: c, exact: as_stored(c) }, self)])
    }

    /// `R + gamma Phi(s') - Phi(s)` on every transition, possible or not, terminal states included.
    ///
    /// For a state declared terminal the reward stays zero only where `Phi = 0`; see `analysis::shaping`.
    pub fn shaped(&self, mdp: &Mdp, phi: &[f64]) -> Reward {
        let arrival: Vec<f64> = phi.iter().map(|x| mdp.gamma() * x).collect();
        let mut shaped = self.clone();
        shaped.off = self.shaped_error(mdp, phi);
        shaped.fractions = self.shaped_fractions(mdp, phi).map(Arc::new);
        for s in 0..mdp.n_states() {
            shaped.add_to_rows(mdp.rows(s), -phi[s]);
        }
        if let Some(listed) = &mut shaped.listed {
            listed.val.iter_mut().zip(&listed.col).for_each(|(r, &t)| *r += arrival[t as usize]);
        }
        match &mut shaped.next {
            Some(next) => next.iter_mut().zip(&arrival).for_each(|(n, x)| *n += x),
            next => *next = Some(arrival),
        }
        shaped
    }

    /// `R + k` on every transition, possible or not, terminal states included.
    pub fn shifted(&self, k: f64) -> Reward {
        let mut shifted = self.clone();
        shifted.add_to_rows(0..self.n_rows(), k);
        shifted.off += sum_error(&[self], self.size() + k.abs(), is_whole(k));
        let add = |fractions: &Arc<Vec<RBig>>| fractions.iter().map(|r| r + as_stored(k)).collect();
        let fractions = self.fractions.as_ref().map(add);
        shifted.with_fractions(fractions)
    }

    /// Adds `k` to every entry of some rows.
    fn add_to_rows(&mut self, rows: Range<usize>, k: f64) {
        self.base[rows.clone()].iter_mut().for_each(|b| *b += k);
        if let Some(listed) = &mut self.listed {
            listed.val[listed.ptr[rows.start]..listed.ptr[rows.end]].iter_mut().for_each(|r| *r += k);
        }
    }

    /// Largest `|R|` over all transitions, possible or not, to within a factor of two.
    pub fn size(&self) -> f64 {
        let next = self.next.as_ref().map_or(0.0, |next| sum::max_abs(next));
        let listed = self.listed.as_ref().map_or(0.0, |listed| sum::max_abs(&listed.val));
        (sum::max_abs(&self.base) + next).max(listed)
    }

    /// Refuses a reward whose squares, or returns over a long horizon, would leave the range of doubles.
    pub fn check_size(&self, name: &str) -> Result<()> {
        const SMALLEST: f64 = 1e-100;
        const LARGEST: f64 = 1e100;
        let size = self.size();
        if size == 0.0 || (SMALLEST..=LARGEST).contains(&size) {
            return Ok(());
        }
        Diag::new(Code::BadNumber, format!("the largest reward of `{name}` is {size:.0e}"))
            .expected(format!("a size from {SMALLEST:.0e} to {LARGEST:.0e}"))
            .help("multiply the reward by a constant: that changes no preference")
            .err()
    }

    /// Largest `|R|` on a transition that can happen.
    pub fn max_abs(&self, mdp: &Mdp) -> f64 {
        let mut buffer = Vec::new();
        (0..self.n_rows()).fold(0.0, |m, row| {
            self.fill_support(mdp, row, &mut buffer);
            f64::max(m, sum::max_abs(&buffer))
        })
    }

    /// The reward on the reachable part of a model, as made by [`Mdp::trimmed`] with its list of kept states.
    pub fn trimmed(&self, mdp: &Mdp, kept: &[usize]) -> Reward {
        let mut new_index = vec![u32::MAX; mdp.n_states()];
        for (new, &old) in kept.iter().enumerate() {
            new_index[old] = new as u32;
        }
        let mut base = Vec::new();
        let mut listed = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
        for (s, row) in kept.iter().flat_map(|&s| mdp.rows(s).map(move |row| (s, row))) {
            if !mdp.is_reachable(s) {
                // Made terminal with discount 0: nothing is paid there.
                base.push(0.0);
                if self.next.as_ref().is_some_and(|next| next[s] != 0.0) {
                    listed.col.push(new_index[s]);
                    listed.val.push(0.0);
                }
                listed.ptr.push(listed.col.len());
                continue;
            }
            base.push(self.base[row]);
            let (col, val) = self.listed_of(row);
            for (&t, &r) in col.iter().zip(val) {
                if new_index[t as usize] != u32::MAX {
                    listed.col.push(new_index[t as usize]);
                    listed.val.push(r);
                }
            }
            listed.ptr.push(listed.col.len());
        }
        let next = self.next.as_ref().map(|next| kept.iter().map(|&s| next[s]).collect());
        let of_state = |all: &[RBig], s: usize| match mdp.is_reachable(s) {
            true => all[mdp.rows(s)].to_vec(),
            false => vec![RBig::ZERO; mdp.rows(s).len()],
        };
        let of_kept = |all: &Arc<Vec<RBig>>| kept.iter().flat_map(|&s| of_state(all, s)).collect();
        let fractions = self.fractions.as_ref().map(of_kept);
        Reward { next, off: self.off, ..Reward::with_listed(base, listed) }.with_fractions(fractions)
    }
}
