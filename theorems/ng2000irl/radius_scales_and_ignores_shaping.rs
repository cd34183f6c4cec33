//! The stability radius scales with the reward and ignores shaping.

use crate::prelude::*;

theorem! {
    /// # The stability radius scales with the reward and ignores shaping
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward $r$ with a unique optimal policy, every $\lambda > 0$ and every
    /// potential $\Phi$, the reward $\lambda r + \gamma P \Phi - \Phi$ has the same optimal policy and $\varepsilon^*(\lambda r +
    /// \gamma P \Phi - \Phi) = \lambda\, \varepsilon^*(r)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "radius-scales-and-ignores-shaping",
    claim: "a shaped and scaled reward has the stability radius of the reward, scaled",
    paper: "ng2000irl", "derived here for their cone of rewards",
    tags: ["stability", "radius", "shaping"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The scale is positive.
        positive_scale: positive_scale, Broken(without_positive_scale);
        /// The shaping term uses the discount of the MDP.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, phi) = (draw.reward_without_tie("r", &world), draw.potential("phi", &world));
    Case::new(world).reward("r", r).vector("phi", phi)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    let scale = draw.positive("scale");
    case.number("scale", scale).number("discount of shaping", gamma)
}

fn positive_scale(case: &Case) -> bool {
    *case.n("scale") > Q::ZERO
}

fn without_positive_scale(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    let scale = -draw.positive("scale");
    case.number("scale", scale).number("discount of shaping", gamma)
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of shaping") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = draw.number_of("discount of shaping", &["1", "0", "1/2"]);
    case.number("scale", Q::ONE).number("discount of shaping", gamma)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, scale) = (&case.world, case.r("r"), case.n("scale"));
    let drift = world.discounted(case.n("discount of shaping").clone()).drift(case.x("phi"));
    let changed = combination(&drift, scale, &r);
    let (old, new) = (world.optimum(&r).choice, world.optimum(&changed).choice);
    let radius = |choice: &[usize], r: &[Q]| world.radius(choice, r).map_or(Q::ZERO, |(radius, _)| radius);
    Finding::is(old == new, || format!("the optimal rows {old:?} become {new:?}")).and(Finding::equal(
        "radius of the changed reward",
        &radius(&new, &changed),
        &(scale * radius(&old, &r)),
    ))
}
