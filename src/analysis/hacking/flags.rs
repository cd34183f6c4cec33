//! Is it hacking?

use super::exactly::unless_limited;
use super::{Appraisal, Mixture, Setting, normalised};
use crate::analysis::regret::ProxyOptimal;
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Decision, Doubt, Grade, Interval};
use crate::solve::{Sense, Solution};

/// What can be said for certain.
#[derive(Clone, Debug, PartialEq)]
pub struct Flags {
    /// `r > 0` under the reference, rewards as written; no, where there is no correlation.
    pub correlated_proxy: Decision,
    /// A correlated proxy, and the policy earns less than the reference in truth (Laidlaw, Singhal and Dragan 2025,
    /// definition 4.2).
    pub hacking: Decision,
    /// That, while the proxy rose.
    pub hacking_and_proxy_up: Decision,
    /// A correlated proxy, and some policy that is optimal for it earns less than the reference in truth.
    pub proxy_optimal_hacks: Decision,
    /// How much it matters.
    pub effect: Effect,
}

/// What a policy changes against the reference, and what it leaves, as shares of the return ranges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Share of the true return range gained against the reference; negative where it is lost, 0 for a trivial truth.
    pub truth: Bounded,
    /// The same of the proxy.
    pub proxy: Bounded,
    /// Share of the true return range lost against the best there is, whatever the reference.
    pub lost: Bounded,
}

/// True returns of the policies that are optimal for the proxy, times `1 - gamma`.
#[derive(Clone, Debug)]
pub struct Ties {
    /// Of the luckiest.
    pub best: Bounded,
    /// Of the unluckiest.
    pub worst: Bounded,
    /// States in which the proxy leaves more than one action open.
    pub n_ties: usize,
    /// Whether the luckiest earns less than the reference: then all do.
    pub all_below: Decision,
    /// Whether the unluckiest does: then some do.
    pub some_below: Decision,
    /// What the unluckiest gains of the true return range against the reference.
    pub worst_gain: Bounded,
}

impl Setting<'_> {
    /// What the proxy's optimal policies earn in truth, against the reference: by bounds, and in fractions where these
    /// cannot tell.
    pub fn ties(&self, [truth, proxy]: [&ReturnRange; 2], found: &ProxyOptimal) -> Ties {
        let of = |j: Bounded| normalised(j, self.solver.mdp());
        let (best, worst) = (of(found.best_return), of(found.worst_return));
        let below = |earned: Bounded, sense: Sense, solution: &Solution| {
            let doubt = || unless_limited(self.solver, Doubt::Limit);
            Decision::is_positive(self.returns.truth - earned, doubt).or_else(|| match &found.doubt {
                Some(doubt) => Decision::Undecided(unless_limited(self.solver, doubt.clone())),
                None => self.is_below_exactly(&proxy.best.optimal, sense, &solution.policy),
            })
        };
        Ties {
            best,
            worst,
            n_ties: found.n_ties,
            all_below: below(best, Sense::Max, &found.lucky),
            some_below: below(worst, Sense::Min, &found.unlucky),
            worst_gain: self.share(worst - self.returns.truth, truth),
        }
    }

    /// Whether the luckiest or unluckiest policy among some rows earns less than the reference in truth.
    fn is_below_exactly(&self, allowed: &[bool], sense: Sense, start: &[usize]) -> Decision {
        let found = || -> Result<bool, Doubt> {
            let (room, [before, _]) = (self.room()?, self.earned_before()?);
            let end = room.exactly.optimum(&room.truth, sense, Some(allowed), start)?;
            Ok(end.values.dot(&room.exactly.fractions.mu0) < before)
        };
        found().map_or_else(Decision::Undecided, Decision::exact)
    }

    /// The three flags for a policy, that of the proxy's optimum, and how much they matter.
    pub fn flags(&self, ranges: [&ReturnRange; 2], policy: &Mixture, appraisal: &Appraisal, ties: &Ties) -> Flags {
        let (rise, doubt) = (appraisal.rise, || Doubt::Limit);
        let down = Decision::is_positive(self.returns.truth - appraisal.returns.truth, doubt);
        let up = Decision::is_positive(rise.proxy, doubt);
        let [down, up] = match down.is_undecided() || up.is_undecided() {
            false => [down, up],
            true => match self.moved_exactly(policy) {
                Ok([is_down, is_up]) => {
                    [down.or_else(|| Decision::exact(is_down)), up.or_else(|| Decision::exact(is_up))]
                }
                Err(why) => [down, up].map(|of| of.or_else(|| Decision::Undecided(why.clone()))),
            },
        };
        let correlated_proxy = self.raw.positive.clone();
        let hacking = correlated_proxy.clone().and(down);
        let lost = normalised(ranges[0].max, self.solver.mdp()) - appraisal.returns.truth;
        Flags {
            hacking_and_proxy_up: hacking.clone().and(up),
            hacking,
            proxy_optimal_hacks: correlated_proxy.clone().and(ties.some_below.clone()),
            correlated_proxy,
            effect: Effect {
                truth: self.share(rise.truth, ranges[0]),
                proxy: self.share(rise.proxy, ranges[1]),
                lost: self.share(lost, ranges[0]).clamped(0.0, 1.0),
            },
        }
    }

    /// Whether the truth falls and whether the proxy rises from the reference to a policy.
    fn moved_exactly(&self, policy: &Mixture) -> Result<[bool; 2], Doubt> {
        let (before, after) = (self.earned_before()?, self.earned(policy)?);
        Ok([after[0] < before[0], after[1] > before[1]])
    }

    /// A difference of returns times `1 - gamma` as a share of a return range; 0 where there is none, and anything that may
    /// be where that is not decided.
    fn share(&self, x: Bounded, range: &ReturnRange) -> Bounded {
        if range.is_trivial() {
            return Bounded::exact(0.0);
        }
        let rho = normalised(range.rho, self.solver.mdp());
        match x.checked_div(rho) {
            Some(share) => share.clamped(-1.0, 1.0),
            None => Bounded::around(0.0, Interval { lo: -1.0, hi: 1.0 }, Grade::Certified),
        }
    }
}
