//! Multigrid by aggregation, a preconditioner for chains whose states have few neighbours (Notay 2010).
//!
//! States are joined in pairs along their heaviest transition, and these pairs again, so that a level has about a
//! quarter of the states of the one before. A correction is constant on an aggregate, and the coarse matrix is what `A`
//! makes of such vectors: it keeps the sign pattern of `I - gamma P`, whatever the chain.

use rayon::prelude::*;

use super::super::sweep::BLOCK;
use super::dense::Factors;
use super::level::Level;
use super::real::Real;
use crate::base::Buffer;

/// States of the last level, which is eliminated densely.
const COARSEST: usize = 256;
/// All coarse levels together may have this part of the entries of the finest. A grid needs 0.34; a random graph fills in.
const ROOM: f64 = 1.0;
/// A transition is followed if it is at least this part of the heaviest of its row.
const HEAVY: f64 = 0.25;

/// A coarser level and the way to it.
struct Coarse<T: Real> {
    level: Level<T>,
    /// Aggregate of each state of the level above.
    of: Vec<u32>,
    /// States of the level above in order of aggregate, and where each aggregate begins.
    members: Vec<u32>,
    starts: Vec<u32>,
    b: Buffer<T>,
    x: Buffer<T>,
    next: Buffer<T>,
}

/// All levels below the finest.
pub(super) struct Hierarchy<T: Real> {
    levels: Vec<Coarse<T>>,
    last: Factors,
    /// Room for a sweep on the finest level.
    next: Buffer<T>,
}

impl<T: Real> Hierarchy<T> {
    /// Of a matrix; `None` where aggregation does not get to a small level within its room. O(nnz).
    pub fn new(finest: &Level<T>) -> Option<Self> {
        let room = (finest.nnz() as f64 * ROOM) as usize;
        let (mut levels, mut used) = (Vec::<Coarse<T>>::new(), 0);
        loop {
            let level = levels.last().map_or(finest, |coarse| &coarse.level);
            if level.n() <= COARSEST {
                break;
            }
            let coarse = Coarse::below(level);
            used += coarse.level.nnz();
            if used > room || 10 * coarse.level.n() > 7 * level.n() {
                return None;
            }
            levels.push(coarse);
        }
        let level = levels.last().map_or(finest, |coarse| &coarse.level);
        let (n, rows) = (level.n(), level.rows());
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            a[i * n + i] += rows.diag(i).wide();
            let (col, w) = rows.row(i);
            col.iter().zip(w).for_each(|(&j, w)| a[i * n + j as usize] -= w.wide());
        }
        Some(Hierarchy { levels, last: Factors::new(n, a), next: Buffer::zeros(finest.n()) })
    }

    /// One cycle for `A x = b` from 0.
    pub fn apply(&mut self, finest: &Level<T>, b: &[T], x: &mut Buffer<T>) {
        cycle(finest, &mut self.levels, &self.last, b, x, &mut self.next, true);
    }
}

/// A W-cycle: a sweep, two visits to the level below, a sweep in the other direction.
fn cycle<T: Real>(
    level: &Level<T>,
    below: &mut [Coarse<T>],
    last: &Factors,
    b: &[T],
    x: &mut Buffer<T>,
    next: &mut Buffer<T>,
    from_zero: bool,
) {
    let Some((coarse, deeper)) = below.split_first_mut() else {
        let mut wide: Vec<f64> = b.iter().map(|b| b.wide()).collect();
        last.solve(&mut wide);
        x.iter_mut().zip(wide).for_each(|(x, w)| *x = T::of(w));
        return;
    };
    level.smooth(b, (!from_zero).then_some(&**x), next, false);
    std::mem::swap(x, next);
    coarse.restrict(level, b, x);
    cycle(&coarse.level, deeper, last, &coarse.b, &mut coarse.x, &mut coarse.next, true);
    // The last level is solved: a second visit there would change nothing.
    if !deeper.is_empty() {
        cycle(&coarse.level, deeper, last, &coarse.b, &mut coarse.x, &mut coarse.next, false);
    }
    coarse.correct(x);
    level.smooth(b, Some(&**x), next, true);
    std::mem::swap(x, next);
}

impl<T: Real> Coarse<T> {
    /// Pairs of pairs.
    fn below(level: &Level<T>) -> Self {
        let (first, n_pairs) = pairs(level);
        let middle = gather(level, &first, n_pairs);
        let (second, n) = pairs(&middle);
        let of: Vec<u32> = first.iter().map(|&pair| second[pair as usize]).collect();
        let level = gather(&middle, &second, n);
        let mut starts = vec![0u32; n + 1];
        of.iter().for_each(|&a| starts[a as usize + 1] += 1);
        for a in 0..n {
            starts[a + 1] += starts[a];
        }
        let (mut fill, mut members) = (starts.clone(), vec![0u32; of.len()]);
        for (i, &a) in of.iter().enumerate() {
            members[fill[a as usize] as usize] = i as u32;
            fill[a as usize] += 1;
        }
        let zeros = || Buffer::zeros(n);
        Coarse { level, of, members, starts, b: zeros(), x: zeros(), next: zeros() }
    }

    /// `b` of this level: the residual of the level above, summed over aggregates.
    fn restrict(&mut self, above: &Level<T>, b: &[T], x: &[T]) {
        let (starts, members, above) = (&self.starts, &self.members, above.rows());
        self.b.par_chunks_mut(BLOCK).enumerate().for_each(|(k, out)| {
            for (i, out) in out.iter_mut().enumerate() {
                let a = k * BLOCK + i;
                let mut sum = T::ZERO;
                for &s in &members[starts[a] as usize..starts[a + 1] as usize] {
                    sum += above.residual_at(s as usize, b, x);
                }
                *out = sum;
            }
        });
    }

    /// Adds this level's answer to that of the level above.
    fn correct(&self, x: &mut [T]) {
        let coarse = &self.x[..];
        x.par_chunks_mut(BLOCK).zip(self.of.par_chunks(BLOCK)).for_each(|(x, of)| {
            x.iter_mut().zip(of).for_each(|(x, &a)| *x += coarse[a as usize]);
        });
    }
}

/// Pair of each state, and the number of pairs. Who finds no heavy neighbour free stays alone.
fn pairs<T: Real>(level: &Level<T>) -> (Vec<u32>, usize) {
    const FREE: u32 = u32::MAX;
    let mut of = vec![FREE; level.n()];
    let (mut n, rows) = (0, level.rows());
    for i in 0..level.n() {
        if of[i] != FREE {
            continue;
        }
        let (col, w) = rows.row(i);
        let heaviest = w.iter().fold(0.0f64, |m, w| m.max(w.wide()));
        let mut best = (0.0, FREE);
        for (&j, w) in col.iter().zip(w) {
            let w = w.wide();
            if of[j as usize] == FREE && j as usize != i && w > best.0 && w >= HEAVY * heaviest {
                best = (w, j);
            }
        }
        of[i] = n;
        if best.1 != FREE {
            of[best.1 as usize] = n;
        }
        n += 1;
    }
    (of, n as usize)
}

/// The matrix on `n` aggregates.
fn gather<T: Real>(level: &Level<T>, of: &[u32], n: usize) -> Level<T> {
    const NONE: u32 = u32::MAX;
    // Aggregates are pairs, numbered by their first member in order.
    let (mut first, mut second) = (vec![NONE; n], vec![NONE; n]);
    for (i, &a) in of.iter().enumerate() {
        let slot = if first[a as usize] == NONE { &mut first[a as usize] } else { &mut second[a as usize] };
        *slot = i as u32;
    }
    let rows = level.rows();
    let mut place = vec![usize::MAX; n];
    let (mut ptr, mut col, mut w) = (Vec::with_capacity(n + 1), Vec::<u32>::new(), Vec::<T>::new());
    let mut diag = Vec::with_capacity(n);
    ptr.push(0);
    for a in 0..n {
        let begin = col.len();
        let mut own = T::ZERO;
        for i in [first[a], second[a]].into_iter().filter(|&i| i != NONE) {
            own += rows.diag(i as usize);
            let (cols, ws) = rows.row(i as usize);
            for (&j, &x) in cols.iter().zip(ws) {
                let to = of[j as usize];
                if to as usize == a {
                    own -= x;
                } else if x > T::ZERO {
                    let at = &mut place[to as usize];
                    // A place before this row's first is left over from another row.
                    if *at == usize::MAX || *at < begin {
                        *at = col.len();
                        col.push(to);
                        w.push(T::ZERO);
                    }
                    w[*at] += x;
                }
            }
        }
        diag.push(own);
        ptr.push(col.len());
    }
    Level::from_rows(ptr, &col, &w, &diag)
}
