//! The sharp bound is never worse for canonical rewards.

use crate::prelude::*;

theorem! {
    /// # The sharp bound is never worse for canonical rewards
    ///
    /// ## Statement
    ///
    /// For every reference $\pi_0$ of full support, policy $\pi$ and rewards $R$, $\tilde R$ that are not trivial, the
    /// bound $\sigma_R ( r x - \sqrt{(1 - r^2)(\chi^2 - x^2)} )$ on $J_R(\pi) - J_R(\pi_0)$ is at least as large with
    /// moments of the canonical forms of both as with those of $R$ and $\tilde R$ themselves.
    ///
    /// ## How it is checked
    ///
    /// In fractions: both bounds are a fraction less a root. The canonical form is the reward less the shaping nearest
    /// to it in the norm weighted by $\mu_{\pi_0}$.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable.
    id: "canonical-sharp-bound-is-never-worse",
    claim: "the sharp lower bound never falls when both rewards are made canonical",
    paper: "laidlaw2025correlated", "derived here, on a sharper form of Theorem 5.1 as restated",
    tags: ["hacking", "canonical"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The canonical form is nearest in the norm of the reference's occupancy.
        weighted_by_the_reference: weighted, Broken(without_weighted);
        /// Neither reward is trivial, and neither is constant under the reference.
        not_trivial: is_defined, Redundant("gains in units of a deviation that is 0 are not defined");
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("weights", "reference")
}

fn weighted(case: &Case) -> bool {
    case.chosen("weights") == "reference"
}

fn without_weighted(draw: &mut Draw) -> Case {
    drawn(draw).choice("weights", "uniform")
}

fn canonical(case: &Case) -> Moved {
    let world = &case.world;
    let [reference, pi] = ["reference", "pi"].map(|name| world.measure(case.pi(name)));
    let alike = vec![Q::ONE; world.n_rows()];
    let weights = if case.chosen("weights") == "uniform" { &alike } else { &reference };
    let [proxy, truth] = ["proxy", "truth"].map(|name| world.canonical_under(weights, &case.r(name)));
    Moved::between(&reference, &pi, &proxy, &truth)
}

fn is_defined(case: &Case) -> bool {
    case.moved().is_defined() && canonical(case).is_defined()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (raw, canonical) = (case.moved().sharp_bound(), canonical(case).sharp_bound());
    Finding::is(raw.is_below(&canonical), || format!("raw {raw:?} is above canonical {canonical:?}"))
}
