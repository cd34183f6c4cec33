//! The two passes every iterative method is made of: a backup over all actions, and one over the rows of a policy.
//!
//! Work is cut into fixed blocks of states that any thread may take. A block's result depends on nothing but its input,
//! and what is combined across blocks is a minimum or a maximum, so results are the same for any number of threads.

use bytemuck::Pod;
use rayon::prelude::*;

use super::Task;
use crate::base::Buffer;
use crate::model::Mdp;

/// States a block; models of one block are not worth waking a thread for.
pub(super) const BLOCK: usize = 4_096;

/// A number that values are kept in: half the size is half the traffic of a gather.
pub(super) trait Value: Pod + Send + Sync {
    fn wide(self) -> f64;
}

impl Value for f64 {
    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
}

impl Value for f32 {
    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

/// Smallest and largest of what a sweep looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub lo: f64,
    pub hi: f64,
}

impl Extent {
    pub(super) const NONE: Extent = Extent { lo: f64::INFINITY, hi: f64::NEG_INFINITY };

    #[inline(always)]
    pub(super) fn take(&mut self, x: f64) {
        self.lo = self.lo.min(x);
        self.hi = self.hi.max(x);
    }

    pub(super) fn join(self, other: Extent) -> Extent {
        Extent { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    pub(super) fn is_empty(self) -> bool {
        self.lo > self.hi
    }
}

/// Where the transitions of a row are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout {
    /// Every row has this many.
    Uniform(usize),
    /// Rows differ; this is the longest.
    Ragged(usize),
}

impl Layout {
    /// Of a model. O(rows).
    pub(super) fn of(mdp: &Mdp) -> Self {
        let length = |row: usize| mdp.transitions(row).len();
        let (mut shortest, mut longest) = (usize::MAX, 0);
        for row in 0..mdp.n_rows() {
            shortest = shortest.min(length(row));
            longest = longest.max(length(row));
        }
        if shortest == longest { Layout::Uniform(longest) } else { Layout::Ragged(longest) }
    }

    pub(super) fn longest(self) -> usize {
        match self {
            Layout::Uniform(n) | Layout::Ragged(n) => n,
        }
    }
}

/// `sum p x(t)` in the order of the row. `B` is the number of terms where it is known when compiling, else 0.
#[inline(always)]
fn dot<const B: usize, P: Value, X: Value>(col: &[u32], p: &[P], x: &[X]) -> f64 {
    let term = |sum: f64, i: usize| sum + p[i].wide() * x[col[i] as usize].wide();
    if B > 0 {
        let (col, p) = (&col[..B], &p[..B]);
        let mut sum = 0.0;
        for i in 0..B {
            sum += p[i].wide() * x[col[i] as usize].wide();
        }
        return sum;
    }
    (0..col.len().min(p.len())).fold(0.0, term)
}

/// Runs `body` for every block of states: the number of its first state and its part of an array.
fn blocks<A: Send>(a: &mut [A], body: impl Fn(usize, &mut [A]) -> Extent + Sync) -> Extent {
    if a.len() <= BLOCK {
        return body(0, a);
    }
    let parts = a.par_chunks_mut(BLOCK).enumerate();
    parts.map(|(i, a)| body(i * BLOCK, a)).reduce(|| Extent::NONE, Extent::join)
}

/// The same with parts of two arrays.
fn blocks_of_two<A: Send, B: Send>(
    a: &mut [A],
    b: &mut [B],
    body: impl Fn(usize, &mut [A], &mut [B]) -> Extent + Sync,
) -> Extent {
    if a.len() <= BLOCK {
        return body(0, a, b);
    }
    let parts = a.par_chunks_mut(BLOCK).zip(b.par_chunks_mut(BLOCK)).enumerate();
    parts.map(|(i, (a, b))| body(i * BLOCK, a, b)).reduce(|| Extent::NONE, Extent::join)
}

/// What the passes need to know of a model beyond its rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Where the transitions of a row are.
    pub layout: Layout,
    /// Whether some state is terminal.
    pub has_terminal: bool,
    /// Whether no state that is not terminal leads to one that is: then a shift of all values is discounted like any.
    pub is_closed: bool,
}

impl Shape {
    /// Of a model. O(nnz) where there are terminal states, else O(rows).
    pub(super) fn of(mdp: &Mdp) -> Self {
        let n = mdp.n_states();
        let has_terminal = (0..n).any(|s| mdp.is_terminal(s));
        let stays = |s: usize| mdp.rows(s).all(|row| mdp.p(row).0.iter().all(|&t| !mdp.is_terminal(t as usize)));
        let is_closed = !has_terminal || (0..n).filter(|&s| !mdp.is_terminal(s)).all(stays);
        Shape { layout: Layout::of(mdp), has_terminal, is_closed }
    }
}

/// A backup over all actions: `d = TV - V` into `d`, one best row a state into `policy`. Returns the extent of `d` over
/// the states that are not terminal. `x` may be a rounded copy of `v`.
pub(super) struct Improve<'a> {
    pub mdp: &'a Mdp,
    pub task: &'a Task<'a>,
    pub shape: Shape,
}

impl Improve<'_> {
    pub(super) fn run<X: Value>(&self, v: &[f64], x: &[X], d: &mut [f64], policy: &mut [u32]) -> Extent {
        match self.shape.layout {
            Layout::Uniform(2) => self.sweep::<2, X>(v, x, d, policy),
            Layout::Uniform(3) => self.sweep::<3, X>(v, x, d, policy),
            Layout::Uniform(4) => self.sweep::<4, X>(v, x, d, policy),
            Layout::Uniform(8) => self.sweep::<8, X>(v, x, d, policy),
            _ => self.sweep::<0, X>(v, x, d, policy),
        }
    }

    fn sweep<const B: usize, X: Value>(&self, v: &[f64], x: &[X], d: &mut [f64], policy: &mut [u32]) -> Extent {
        let (mdp, gamma, sign) = (self.mdp, self.mdp.gamma(), self.task.sense.sign());
        let (r, allowed) = (&self.task.reward.r[..], self.task.allowed);
        let has_terminal = self.shape.has_terminal;
        let (all_col, all_p) = mdp.all_transitions();
        blocks_of_two(d, policy, |first, d, policy| {
            let mut extent = Extent::NONE;
            for (i, (d, policy)) in d.iter_mut().zip(policy).enumerate() {
                let s = first + i;
                let rows = mdp.rows(s);
                if has_terminal && mdp.is_terminal(s) {
                    (*d, *policy) = (0.0, rows.start as u32);
                    continue;
                }
                let (mut best, mut best_row) = (f64::NEG_INFINITY, rows.start);
                for row in rows {
                    if allowed.is_some_and(|allowed| !allowed[row]) {
                        continue;
                    }
                    let range = if B > 0 { row * B..row * B + B } else { mdp.transitions(row) };
                    let q = sign * (r[row] + gamma * dot::<B, f64, X>(&all_col[range.clone()], &all_p[range], x));
                    if q > best {
                        (best, best_row) = (q, row);
                    }
                }
                *d = sign * best - v[s];
                *policy = best_row as u32;
                extent.take(*d);
            }
            extent
        })
    }

    /// The first backup, at `V = 0`: no transition is read.
    pub(super) fn first(&self, d: &mut [f64], policy: &mut [u32]) -> Extent {
        let (mdp, sign) = (self.mdp, self.task.sense.sign());
        let (r, allowed) = (&self.task.reward.r[..], self.task.allowed);
        blocks_of_two(d, policy, |first, d, policy| {
            let mut extent = Extent::NONE;
            for (i, (d, policy)) in d.iter_mut().zip(policy).enumerate() {
                let s = first + i;
                let rows = mdp.rows(s);
                (*d, *policy) = (0.0, rows.start as u32);
                if mdp.is_terminal(s) {
                    continue;
                }
                let mut best = f64::NEG_INFINITY;
                for row in rows.filter(|&row| allowed.is_none_or(|allowed| allowed[row])) {
                    let q = sign * r[row];
                    if q > best {
                        (best, *policy) = (q, row as u32);
                    }
                }
                *d = sign * best;
                extent.take(*d);
            }
            extent
        })
    }
}

/// The rows of one policy after another, side by side in half precision where rows are of nearly equal length.
pub(super) struct Followed {
    /// Transitions a state; 0 if rows are read where they lie.
    stride: usize,
    col: Buffer<u32>,
    p: Buffer<f32>,
    /// The row each state's copy is of; `u32::MAX` before the first.
    copied: Vec<u32>,
    pub(super) has_terminal: bool,
}

impl Followed {
    pub(super) fn new(mdp: &Mdp, shape: Shape) -> Self {
        let longest = shape.layout.longest();
        // Padding must not cost more than half of the whole.
        let stride = if longest * mdp.n_rows() <= 2 * mdp.nnz() { longest } else { 0 };
        let n = stride * mdp.n_states();
        let copied = vec![u32::MAX; mdp.n_states()];
        let has_terminal = shape.has_terminal;
        Followed { stride, col: Buffer::zeros(n), p: Buffer::zeros(n), copied, has_terminal }
    }

    /// Turns to another policy: copies the rows that changed. Returns how many did.
    pub(super) fn turn_to(&mut self, mdp: &Mdp, policy: &[u32]) -> usize {
        let stride = self.stride;
        if stride == 0 {
            let changes = self
                .copied
                .iter_mut()
                .zip(policy)
                .map(|(copied, &row)| usize::from(std::mem::replace(copied, row) != row));
            return changes.sum();
        }
        let copy = |first: usize, copied: &mut [u32], col: &mut [u32], p: &mut [f32]| {
            let mut changed = 0;
            for (i, copied) in copied.iter_mut().enumerate() {
                let row = policy[first + i];
                if *copied == row {
                    continue;
                }
                changed += 1;
                *copied = row;
                let (from_col, from_p) = mdp.p(row as usize);
                let place = i * stride..i * stride + from_col.len();
                col[place.clone()].copy_from_slice(from_col);
                p[place].iter_mut().zip(from_p).for_each(|(to, &from)| *to = from as f32);
                // Padding: weight 0 on a state that exists.
                p[i * stride + from_p.len()..(i + 1) * stride].fill(0.0);
            }
            changed
        };
        self.copied
            .par_chunks_mut(BLOCK)
            .zip(self.col.par_chunks_mut(BLOCK * stride))
            .zip(self.p.par_chunks_mut(BLOCK * stride))
            .enumerate()
            .map(|(i, ((copied, col), p))| copy(i * BLOCK, copied, col, p))
            .sum()
    }

    /// One step of `e <- d + gamma P_pi e`, from `e` to `next`. Returns the extent of the change over the states that
    /// are not terminal.
    pub(super) fn step(&self, mdp: &Mdp, policy: &[u32], d: &[f32], e: &[f32], next: &mut [f32]) -> Extent {
        match self.stride {
            0 => self.scattered(mdp, policy, d, e, next),
            2 => self.packed::<2>(mdp, d, e, next),
            3 => self.packed::<3>(mdp, d, e, next),
            4 => self.packed::<4>(mdp, d, e, next),
            8 => self.packed::<8>(mdp, d, e, next),
            _ => self.packed::<0>(mdp, d, e, next),
        }
    }

    fn packed<const B: usize>(&self, mdp: &Mdp, d: &[f32], e: &[f32], next: &mut [f32]) -> Extent {
        let stride = if B > 0 { B } else { self.stride };
        let gamma = mdp.gamma() as f32;
        let has_terminal = self.has_terminal;
        blocks(next, |first, next| {
            let mut extent = (f32::INFINITY, f32::NEG_INFINITY);
            let part = first * stride..(first + next.len()) * stride;
            let rows = self.col[part.clone()].chunks_exact(stride).zip(self.p[part].chunks_exact(stride));
            for (i, (next, (col, p))) in next.iter_mut().zip(rows).enumerate() {
                let s = first + i;
                if has_terminal && mdp.is_terminal(s) {
                    continue;
                }
                let mut sum = 0.0f32;
                if B > 0 {
                    for j in 0..B {
                        sum += p[j] * e[col[j] as usize];
                    }
                } else {
                    for (&t, &p) in col.iter().zip(p) {
                        sum += p * e[t as usize];
                    }
                }
                *next = d[s] + gamma * sum;
                let change = *next - e[s];
                extent = (extent.0.min(change), extent.1.max(change));
            }
            Extent { lo: f64::from(extent.0), hi: f64::from(extent.1) }
        })
    }

    fn scattered(&self, mdp: &Mdp, policy: &[u32], d: &[f32], e: &[f32], next: &mut [f32]) -> Extent {
        let gamma = mdp.gamma();
        blocks(next, |first, next| {
            let mut extent = Extent::NONE;
            for (i, next) in next.iter_mut().enumerate() {
                let s = first + i;
                if mdp.is_terminal(s) {
                    continue;
                }
                let (col, p) = mdp.p(policy[s] as usize);
                let sum = dot::<0, f64, f32>(col, p, e);
                *next = (f64::from(d[s]) + gamma * sum) as f32;
                extent.take(f64::from(*next - e[s]));
            }
            extent
        })
    }
}
