//! Worst-case regret as a claim: a weight with two vectors, and a pair of policies that is allowed with room to spare.

use dashu_ratio::RBig;

use super::{Maker, choices, exact, fails, hull, nothing, refined, slack, terms};
use crate::analysis::compare::Query;
use crate::analysis::regret::WorstCase;
use crate::analysis::returns::ReturnRange;
use crate::base::{Grade, Result};
use crate::model::Policy;
use crate::solve::Solver;
use crate::verify::cert::claim::{Part, WorstCaseRegret};
use crate::verify::cert::{Claim, Range, Scope, near, outward, regret_returns};

/// A reward and its return range on the reachable part of a model.
pub struct Ranged<'a> {
    /// As asked for.
    pub query: &'a Query,
    /// Best and worst.
    pub range: &'a ReturnRange,
}

/// The better and the worse policy of a pair, each a mixture.
type WitnessPair = (Vec<Part>, Vec<Part>);

impl Maker<'_> {
    /// Claims worst-case regret. `solver` works on the reachable part, whose states were `kept`.
    pub fn regret(
        &mut self,
        solver: &Solver<'_>,
        kept: &[usize],
        [truth, proxy]: [Ranged<'_>; 2],
        worst: &WorstCase,
    ) -> Result<()> {
        let mixed = truth.range.reward.plus(-worst.lambda, &proxy.range.reward);
        let scale = solver.scale(&mixed).max(solver.scale(&truth.range.reward));
        let best = ReturnRange::near(solver, mixed, truth.range);
        let mut claim = WorstCaseRegret {
            truth: terms(truth.query)?,
            proxy: terms(proxy.query)?,
            value: nothing(),
            lambda: exact(worst.lambda)?,
            max: self.spread(kept, &best.best.v)?,
            min: self.spread(kept, &best.worst.v)?,
            pair: None,
        };
        let (parts, share) = self.pair(solver, kept, [&truth, &proxy], worst, &claim)?;
        claim.pair = parts;
        let proven = claim.derive(&self.context).map_err(fails)?;
        let said = worst.value;
        claim.value = if said.grade >= Grade::Certified {
            let room = share * near(&proven.hi).abs();
            hull("the worst-case regret", (said.lo, said.hi), &proven, slack(solver, scale) + room)?
        } else {
            // A trivial reward: the solver says so up to rounding, and only what is proven is claimed.
            proven.widened(&proven)
        };
        self.certificate.claims.push(Claim::WorstCaseRegret(claim));
        Ok(())
    }

    /// The witness pair, mixed with as little of the proxy's worst against its best as makes it certainly allowed;
    /// and how much that was.
    fn pair(
        &self,
        solver: &Solver<'_>,
        kept: &[usize],
        [truth, proxy]: [&Ranged<'_>; 2],
        worst: &WorstCase,
        claim: &WorstCaseRegret,
    ) -> Result<(Option<WitnessPair>, f64)> {
        let exact = &self.context.exact;
        let (x, y) = (exact.combined(&claim.truth.0).map_err(fails)?, exact.combined(&claim.proxy.0).map_err(fails)?);
        let part = |policy: &Policy| -> Result<Part> {
            let both = solver.evaluate_closely(policy, &[&truth.range.reward, &proxy.range.reward]);
            let choices = choices(solver.mdp(), kept, self.model.mdp(), policy)?;
            let value = |v, r: &[RBig]| -> Result<Vec<RBig>> {
                let enclose = |v: &[RBig]| self.context.policy(r, &choices, v, Scope::Reachable);
                Ok(refined(self.spread(kept, v)?, enclose))
            };
            let (truth, proxy) = (value(&both[0].v, &x)?, value(&both[1].v, &y)?);
            Ok(Part { weight: RBig::ONE, policy: choices, truth, proxy })
        };
        let proxy_return = |part: &Part| -> Result<Range> {
            let [_, second] = regret_returns(&self.context, std::slice::from_ref(part), [&x, &y]).map_err(fails)?;
            Ok(second)
        };
        let (better, worse) = (part(&worst.witness.better)?, part(&worst.witness.worse)?);
        let missing = proxy_return(&better)?.hi - proxy_return(&worse)?.lo;
        if missing <= RBig::ZERO {
            return Ok((Some((vec![better], vec![worse])), 0.0));
        }
        let low = part(&Policy::Deterministic(proxy.range.worst.policy.clone()))?;
        let high = part(&Policy::Deterministic(proxy.range.best.policy.clone()))?;
        let room = proxy_return(&high)?.lo - proxy_return(&low)?.hi;
        if room <= RBig::ZERO {
            return Ok((None, 0.0));
        }
        let share = outward(&(&missing / (&missing + &room)), true);
        let mix = |main: Part, other: Part| {
            vec![Part { weight: RBig::ONE - &share, ..main }, Part { weight: share.clone(), ..other }]
        };
        Ok((Some((mix(better, low), mix(worse, high))), near(&share)))
    }
}
