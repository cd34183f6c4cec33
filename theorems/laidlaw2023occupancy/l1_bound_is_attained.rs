//! The bound by the sum of absolute differences is attained by rewards in [0, 1]: refuted.

use crate::prelude::*;

theorem! {
    /// # The bound by the sum of absolute differences of occupancies is tight
    ///
    /// ## Statement
    ///
    /// False: for all policies $\pi$, $\pi'$ of different occupancy, the bound
    /// $|J_R(\pi) - J_R(\pi')| \le \|\mu_\pi - \mu_{\pi'}\|_1$ for $R: S \times A \to [0, 1]$ is attained by some $R$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the largest difference over all such $R$ is the sum of the positive differences of occupancy,
    /// which is half of the bound, for both occupancies sum to 1.
    ///
    /// ## Known limits
    ///
    /// For rewards in $[-1, 1]$ it is attained.
    id: "l1-bound-is-attained",
    claim: "the bound on return differences by the l1 distance of occupancies is tight for rewards between 0 and 1",
    paper: "laidlaw2023occupancy", "Proposition 3.2, as printed: its constant is loose by 2",
    tags: ["hacking", "occupancy", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The policies have different occupancies.
        differ: differ, Redundant("where occupancies agree both sides are 0, which saves the claim nowhere else");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (pi, other) = (draw.policy("pi", &world), draw.policy("other", &world));
    Case::new(world).policy("pi", pi).policy("other", other)
}

fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let [pi, other] = ["x", "y"].map(|arm| world.playing(&[("prompt", arm)]));
    Case::new(world).policy("pi", pi).policy("other", other)
}

fn step(case: &Case) -> Vec<Q> {
    minus(&case.world.measure(case.pi("pi")), &case.world.measure(case.pi("other")))
}

fn differ(case: &Case) -> bool {
    step(case).iter().any(|x| !x.is_zero())
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let step = step(case);
    let largest = total(step.iter().filter(|x| **x > Q::ZERO));
    Finding::equal("largest difference of returns, and the bound", &largest, &l1(&step))
}
