//! The numbers of a model as fractions.
//!
//! A decimal or a quotient in a text file is that number exactly; a double of an array is known to half a unit in its last
//! place, and no fraction at all unless it is a whole number or is taken at its word. Rows of probabilities and the start
//! are divided by their sums, so that they sum to 1 exactly.

use std::sync::{Arc, OnceLock};

use dashu_ratio::RBig;

use super::Mdp;
use crate::base::number::{as_stored, is_whole, shortest};

/// Most transitions kept as fractions: beyond, nothing exact is affordable anyway.
pub const MOST: usize = 200_000;
/// Most states, likewise.
const MOST_STATES: usize = 2_000;

/// Discount, start and probabilities without rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fractions {
    /// Discount.
    pub gamma: RBig,
    /// Start distribution, length S; sums to 1.
    pub mu0: Vec<RBig>,
    /// Probabilities of all stored transitions, in storage order; every row sums to 1.
    pub p: Vec<RBig>,
}

/// What the doubles of a model stand for.
#[derive(Clone, Debug)]
pub(in crate::model) enum Inputs {
    /// Each for anything within half a unit in its last place.
    Rounded,
    /// Each for itself.
    AsStored(Arc<OnceLock<Arc<Fractions>>>),
    /// Numbers as written.
    Written(Arc<Fractions>),
}

impl Inputs {
    pub(in crate::model) fn as_stored() -> Self {
        Inputs::AsStored(Arc::default())
    }
}

/// Some weights divided by their sum.
pub(in crate::model) fn normalised(weights: &mut [RBig]) {
    let total = weights.iter().fold(RBig::ZERO, |sum, w| sum + w);
    if total != RBig::ONE && total != RBig::ZERO {
        weights.iter_mut().for_each(|w| *w /= &total);
    }
}

impl Mdp {
    /// The model in fractions: as written, or as stored where its doubles are taken at their word or are whole numbers.
    /// `None` where they are known up to rounding only, and where there are more than 2,000 states or 200,000 transitions.
    pub fn fractions(&self) -> Option<Arc<Fractions>> {
        if self.nnz() > MOST || self.n_states() > MOST_STATES {
            return None;
        }
        match &self.inputs {
            Inputs::Written(fractions) => Some(Arc::clone(fractions)),
            Inputs::AsStored(found) => Some(Arc::clone(found.get_or_init(|| Arc::new(self.converted(as_stored))))),
            Inputs::Rounded if self.is_whole() => Some(Arc::new(self.converted(shortest))),
            _ => None,
        }
    }

    /// Whether the numbers are doubles of which only the nearest is known.
    pub fn is_rounded(&self) -> bool {
        matches!(self.inputs, Inputs::Rounded) && !self.is_whole()
    }

    /// Whether every double is a whole number, apart from a start in several states alike.
    fn is_whole(&self) -> bool {
        let alike = self.mu0.iter().all(|&m| m == self.mu0[0]);
        is_whole(self.gamma)
            && (alike || self.mu0.iter().all(|&m| is_whole(m)))
            && self.val.iter().all(|&p| is_whole(p))
    }

    fn converted(&self, fraction: fn(f64) -> RBig) -> Fractions {
        let mut p: Vec<RBig> = self.val.iter().map(|&p| fraction(p)).collect();
        self.row_ptr.windows(2).for_each(|row| normalised(&mut p[row[0]..row[1]]));
        let mut mu0: Vec<RBig> = self.mu0.iter().map(|&m| fraction(m)).collect();
        normalised(&mut mu0);
        Fractions { gamma: fraction(self.gamma), mu0, p }
    }

    /// The same model with every double taken at its word.
    pub fn exact_inputs(&self) -> Self {
        match self.inputs {
            Inputs::Rounded => Mdp { inputs: Inputs::as_stored(), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// The fractions of another model with other numbers in some places.
    pub(in crate::model) fn changed(&self, change: impl FnOnce(&mut Fractions)) -> Inputs {
        match &self.inputs {
            Inputs::Written(fractions) => {
                let mut fractions = (**fractions).clone();
                change(&mut fractions);
                Inputs::Written(Arc::new(fractions))
            }
            Inputs::AsStored(_) => Inputs::as_stored(),
            Inputs::Rounded => Inputs::Rounded,
        }
    }
}
