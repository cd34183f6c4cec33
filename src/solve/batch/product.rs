//! Sixteen vectors multiplied by the rows of a model at once.
//!
//! A vector of values is kept next to fifteen others, state by state, so that one probability serves sixteen products
//! and a state that is jumped to is one contiguous read. Every product is summed in the order of its row, whatever
//! stands beside it.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::super::sweep::Value;
use crate::base::Buffer;
use crate::model::Mdp;

/// Vectors side by side: two registers of single precision.
pub(super) const LANES: usize = 16;

/// One number of each vector.
pub(super) type Lanes<T> = [T; LANES];

/// Rows taken together where they are full: their sums fill ten of the sixteen registers there are.
const TOGETHER: usize = 5;

/// A part of one in so many entries that are not zero makes full rows: skipping the zeros costs more than reading them.
const FULL: usize = 4;

/// A number that products are taken in.
pub(super) trait Real: Value + Default {
    /// Columns whose sums for [`TOGETHER`] rows fit the registers.
    const WIDTH: usize;

    fn rounded(x: f64) -> Self;

    /// `self x + sum`, rounded once if `FUSED`.
    fn add_to<const FUSED: bool>(self, x: Self, sum: Self) -> Self;

    /// The full rows in this precision.
    fn of(full: &Full) -> &[Self];
}

impl Real for f32 {
    const WIDTH: usize = LANES;

    #[inline(always)]
    fn rounded(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn add_to<const FUSED: bool>(self, x: Self, sum: Self) -> Self {
        if FUSED { self.mul_add(x, sum) } else { self * x + sum }
    }

    fn of(full: &Full) -> &[Self] {
        &full.single
    }
}

impl Real for f64 {
    const WIDTH: usize = LANES / 2;

    #[inline(always)]
    fn rounded(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn add_to<const FUSED: bool>(self, x: Self, sum: Self) -> Self {
        if FUSED { self.mul_add(x, sum) } else { self * x + sum }
    }

    fn of(full: &Full) -> &[Self] {
        &full.double
    }
}

/// `gamma P` with its zeros, in both precisions.
pub(super) struct Full {
    single: Buffer<f32>,
    double: Buffer<f64>,
}

/// The rows of a model, ready for products.
pub(super) struct Rows<'a> {
    pub mdp: &'a Mdp,
    full: Option<Full>,
}

impl<'a> Rows<'a> {
    /// O(nnz), or O(rows S) where that is not much more.
    pub(super) fn new(mdp: &'a Mdp) -> Self {
        let n = mdp.n_states();
        if !is_full(mdp) {
            return Rows { mdp, full: None };
        }
        let mut single = Buffer::<f32>::zeros(n * mdp.n_rows());
        let mut double = Buffer::<f64>::zeros(n * mdp.n_rows());
        for row in 0..mdp.n_rows() {
            let (col, p) = mdp.p(row);
            for (&t, &p) in col.iter().zip(p) {
                let (at, discounted) = (row * n + t as usize, mdp.gamma() * p);
                single[at] = discounted as f32;
                double[at] = discounted;
            }
        }
        Rows { mdp, full: Some(Full { single, double }) }
    }

    /// `y = gamma P x` for some rows and the first `used` lanes at least.
    pub(super) fn product<T: Real>(&self, rows: Range<usize>, x: &[Lanes<T>], used: usize, y: &mut [Lanes<T>]) {
        Arch::new().dispatch(Product { rows: self, range: rows, x, used, y });
    }

    #[inline(always)]
    pub(super) fn multiply<T: Real, const FUSED: bool>(
        &self,
        rows: Range<usize>,
        x: &[Lanes<T>],
        used: usize,
        y: &mut [Lanes<T>],
    ) {
        let n = self.mdp.n_states();
        let Some(full) = &self.full else { return self.scattered::<T, FUSED>(rows, x, y) };
        let p = &T::of(full)[rows.start * n..rows.end * n];
        for (p, y) in p.chunks(TOGETHER * n).zip(y.chunks_mut(TOGETHER)) {
            for from in (0..used).step_by(T::WIDTH) {
                // The width is a constant of the type, and so is the branch.
                if T::WIDTH == LANES {
                    together::<T, FUSED, LANES>(p, x, from, y);
                } else {
                    together::<T, FUSED, { LANES / 2 }>(p, x, from, y);
                }
            }
        }
    }

    #[inline(always)]
    fn scattered<T: Real, const FUSED: bool>(&self, rows: Range<usize>, x: &[Lanes<T>], y: &mut [Lanes<T>]) {
        let gamma = self.mdp.gamma();
        for (row, y) in rows.zip(y) {
            let (col, p) = self.mdp.p(row);
            let mut sum = [T::default(); LANES];
            for (&t, &p) in col.iter().zip(p) {
                let (p, x) = (T::rounded(gamma * p), &x[t as usize]);
                for l in 0..LANES {
                    sum[l] = p.add_to::<FUSED>(x[l], sum[l]);
                }
            }
            *y = sum;
        }
    }
}

/// Whether rows are read with their zeros.
pub(super) fn is_full(mdp: &Mdp) -> bool {
    mdp.nnz() >= mdp.n_rows() * mdp.n_states() / FULL
}

struct Product<'a, T> {
    rows: &'a Rows<'a>,
    range: Range<usize>,
    x: &'a [Lanes<T>],
    used: usize,
    y: &'a mut [Lanes<T>],
}

impl<T: Real> WithSimd for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        // Without an instruction for it a fused operation is a function call.
        match S::IS_SCALAR {
            true => self.rows.multiply::<T, false>(self.range, self.x, self.used, self.y),
            false => self.rows.multiply::<T, true>(self.range, self.x, self.used, self.y),
        }
    }
}

/// Up to [`TOGETHER`] full rows times `L` lanes.
#[inline(always)]
fn together<T: Real, const FUSED: bool, const L: usize>(p: &[T], x: &[Lanes<T>], from: usize, y: &mut [Lanes<T>]) {
    match y.len() {
        5 => some::<T, FUSED, 5, L>(p, x, from, y),
        4 => some::<T, FUSED, 4, L>(p, x, from, y),
        3 => some::<T, FUSED, 3, L>(p, x, from, y),
        2 => some::<T, FUSED, 2, L>(p, x, from, y),
        _ => some::<T, FUSED, 1, L>(p, x, from, y),
    }
}

#[inline(always)]
fn some<T: Real, const FUSED: bool, const R: usize, const L: usize>(
    p: &[T],
    x: &[Lanes<T>],
    from: usize,
    y: &mut [Lanes<T>],
) {
    let n = x.len();
    let rows: [&[T]; R] = std::array::from_fn(|i| &p[i * n..][..n]);
    let mut sums = [[T::default(); L]; R];
    for t in 0..n {
        let x = &x[t][from..from + L];
        for i in 0..R {
            for l in 0..L {
                sums[i][l] = rows[i][t].add_to::<FUSED>(x[l], sums[i][l]);
            }
        }
    }
    for i in 0..R {
        y[i][from..from + L].copy_from_slice(&sums[i]);
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::model::mdp::random::{self, Garnet};

    #[test]
    fn products_of_full_and_of_sparse_rows_are_those_of_the_model() {
        let mut rng = random::rng(3);
        let sparse = Garnet { states: 90, actions: 4, branching: 3, gamma: 0.9, seed: 1 };
        for mdp in [random::dirichlet(&mut rng, 23, 3, 0.9).unwrap(), sparse.mdp().unwrap().0] {
            let rows = Rows::new(&mdp);
            assert_eq!(rows.full.is_some(), mdp.n_states() == 23);
            let x: Vec<Lanes<f64>> =
                (0..mdp.n_states()).map(|_| std::array::from_fn(|_| rng.random::<f64>() - 0.5)).collect();
            let single: Vec<Lanes<f32>> = x.iter().map(|x| x.map(|x| x as f32)).collect();
            let range = 1..mdp.n_rows();
            let mut y = vec![[0.0; LANES]; range.len()];
            let mut y_single = vec![[0.0f32; LANES]; range.len()];
            rows.product(range.clone(), &x, LANES, &mut y);
            rows.product(range.clone(), &single, LANES, &mut y_single);
            for (i, row) in range.enumerate() {
                for l in 0..LANES {
                    let column: Vec<f64> = x.iter().map(|x| x[l]).collect();
                    let expected = mdp.gamma() * mdp.backup(row, &column);
                    assert!((y[i][l] - expected).abs() <= 1e-15, "row {row}, lane {l}");
                    assert!((f64::from(y_single[i][l]) - expected).abs() <= 1e-6, "row {row}, lane {l}");
                }
            }
        }
    }
}
