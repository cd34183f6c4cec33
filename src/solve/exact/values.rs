//! Optimal values as fractions.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::lift::Fractions;
use super::number::neighbours;
use crate::base::Bounded;
use crate::base::number::as_stored;
use crate::model::Mdp;

/// Values of all states without any rounding: fractions of whole numbers over one denominator.
#[derive(Clone, Debug)]
pub struct ExactValues {
    /// Numerator of each state, zero where terminal.
    num: Vec<IBig>,
    den: UBig,
}

impl ExactValues {
    /// From the solution of a system: `place` is the place of each state in it, `1 / unit` what it was solved in.
    pub(super) fn new(found: &Fractions, place: &[Option<u32>], unit: &UBig) -> Self {
        let num = place.iter().map(|place| place.map_or(IBig::ZERO, |i| found.num[i as usize].clone()));
        ExactValues { num: num.collect(), den: &found.den * unit }
    }

    /// Number of states.
    pub fn len(&self) -> usize {
        self.num.len()
    }

    /// Whether there are no states.
    pub fn is_empty(&self) -> bool {
        self.num.is_empty()
    }

    /// Value of a state, in lowest terms.
    pub fn value(&self, s: usize) -> RBig {
        RBig::from_parts(self.num[s].clone(), self.den.clone())
    }

    /// `weights . v`, in lowest terms.
    pub fn dot(&self, weights: &[RBig]) -> RBig {
        let terms = self.num.iter().zip(weights).filter(|(num, w)| **num != IBig::ZERO && **w != RBig::ZERO);
        let sum = terms.fold(RBig::ZERO, |sum, (num, w)| sum + w * RBig::from(num.clone()));
        sum / RBig::from(self.den.clone())
    }

    /// `mu0 . v`, in lowest terms.
    pub fn at_start(&self, mdp: &Mdp) -> RBig {
        match mdp.fractions() {
            Some(fractions) => self.dot(&fractions.mu0),
            None => self.dot(&mdp.mu0().iter().map(|&m| as_stored(m)).collect::<Vec<_>>()),
        }
    }

    /// `mu0 . v` as a number with bounds: the nearest double, within the double it is or the two around it.
    pub(crate) fn bounded_at_start(&self, mdp: &Mdp) -> Bounded {
        Bounded::of_fraction(&self.at_start(mdp))
    }

    /// The double that a value is, or the two around it.
    pub(super) fn neighbours(&self, s: usize) -> (f64, f64) {
        neighbours(&self.num[s], &self.den)
    }
}
