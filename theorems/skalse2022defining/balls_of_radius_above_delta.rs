//! Balls around deterministic policies are delta-deterministic, radius between delta and one: refuted.

use crate::prelude::*;

theorem! {
    /// # Balls around deterministic policies are delta-deterministic: radius between delta and one
    ///
    /// ## Statement
    ///
    /// False: for every $\delta < 1$, every $\epsilon$ with $\delta < \epsilon < 1$ and every deterministic policy
    /// $\pi$, each policy $\pi'$ with $|\pi'(a|s) - \pi(a|s)| < \epsilon$ everywhere is $\delta$-deterministic: every
    /// state has an action of probability at least $\delta$. So the $\delta$-deterministic policies contain an open
    /// set.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on drawn policies in the ball.
    ///
    /// ## Known limits
    ///
    /// One state: the condition is state by state.
    id: "balls-of-radius-above-delta",
    claim: "policies within a radius between delta and one of a deterministic one are delta-deterministic",
    paper: "skalse2022defining", "proof of Corollary 2, as printed",
    tags: ["hacking", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The policy is within the radius of a deterministic one.
        within: within, Redundant("the counterexample meets it: dropping it cannot save the claim");
        /// The radius is between delta and one.
        radius: radius, Redundant("the counterexample meets it: dropping it cannot save the claim");
    }
}

fn arms(pi: [&str; 3], delta: &str, radius: &str) -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    Case::new(world).policy("pi", pi.map(number).to_vec()).number("delta", number(delta)).number("radius", number(radius))
}

fn three_arms() -> Case {
    arms(["1/5", "2/5", "2/5"], "1/2", "9/10")
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 1));
    let pi = draw.policy("pi", &world);
    let delta = draw.number_of("delta", &["1/2", "1/3", "4/5"]);
    Case::new(world).policy("pi", pi).number("delta", delta).number("radius", number("9/10"))
}

fn within(case: &Case) -> bool {
    let pi = case.pi("pi");
    case.world.policies().iter().any(|pure| max_abs(&minus(pi, pure)) < *case.n("radius"))
}

fn radius(case: &Case) -> bool {
    case.n("delta") < case.n("radius") && *case.n("radius") < Q::ONE
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let largest = case.pi("pi").iter().max().expect("an action");
    Finding::at_most("delta, and the likeliest action", case.n("delta"), largest)
}
