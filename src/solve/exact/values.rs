//! Optimal values as fractions.

use dashu::integer::{IBig, UBig};
use dashu::rational::RBig;

use super::lift::Fractions;
use super::number::{neighbours, split};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;

/// Values of all states without any rounding: fractions of whole numbers over one denominator.
///
/// They are the values of the model as it is stored: its probabilities, discount and rewards are doubles, and doubles
/// are fractions. A row of probabilities that misses 1 by a rounding is taken for what it is.
#[derive(Clone, Debug)]
pub struct ExactValues {
    /// Numerator of each state, zero where terminal.
    num: Vec<IBig>,
    den: UBig,
}

impl ExactValues {
    /// From the solution of a system: `place` is the place of each state in it, `2^-scale` the unit it was solved in.
    pub(super) fn new(found: &Fractions, place: &[Option<u32>], scale: i64, unit: &UBig) -> Self {
        let num = place.iter().map(|place| place.map_or(IBig::ZERO, |i| found.num[i as usize].clone()));
        let by = scale.unsigned_abs() as usize;
        let den = &found.den * unit;
        match scale {
            0.. => ExactValues { num: num.collect(), den: den << by },
            _ => ExactValues { num: num.map(|num| num << by).collect(), den },
        }
    }

    /// Value of a state, in lowest terms.
    pub fn value(&self, s: usize) -> RBig {
        RBig::from_parts(self.num[s].clone(), self.den.clone())
    }

    /// `mu0 . v`, in lowest terms.
    pub fn at_start(&self, mdp: &Mdp) -> RBig {
        let weights: Vec<(i64, i32)> = mdp.mu0().iter().map(|&m| split(m)).collect();
        let lowest = weights.iter().filter(|(m, _)| *m != 0).map(|&(_, e)| e).min().unwrap_or(0).min(0);
        let terms = self.num.iter().zip(&weights).filter(|(_, (m, _))| *m != 0);
        let num = terms.fold(IBig::ZERO, |sum, (num, &(m, e))| sum + ((num * m) << (e - lowest) as usize));
        RBig::from_parts(num, &self.den << lowest.unsigned_abs() as usize)
    }

    /// `mu0 . v` as a number with bounds: the nearest double, within the double it is or the two around it.
    pub(crate) fn bounded_at_start(&self, mdp: &Mdp) -> Bounded {
        let value = self.at_start(mdp);
        let (lo, hi) = neighbours(value.numerator(), value.denominator());
        Bounded::around(value.to_f64().value(), Interval { lo, hi }, Grade::Exact)
    }

    /// The double that a value is, or the two around it.
    pub(super) fn neighbours(&self, s: usize) -> (f64, f64) {
        neighbours(&self.num[s], &self.den)
    }
}
