//! A square matrix of probabilities by rows, in double precision.

use std::borrow::Cow;

use rayon::prelude::*;

use super::super::sweep::BLOCK;

/// Rows one after another; columns rise within a row.
#[derive(Clone)]
pub(super) struct Csr<'a> {
    /// First entry of each row, plus the end.
    pub ptr: Cow<'a, [usize]>,
    pub col: Cow<'a, [u32]>,
    pub val: Cow<'a, [f64]>,
}

impl Csr<'_> {
    /// Number of rows.
    pub fn n(&self) -> usize {
        self.ptr.len() - 1
    }

    /// Column numbers and entries of a row.
    #[inline(always)]
    pub fn row(&self, s: usize) -> (&[u32], &[f64]) {
        let range = self.ptr[s]..self.ptr[s + 1];
        (&self.col[range.clone()], &self.val[range])
    }

    /// The same as pairs.
    pub fn pairs(&self, s: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let (col, val) = self.row(s);
        col.iter().zip(val).map(|(&t, &p)| (t as usize, p))
    }

    /// Entries of the longest row.
    pub fn longest(&self) -> usize {
        self.ptr.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
    }

    /// Rows and columns exchanged. O(nnz).
    pub fn transposed(&self) -> Csr<'static> {
        let n = self.n();
        let mut ptr = vec![0usize; n + 1];
        self.col.iter().for_each(|&t| ptr[t as usize + 1] += 1);
        for t in 0..n {
            ptr[t + 1] += ptr[t];
        }
        let mut next = ptr.clone();
        let (mut col, mut val) = (vec![0u32; self.col.len()], vec![0.0; self.val.len()]);
        for s in 0..n {
            for (t, p) in self.pairs(s) {
                (col[next[t]], val[next[t]]) = (s as u32, p);
                next[t] += 1;
            }
        }
        Csr { ptr: ptr.into(), col: col.into(), val: val.into() }
    }

    /// Whether every row sums to 1 up to rounding.
    pub fn is_stochastic(&self) -> bool {
        /// Far above the rounding of a sum, far below what a cut row misses where it matters.
        const MISS: f64 = 1e-9;
        let sums_to_one = |s: usize| (self.row(s).1.iter().sum::<f64>() - 1.0).abs() < MISS;
        (0..self.n()).into_par_iter().with_min_len(BLOCK).all(sums_to_one)
    }
}
