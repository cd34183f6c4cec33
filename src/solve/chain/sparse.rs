//! Sparse elimination, for long and narrow chains, where it costs little and iterations many.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::linalg::amd;
use faer::sparse::linalg::lu::{LuRef, NumericLu, SymbolicLu, factorize_symbolic_lu};
use faer::sparse::{SparseColMat, Triplet};
use faer::{Conj, MatMut, Par};

use super::csr::Csr;

/// The factors of `I - gamma P`, made and used by one thread, so that they do not depend on the number of threads.
pub(super) struct Sparse {
    symbolic: SymbolicLu<usize>,
    numeric: NumericLu<usize, f64>,
    room: MemBuffer,
}

/// States beyond which the order of elimination alone takes longer than an iterative solve.
const MOST: usize = 300_000;
/// Operations of the factorisation for each entry of the matrix: about what an iterative solve costs.
const WORK: f64 = 400.0;
/// Bytes an entry of the factors takes, with its index and the room it is made in.
const BYTES: f64 = 32.0;
/// A search in breadth through a narrow graph meets few states at a time: at most this many times the root of their number.
const NARROW: f64 = 4.0;
/// Entries a row below which a graph is next to a tree: wide perhaps, and still eliminated without fill.
const TREE: f64 = 3.2;

impl Sparse {
    /// Factors the matrix if its estimated fill promises less work than iterations, within so many bytes.
    pub fn new(p: &Csr<'_>, gamma: f64, memory: usize) -> Option<Self> {
        let (n, nnz) = (p.n(), p.val.len());
        let is_tree = (nnz as f64) < TREE * n as f64;
        if n > MOST || !(is_tree || widest(p) as f64 <= NARROW * (n as f64).sqrt()) {
            return None;
        }
        let mut entries = Vec::with_capacity(nnz + n);
        for s in 0..n {
            entries.push(Triplet::new(s, s, 1.0));
            entries.extend(p.pairs(s).map(|(t, p)| Triplet::new(s, t, -gamma * p)));
        }
        let a = SparseColMat::<usize, f64>::try_new_from_triplets(n, n, &entries).ok()?;
        drop(entries);
        let (mut forward, mut back) = (vec![0usize; n], vec![0usize; n]);
        let mut room = MemBuffer::try_new(amd::order_scratch::<usize>(n, a.compute_nnz())).ok()?;
        let control = amd::Control::default();
        let cost = amd::order(&mut forward, &mut back, a.symbolic(), control, MemStack::new(&mut room)).ok()?;
        let fill = 2.0 * cost.n_div + n as f64;
        if cost.n_mult_subs_lu > WORK * (nnz + n) as f64 || fill * BYTES > memory as f64 {
            return None;
        }
        let symbolic = factorize_symbolic_lu(a.symbolic(), Default::default()).ok()?;
        let mut numeric = NumericLu::new();
        let room = symbolic.factorize_numeric_lu_scratch::<f64>(Par::Seq, Default::default());
        let mut room = MemBuffer::try_new(room).ok()?;
        let stack = MemStack::new(&mut room);
        symbolic.factorize_numeric_lu(&mut numeric, a.as_ref(), Par::Seq, stack, Default::default()).ok()?;
        let room = MemBuffer::try_new(symbolic.solve_in_place_scratch::<f64>(1, Par::Seq)).ok()?;
        Some(Sparse { symbolic, numeric, room })
    }

    /// Solves in place.
    pub fn solve(&mut self, x: &mut [f64]) {
        let n = x.len();
        let factors = LuRef::new_unchecked(&self.symbolic, &self.numeric);
        let x = MatMut::from_column_major_slice_mut(x, n, 1);
        factors.solve_in_place_with_conj(Conj::No, x, Par::Seq, MemStack::new(&mut self.room));
    }
}

/// Most states that are equally far from the first, in either direction of a transition counted forwards only.
fn widest(p: &Csr<'_>) -> usize {
    let n = p.n();
    let mut seen = vec![false; n];
    let (mut level, mut next, mut widest) = (Vec::new(), Vec::new(), 0);
    for root in 0..n {
        if seen[root] {
            continue;
        }
        seen[root] = true;
        level.push(root as u32);
        while !level.is_empty() {
            widest = widest.max(level.len());
            for &s in &level {
                for &t in p.row(s as usize).0 {
                    if !std::mem::replace(&mut seen[t as usize], true) {
                        next.push(t);
                    }
                }
            }
            level.clear();
            std::mem::swap(&mut level, &mut next);
        }
    }
    widest
}
