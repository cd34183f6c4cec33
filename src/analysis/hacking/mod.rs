//! Reward hacking: how far a proxy can be trusted that went with the truth under some reference policy.
//!
//! Everything is measured on discounted occupancies that sum to 1, so returns here are `(1 - gamma)` times the discounted
//! sum. Rewards are averaged over next states. What is said holds for policies that stay where the reference goes.
//!
//! Owns: reference policies, correlation and its sign, divergences, lower bounds on the true return, the flags of hacking, the policy
//! with the best bound, frontiers.
//! May use: `base`, `model`, `solve`, `returns`, `regret`, `soft`, and the shaping matrix of `canon`.
//! Must not: judge whether two rewards are hackable for any reference; that is another question.
//! To add one: a divergence is a line in `divergence.rs`, a family of policies a function in `frontier.rs`.

mod bound;
mod correlation;
mod divergence;
mod dual;
mod exactly;
mod flags;
mod frontier;
mod maximiser;
mod mixture;
mod reference;
mod sign;
mod soft;
mod visits;

use std::sync::OnceLock;

use dashu_ratio::RBig;

use crate::analysis::canon::gram::Gram;
use crate::base::{Bounded, Code, Diag, Doubt, Grade, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::Solver;

pub use bound::{Bounds, bounds};
pub use correlation::{Correlation, Seen, raw};
pub use divergence::{Divergences, divergences};
pub use dual::Penalty;
pub use flags::{Effect, Flags, Ties};
pub use frontier::{Frontier, Step};
pub use maximiser::Maximiser;
pub use mixture::Mixture;
pub use reference::Reference;
pub use soft::regularised;
pub use visits::Visits;

/// A number, or why there is none.
pub type Maybe<T> = std::result::Result<T, String>;

/// Returns under both rewards, times `1 - gamma`.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Of what is meant.
    pub truth: Bounded,
    /// Of what is optimised.
    pub proxy: Bounded,
}

/// Two rewards and the policy under which the proxy was trusted.
pub struct Setting<'a> {
    solver: &'a Solver<'a>,
    gram: Gram<'a>,
    /// The reference as it was given, and what it earns in fractions once that was asked for.
    mixture: Mixture,
    before: OnceLock<std::result::Result<[RBig; 2], Doubt>>,
    /// What is meant.
    pub truth: ExpectedReward,
    /// What is optimised.
    pub proxy: ExpectedReward,
    /// Where the reference goes.
    pub reference: Visits,
    /// What it earns.
    pub returns: Pair,
    /// Correlation of the rewards as written.
    pub raw: Correlation,
    /// Correlation of their canonical forms.
    pub canonical: Correlation,
}

/// A policy seen from the reference.
#[derive(Clone, Debug)]
pub struct Appraisal {
    /// Where it goes.
    pub visits: Visits,
    /// What it earns.
    pub returns: Pair,
    /// What it earns more than the reference.
    pub rise: Pair,
    /// How far it is from the reference.
    pub divergences: Divergences,
    /// What the correlation as written promises of the true rise.
    pub raw: Bounds,
    /// What the canonical correlation promises.
    pub canonical: Bounds,
}

impl<'a> Setting<'a> {
    /// Occupancy of the reference, its returns, and both correlations: a few linear solves. Refused without discount:
    /// visits then have no common total, and the bounds compare distributions.
    pub fn new(
        solver: &'a Solver<'a>,
        reference: impl Into<Mixture>,
        truth: ExpectedReward,
        proxy: ExpectedReward,
    ) -> Result<Self> {
        if solver.mdp().gamma() == 1.0 {
            return Diag::new(Code::GammaRange, "visits of an undiscounted policy are not probabilities")
                .expected("a discount below 1: the bounds compare distributions of visits that all sum to 1")
                .help("--gamma 0.999 is close, if episodes are much shorter than 1000 steps")
                .err();
        }
        let mixture = reference.into();
        let reference = Visits::of(solver, &mixture.policy);
        let gram = Gram::new(solver.mdp());
        let raw = raw(&reference, &truth, &proxy);
        let canonical = correlation::canonical(solver, &gram, &reference, &truth, &proxy);
        let returns = returns(solver, &reference.policy, &truth, &proxy);
        let before = OnceLock::new();
        let mut setting = Setting { solver, gram, mixture, before, truth, proxy, reference, returns, raw, canonical };
        setting.settle_sign();
        Ok(setting)
    }

    /// The model and how it is solved.
    pub fn solver(&self) -> &'a Solver<'a> {
        self.solver
    }

    /// Where a policy goes, what it earns, and what was promised of it.
    pub fn appraise(&self, policy: &Policy) -> Appraisal {
        let visits = Visits::of(self.solver, policy);
        let returns = returns(self.solver, &visits.policy, &self.truth, &self.proxy);
        let rise = Pair { truth: returns.truth - self.returns.truth, proxy: returns.proxy - self.returns.proxy };
        let divergences = divergences(self.solver.mdp(), &visits, &self.reference);
        let raw = bounds(&self.raw, rise.proxy, &divergences.chi2);
        let canonical = bounds(&self.canonical, rise.proxy, &divergences.chi2);
        Appraisal { visits, returns, rise, divergences, raw, canonical }
    }
}

fn returns(solver: &Solver<'_>, policy: &Policy, truth: &ExpectedReward, proxy: &ExpectedReward) -> Pair {
    let mdp = solver.mdp();
    let mut found = solver.evaluate_closely(policy, &[truth, proxy]).into_iter();
    let mut next = || found.next().map_or(Bounded::exact(f64::NAN), |e| normalised(e.at_start(mdp), mdp));
    Pair { truth: next(), proxy: next() }
}

/// A discounted sum times `1 - gamma`.
pub(super) fn normalised(j: Bounded, mdp: &Mdp) -> Bounded {
    let factor = whole(mdp);
    let range = if factor.lo == factor.hi { j.interval().scale(factor.lo) } else { j.interval() * factor };
    let grade = if range.lo < range.hi { j.grade.min(Grade::Certified) } else { j.grade };
    Bounded::around(j.value * (1.0 - mdp.gamma()), range, grade)
}

/// `1 - gamma`, of the discount that is meant.
pub(super) fn whole(mdp: &Mdp) -> Interval {
    match mdp.fractions() {
        Some(known) => Bounded::of_fraction(&(RBig::ONE - &known.gamma)).interval(),
        None => {
            let factor = 1.0 - mdp.gamma();
            let off = (mdp.gamma_error() * mdp.gamma()).next_up();
            Interval { lo: (factor.next_down() - off).next_down().max(0.0), hi: (factor.next_up() + off).next_up() }
        }
    }
}
