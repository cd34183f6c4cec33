//! Balls around deterministic policies are delta-deterministic, radius at most one less delta.

use crate::prelude::*;

theorem! {
    /// # Balls around deterministic policies are delta-deterministic: radius at most one less delta
    ///
    /// ## Statement
    ///
    /// For every $\delta < 1$, every $\epsilon$ with $\epsilon \le 1 - \delta$ and every deterministic policy $\pi$,
    /// each policy $\pi'$ with $|\pi'(a|s) - \pi(a|s)| < \epsilon$ everywhere is $\delta$-deterministic: every state
    /// has an action of probability at least $\delta$. So the $\delta$-deterministic policies contain an open set.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on drawn policies in the ball.
    ///
    /// ## Known limits
    ///
    /// One state: the condition is state by state.
    id: "balls-of-radius-up-to-one-less-delta",
    claim: "policies within a radius at most one less delta of a deterministic one are delta-deterministic",
    paper: "skalse2022defining", "proof of Corollary 2, with the radius it needs",
    tags: ["hacking"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [at_the_edge],
    hypotheses: {
        /// The policy is within the radius of a deterministic one.
        within: within, Broken(without_within);
        /// The radius is at most one less delta.
        radius: radius, Broken(without_radius);
    }
}

fn arms(pi: [&str; 3], delta: &str, radius: &str) -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    Case::new(world).policy("pi", pi.map(number).to_vec()).number("delta", number(delta)).number("radius", number(radius))
}

fn at_the_edge() -> Case {
    arms(["501/1000", "499/1000", "0"], "1/2", "1/2")
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 1));
    let pi = draw.policy("pi", &world);
    Case::new(world).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let delta = draw.number_of("delta", &["1/2", "1/3", "9/10", "1/5"]);
    let radius = (Q::ONE - &delta) * draw.number_of("share", &["1", "1/2", "9/10"]);
    drawn(draw).number("delta", delta).number("radius", radius)
}

fn without_within(draw: &mut Draw) -> Case {
    instance(draw)
}

fn without_radius(draw: &mut Draw) -> Case {
    let delta = draw.number_of("delta", &["1/2", "9/10", "1/3"]);
    let radius = draw.number_of("radius", &["99/100", "3/4", "9/10"]);
    drawn(draw).number("delta", delta).number("radius", radius)
}

fn within(case: &Case) -> bool {
    let pi = case.pi("pi");
    case.world.policies().iter().any(|pure| max_abs(&minus(pi, pure)) < *case.n("radius"))
}

fn radius(case: &Case) -> bool {
    *case.n("radius") <= Q::ONE - case.n("delta")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let largest = case.pi("pi").iter().max().expect("an action");
    // A larger delta is a stronger claim.
    let delta = case.n("delta") / strength.constant(Q::ONE);
    Finding::at_most("delta, and the likeliest action", &delta, largest)
}
