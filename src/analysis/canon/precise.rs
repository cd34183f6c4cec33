//! The inputs of canonical forms in twice the working precision, as far as they are known, and products with them.

use dashu_ratio::RBig;

use super::Context;
use super::twice::{TWICE_UNIT, Twice};
use crate::base::number::rest;
use crate::base::sum::UNIT;
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::Rests;

/// Dynamics: what the doubles are followed by, and how far it all may still be from the numbers meant.
pub(super) struct Precise<'a> {
    pub mdp: &'a Mdp,
    rests: &'a Rests,
}

impl<'a> Precise<'a> {
    /// O(nnz) once a solver, in fractions where the model has them.
    pub(super) fn new(context: &Context<'a>) -> Self {
        Precise { mdp: context.mdp(), rests: context.solver.rests() }
    }

    /// What `gamma P` of a row is off, relative to it.
    pub(super) fn off(&self, row: usize) -> f64 {
        if self.rests.is_known { 4.0 * TWICE_UNIT } else { self.mdp.row_error(row) }
    }

    /// A row of `P`.
    pub(super) fn p(&self, row: usize) -> impl Iterator<Item = (usize, Twice)> + '_ {
        let (col, p) = self.mdp.p(row);
        let first = self.mdp.transitions(row).start;
        let second = move |i: usize| self.rests.p.get(first + i).copied().unwrap_or(0.0);
        col.iter().zip(p).enumerate().map(move |(i, (&t, &p))| (t as usize, Twice { hi: p, lo: second(i) }))
    }

    /// Discount.
    pub(super) fn gamma(&self) -> Twice {
        Twice { hi: self.mdp.gamma(), lo: self.rests.gamma }
    }

    /// What the discount is off, relative to it.
    pub(super) fn gamma_off(&self) -> f64 {
        if self.rests.is_known { TWICE_UNIT } else { self.mdp.gamma_error() }
    }

    /// A row of `gamma P`.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = (usize, Twice)> + '_ {
        let gamma = self.gamma();
        self.p(row).map(move |(t, p)| (t, gamma * p))
    }

    /// `r + gamma P x - x(s)`, and a bound on its error with `x` taken as exact; `off_r` is that of `r`.
    pub(super) fn backup(&self, s: usize, row: usize, (r, off_r): (Twice, f64), x: &[Twice]) -> (Twice, f64) {
        let (mut sum, mut size, mut n) = (r - x[s], 0.0, 0);
        let mut is_nothing = r.hi == 0.0 && off_r == 0.0 && x[s].hi == 0.0;
        for (t, p) in self.row(row) {
            is_nothing &= x[t].hi == 0.0;
            sum = sum + p * x[t];
            size += (p.hi * x[t].hi).abs();
            n += 1;
        }
        let all = r.hi.abs() + x[s].hi.abs() + size;
        let error = off_r + self.off(row) * size + TWICE_UNIT * (n + 3) as f64 * all;
        // Underflow has no part in sums of zeros.
        (sum, if is_nothing { 0.0 } else { error * (1.0 + 1e-10) + f64::MIN_POSITIVE })
    }
}

/// A reward over rows in twice the working precision.
pub(super) struct PreciseReward {
    pub r: Vec<Twice>,
    /// What every entry may be off.
    pub off: f64,
}

impl PreciseReward {
    /// Of an expectation, with the fractions it has.
    pub(super) fn new(expected: &ExpectedReward) -> Self {
        // Doubles that are what was written need nothing behind them.
        match expected.fractions.as_ref().filter(|_| expected.err > 0.0) {
            Some(fractions) if fractions.len() == expected.r.len() => {
                let both = |(fraction, &r): (&RBig, &f64)| Twice::new(r, rest(fraction, r));
                let r: Vec<Twice> = fractions.iter().zip(&expected.r).map(both).collect();
                let off = TWICE_UNIT * r.iter().fold(0.0, |m, r| f64::max(m, r.hi.abs()));
                PreciseReward { r, off }
            }
            _ => PreciseReward { r: expected.r.iter().map(|&r| r.into()).collect(), off: expected.err },
        }
    }

    /// A row, ready for [`Precise::backup`].
    pub(super) fn at(&self, row: usize) -> (Twice, f64) {
        (self.r[row], self.off)
    }
}

/// Weights of a policy in a state, divided by their sum; and what each may still be off, relative to it. Equal weights are
/// meant to be equal, and a certain choice is certain.
pub(super) fn weights(mdp: &Mdp, policy: &Policy, s: usize) -> (Vec<(usize, Twice)>, f64) {
    let support: Vec<(usize, f64)> = policy.support(mdp, s).collect();
    let total = support.iter().fold(Twice::default(), |sum, &(_, w)| sum + w.into());
    let are_alike = support.iter().all(|&(_, w)| w == support[0].1);
    let share = |w: f64| match are_alike {
        true => Twice::from(1.0) / support.len() as f64,
        // The sum is 1 up to rounding, so that `1 / sum` is `2 - sum` to twice the digits.
        false => Twice::from(w) * (Twice::from(2.0) - total),
    };
    let off = if are_alike { TWICE_UNIT } else { 4.0 * UNIT };
    (support.iter().map(|&(row, w)| (row, share(w))).collect(), off)
}

/// Largest absolute value.
pub(super) fn largest(x: &[Twice]) -> f64 {
    x.iter().fold(0.0, |m, x| f64::max(m, x.hi.abs()))
}
