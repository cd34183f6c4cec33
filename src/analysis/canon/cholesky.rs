//! Sparse elimination of `G' diag(w) G + diag(e)`: one pattern, many weights.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::linalg::amd;
use faer::sparse::linalg::cholesky::{LltRef, SymbolicCholesky, SymmetricOrdering, factorize_symbolic_cholesky};
use faer::sparse::{Argsort, Pair, SparseColMat, SymbolicSparseColMat};
use faer::{Conj, MatMut, Par, Side};

use crate::model::Mdp;

/// The order of elimination of a model, worked out once. One thread, so that results do not depend on their number.
pub(super) struct Cholesky {
    pattern: SymbolicSparseColMat<usize>,
    order: Argsort<usize>,
    symbolic: SymbolicCholesky<usize>,
}

/// Products of entries that may be summed up: 24 bytes each while the pattern is made.
const MOST_PAIRS: usize = 4_000_000;
/// Operations of one factorisation: about what conjugate gradients take on a model where they do well.
const MOST_WORK: f64 = 3e8;

/// The entries of one row of `G`: successors, then the state itself.
fn line(mdp: &Mdp, s: usize, row: usize) -> impl Iterator<Item = (usize, f64)> + Clone + '_ {
    let (col, p) = mdp.p(row);
    col.iter().zip(p).map(|(&t, p)| (t as usize, -mdp.gamma() * p)).chain([(s, 1.0)])
}

/// Calls `f` with every product of two entries of a row that falls into the lower triangle, row by row.
fn products(mdp: &Mdp, mut f: impl FnMut(usize, usize, usize, f64)) {
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            for (j, y) in line(mdp, s, row) {
                line(mdp, s, row).filter(|&(i, _)| i >= j).for_each(|(i, x)| f(row, i, j, x * y));
            }
        }
    }
}

impl Cholesky {
    /// The order of elimination, if it promises less work than iterations.
    pub fn new(mdp: &Mdp) -> Option<Self> {
        let n = mdp.n_states();
        let pairs: usize = (0..mdp.n_rows()).map(|row| (mdp.p(row).0.len() + 1).pow(2)).sum();
        if pairs > MOST_PAIRS {
            return None;
        }
        let mut places: Vec<Pair<usize, usize>> = (0..n).map(|s| Pair { row: s, col: s }).collect();
        products(mdp, |_, i, j, _| places.push(Pair { row: i, col: j }));
        let (pattern, order) = SymbolicSparseColMat::try_new_from_indices(n, n, &places).ok()?;
        let (mut forward, mut back) = (vec![0usize; n], vec![0usize; n]);
        let mut room = MemBuffer::try_new(amd::order_scratch::<usize>(n, pattern.compute_nnz())).ok()?;
        let control = amd::Control::default();
        let cost = amd::order(&mut forward, &mut back, pattern.as_ref(), control, MemStack::new(&mut room)).ok()?;
        if cost.n_mult_subs_ldl > MOST_WORK {
            return None;
        }
        let ordering = SymmetricOrdering::Amd;
        let symbolic = factorize_symbolic_cholesky(pattern.as_ref(), Side::Lower, ordering, Default::default()).ok()?;
        Some(Cholesky { pattern, order, symbolic })
    }

    /// Solves one system, with a step of refinement by `product`; `None` where the matrix is numerically singular.
    pub fn solve(
        &self,
        mdp: &Mdp,
        weights: &[f64],
        extra: &[f64],
        b: &[f64],
        product: impl Fn(&[f64], &mut [f64]),
    ) -> Option<Vec<f64>> {
        let n = b.len();
        let mut values = extra.to_vec();
        products(mdp, |row, _, _, x| values.push(weights[row] * x));
        let matrix = SparseColMat::new_from_argsort(self.pattern.clone(), &self.order, &values).ok()?;
        let mut factors = vec![0.0; self.symbolic.len_val()];
        let room = self.symbolic.factorize_numeric_llt_scratch::<f64>(Par::Seq, Default::default());
        let mut room = MemBuffer::try_new(room).ok()?;
        let none = LltRegularization { dynamic_regularization_delta: 0.0, dynamic_regularization_epsilon: 0.0 };
        let factors: LltRef<'_, usize, f64> = self
            .symbolic
            .factorize_numeric_llt(
                &mut factors,
                matrix.as_ref(),
                Side::Lower,
                none,
                Par::Seq,
                MemStack::new(&mut room),
                Default::default(),
            )
            .ok()?;
        let mut room = MemBuffer::try_new(self.symbolic.solve_in_place_scratch::<f64>(1, Par::Seq)).ok()?;
        let mut back = |x: &mut [f64]| {
            let x = MatMut::from_column_major_slice_mut(x, n, 1);
            factors.solve_in_place_with_conj(Conj::No, x, Par::Seq, MemStack::new(&mut room));
        };
        let mut x = b.to_vec();
        back(&mut x);
        let mut left = vec![0.0; n];
        product(&x, &mut left);
        left.iter_mut().zip(b).for_each(|(left, b)| *left = b - *left);
        back(&mut left);
        x.iter_mut().zip(&left).for_each(|(x, d)| *x += d);
        x.iter().all(|x| x.is_finite()).then_some(x)
    }
}
