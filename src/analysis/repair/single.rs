//! One feature: the smallest coefficient, of either sign.

use dashu::rational::RBig;

use super::{Check, Feature, Workshop, fraction};
use crate::analysis::family::{self, Agreement, Family, Rewards, agreement};
use crate::analysis::returns::ReturnRange;
use crate::base::{self, Bounded, Grade, sum};

/// One feature with coefficients of both signs.
#[derive(Clone, Debug)]
pub struct Single {
    /// Name or expression.
    pub feature: String,
    /// Whether every policy earns the same of it: a shaping, which moves nothing.
    pub is_trivial: bool,
    /// Positive, then negative coefficients; empty for a trivial feature.
    pub sides: Vec<Side>,
}

/// Coefficients of one sign.
#[derive(Clone, Debug)]
pub struct Side {
    /// 1 or -1.
    pub sign: f64,
    /// The first interval of sizes that mends; `None` if no coefficient of this sign does.
    pub mends: Option<Interval>,
    /// Smallest size from which some optimal policies are truth-optimal, though not all, where that is less than it takes
    /// to mend and not so without the feature.
    pub some_from: Option<Bounded>,
    /// Sizes at which the optimal policy changes on the way.
    pub n_breakpoints: usize,
    /// Whether all coefficients were looked at.
    pub is_complete: bool,
}

/// An open interval of sizes `|c|` of a coefficient: at its ends the repaired proxy ties a truth-optimal policy with another.
#[derive(Clone, Debug)]
pub struct Interval {
    /// More than this mends.
    pub above: Bounded,
    /// As long as it is less than this; `None` for any amount.
    pub below: Option<Bounded>,
    /// A coefficient inside, with its sign.
    pub chosen: f64,
    /// The proxy with it, solved again.
    pub check: Check,
}

impl Side {
    /// Smallest size for sorting; infinite where nothing mends.
    pub fn size(&self) -> f64 {
        self.mends.as_ref().map_or(f64::INFINITY, |found| found.above.value)
    }
}

impl Single {
    /// The sign that takes less, if one mends.
    pub fn best(&self) -> Option<(&Side, &Interval)> {
        let mending = self.sides.iter().filter_map(|side| Some((side, side.mends.as_ref()?)));
        mending.min_by(|x, y| x.0.size().total_cmp(&y.0.size()))
    }
}

impl Workshop<'_> {
    /// Both signs of one feature.
    pub(super) fn single(&self, feature: &Feature) -> Single {
        let expected = feature.reward.expected(self.mdp);
        let is_trivial = ReturnRange::of(self.request.solver, expected).is_trivial();
        let sides = if is_trivial { &[][..] } else { &[1.0, -1.0] };
        let sides = sides.iter().map(|&sign| self.side(feature, sign)).collect();
        Single { feature: feature.text.clone(), is_trivial, sides }
    }

    /// Every coefficient of one sign, as a ray from the proxy to the feature.
    fn side(&self, feature: &Feature, sign: f64) -> Side {
        let request = self.request;
        let unit = unit(&request.proxy.expected(self.mdp).r, &feature.reward.expected(self.mdp).r);
        let rewards = Rewards::ray(self.mdp, request.proxy, &feature.reward, sign * unit);
        let family = Family::of(request.solver, request.mdp, &rewards, (0.0, 1.0), &family::Request::default());
        let agrees = |rows: &[bool]| agreement(self.mdp, rows, &self.truth.best.optimal);
        let all = |rows: &[bool]| agrees(rows) == Agreement::All;
        let place = family.pieces.iter().position(|piece| all(&piece.optimal));
        let mends = place.map(|first| {
            let mut last = first;
            // Beyond a change that nobody sees, or one among truth-optimal policies, it goes on.
            while let Some(next) = family.pieces.get(last + 1)
                && family.breakpoints.iter().any(|b| b.x == next.from && all(&b.optimal))
                && all(&next.optimal)
            {
                last += 1;
            }
            let (from, to) = (&family.pieces[first], &family.pieces[last]);
            let above = coefficient(from.from, from.fractions[0].as_ref(), unit);
            let below = (to.to.value < 1.0).then(|| coefficient(to.to, to.fractions[1].as_ref(), unit));
            let size = round_between(above.hi, below.map_or(f64::INFINITY, |below| below.lo), unit);
            let chosen = sign * size;
            let reward = request.proxy.expected(self.mdp).plus(chosen, &feature.reward.expected(self.mdp));
            Interval { above, below, chosen, check: self.check(reward) }
        });
        let some = |rows: &[bool]| agrees(rows) == Agreement::Some;
        let pieces = family.pieces.iter().filter(|p| some(&p.optimal)).map(|p| p.from);
        let points = family.breakpoints.iter().filter(|b| b.x.value < 1.0 && some(&b.optimal)).map(|b| b.x);
        let first = pieces.chain(points).min_by(|x, y| x.value.total_cmp(&y.value));
        let starts = place.map(|place| family.pieces[place].from);
        let earlier = first.filter(|x| x.value > 0.0 && starts.is_none_or(|from| x.hi < from.lo));
        let some_from = earlier.map(|x| coefficient(x, None, unit));
        let n_breakpoints = family.breakpoints.iter().filter(|b| b.x.value > 0.0 && b.x.value < 1.0).count();
        Side { sign, mends, some_from, n_breakpoints, is_complete: family.is_complete }
    }
}

/// A power of two that makes the feature as large as the proxy.
fn unit(proxy: &[f64], feature: &[f64]) -> f64 {
    let (p, f) = (sum::max_abs(proxy), sum::max_abs(feature));
    if p == 0.0 || f == 0.0 { 1.0 } else { 2f64.powi((p / f).log2().round() as i32) }
}

/// `unit x / (1 - x)`.
fn coefficient(x: Bounded, exact: Option<&RBig>, unit: f64) -> Bounded {
    if let Some(x) = exact.filter(|x| **x < RBig::ONE) {
        return Bounded::of_fraction(&(fraction(unit) * x / (RBig::ONE - x)));
    }
    if x.lo == x.hi && x.value == 0.0 {
        return Bounded::exact(0.0).at_most(x.grade);
    }
    let one = base::Interval::point(1.0);
    let bounds = x.interval().checked_div(one - x.interval()).map(|c| c.scale(unit));
    let value = unit * x.value / (1.0 - x.value);
    Bounded::around(
        value,
        bounds.unwrap_or(base::Interval { lo: 0.0, hi: f64::INFINITY }),
        x.grade.min(Grade::Certified),
    )
}

/// A number with few digits between two others; around the size of `unit` where neither says anything.
fn round_between(lo: f64, hi: f64, unit: f64) -> f64 {
    let size = if lo > 0.0 {
        lo
    } else if hi.is_finite() {
        hi
    } else {
        unit
    };
    let first = size.log10().floor() as i32 + i32::from(lo > 0.0);
    for digits in 0..17 {
        let exponent = first - digits;
        // A decimal that is read from its digits, not multiplied together.
        let tenths = 10f64.powi(-exponent);
        let steps = (lo * tenths).floor() + 1.0;
        let Ok(x) = format!("{steps:.0}e{exponent}").parse::<f64>() else { continue };
        // Not on the very edge, where rounding could undo it, and no more than needed.
        let is_inside = x > lo * (1.0 + 1e-9) && x < hi * (1.0 - 1e-9);
        if is_inside && (lo == 0.0 || x <= 1.5 * lo) {
            return x;
        }
    }
    if hi.is_finite() { lo + (hi - lo) / 2.0 } else { 2.0 * lo + unit }
}

#[cfg(test)]
mod tests {
    use super::round_between;

    #[test]
    fn chosen_numbers_are_inside_and_short() {
        assert_eq!(round_between(0.0591, f64::INFINITY, 1.0), 0.06);
        assert_eq!(round_between(0.0591, 0.0598, 1.0), 0.0592);
        assert_eq!(round_between(0.0, f64::INFINITY, 1.0), 1.0);
        assert_eq!(round_between(0.0, 0.5, 1.0), 0.1);
        assert_eq!(round_between(9.0, f64::INFINITY, 1.0), 10.0);
        let tight = round_between(1.0, 1.0 + 1e-12, 1.0);
        assert!(1.0 < tight && tight < 1.0 + 1e-12);
    }
}
