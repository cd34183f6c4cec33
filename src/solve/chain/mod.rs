//! Linear systems of a policy: `x = b + gamma P x` and its transpose.
//!
//! Owns: the chain of a policy, its components, every way to solve for values and visits, and the choice between them.
//! May use: `base`, `model`, and of `solve` limits and the size of a block.
//! Must not: know rewards, or put bounds on an answer; that is a backup's work.
//! To add one: a new way is a file here that removes a residual, a word in [`Way`], and a line in `refine.rs`.
//!
//! Small chains are eliminated. A Markov chain falls into strongly connected components that can be solved one after the
//! other, successors first; most components of a structured model are tiny, so that costs little more than reading `P`.
//! Large chains, and large components, are refined: see [`refine`].

mod aggregate;
mod components;
mod csr;
pub(super) mod dense;
mod krylov;
mod level;
mod real;
mod refine;
mod sparse;

use std::cell::OnceCell;

use crate::model::{Mdp, Policy};

use components::Parts;
use csr::Csr;
use dense::Factors;
use level::Level;
pub(super) use refine::Aim;
pub use refine::Way;
use refine::{Norm, Refinement};

/// Up to this many states a discounted chain is eliminated whole: finding its components would cost more.
const WHOLE: usize = 48;
/// Largest component eliminated densely (O(n^3) time, O(n^2) memory: 8 MB here).
pub(super) const DENSE: usize = 1_000;
/// From this many states on steps of the fixed point are tried before anything is known of the graph.
const LARGE: usize = 20_000;

/// The transition matrix of a policy, with its strongly connected components.
pub(super) struct Chain<'a> {
    p: Csr<'a>,
    parts: OnceCell<Parts>,
    /// Of a large chain, kept for the next right-hand side.
    transposed: OnceCell<Csr<'static>>,
}

/// The solution of a linear system.
pub(super) struct Solved {
    pub x: Vec<f64>,
    /// How the hardest part was solved.
    pub way: Way,
    /// Products with the matrix, on the way of that part.
    pub steps: usize,
    /// Whether a limit cut it short.
    pub is_cut: bool,
}

impl<'a> Chain<'a> {
    /// The chain of a policy on a model. Nothing is copied where states have no choice.
    pub(super) fn new(mdp: &'a Mdp, policy: &Policy) -> Self {
        if mdp.n_rows() == mdp.n_states() {
            let (col, val) = mdp.all_transitions();
            return Self::of(Csr { ptr: mdp.row_starts().into(), col: col.into(), val: val.into() });
        }
        let n = mdp.n_states();
        let (mut ptr, mut col, mut val) = (Vec::with_capacity(n + 1), Vec::new(), Vec::new());
        ptr.push(0);
        let mut dense = vec![0.0; if matches!(policy, Policy::Stochastic(_)) { n } else { 0 }];
        let mut touched: Vec<u32> = Vec::new();
        for s in 0..n {
            match policy {
                Policy::Deterministic(rows) => {
                    let (c, p) = mdp.p(rows[s]);
                    col.extend_from_slice(c);
                    val.extend_from_slice(p);
                }
                Policy::Stochastic(_) => {
                    for (row, weight) in policy.support(mdp, s) {
                        let (c, p) = mdp.p(row);
                        for (&t, &p) in c.iter().zip(p) {
                            if dense[t as usize] == 0.0 {
                                touched.push(t);
                            }
                            dense[t as usize] += weight * p;
                        }
                    }
                    touched.sort_unstable();
                    for t in touched.drain(..) {
                        col.push(t);
                        val.push(std::mem::take(&mut dense[t as usize]));
                    }
                }
            }
            ptr.push(col.len());
        }
        Self::from_csr(ptr, col, val)
    }

    fn of(p: Csr<'a>) -> Self {
        Chain { p, parts: OnceCell::new(), transposed: OnceCell::new() }
    }

    fn from_csr(ptr: Vec<usize>, col: Vec<u32>, val: Vec<f64>) -> Self {
        Self::of(Csr { ptr: ptr.into(), col: col.into(), val: val.into() })
    }

    fn n(&self) -> usize {
        self.p.n()
    }

    fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| Parts::of(&self.p.ptr, &self.p.col))
    }

    /// The chain with every row outside `keep`, and every way out of it, removed.
    pub(super) fn restricted(&self, keep: impl Fn(usize) -> bool) -> Chain<'static> {
        let (mut ptr, mut col, mut val) = (vec![0], Vec::new(), Vec::new());
        for s in 0..self.n() {
            if keep(s) {
                for (t, p) in self.p.pairs(s).filter(|&(t, _)| keep(t)) {
                    col.push(t as u32);
                    val.push(p);
                }
            }
            ptr.push(col.len());
        }
        Chain::from_csr(ptr, col, val)
    }

    /// States from which a state in `target` can be reached, itself included. One pass, successors first.
    pub(super) fn reaches(&self, target: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reaches = vec![false; self.n()];
        for (_, block) in self.parts().blocks() {
            let found = block
                .iter()
                .any(|&s| target(s as usize) || self.p.pairs(s as usize).any(|(t, p)| p > 0.0 && reaches[t]));
            block.iter().for_each(|&s| reaches[s as usize] = found);
        }
        reaches
    }

    /// Solves `x = b + gamma P x`. A component without a way out and without discount must have `b = 0`; its `x`
    /// is set to 0.
    pub(super) fn solve(&self, gamma: f64, b: &[f64], aim: &Aim) -> Solved {
        if self.n() <= WHOLE && gamma < 1.0 {
            return self.solve_whole(gamma, b, false);
        }
        if self.n() >= LARGE
            && gamma < 1.0
            && let Some(solved) = self.solve_large(&self.p, gamma, b, Norm::Largest, aim)
        {
            return solved;
        }
        let parts = self.parts();
        let mut found = Solved { x: vec![0.0; self.n()], way: Way::Direct, steps: 0, is_cut: false };
        for (first, block) in parts.blocks() {
            let inside = |t: usize| parts.inside(first, block, t);
            let mut rhs: Vec<f64> = Vec::with_capacity(block.len());
            for &s in block {
                let known = self.p.pairs(s as usize).filter(|&(t, _)| inside(t).is_none());
                rhs.push(b[s as usize] + gamma * known.map(|(t, p)| p * found.x[t]).sum::<f64>());
            }
            let local = self.local(parts, first, block);
            let part =
                Part { m: &local, gamma, norm: Norm::Largest, is_closed: is_large(block) && local.is_stochastic() };
            found.put(block, part.solve(rhs, aim));
        }
        found
    }

    /// Solves `d = b + gamma P' d`, the discounted visits from a start `b`.
    pub(super) fn solve_transposed(&self, gamma: f64, b: &[f64], aim: &Aim) -> Solved {
        if self.n() <= WHOLE && gamma < 1.0 {
            return self.solve_whole(gamma, b, true);
        }
        if self.n() >= LARGE && gamma < 1.0 {
            let transposed = self.transposed.get_or_init(|| self.p.transposed());
            if let Some(solved) = self.solve_large(transposed, gamma, b, Norm::Sum, aim) {
                return solved;
            }
        }
        let parts = self.parts();
        let mut found = Solved { x: b.to_vec(), way: Way::Direct, steps: 0, is_cut: false };
        for (first, block) in parts.blocks().rev() {
            let rhs: Vec<f64> = block.iter().map(|&s| found.x[s as usize]).collect();
            let local = self.local(parts, first, block);
            let is_closed = is_large(block) && !aim.has_signs && local.is_stochastic();
            let part = Part { m: &local.transposed(), gamma, norm: Norm::Sum, is_closed };
            found.put(block, part.solve(rhs, aim));
            for &s in block {
                let value = found.x[s as usize];
                for (t, p) in self.p.pairs(s as usize).filter(|&(t, _)| parts.inside(first, block, t).is_none()) {
                    found.x[t] += gamma * p * value;
                }
            }
        }
        found
    }

    /// Refines the whole chain, or its transpose `m`, where steps of the fixed point end soon or nearly all of it is one
    /// component.
    fn solve_large(&self, m: &Csr<'_>, gamma: f64, b: &[f64], norm: Norm, aim: &Aim) -> Option<Solved> {
        let whole = Part { m, gamma, norm, is_closed: !aim.has_signs && self.p.is_stochastic() };
        whole.refine(b, aim, || 2 * self.parts().largest() > self.n())
    }

    /// The part of the matrix within a component.
    fn local(&self, parts: &Parts, first: usize, block: &[u32]) -> Csr<'static> {
        let (mut ptr, mut col, mut val) = (Vec::with_capacity(block.len() + 1), Vec::new(), Vec::new());
        ptr.push(0);
        for &s in block {
            for (t, p) in self.p.pairs(s as usize) {
                if let Some(t) = parts.inside(first, block, t) {
                    col.push(t as u32);
                    val.push(p);
                }
            }
            ptr.push(col.len());
        }
        Csr { ptr: ptr.into(), col: col.into(), val: val.into() }
    }

    fn solve_whole(&self, gamma: f64, b: &[f64], transposed: bool) -> Solved {
        let n = self.n();
        let mut a = vec![0.0; n * n];
        for s in 0..n {
            a[s * n + s] += 1.0;
            for (t, p) in self.p.pairs(s) {
                a[if transposed { t * n + s } else { s * n + t }] -= gamma * p;
            }
        }
        let mut x = b.to_vec();
        Factors::new(n, a).solve(&mut x);
        Solved { x, way: Way::Direct, steps: 0, is_cut: false }
    }
}

impl Solved {
    /// Takes over the solution of a component.
    fn put(&mut self, block: &[u32], part: Solved) {
        for (&s, value) in block.iter().zip(part.x) {
            self.x[s as usize] = value;
        }
        self.way = self.way.max(part.way);
        self.steps = self.steps.max(part.steps);
        self.is_cut |= part.is_cut;
    }
}

fn is_large(block: &[u32]) -> bool {
    block.len() > DENSE
}

/// The system `x = b + gamma M x` of a chain or a component, `M` being its matrix or the transpose of that.
struct Part<'a> {
    m: &'a Csr<'a>,
    gamma: f64,
    norm: Norm,
    /// Whether nothing leaves the chain. Not needed where it is eliminated.
    is_closed: bool,
}

impl Part<'_> {
    fn solve(&self, mut b: Vec<f64>, aim: &Aim) -> Solved {
        let n = self.m.n();
        if n == 1 {
            let leave = 1.0 - self.gamma * self.m.val.iter().sum::<f64>();
            // A state that is never left and pays nothing is worth nothing, also without discount.
            b[0] = if leave > 0.0 { b[0] / leave } else { 0.0 };
        } else if n > DENSE
            && let Some(solved) = self.refine(&b, aim, || true)
        {
            return solved;
        } else {
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                a[i * n + i] += 1.0;
                self.m.pairs(i).for_each(|(j, p)| a[i * n + j] -= self.gamma * p);
            }
            Factors::new(n, a).solve(&mut b);
        }
        Solved { x: b, way: Way::Direct, steps: 0, is_cut: false }
    }

    /// Steps of the fixed point if they end soon; else, if `goes_on`, whatever way is best.
    fn refine(&self, b: &[f64], aim: &Aim, goes_on: impl Fn() -> bool) -> Option<Solved> {
        let mut refinement = Refinement::new(self, b, aim);
        let level = refinement.may_be_single().then(|| Level::<f32>::new(self.m, self.gamma));
        let is_done = level.as_ref().is_some_and(|level| refinement.fixed_point(level)) || refinement.is_done();
        let way = match is_done {
            true => Way::FixedPoint,
            false if goes_on() => refinement.other_ways(level.as_ref()),
            false => return None,
        };
        Some(refinement.solved(way))
    }
}

#[cfg(test)]
mod tests;
