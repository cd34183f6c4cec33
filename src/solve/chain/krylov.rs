//! BiCGSTAB (van der Vorst 1992), with its vector operations fused into few passes and sums taken in fixed order.

use rayon::prelude::*;

use super::super::sweep::BLOCK;
use super::aggregate::Hierarchy;
use super::level::Level;
use super::real::Real;
use super::refine::{Aim, Norm};
use crate::base::Buffer;

/// Iterations of one call: beyond, rounding has usually spoilt the recurrence, and the caller starts it anew.
const MOST: usize = 1_000;
/// A residual this many times as large as at the start will not come back.
const LOST: f64 = 1e4;

/// Room for the iteration; with a hierarchy, preconditioned by one cycle of it from the right.
pub(super) struct Krylov<T: Real> {
    pub hierarchy: Option<Hierarchy<T>>,
    r: Buffer<T>,
    shadow: Buffer<T>,
    p: Buffer<T>,
    v: Buffer<T>,
    t: Buffer<T>,
    /// Preconditioned `p` and `r`.
    y: Buffer<T>,
    z: Buffer<T>,
}

impl<T: Real> Krylov<T> {
    pub fn new(n: usize, hierarchy: Option<Hierarchy<T>>) -> Self {
        let zeros = || Buffer::zeros(n);
        let conditioned = if hierarchy.is_some() { n } else { 0 };
        let (y, z) = (Buffer::zeros(conditioned), Buffer::zeros(conditioned));
        Krylov { hierarchy, r: zeros(), shadow: zeros(), p: zeros(), v: zeros(), t: zeros(), y, z }
    }

    /// Adds up in `e` a solution of `A e = b`, until the residual of the recurrence is `part` of `b` in the norm. Returns
    /// the number of products with `A`.
    pub fn solve(&mut self, level: &Level<T>, norm: Norm, b: &[T], e: &mut [T], part: f64, aim: &Aim) -> usize {
        e.fill(T::ZERO);
        self.r.copy_from_slice(b);
        self.shadow.copy_from_slice(b);
        self.p.copy_from_slice(b);
        let (square, start) = squares(&self.r, norm);
        let (mut rho, mut products) = (square, 0);
        for _ in 0..MOST {
            let v = &mut self.v;
            let with_shadow = match &mut self.hierarchy {
                Some(hierarchy) => {
                    hierarchy.apply(level, &self.p, &mut self.y);
                    level.product(&self.y, v, &self.shadow).0
                }
                None => level.product(&self.p, v, &self.shadow).0,
            };
            let alpha = rho / with_shadow;
            if !alpha.is_finite() || alpha == 0.0 {
                break;
            }
            subtract(&mut self.r, T::of(alpha), &self.v);
            let (with_s, square) = match &mut self.hierarchy {
                Some(hierarchy) => {
                    hierarchy.apply(level, &self.r, &mut self.z);
                    level.product(&self.z, &mut self.t, &self.r)
                }
                None => level.product(&self.r, &mut self.t, &self.r),
            };
            products += 2;
            // `s = 0` is the solution: nothing is left to minimise.
            let omega = if square > 0.0 { with_s / square } else { 0.0 };
            let found = self.advance(e, alpha, omega, norm);
            let left = found.1 / start;
            if left <= part || omega == 0.0 || left.is_nan() || left >= LOST || aim.is_over() {
                break;
            }
            let beta = found.0 / rho * (alpha / omega);
            if !beta.is_finite() {
                break;
            }
            rho = found.0;
            self.turn(T::of(beta), T::of(omega));
        }
        products
    }

    /// `e += alpha y + omega z`, `r -= omega t`; returns `(shadow, r)` and the norm of `r`.
    fn advance(&mut self, e: &mut [T], alpha: f64, omega: f64, norm: Norm) -> (f64, f64) {
        let (a, o) = (T::of(alpha), T::of(omega));
        let is_conditioned = self.hierarchy.is_some();
        let y = if is_conditioned { &self.y[..] } else { &self.p[..] };
        let (z, t, shadow) = (&self.z[..], &self.t[..], &self.shadow[..]);
        let body = |(b, (e, r)): (usize, (&mut [T], &mut [T]))| {
            let first = b * BLOCK;
            let (mut with_shadow, mut size) = (0.0, 0.0f64);
            for (i, (e, r)) in e.iter_mut().zip(r).enumerate() {
                let s = first + i;
                let z = if is_conditioned { z[s] } else { *r };
                *e += a * y[s] + o * z;
                *r -= o * t[s];
                with_shadow += shadow[s].wide() * r.wide();
                size = norm.add(size, r.wide().abs());
            }
            (with_shadow, size)
        };
        let parts = e.par_chunks_mut(BLOCK).zip(self.r.par_chunks_mut(BLOCK)).enumerate().map(body);
        let parts: Vec<(f64, f64)> = parts.collect();
        parts.into_iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, norm.add(a.1, b.1)))
    }

    /// `p = r + beta (p - omega v)`.
    fn turn(&mut self, beta: T, omega: T) {
        let parts = self.p.par_chunks_mut(BLOCK).zip(self.r.par_chunks(BLOCK)).zip(self.v.par_chunks(BLOCK));
        parts.for_each(|((p, r), v)| {
            for ((p, &r), &v) in p.iter_mut().zip(r).zip(v) {
                *p = r + beta * (*p - omega * v);
            }
        });
    }
}

/// `(x, x)` and the norm.
fn squares<T: Real>(x: &[T], norm: Norm) -> (f64, f64) {
    let one = |x: &[T]| {
        x.iter().fold((0.0, 0.0), |(square, size), x| {
            let x = x.wide();
            (square + x * x, norm.add(size, x.abs()))
        })
    };
    let parts: Vec<(f64, f64)> = x.par_chunks(BLOCK).map(one).collect();
    parts.into_iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, norm.add(a.1, b.1)))
}

/// `x -= a y`.
fn subtract<T: Real>(x: &mut [T], a: T, y: &[T]) {
    x.par_chunks_mut(BLOCK).zip(y.par_chunks(BLOCK)).for_each(|(x, y)| {
        x.iter_mut().zip(y).for_each(|(x, &y)| *x -= a * y);
    });
}
