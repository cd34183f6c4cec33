//! Preference as reward orders mixtures of answers as the reward does: false.

use crate::prelude::*;

theorem! {
    /// # Preference as reward orders mixtures of answers as the reward does
    ///
    /// ## Statement
    ///
    /// For all rewards of answers, every reference and all policies $\pi, \pi'$: if $\mathbb{E}_\pi r < \mathbb{E}_{\pi'} r$,
    /// then $\mathbb{E}_\pi\sigma(r - c) \le \mathbb{E}_{\pi'}\sigma(r - c)$. This is false: a preference saturates, so it
    /// likes what is good for certain better than a lottery with a higher mean.
    ///
    /// ## How it is checked
    ///
    /// On intervals rounded outwards. The counterexample is a sure 3 against an even lottery of $-1$ and 8, with reference 0.
    ///
    /// ## Known limits
    ///
    /// One reference.
    id: "preference-keeps-mixtures",
    claim: "preference over a reference orders random answers by their mean reward",
    paper: "fu2025par", "a property one might expect of a monotone reward; refuted here",
    tags: ["hacking", "preference"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [lottery],
    hypotheses: {
        /// All answers are compared with one reference.
        one_reference: |case| case.x("references").len() == 1, Redundant("the counterexample has one reference");
    }
}

fn lottery() -> Case {
    let world = World::bandit(&["sure", "loss", "win"]);
    let r = world.over_rows(&[("prompt", "sure", "3"), ("prompt", "loss", "-1"), ("prompt", "win", "8")]);
    let pi = world.playing(&[("prompt", "sure")]);
    let even = vec![Q::ZERO, fraction(1, 2), fraction(1, 2)];
    Case::new(world).reward("r", r).policy("pi", pi).policy("other", even).vector("references", vec![Q::ZERO])
}

fn instance(draw: &mut Draw) -> Case {
    let world = World::bandit(&["a", "b", "c"]);
    let r = draw.reward("r", &world);
    let (pi, other) = (draw.policy("pi", &world), draw.policy("other", &world));
    let reference = draw.number("reference");
    Case::new(world).reward("r", r).policy("pi", pi).policy("other", other).vector("references", vec![reference])
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (r, pi, other) = (case.r("r"), case.pi("pi"), case.pi("other"));
    if dot(pi, &r) >= dot(other, &r) {
        return Finding::Vacuous;
    }
    let expected = |pi: &[Q]| {
        let parts = pi.iter().zip(&r).map(|(p, r)| real(p) * preference(r, case.x("references")));
        parts.fold(Interval::point(0.0), |sum, part| sum + part)
    };
    Finding::at_most("preference of the lower mean", &expected(pi), &expected(other))
}
