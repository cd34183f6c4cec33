//! `x = b + gamma M x` for a chain `M` or its transpose, refined until its residual is as small as asked.
//!
//! The residual is taken in double precision, and what removes it is found in single precision where that suffices: by
//! steps of the fixed point, by sparse elimination, or by BiCGSTAB, with multigrid where the chain has few neighbours.
//! Where the chain is closed, the part of the residual that steps shrink slowest is removed at once: a constant moves all
//! values by `constant / (1 - gamma)` (MacQueen 1966), and visits have a mass of `sum b / (1 - gamma)`.

use rayon::prelude::*;

use super::super::Limits;
use super::super::sweep::BLOCK;
use super::aggregate::Hierarchy;
use super::csr::Csr;
use super::krylov::Krylov;
use super::level::Level;
use super::real::Real;
use super::sparse::Sparse;
use super::{Part, Solved};
use crate::base::Buffer;
use crate::base::sum::UNIT;

/// How a residual is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Norm {
    /// Largest entry: values.
    Largest,
    /// Sum of sizes: visits.
    Sum,
}

impl Norm {
    /// Takes a size into a running norm.
    #[inline(always)]
    pub fn add(self, norm: f64, size: f64) -> f64 {
        match self {
            // NaN is kept, so that it is noticed.
            Norm::Largest => {
                if size > norm || size.is_nan() {
                    size
                } else {
                    norm
                }
            }
            Norm::Sum => norm + size,
        }
    }
}

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Aim {
    /// Norm of the residual that is small enough; 0 for what rounding allows.
    pub residual: f64,
    /// Bytes that factors may take.
    pub memory: usize,
    /// When to stop before.
    pub limits: Limits,
    /// Whether the right-hand side of a transposed system has entries of both signs: then its mass says little.
    pub has_signs: bool,
}

impl Aim {
    pub(super) fn is_over(&self) -> bool {
        self.limits.reached().is_some()
    }
}

/// Which way `x` was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Dense elimination, component by component.
    Direct,
    /// Steps of the fixed point with span or mass correction.
    FixedPoint,
    /// Sparse elimination.
    SparseLu,
    /// BiCGSTAB, preconditioned by multigrid.
    Multigrid,
    /// BiCGSTAB.
    Bicgstab,
}

impl Way {
    /// The word in results.
    pub fn word(self) -> &'static str {
        match self {
            Way::Direct => "direct",
            Way::FixedPoint => "fixed-point",
            Way::SparseLu => "sparse-lu",
            Way::Multigrid => "multigrid",
            Way::Bicgstab => "bicgstab",
        }
    }
}

/// Rounding that a residual of short rows is left with, as a part of the largest number in it.
const ROUNDING: f64 = 8.0 * UNIT;
/// Steps of the fixed point after which its speed is judged.
const TRIAL: usize = 20;
/// Steps that may be left then; BiCGSTAB would need about as many products.
const PATIENCE: f64 = 120.0;
/// Steps of the last resort.
const RESORT: usize = 100_000;
/// Horizons up to this are within reach of corrections in single precision: it keeps the rows' sums to 1e-7.
const SINGLE_HORIZON: f64 = 1e6;
/// A correction that leaves more than this part of the residual did not work.
const WORKED: f64 = 0.5;

/// A system on its way.
pub(super) struct Refinement<'a> {
    m: &'a Csr<'a>,
    gamma: f64,
    b: &'a [f64],
    norm: Norm,
    aim: &'a Aim,
    /// Whether the rows of the chain sum to 1 and there is discount: then the slowest part is known.
    is_closed: bool,
    /// Most entries of a row.
    longest: usize,
    /// Sum of `b`, and its norm.
    total: f64,
    size_b: f64,
    pub x: Buffer<f64>,
    rho: Buffer<f64>,
    /// Constant to be taken off `rho`, of which `x` is to get `middle / (1 - gamma)`.
    middle: f64,
    /// Norm of the residual without it.
    pub left: f64,
    /// Norm of `x`.
    size: f64,
    pub steps: usize,
}

impl<'a> Refinement<'a> {
    pub fn new(part: &'a Part<'a>, b: &'a [f64], aim: &'a Aim) -> Self {
        let Part { m, gamma, norm, is_closed } = *part;
        let is_closed = is_closed && gamma < 1.0;
        let n = m.n();
        let (total, size_b) = b.iter().fold((0.0, 0.0), |(total, size), b| (total + b, norm.add(size, b.abs())));
        let mut this = Refinement {
            m,
            gamma,
            b,
            norm,
            aim,
            is_closed,
            longest: m.longest(),
            total,
            size_b,
            x: Buffer::zeros(n),
            rho: Buffer::zeros(n),
            middle: 0.0,
            left: f64::INFINITY,
            size: 0.0,
            steps: 0,
        };
        match (norm, is_closed) {
            (Norm::Sum, true) => {
                this.x.iter_mut().zip(b).for_each(|(x, b)| *x = b / (1.0 - gamma));
                this.size = size_b / (1.0 - gamma);
                this.measure();
            }
            _ => {
                this.rho.copy_from_slice(b);
                let ends = b.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &b| (l.min(b), h.max(b)));
                this.take(ends, size_b);
            }
        }
        this
    }

    /// Whether nothing more is to be done: it is good enough, it cannot be better, or time is up.
    pub fn is_done(&self) -> bool {
        self.left <= self.small_enough() || self.left.is_nan() || self.aim.is_over()
    }

    /// The residual in double precision.
    fn measure(&mut self) {
        if self.is_closed && self.norm == Norm::Sum {
            // Visits have a known mass.
            let mass: f64 = block_sums(&self.x, |x| x);
            let factor = self.total / (1.0 - self.gamma) / mass;
            if factor.is_finite() && factor > 0.0 {
                self.x.par_iter_mut().with_min_len(BLOCK).for_each(|x| *x *= factor);
            }
        }
        let (m, b, x, gamma, norm) = (self.m, self.b, &self.x[..], self.gamma, self.norm);
        let (ptr, col, val) = (&m.ptr[..], &m.col[..], &m.val[..]);
        let body = |(k, rho): (usize, &mut [f64])| {
            let (mut lo, mut hi, mut size) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
            for (i, rho) in rho.iter_mut().enumerate() {
                let s = k * BLOCK + i;
                let row = ptr[s]..ptr[s + 1];
                let mut sum = 0.0;
                for (&t, &p) in col[row.clone()].iter().zip(&val[row]) {
                    sum += p * x[t as usize];
                }
                *rho = b[s] + gamma * sum - x[s];
                (lo, hi) = (rho.min(lo), rho.max(hi));
                size = norm.add(size, rho.abs());
            }
            (lo, hi, size)
        };
        let parts: Vec<(f64, f64, f64)> = self.rho.par_chunks_mut(BLOCK).enumerate().map(body).collect();
        let start = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        let all = parts.into_iter().fold(start, |a, b| (a.0.min(b.0), a.1.max(b.1), norm.add(a.2, b.2)));
        self.steps += 1;
        self.take((all.0, all.1), all.2);
    }

    fn take(&mut self, (lo, hi): (f64, f64), size: f64) {
        if self.is_closed && self.norm == Norm::Largest && lo <= hi {
            self.middle = lo + (hi - lo) / 2.0;
            self.left = if size.is_nan() { size } else { (hi - lo) / 2.0 };
        } else {
            (self.middle, self.left) = (0.0, size);
        }
    }

    /// `x += scale e` and the constant part; then the residual anew. Takes the step back if it made things worse, and
    /// says whether it worked.
    fn correct<T: Real>(&mut self, e: &[T], scale: f64) -> bool {
        let before = self.left;
        let shift = if self.middle == 0.0 { 0.0 } else { self.middle / (1.0 - self.gamma) };
        self.add(e, scale, shift);
        self.measure();
        if self.left <= WORKED * before {
            return true;
        }
        // NaN is no better.
        let is_better = self.left < before;
        if !is_better {
            self.add(e, -scale, 0.0);
            self.measure();
        }
        false
    }

    fn add<T: Real>(&mut self, e: &[T], scale: f64, shift: f64) {
        let norm = self.norm;
        let parts: Vec<f64> = self
            .x
            .par_chunks_mut(BLOCK)
            .zip(e.par_chunks(BLOCK))
            .map(|(x, e)| {
                let mut size = 0.0;
                for (x, e) in x.iter_mut().zip(e) {
                    *x += e.wide() * scale + shift;
                    size = norm.add(size, x.abs());
                }
                size
            })
            .collect();
        self.size = parts.into_iter().fold(0.0, |a, b| norm.add(a, b));
    }

    /// The solution, with the constant that is still missing.
    pub fn solved(self, way: Way) -> Solved {
        let shift = if self.middle == 0.0 { 0.0 } else { self.middle / (1.0 - self.gamma) };
        let is_cut = self.aim.is_over() && self.left > self.small_enough();
        Solved { x: self.x.iter().map(|x| x + shift).collect(), way, steps: self.steps, is_cut }
    }

    /// Residual that needs no further correction.
    fn small_enough(&self) -> f64 {
        // Roundings of long sums are independent enough to grow with the root of their number.
        let rounding = ROUNDING * (1.0 + (self.longest as f64).sqrt() / 4.0) * self.size_b.max(2.0 * self.size);
        self.aim.residual.max(rounding)
    }

    /// Part of the residual that is small enough.
    fn part(&self) -> f64 {
        self.aim.residual / self.left
    }

    /// The residual, scaled to norm 1, in the precision of an inner solver. Returns the scale.
    fn scaled<T: Real>(&self, to: &mut [T]) -> f64 {
        // Largest entry about 1 whatever the norm: sums of sizes would push entries towards underflow.
        let largest = self.rho.par_chunks(BLOCK).map(|rho| rho.iter().fold(0.0f64, |m, r| m.max(r.abs())));
        let scale = largest.reduce(|| 0.0, f64::max).max(f64::MIN_POSITIVE);
        let (unit, middle) = (1.0 / scale, self.middle);
        to.par_chunks_mut(BLOCK).zip(self.rho.par_chunks(BLOCK)).for_each(|(to, rho)| {
            to.iter_mut().zip(rho).for_each(|(to, rho)| *to = T::of((rho - middle) * unit));
        });
        scale
    }

    /// Steps of the fixed point as long as they promise to end soon. Returns whether they did.
    pub fn fixed_point<T: Real>(&mut self, level: &Level<T>) -> bool {
        let n = self.m.n();
        let (mut rho, mut e, mut next) = (Buffer::<T>::zeros(n), Buffer::<T>::zeros(n), Buffer::<T>::zeros(n));
        let mut is_judged = false;
        while !self.is_done() {
            let scale = self.scaled(&mut rho);
            e.copy_from_slice(&rho);
            // Of the norm, not of the largest entry.
            let unit = self.left / scale;
            let goal = (self.part() / 2.0).max(T::FINEST);
            let (mut steps, mut change, mut quarter) = (0, 1.0, 1.0);
            while change > goal && !self.aim.is_over() {
                let found = level.step(&rho, &e, &mut next);
                std::mem::swap(&mut e, &mut next);
                steps += 1;
                let last = change;
                change = match (self.norm, self.is_closed) {
                    (Norm::Sum, _) => found.sum,
                    (Norm::Largest, true) => (found.hi - found.lo) / 2.0,
                    (Norm::Largest, false) => found.hi.max(-found.lo),
                } / unit;
                if steps == TRIAL / 2 {
                    quarter = change;
                }
                if !is_judged && steps == TRIAL {
                    is_judged = true;
                    let rate = (change / quarter).ln() / (TRIAL - TRIAL / 2) as f64;
                    let wanted = (self.part() / change).max(ROUNDING).ln();
                    let ends_soon = rate < 0.0 && wanted / rate < PATIENCE;
                    if !ends_soon {
                        self.steps += steps;
                        self.correct(&e, scale);
                        return self.is_done();
                    }
                }
                // Rounding keeps changes from shrinking for ever.
                if steps > TRIAL && change >= last {
                    break;
                }
            }
            self.steps += steps;
            if !self.correct(&e, scale) {
                break;
            }
        }
        self.is_done()
    }

    /// Sparse elimination where it is cheap. Returns whether it sufficed.
    pub fn eliminate(&mut self) -> bool {
        let Some(mut factors) = Sparse::new(self.m, self.gamma, self.aim.memory) else { return false };
        let mut e = vec![0.0; self.m.n()];
        while !self.is_done() {
            let scale = self.scaled(&mut e);
            factors.solve(&mut e);
            if !self.correct(&e, scale) {
                break;
            }
        }
        self.is_done()
    }

    /// BiCGSTAB. Returns whether it sufficed.
    pub fn krylov<T: Real>(&mut self, level: &Level<T>, hierarchy: Option<Hierarchy<T>>) -> bool {
        let n = self.m.n();
        let (mut rho, mut e) = (Buffer::<T>::zeros(n), Buffer::<T>::zeros(n));
        let mut krylov = Krylov::new(n, hierarchy);
        while !self.is_done() {
            let scale = self.scaled(&mut rho);
            let part = (self.part() / 2.0).max(T::FINEST);
            self.steps += krylov.solve(level, self.norm, &rho, &mut e, part, self.aim);
            if !self.correct(&e, scale) {
                break;
            }
        }
        self.is_done()
    }

    /// Plain steps in double precision: they contract whatever else fails.
    fn resort(&mut self) {
        let mut e = Buffer::<f64>::zeros(self.m.n());
        for _ in 0..RESORT {
            if self.is_done() {
                return;
            }
            let (before, middle) = (self.left, self.middle);
            e.copy_from_slice(&self.rho);
            let shift = if middle == 0.0 { 0.0 } else { self.gamma * middle / (1.0 - self.gamma) };
            self.add(&e, 1.0, shift);
            self.measure();
            let is_better = self.left < before;
            if !is_better {
                return;
            }
        }
    }

    /// Everything after the fixed point. `level` is the matrix in single precision, if there is one.
    pub fn other_ways(&mut self, level: Option<&Level<f32>>) -> Way {
        if self.eliminate() {
            return Way::SparseLu;
        }
        if let Some(level) = level {
            let hierarchy = Hierarchy::new(level);
            let way = if hierarchy.is_some() { Way::Multigrid } else { Way::Bicgstab };
            if self.krylov(level, hierarchy) {
                return way;
            }
        }
        let level = Level::<f64>::new(self.m, self.gamma);
        let hierarchy = Hierarchy::new(&level);
        let mut way = Way::Bicgstab;
        if hierarchy.is_some() {
            if self.krylov(&level, hierarchy) {
                return Way::Multigrid;
            }
            way = Way::Multigrid;
        }
        if self.krylov(&level, None) {
            return Way::Bicgstab;
        }
        self.resort();
        way
    }

    /// Whether corrections may be sought in single precision.
    pub fn may_be_single(&self) -> bool {
        self.gamma < 1.0 - 1.0 / SINGLE_HORIZON
    }
}

/// Sum of what `of` makes of each number, block by block in order.
fn block_sums(x: &[f64], of: impl Fn(f64) -> f64 + Sync) -> f64 {
    let parts: Vec<f64> = x.par_chunks(BLOCK).map(|x| x.iter().map(|&x| of(x)).sum()).collect();
    parts.into_iter().sum()
}
