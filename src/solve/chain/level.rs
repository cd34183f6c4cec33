//! `A = I - gamma P` in the precision of an inner solver, split into its diagonal and what is subtracted from it.

use rayon::prelude::*;

use super::super::sweep::BLOCK;
use super::csr::Csr;
use super::real::Real;
use crate::base::Buffer;

/// `(A x)_i = diag_i x_i - sum_j w_ij x_j`, with every weight at or above 0.
pub(super) struct Level<T: Real> {
    n: usize,
    /// Entries a row where rows are padded to one length; else 0.
    stride: usize,
    /// First entry of each row, plus the end, where they are not.
    ptr: Vec<usize>,
    col: Buffer<u32>,
    w: Buffer<T>,
    diag: Buffer<T>,
    /// `1 / diag`, 0 where there is nothing to divide by.
    inverse: Buffer<T>,
}

/// Largest part of the room that padding may add.
const PADDING: f64 = 1.25;

impl<T: Real> Level<T> {
    /// `I - gamma P`. O(nnz).
    pub fn new(p: &Csr<'_>, gamma: f64) -> Self {
        let (n, longest) = (p.n(), p.longest());
        let is_padded = (longest * n) as f64 <= PADDING * p.val.len() as f64;
        let mut level = Self::empty(n);
        if is_padded {
            level.stride = longest;
            (level.col, level.w) = (Buffer::zeros(longest * n), Buffer::zeros(longest * n));
            let width = longest * BLOCK;
            let diag = level.diag.par_chunks_mut(BLOCK).zip(level.inverse.par_chunks_mut(BLOCK));
            // A chain without transitions has no parts to cut.
            let parts = level.col.par_chunks_mut(width.max(1)).zip(level.w.par_chunks_mut(width.max(1))).zip(diag);
            parts.enumerate().for_each(|(b, ((col, w), (diag, inverse)))| {
                for (i, (diag, inverse)) in diag.iter_mut().zip(inverse).enumerate() {
                    let s = b * BLOCK + i;
                    let place = i * longest..(i + 1) * longest;
                    (*diag, *inverse) = split(p, gamma, s, col[place.clone()].iter_mut().zip(&mut w[place]));
                }
            });
            return level;
        }
        level.ptr = Vec::with_capacity(n + 1);
        level.ptr.push(0);
        let mut total = 0;
        for s in 0..n {
            total += p.row(s).0.iter().filter(|&&t| t as usize != s).count();
            level.ptr.push(total);
        }
        (level.col, level.w) = (Buffer::zeros(total), Buffer::zeros(total));
        for s in 0..n {
            let place = level.ptr[s]..level.ptr[s + 1];
            let slots = level.col[place.clone()].iter_mut().zip(&mut level.w[place]);
            (level.diag[s], level.inverse[s]) = split(p, gamma, s, slots);
        }
        level
    }

    fn empty(n: usize) -> Self {
        Level {
            n,
            stride: 0,
            ptr: Vec::new(),
            col: Buffer::zeros(0),
            w: Buffer::zeros(0),
            diag: Buffer::zeros(n),
            inverse: Buffer::zeros(n),
        }
    }

    /// From rows that are known one after another: weights off the diagonal, and the diagonal.
    pub fn from_rows(ptr: Vec<usize>, col: &[u32], w: &[T], diag: &[T]) -> Self {
        let inverse: Vec<T> = diag.iter().map(|&d| reciprocal(d)).collect();
        Level {
            n: diag.len(),
            stride: 0,
            ptr,
            col: Buffer::copy_of(col),
            w: Buffer::copy_of(w),
            diag: Buffer::copy_of(diag),
            inverse: Buffer::copy_of(&inverse),
        }
    }

    pub fn n(&self) -> usize {
        self.n
    }

    /// Entries off the diagonal, padding included.
    pub fn nnz(&self) -> usize {
        self.w.len()
    }

    /// The rows, for a pass over them.
    pub fn rows(&self) -> Rows<'_, T> {
        Rows {
            stride: self.stride,
            ptr: &self.ptr,
            col: &self.col,
            w: &self.w,
            diag: &self.diag,
            inverse: &self.inverse,
        }
    }

    /// Calls `body` with every row's block: the number of its first row, its part of `out`, and how to weigh a row.
    /// What the blocks return is in order, so that sums over it do not depend on threads.
    fn blocks<R: Send>(&self, out: &mut [T], body: impl Body<T, R>) -> Vec<R> {
        match self.stride {
            3 => self.blocks_of::<3, R>(out, body),
            4 => self.blocks_of::<4, R>(out, body),
            5 => self.blocks_of::<5, R>(out, body),
            8 => self.blocks_of::<8, R>(out, body),
            _ => self.blocks_of::<0, R>(out, body),
        }
    }

    fn blocks_of<const B: usize, R: Send>(&self, out: &mut [T], body: impl Body<T, R>) -> Vec<R> {
        let rows = self.rows();
        if out.len() <= BLOCK {
            return vec![body.run::<B>(rows, 0, out)];
        }
        out.par_chunks_mut(BLOCK).enumerate().map(|(b, out)| body.run::<B>(rows, b * BLOCK, out)).collect()
    }

    /// One step `next = b + gamma P x` of the fixed point, and what changed.
    pub fn step(&self, b: &[T], x: &[T], next: &mut [T]) -> Change {
        self.blocks(next, Step { b, x }).into_iter().fold(Change::NONE, Change::join)
    }

    /// `out = A x`, with `(out, u)` and `(out, out)`.
    pub fn product(&self, x: &[T], out: &mut [T], u: &[T]) -> (f64, f64) {
        self.blocks(out, Product { x, u }).into_iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    }

    /// One Gauss-Seidel sweep within blocks, which is a Jacobi sweep between them: the result is the same for any
    /// number of threads. `x` of `None` is a start at 0.
    pub fn smooth(&self, b: &[T], x: Option<&[T]>, next: &mut [T], is_backward: bool) {
        self.blocks(next, Smooth { b, x, is_backward });
    }
}

/// A level as plain slices: what holds them is not looked at again for every row.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, T: Real> {
    stride: usize,
    ptr: &'a [usize],
    col: &'a [u32],
    w: &'a [T],
    diag: &'a [T],
    inverse: &'a [T],
}

impl<'a, T: Real> Rows<'a, T> {
    pub fn diag(&self, i: usize) -> T {
        self.diag[i]
    }

    /// Columns and weights off the diagonal; `B` is the length of a row where it is known when compiling, else 0.
    #[inline(always)]
    fn of<const B: usize>(&self, i: usize) -> (&'a [u32], &'a [T]) {
        let range = match (B, self.stride) {
            (0, 0) => self.ptr[i]..self.ptr[i + 1],
            (0, stride) => i * stride..(i + 1) * stride,
            _ => i * B..(i + 1) * B,
        };
        (&self.col[range.clone()], &self.w[range])
    }

    #[inline(always)]
    pub fn row(&self, i: usize) -> (&'a [u32], &'a [T]) {
        self.of::<0>(i)
    }

    /// `sum_j w_ij x_j`.
    #[inline(always)]
    fn weighed<const B: usize>(&self, i: usize, x: &[T]) -> T {
        let (col, w) = self.of::<B>(i);
        let mut sum = T::ZERO;
        if B > 0 {
            for k in 0..B {
                sum += w[k] * x[col[k] as usize];
            }
            return sum;
        }
        for (&t, &w) in col.iter().zip(w) {
            sum += w * x[t as usize];
        }
        sum
    }

    /// `b_i - (A x)_i`.
    #[inline(always)]
    pub fn residual_at(&self, i: usize, b: &[T], x: &[T]) -> T {
        b[i] - self.diag[i] * x[i] + self.weighed::<0>(i, x)
    }
}

fn reciprocal<T: Real>(d: T) -> T {
    if d > T::ZERO { T::of(1.0 / d.wide()) } else { T::ZERO }
}

/// Writes the weights of a row off its diagonal into `slots`, which the rest of leaves as they are: 0 of the first
/// state. Returns the diagonal and its inverse.
fn split<'a, T: Real>(
    p: &Csr<'_>,
    gamma: f64,
    s: usize,
    mut slots: impl Iterator<Item = (&'a mut u32, &'a mut T)>,
) -> (T, T) {
    let mut stays = 0.0;
    for (t, p) in p.pairs(s) {
        if t == s {
            stays += p;
        } else if let Some((col, w)) = slots.next() {
            (*col, *w) = (t as u32, T::of(gamma * p));
        }
    }
    let leaves = 1.0 - gamma * stays;
    (T::of(leaves), reciprocal(T::of(leaves)))
}

/// What one step changed.
#[derive(Clone, Copy)]
pub(super) struct Change {
    pub lo: f64,
    pub hi: f64,
    pub sum: f64,
}

impl Change {
    const NONE: Change = Change { lo: f64::INFINITY, hi: f64::NEG_INFINITY, sum: 0.0 };

    fn join(self, other: Change) -> Change {
        Change { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi), sum: self.sum + other.sum }
    }
}

/// What is done with a block of rows.
trait Body<T: Real, R>: Sync {
    fn run<const B: usize>(&self, rows: Rows<'_, T>, first: usize, out: &mut [T]) -> R;
}

struct Step<'a, T> {
    b: &'a [T],
    x: &'a [T],
}

impl<T: Real> Body<T, Change> for Step<'_, T> {
    fn run<const B: usize>(&self, rows: Rows<'_, T>, first: usize, out: &mut [T]) -> Change {
        let (mut lo, mut hi, mut sum) = (T::of(f64::INFINITY), T::of(f64::NEG_INFINITY), 0.0);
        for (i, out) in out.iter_mut().enumerate() {
            let s = first + i;
            let x = self.x[s];
            // `(1 - diag) x` is what a state gives to itself.
            let next = self.b[s] + (x - rows.diag[s] * x) + rows.weighed::<B>(s, self.x);
            let change = next - x;
            lo = if change < lo { change } else { lo };
            hi = if change > hi { change } else { hi };
            sum += change.wide().abs();
            *out = next;
        }
        Change { lo: lo.wide(), hi: hi.wide(), sum }
    }
}

struct Product<'a, T> {
    x: &'a [T],
    u: &'a [T],
}

impl<T: Real> Body<T, (f64, f64)> for Product<'_, T> {
    fn run<const B: usize>(&self, rows: Rows<'_, T>, first: usize, out: &mut [T]) -> (f64, f64) {
        let (mut with_u, mut square) = (0.0, 0.0);
        for (i, out) in out.iter_mut().enumerate() {
            let s = first + i;
            *out = rows.diag[s] * self.x[s] - rows.weighed::<B>(s, self.x);
            with_u += out.wide() * self.u[s].wide();
            square += out.wide() * out.wide();
        }
        (with_u, square)
    }
}

struct Smooth<'a, T> {
    b: &'a [T],
    x: Option<&'a [T]>,
    is_backward: bool,
}

impl<T: Real> Smooth<'_, T> {
    #[inline(always)]
    fn at<const B: usize>(&self, rows: Rows<'_, T>, first: usize, i: usize, out: &mut [T]) {
        let s = first + i;
        let (col, w) = rows.of::<B>(s);
        let mut sum = self.b[s];
        for (&t, &w) in col.iter().zip(w) {
            let place = (t as usize).wrapping_sub(first);
            match out.get(place) {
                Some(&here) => sum += w * here,
                None => {
                    if let Some(x) = self.x {
                        sum += w * x[t as usize];
                    }
                }
            }
        }
        out[i] = sum * rows.inverse[s];
    }
}

impl<T: Real> Body<T, ()> for Smooth<'_, T> {
    fn run<const B: usize>(&self, rows: Rows<'_, T>, first: usize, out: &mut [T]) {
        match self.x {
            Some(x) => out.copy_from_slice(&x[first..first + out.len()]),
            None => out.fill(T::ZERO),
        }
        match self.is_backward {
            false => (0..out.len()).for_each(|i| self.at::<B>(rows, first, i, out)),
            true => (0..out.len()).rev().for_each(|i| self.at::<B>(rows, first, i, out)),
        }
    }
}
