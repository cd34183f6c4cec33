//! The rows that count, and which differences of occupancies there are on them.
//!
//! Choices inside a terminal state are no visits: it counts as the one row that a state without a choice has, so that no
//! distance, no angle and no direction depends on how many actions a file gives it. Without discount its visits have no
//! end and do not count. Nor do states that no return feels, which without a future are those nobody starts in. On the rows
//! that count an occupancy `x` keeps `G' x = mu0`, with `G Phi (s,a) = Phi(s) - gamma sum_s' P(s'|s,a) Phi(s')` over states
//! that count.

use super::cone::Ascent;
use crate::base::sum::{UNIT, dot};
use crate::model::{Mdp, Policy};

/// Conjugate gradient steps after which the direction is what it is.
const MOST_STEPS: usize = 20_000;

/// `G` of a model, row by row, without zeros.
pub(super) struct Flow {
    /// Number of states that count.
    pub n: usize,
    /// Whether each row of the model counts.
    pub counts: Vec<bool>,
    ptr: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
}

impl Flow {
    /// O(nnz).
    pub fn of(mdp: &Mdp) -> Self {
        let felt = felt(mdp);
        let mut place = vec![u32::MAX; mdp.n_states()];
        let mut n = 0;
        for s in (0..mdp.n_states()).filter(|&s| felt[s]) {
            place[s] = n as u32;
            n += 1;
        }
        let mut flow = Flow { n, counts: vec![false; mdp.n_rows()], ptr: vec![0], col: Vec::new(), val: Vec::new() };
        for s in 0..mdp.n_states() {
            let first = mdp.rows(s).start;
            for row in mdp.rows(s) {
                if felt[s] && (row == first || !mdp.is_terminal(s)) {
                    flow.counts[row] = true;
                    flow.push(mdp, s, row, &place);
                }
                flow.ptr.push(flow.col.len());
            }
        }
        flow
    }

    fn push(&mut self, mdp: &Mdp, s: usize, row: usize, place: &[u32]) {
        let (col, p) = mdp.p(row);
        let mut own = 1.0;
        for (&t, &p) in col.iter().zip(p) {
            let flow = mdp.gamma() * p;
            match place[t as usize] {
                _ if t as usize == s => own -= flow,
                u32::MAX => {}
                _ if flow == 0.0 => {}
                place => {
                    self.col.push(place);
                    self.val.push(-flow);
                }
            }
        }
        self.col.push(place[s]);
        self.val.push(own);
    }

    /// Columns and values of a row of `G`; empty for a row that does not count.
    pub fn line(&self, row: usize) -> (&[u32], &[f64]) {
        let range = self.ptr[row]..self.ptr[row + 1];
        (&self.col[range.clone()], &self.val[range])
    }

    /// Takes `G phi` from a vector over rows, each product rounded once.
    pub fn take(&self, phi: &[f64], from: &mut [f64]) {
        let mut gathered = Vec::new();
        for (row, x) in from.iter_mut().enumerate().filter(|(row, _)| self.counts[*row]) {
            let (col, val) = self.line(row);
            gathered.clear();
            gathered.extend(col.iter().map(|&s| phi[s as usize]));
            *x -= dot(val, &gathered);
        }
    }

    /// `G' x` over some of the rows, as if summed in twice the precision: near discount 1 what is left of `x` after a
    /// projection is far below the terms of these sums.
    pub fn gather(&self, x: &[f64], over: impl Fn(usize) -> bool) -> Vec<f64> {
        let (mut out, mut lost) = (vec![0.0; self.n], vec![0.0; self.n]);
        for row in (0..x.len()).filter(|&row| self.counts[row] && x[row] != 0.0 && over(row)) {
            let (col, val) = self.line(row);
            for (&s, &v) in col.iter().zip(val) {
                let product = v * x[row];
                let error = v.mul_add(x[row], -product);
                // Knuth's two-sum.
                let (sum, before) = (out[s as usize] + product, out[s as usize]);
                let part = sum - before;
                lost[s as usize] += error + ((before - (sum - part)) + (product - part));
                out[s as usize] = sum;
            }
        }
        out.iter_mut().zip(&lost).for_each(|(out, lost)| *out += lost);
        out
    }

    /// The projection of a vector over rows on the differences of occupancies. Dense elimination in the states where there
    /// are few, conjugate gradients beyond.
    pub fn projection(&self, x: &[f64]) -> Vec<f64> {
        if self.n <= super::MOST_STATES {
            return Ascent::new(self, x.to_vec()).everywhere();
        }
        let mut left = x.to_vec();
        // Each round takes what rounding left of the one before.
        for _ in 0..2 {
            let phi = self.gradients(&left);
            self.take(&phi, &mut left);
        }
        left
    }

    /// Least squares `G phi = x` by conjugate gradients (Hestenes and Stiefel 1952).
    fn gradients(&self, x: &[f64]) -> Vec<f64> {
        let mut phi = vec![0.0; self.n];
        let mut left = x.to_vec();
        let mut slope = self.gather(&left, |_| true);
        let (mut way, mut size) = (slope.clone(), dot(&slope, &slope));
        let enough = size * UNIT * UNIT;
        for _ in 0..MOST_STEPS {
            if size <= enough {
                break;
            }
            let mut along = vec![0.0; left.len()];
            self.take(&way, &mut along);
            let step = size / dot(&along, &along);
            phi.iter_mut().zip(&way).for_each(|(phi, way)| *phi += step * way);
            left.iter_mut().zip(&along).for_each(|(left, along)| *left += step * along);
            slope = self.gather(&left, |_| true);
            let next = dot(&slope, &slope);
            way.iter_mut().zip(&slope).for_each(|(way, slope)| *way = slope + next / size * *way);
            size = next;
        }
        phi
    }

    /// A vector over rows with zero where a row does not count.
    pub fn only(&self, mut x: Vec<f64>) -> Vec<f64> {
        x.iter_mut().zip(&self.counts).filter(|(_, counts)| !**counts).for_each(|(x, _)| *x = 0.0);
        x
    }
}

/// States that a return feels: reached by steps that are not discounted away; without discount, not ended.
fn felt(mdp: &Mdp) -> Vec<bool> {
    let mut felt: Vec<bool> = mdp.mu0().iter().map(|&m| m > 0.0).collect();
    let mut open: Vec<usize> = (0..felt.len()).filter(|&s| felt[s] && mdp.gamma() > 0.0).collect();
    while let Some(s) = open.pop() {
        for row in mdp.rows(s) {
            let (col, p) = mdp.p(row);
            for (&t, _) in col.iter().zip(p).filter(|(_, p)| **p > 0.0) {
                if !std::mem::replace(&mut felt[t as usize], true) {
                    open.push(t as usize);
                }
            }
        }
    }
    (0..felt.len()).filter(|&s| mdp.gamma() == 1.0 && mdp.is_terminal(s)).for_each(|s| felt[s] = false);
    felt
}

/// The policy with the first action in every terminal state: the choice there is none, and must not be seen, be it in the
/// rounding of a sum.
pub(super) fn settled(mdp: &Mdp, policy: &Policy) -> Policy {
    let ends: Vec<usize> = (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)).collect();
    match policy.clone() {
        Policy::Deterministic(mut rows) => {
            ends.into_iter().for_each(|s| rows[s] = mdp.rows(s).start);
            Policy::Deterministic(rows)
        }
        Policy::Stochastic(mut prob) => {
            for s in ends {
                prob[mdp.rows(s)].fill(0.0);
                prob[mdp.rows(s).start] = 1.0;
            }
            Policy::Stochastic(prob)
        }
    }
}
