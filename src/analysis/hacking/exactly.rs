//! What the reference and a policy earn, in fractions: asked where bounds cannot tell.

use std::sync::Arc;

use dashu_ratio::RBig;

use super::{Mixture, Setting};
use crate::base::{Bounded, Doubt, Grade};
use crate::solve::{Exactly, Solver};

/// A model in fractions, and two rewards on it.
pub(super) struct Room<'a> {
    pub exactly: Exactly<'a>,
    pub truth: Arc<Vec<RBig>>,
    pub proxy: Arc<Vec<RBig>>,
}

/// Means and spreads of both rewards under the reference.
pub(super) struct Moments {
    /// `E[(truth - mean)^2]`.
    pub truth: RBig,
    /// `E[(proxy - mean)^2]`.
    pub proxy: RBig,
    /// Their covariance.
    pub both: RBig,
}

/// A doubt of exact arithmetic, or the limit that had stopped the work before.
pub(super) fn unless_limited(solver: &Solver<'_>, doubt: Doubt) -> Doubt {
    if solver.is_out_of_time() { Doubt::Limit } else { doubt }
}

impl<'a> Setting<'a> {
    /// The model and both rewards in fractions, or why there are none.
    pub(super) fn room(&self) -> Result<Room<'a>, Doubt> {
        let solver = self.solver;
        let (exactly, truth) = solver.exactly_for(&self.truth).map_err(|doubt| unless_limited(solver, doubt))?;
        let proxy = self.proxy.fractions.clone().ok_or(Doubt::InputRounding)?;
        Ok(Room { exactly, truth, proxy })
    }

    /// Discounted sums of truth and proxy under a policy.
    pub(super) fn earned(&self, policy: &Mixture) -> Result<[RBig; 2], Doubt> {
        let room = self.room()?;
        let weights = self.weights(policy)?;
        let sum = |rewards: &[RBig]| -> Result<RBig, Doubt> {
            Ok(room.exactly.values_of(&weights, rewards)?.dot(&room.exactly.fractions.mu0))
        };
        Ok([sum(&room.truth)?, sum(&room.proxy)?])
    }

    /// Those of the reference, worked out once.
    pub(super) fn earned_before(&self) -> Result<[RBig; 2], Doubt> {
        self.before.get_or_init(|| self.earned(&self.mixture)).clone()
    }

    fn weights(&self, policy: &Mixture) -> Result<Vec<RBig>, Doubt> {
        let unknown =
            || Doubt::bounds("a policy whose probabilities are given as fractions, which `soft` gives none of,");
        policy.fractions(self.solver.mdp()).ok_or_else(unknown)
    }

    /// Spreads under the reference: five exact evaluations.
    pub(super) fn moments(&self) -> Result<Moments, Doubt> {
        let room = self.room()?;
        let weights = self.weights(&self.mixture)?;
        let whole = RBig::ONE - &room.exactly.fractions.gamma;
        let mean = |rewards: &[RBig]| -> Result<RBig, Doubt> {
            Ok(&whole * room.exactly.values_of(&weights, rewards)?.dot(&room.exactly.fractions.mu0))
        };
        let product = |x: &[RBig], y: &[RBig]| -> Vec<RBig> { x.iter().zip(y).map(|(x, y)| x * y).collect() };
        let (x, y) = (mean(&room.truth)?, mean(&room.proxy)?);
        let spread = |a: &[RBig], b: &[RBig], means: RBig| Ok(mean(&product(a, b))? - means);
        Ok(Moments {
            truth: spread(&room.truth, &room.truth, &x * &x)?,
            proxy: spread(&room.proxy, &room.proxy, &y * &y)?,
            both: spread(&room.truth, &room.proxy, &x * &y)?,
        })
    }
}

impl Moments {
    /// The correlation, and `sqrt(1 - r^2)`, where both rewards vary.
    pub fn correlation(&self) -> Option<[Bounded; 2]> {
        if self.truth <= RBig::ZERO || self.proxy <= RBig::ZERO {
            return None;
        }
        let square = &self.both * &self.both / (&self.truth * &self.proxy);
        let (size, left) = (root(&square), root(&(RBig::ONE - &square)));
        let r = match self.both < RBig::ZERO {
            true => Bounded::around(-size.value, -size.interval(), Grade::Certified),
            false => size,
        };
        Some([r.clamped(-1.0, 1.0), left.clamped(0.0, 1.0)])
    }
}

/// Square root of a fraction that is not negative.
pub(super) fn root(x: &RBig) -> Bounded {
    let x = Bounded::of_fraction(x).clamped(0.0, f64::INFINITY);
    Bounded::around(x.value.sqrt(), x.interval().sqrt(), Grade::Certified)
}
