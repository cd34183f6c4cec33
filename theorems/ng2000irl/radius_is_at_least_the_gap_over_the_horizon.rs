//! The stability radius is at least half the least gap, over the horizon.

use crate::prelude::*;

theorem! {
    /// # The stability radius is at least half the least gap, over the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward with one optimal action in every state, $\varepsilon^* \ge (1 -
    /// \gamma) g_{min} / 2$. Equality where the two futures of a choice are each paid at one place for ever.
    ///
    /// ## How it is checked
    ///
    /// In fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "radius-is-at-least-the-gap-over-the-horizon",
    claim: "the stability radius is no less than half the least gap times one less the discount",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The optimal action is unique in every state.
        unique: unique, Broken(without_unique);
        /// The bound has the discount of the MDP.
        discount_counts: discount_counts, Broken(without_discount_counts);
    }
}

fn stated(world: World, r: Vec<Q>, gamma: Q) -> Case {
    Case::new(world).reward("r", r).number("discount of the bound", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, gamma) = (draw.reward_without_tie("r", &world), world.gamma.clone());
    stated(world, r, gamma)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = world.over_rows(&[("s0", "h", "1/1000")]);
    stated(world, r, number("9/10"))
}

fn unique(case: &Case) -> bool {
    !case.world.optimum(&case.r("r")).has_tie(&case.world)
}

fn without_unique(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, gamma) = (draw.reward_with_tie("r", &world), world.gamma.clone());
    stated(world, r, gamma)
}

fn discount_counts(case: &Case) -> bool {
    *case.n("discount of the bound") == case.world.gamma
}

fn without_discount_counts(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let r = draw.reward_without_tie("r", &world);
    stated(world, r, Q::ZERO)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let optimum = world.optimum(&r);
    let Some(gap) = optimum.least_gap() else { return Finding::Vacuous };
    let Some((radius, _)) = world.radius(&optimum.choice, &r) else { return Finding::Vacuous };
    let least = (Q::ONE - case.n("discount of the bound")) * gap / Q::from(2u8) / strength.constant(Q::ONE);
    Finding::at_most("lower bound of the radius", &least, &radius)
}
