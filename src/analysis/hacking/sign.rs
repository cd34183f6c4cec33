//! The sign of a correlation: from certified bounds on the covariance, and in fractions where they cannot tell.

use super::{Correlation, Setting, exactly, whole};
use crate::base::sum::{UNIT, max_abs};
use crate::base::{Bounded, Decision, Doubt, Grade, Interval};
use crate::model::reward::ExpectedReward;

/// A correlation known less closely than this is worked out in fractions where that is affordable.
const CLOSE: f64 = 1e-9;

impl Setting<'_> {
    /// Decides whether the rewards as written correlate, and takes the numbers in fractions where bounds are wide.
    pub(super) fn settle_sign(&mut self) {
        let Correlation { truth, proxy, r, .. } = &self.raw;
        let flat = truth.flat.clone().or(proxy.flat.clone());
        if flat.is_yes() {
            return;
        }
        let bounds = Decision::is_positive(self.covariance(), || Doubt::Limit);
        let is_wide = |r: &Bounded| r.width() > CLOSE || r.width().is_nan();
        let moments = match bounds.is_undecided() || r.as_ref().map_or(true, is_wide) {
            true => self.moments(),
            false => Err(Doubt::Limit),
        };
        let raw = &mut self.raw;
        raw.positive = match (&moments, flat.is_no()) {
            (_, false) => flat.not(),
            (Ok(found), true) => Decision::exact(found.both > dashu_ratio::RBig::ZERO),
            (Err(doubt), true) => bounds.or_else(|| Decision::Undecided(doubt.clone())),
        };
        if let Ok(found) = moments
            && let Some([r, left]) = found.correlation()
        {
            (raw.r, raw.left) = (Ok(r), Ok(left));
            (raw.truth.sigma, raw.proxy.sigma) = (exactly::root(&found.truth), exactly::root(&found.proxy));
        }
    }

    /// Bounds on a positive multiple of the covariance under the reference, every rounding counted: of
    /// `E[(x - c)(y - d)] - E[x - c] E[y - d]` with the rewards in units of about their largest entry and any c and d, for
    /// which their means are taken.
    fn covariance(&self) -> Bounded {
        let mdp = self.solver.mdp();
        let scaled = |reward: &ExpectedReward| reward.scaled(unit(max_abs(&reward.r)));
        let (x, y) = (scaled(&self.truth), scaled(&self.proxy));
        let mean = |reward: &ExpectedReward| self.reference.mean(|row| reward.r[row]);
        let (c, d) = (mean(&x), mean(&y));
        let one = |row: usize| x.r[row] * y.r[row] - c * y.r[row] - d * x.r[row];
        let z: Vec<f64> = (0..mdp.n_rows()).map(one).collect();
        let (top_x, top_y) = (max_abs(&x.r) + c.abs(), max_abs(&y.r) + d.abs());
        let err = top_x * y.err + top_y * x.err + x.err * y.err + 8.0 * UNIT * top_x * top_y;
        let z = ExpectedReward::rounded(z, err * (1.0 + 8.0 * UNIT));
        let mut found = self.solver.evaluate_closely(&self.reference.policy, &[&x, &y, &z]).into_iter();
        let factor = whole(mdp);
        let mut next = || {
            let everything = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
            found.next().map_or(everything, |e| e.at_start(mdp).interval() * factor)
        };
        let (ex, ey, ez) = (next(), next(), next());
        let (c, d) = (Interval::point(c), Interval::point(d));
        let covariance = ez + c * d - (ex - c) * (ey - d);
        Bounded::from_interval(covariance, Grade::Certified)
    }
}

/// A power of two that brings a number near one.
fn unit(largest: f64) -> f64 {
    let exponent = if largest > 0.0 && largest.is_finite() { largest.log2().ceil() } else { 0.0 };
    // Within what both the factor and its inverse can be.
    2f64.powi(-exponent.clamp(-1000.0, 1000.0) as i32)
}
