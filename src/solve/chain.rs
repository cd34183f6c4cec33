//! Linear systems of a policy: `x = b + gamma P x` and its transpose, component by component.
//!
//! A Markov chain falls into strongly connected components that can be solved one after the other, successors
//! first. Most components of a structured model are tiny, so the direct solve costs little more than reading `P`;
//! a model in one piece costs one dense elimination up to [`DENSE`] states and a Krylov solve beyond.

use std::cell::OnceCell;

use super::krylov;
use crate::model::{Mdp, Policy};

/// Up to this many states a discounted chain is eliminated whole: finding its components would cost more.
const WHOLE: usize = 48;
/// Largest component eliminated densely (O(n^3) time, O(n^2) memory: 8 MB here).
pub(super) const DENSE: usize = 1_000;

/// The transition matrix of a policy in CSR form, with its strongly connected components.
pub(super) struct Chain {
    n: usize,
    ptr: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
    parts: OnceCell<Parts>,
}

/// Strongly connected components.
struct Parts {
    /// States in order of component, successors first.
    order: Vec<u32>,
    /// First place of each component in `order`, plus the end.
    starts: Vec<usize>,
    /// Place of each state in `order`.
    place: Vec<u32>,
}

impl Parts {
    fn blocks(&self) -> impl DoubleEndedIterator<Item = (usize, &[u32])> {
        self.starts.windows(2).map(|w| (w[0], &self.order[w[0]..w[1]]))
    }

    /// Place of state `t` inside the block that begins at `first`, if it is there.
    fn inside(&self, first: usize, block: &[u32], t: usize) -> Option<usize> {
        let i = (self.place[t] as usize).wrapping_sub(first);
        (i < block.len()).then_some(i)
    }
}

impl Chain {
    /// The chain of a policy on a model.
    pub(super) fn new(mdp: &Mdp, policy: &Policy) -> Self {
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
        Self::from_csr(n, ptr, col, val)
    }

    fn from_csr(n: usize, ptr: Vec<usize>, col: Vec<u32>, val: Vec<f64>) -> Self {
        Chain { n, ptr, col, val, parts: OnceCell::new() }
    }

    fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| {
            let (order, starts) = components(self.n, &self.ptr, &self.col);
            let mut place = vec![0; self.n];
            for (i, &s) in order.iter().enumerate() {
                place[s as usize] = i as u32;
            }
            Parts { order, starts, place }
        })
    }

    /// The chain with every row outside `keep`, and every way out of it, removed.
    pub(super) fn restricted(&self, keep: impl Fn(usize) -> bool) -> Self {
        let (mut ptr, mut col, mut val) = (vec![0], Vec::new(), Vec::new());
        for s in 0..self.n {
            if keep(s) {
                for (t, p) in self.row(s).filter(|&(t, _)| keep(t)) {
                    col.push(t as u32);
                    val.push(p);
                }
            }
            ptr.push(col.len());
        }
        Self::from_csr(self.n, ptr, col, val)
    }

    /// States from which a state in `target` can be reached, itself included. One pass, successors first.
    pub(super) fn reaches(&self, target: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reaches = vec![false; self.n];
        for (_, block) in self.parts().blocks() {
            let found =
                block.iter().any(|&s| target(s as usize) || self.row(s as usize).any(|(t, p)| p > 0.0 && reaches[t]));
            block.iter().for_each(|&s| reaches[s as usize] = found);
        }
        reaches
    }

    fn row(&self, s: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.ptr[s]..self.ptr[s + 1];
        self.col[range.clone()].iter().zip(&self.val[range]).map(|(&t, &p)| (t as usize, p))
    }

    /// Solves `x = b + gamma P x`. A component without a way out and without discount must have `b = 0`; its `x`
    /// is set to 0.
    pub(super) fn solve(&self, gamma: f64, b: &[f64]) -> Vec<f64> {
        if self.n <= WHOLE && gamma < 1.0 {
            return self.solve_whole(gamma, b, false);
        }
        let parts = self.parts();
        let mut x = vec![0.0; self.n];
        for (first, block) in parts.blocks() {
            let inside = |t: usize| parts.inside(first, block, t);
            let mut rhs: Vec<f64> = Vec::with_capacity(block.len());
            for &s in block {
                let known = self.row(s as usize).filter(|&(t, _)| inside(t).is_none());
                rhs.push(b[s as usize] + gamma * known.map(|(t, p)| p * x[t]).sum::<f64>());
            }
            let entries =
                |i: usize| self.row(block[i] as usize).filter_map(move |(t, p)| Some((inside(t)?, gamma * p)));
            let local = Local::new(block.len(), entries);
            for (&s, value) in block.iter().zip(local.solve(rhs)) {
                x[s as usize] = value;
            }
        }
        x
    }

    /// Solves `d = b + gamma P' d`, the discounted visits from a start `b`.
    pub(super) fn solve_transposed(&self, gamma: f64, b: &[f64]) -> Vec<f64> {
        if self.n <= WHOLE && gamma < 1.0 {
            return self.solve_whole(gamma, b, true);
        }
        let parts = self.parts();
        let mut d = b.to_vec();
        for (first, block) in parts.blocks().rev() {
            let inside = |t: usize| parts.inside(first, block, t);
            let rhs: Vec<f64> = block.iter().map(|&s| d[s as usize]).collect();
            let mut columns: Vec<Vec<(usize, f64)>> = vec![Vec::new(); block.len()];
            for (i, &s) in block.iter().enumerate() {
                for (t, p) in self.row(s as usize) {
                    if let Some(j) = inside(t) {
                        columns[j].push((i, gamma * p));
                    }
                }
            }
            let local = Local::new(block.len(), |j| columns[j].iter().copied());
            for (&s, value) in block.iter().zip(local.solve(rhs)) {
                d[s as usize] = value;
                for (t, p) in self.row(s as usize) {
                    if inside(t).is_none() {
                        d[t] += gamma * p * value;
                    }
                }
            }
        }
        d
    }

    fn solve_whole(&self, gamma: f64, b: &[f64], transposed: bool) -> Vec<f64> {
        let n = self.n;
        let mut a = vec![0.0; n * n];
        for s in 0..n {
            a[s * n + s] += 1.0;
            for (t, p) in self.row(s) {
                a[if transposed { t * n + s } else { s * n + t }] -= gamma * p;
            }
        }
        let mut x = b.to_vec();
        eliminate(&mut a, &mut x);
        x
    }
}

/// The matrix `gamma P` of one component.
struct Local {
    n: usize,
    ptr: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
}

impl Local {
    fn new<I: Iterator<Item = (usize, f64)>>(n: usize, row: impl Fn(usize) -> I) -> Self {
        let mut local = Local { n, ptr: vec![0], col: Vec::new(), val: Vec::new() };
        for i in 0..n {
            for (j, a) in row(i) {
                local.col.push(j as u32);
                local.val.push(a);
            }
            local.ptr.push(local.col.len());
        }
        local
    }

    /// `x = rhs + A x`.
    fn solve(&self, mut rhs: Vec<f64>) -> Vec<f64> {
        if self.n == 1 {
            let leave = 1.0 - self.val.iter().sum::<f64>();
            // A state that is never left and pays nothing is worth nothing, also without discount.
            rhs[0] = if leave > 0.0 { rhs[0] / leave } else { 0.0 };
            return rhs;
        }
        if self.n > DENSE {
            return krylov::solve(|x, out| self.residual_product(x, out), &rhs);
        }
        let n = self.n;
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            a[i * n + i] += 1.0;
            for k in self.ptr[i]..self.ptr[i + 1] {
                a[i * n + self.col[k] as usize] -= self.val[k];
            }
        }
        eliminate(&mut a, &mut rhs);
        rhs
    }

    /// `out = x - A x`.
    fn residual_product(&self, x: &[f64], out: &mut [f64]) {
        for i in 0..self.n {
            let sum: f64 = (self.ptr[i]..self.ptr[i + 1]).map(|k| self.val[k] * x[self.col[k] as usize]).sum();
            out[i] = x[i] - sum;
        }
    }
}

/// Gaussian elimination in place, without pivoting.
///
/// `I - gamma P` has row sums `1 - gamma > 0` and no positive entry off the diagonal, so it is diagonally dominant:
/// every pivot is positive and no entry grows. Its transpose has the same elimination by columns. With discount 1 a
/// component of transient states is weakly dominant and irreducible, which is enough.
fn eliminate(a: &mut [f64], x: &mut [f64]) {
    let n = x.len();
    for k in 0..n {
        let (above, below) = a.split_at_mut((k + 1) * n);
        let pivot_row = &above[k * n..];
        let pivot = pivot_row[k];
        if pivot <= 0.0 {
            // Rounding ate the way out: nothing can be said, and the certificate will say so.
            continue;
        }
        for (i, row) in below.chunks_exact_mut(n).enumerate() {
            let factor = row[k] / pivot;
            if factor != 0.0 {
                for (r, p) in row[k + 1..].iter_mut().zip(&pivot_row[k + 1..]) {
                    *r -= factor * p;
                }
                x[k + 1 + i] -= factor * x[k];
            }
        }
    }
    for k in (0..n).rev() {
        let row = &a[k * n..(k + 1) * n];
        let known: f64 = row[k + 1..].iter().zip(&x[k + 1..]).map(|(r, x)| r * x).sum();
        x[k] = if row[k] > 0.0 { (x[k] - known) / row[k] } else { 0.0 };
    }
}

/// Strongly connected components, successors before predecessors (Tarjan 1972, without recursion).
fn components(n: usize, ptr: &[usize], col: &[u32]) -> (Vec<u32>, Vec<usize>) {
    const NEW: u32 = u32::MAX;
    let (mut index, mut low) = (vec![NEW; n], vec![0u32; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut work): (Vec<u32>, Vec<(u32, usize)>) = (Vec::new(), Vec::new());
    let (mut order, mut starts) = (Vec::with_capacity(n), vec![0]);
    let mut count = 0;
    for root in 0..n {
        if index[root] != NEW {
            continue;
        }
        work.push((root as u32, ptr[root]));
        while let Some(&mut (s, ref mut edge)) = work.last_mut() {
            let s = s as usize;
            if *edge == ptr[s] && index[s] == NEW {
                index[s] = count;
                low[s] = count;
                count += 1;
                stack.push(s as u32);
                on_stack[s] = true;
            }
            if *edge < ptr[s + 1] {
                let t = col[*edge] as usize;
                *edge += 1;
                if index[t] == NEW {
                    work.push((t as u32, ptr[t]));
                } else if on_stack[t] {
                    low[s] = low[s].min(index[t]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                low[parent as usize] = low[parent as usize].min(low[s]);
            }
            if low[s] == index[s] {
                // `s` is on the stack, so the loop ends at it.
                while let Some(t) = stack.pop() {
                    on_stack[t as usize] = false;
                    order.push(t);
                    if t as usize == s {
                        break;
                    }
                }
                starts.push(order.len());
            }
        }
    }
    (order, starts)
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};
    use rand::RngExt;

    use super::*;
    use crate::model::mdp::random::rng;

    fn random_chain(n: usize, density: f64, seed: u64) -> (Chain, DMatrix<f64>) {
        let mut rng = rng(seed);
        let mut dense = DMatrix::zeros(n, n);
        let (mut ptr, mut col, mut val) = (vec![0], Vec::new(), Vec::new());
        for i in 0..n {
            let mut row: Vec<f64> =
                (0..n).map(|_| if rng.random::<f64>() < density { rng.random::<f64>() } else { 0.0 }).collect();
            row[i] += 1e-3;
            let total: f64 = row.iter().sum();
            for (j, x) in row.iter().enumerate().filter(|(_, x)| **x > 0.0) {
                dense[(i, j)] = x / total;
                col.push(j as u32);
                val.push(x / total);
            }
            ptr.push(col.len());
        }
        (Chain::from_csr(n, ptr, col, val), dense)
    }

    #[test]
    fn both_systems_agree_with_a_pivoted_dense_solve() {
        for seed in 0..60 {
            let n = 1 + seed as usize % 12;
            let (chain, p) = random_chain(n, [0.05, 0.2, 0.6][seed as usize % 3], seed);
            let gamma = [0.0, 0.5, 0.99][seed as usize / 3 % 3];
            let b: Vec<f64> = (0..n).map(|i| (i as f64 * 1.7).sin()).collect();
            let system = DMatrix::identity(n, n) - gamma * &p;
            let x = system.clone().lu().solve(&DVector::from_vec(b.clone())).unwrap();
            let d = system.transpose().lu().solve(&DVector::from_vec(b.clone())).unwrap();
            for (ours, theirs) in chain.solve(gamma, &b).iter().zip(&x) {
                assert!((ours - theirs).abs() <= 1e-11 * (1.0 + theirs.abs()), "seed {seed}");
            }
            for (ours, theirs) in chain.solve_transposed(gamma, &b).iter().zip(&d) {
                assert!((ours - theirs).abs() <= 1e-11 * (1.0 + theirs.abs()), "seed {seed}, transposed");
            }
        }
    }

    #[test]
    fn a_component_past_the_dense_limit_takes_the_krylov_road_to_the_same_answer() {
        let n = DENSE + 100;
        let (ptr, mut col, mut val) = ((0..=n).map(|i| 2 * i).collect::<Vec<_>>(), Vec::new(), Vec::new());
        for i in 0..n {
            col.extend([((i + 1) % n) as u32, ((i * 7 + 3) % n) as u32]);
            val.extend([0.75, 0.25]);
        }
        let chain = Chain::from_csr(n, ptr, col, val);
        let b: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
        let x = chain.solve(0.99, &b);
        let worst = (0..n).map(|s| (b[s] + 0.99 * chain.row(s).map(|(t, p)| p * x[t]).sum::<f64>() - x[s]).abs());
        assert!(worst.fold(0.0, f64::max) < 1e-10);
    }

    #[test]
    fn components_come_successors_first() {
        // 0 -> {1, 2} in a loop -> 3
        let (order, starts) = components(4, &[0, 1, 2, 4, 5], &[1, 2, 1, 3, 3]);
        assert_eq!(starts, vec![0, 1, 3, 4]);
        assert_eq!(order[0], 3);
        assert_eq!(order[3], 0);
    }
}
