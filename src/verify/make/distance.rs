//! Distances and shaping as claims.

use super::regret::Ranged;
use super::{Maker, exact, fails, hull, nothing, or_remark, refined, terms};
use crate::analysis::compare::Comparison;
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Result};
use crate::model::Policy;
use crate::solve::Solver;
use crate::verify::cert::claim::{Norm, RangeDistance, SameOrder, ValDistance};
use crate::verify::cert::{Claim, Scope, Sense, Terms, outward, writable};

/// Rounding between a distance and its proof, besides what its own bounds admit. Distances are numbers up to about 2,
/// and each reward is divided by its size, which rounding cannot make less than a billionth of the largest return.
const DISTANCE_ROUNDING: f64 = 1e-9;

impl Maker<'_> {
    /// Claims of a comparison whatever can be certified: range and VAL distances, the same order, worst-case regret.
    /// `is_uniform` says whether VAL used the uniform policy. What cannot is a remark.
    pub fn comparison(&mut self, found: &Comparison, solver: &Solver<'_>, is_uniform: bool) -> Result<()> {
        for (id, distance) in &found.distances {
            let Some(said) = distance.value() else { continue };
            let norm = Norm::ALL.into_iter().find(|norm| *id == format!("starc-val-{}", norm.id()));
            match norm {
                _ if id == "starc-range" => self.range_distance(found, solver, said)?,
                Some(norm) if is_uniform => self.val_distance(found, solver, norm, said)?,
                Some(_) => self.remarks.push(format!("{id} is not in the certificate: its reference is not uniform")),
                None => self.remarks.push(format!(
                    "{id} is not in the certificate: only starc-range and starc-val-l1, -l2, -linf can be certified"
                )),
            }
        }
        if found.recovery.order.same.is_yes() {
            self.same_order(found)?;
        }
        let truth = Ranged { query: &found.truth, range: &found.truth_range };
        let proxy = Ranged { query: &found.proxy, range: &found.proxy_range };
        self.regret(solver, &found.kept, [truth, proxy], &found.regret.worst_case)
    }

    fn range_distance(&mut self, found: &Comparison, solver: &Solver<'_>, said: Bounded) -> Result<()> {
        let (x, y) = (&found.truth_range, &found.proxy_range);
        let unit = |range: &ReturnRange| if range.rho.value > 0.0 { 1.0 / range.rho.value } else { 1.0 };
        let (a, b) = (unit(x), unit(y));
        let difference = ReturnRange::near(solver, x.reward.scaled(a).plus(-b, &y.reward), x);
        let ends = |range: &ReturnRange| -> Result<_> {
            Ok([self.spread(&found.kept, &range.best.v)?, self.spread(&found.kept, &range.worst.v)?])
        };
        let (truth, proxy) = (terms(&found.truth)?, terms(&found.proxy)?);
        let refined_ends = |range: &ReturnRange, terms: &Terms| -> Result<_> {
            let r = self.context.exact.combined(&terms.0).map_err(fails)?;
            let [max, min] = ends(range)?;
            let end = |v, sense| refined(v, |v| self.context.optimal(&r, sense, v, Scope::Reachable));
            Ok([end(max, Sense::Max), end(min, Sense::Min)])
        };
        let mut claim = RangeDistance {
            value: nothing(),
            truth_range: refined_ends(x, &truth)?,
            proxy_range: refined_ends(y, &proxy)?,
            factors: [exact(a)?, exact(b)?],
            difference: ends(&difference)?,
            truth,
            proxy,
        };
        if let Some(proven) = or_remark(&mut self.remarks, "starc-range", claim.derive(&self.context)) {
            claim.value = hull("starc-range", (said.lo, said.hi), &proven, DISTANCE_ROUNDING)?;
            self.certificate.claims.push(Claim::RangeDistance(claim));
        }
        Ok(())
    }

    fn val_distance(&mut self, found: &Comparison, solver: &Solver<'_>, norm: Norm, said: Bounded) -> Result<()> {
        let rewards = [&found.truth_range.reward, &found.proxy_range.reward];
        let values = solver.evaluate_closely(&Policy::uniform(&found.mdp), &rewards);
        let (truth, proxy) = (terms(&found.truth)?, terms(&found.proxy)?);
        let value = |v, terms: &Terms| -> Result<_> {
            let r = self.context.exact.combined(&terms.0).map_err(fails)?;
            Ok(refined(self.spread(&found.kept, v)?, |v| self.context.uniform(&r, v, Scope::Reachable)))
        };
        let mut claim = ValDistance {
            norm,
            value: nothing(),
            truth_v: value(&values[0].v, &truth)?,
            proxy_v: value(&values[1].v, &proxy)?,
            truth,
            proxy,
        };
        let what = format!("starc-val-{}", norm.id());
        if let Some(proven) = or_remark(&mut self.remarks, &what, claim.derive(&self.context)) {
            claim.value = hull(&what, (said.lo, said.hi), &proven, DISTANCE_ROUNDING)?;
            self.certificate.claims.push(Claim::ValDistance(claim));
        }
        Ok(())
    }

    fn same_order(&mut self, found: &Comparison) -> Result<()> {
        let (mut scale, mut potential) =
            (exact(found.recovery.scale)?, self.spread(&found.kept, &found.recovery.potential)?);
        if let Some(link) = &found.recovery.order.link {
            scale = writable(&link.scale);
            found.kept.iter().zip(&link.potential).for_each(|(&s, phi)| potential[s] = writable(phi));
        }
        let mut claim = SameOrder {
            truth: terms(&found.truth)?,
            proxy: terms(&found.proxy)?,
            remainder: exact(0.0)?,
            regret: exact(0.0)?,
            scale,
            potential,
        };
        let (remainder, regret) = claim.derive(&self.context).map_err(fails)?;
        (claim.remainder, claim.regret) = (outward(&remainder, true), outward(&regret, true));
        self.certificate.claims.push(Claim::SameOrder(claim));
        Ok(())
    }
}
