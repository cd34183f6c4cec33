//! No redistribution leaves EPIC's form as it was.

use crate::prelude::*;

theorem! {
    /// # EPIC's form moves under every redistribution
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and every $D \ne 0$ with $\sum_{s'} P(s'|s,a) D(s,a,s') = 0$: EPIC's
    /// forms of $R$ and $R + D$ differ, though no policy can tell these rewards apart. For only shaping leaves the
    /// form, and shaping with mean 0 over next states is 0.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's `epic` is held against the formula for both rewards.
    ///
    /// ## Known limits
    ///
    /// Up to three states; uniform coverage.
    id: "epic-form-moves-under-every-redistribution",
    claim: "EPIC's form changes under every redistribution over next states",
    paper: "gleave2021epic", "as the STARC paper says of it; derived here",
    tags: ["canonical", "epic"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// What is added has mean 0 over the next state.
        redistribution: Case::redistributes, Broken(without_redistribution);
        /// What is added is not nothing.
        something: something, Broken(without_something);
    }
}

fn added(draw: &mut Draw, world: World, d: Vec<Vec<Q>>) -> Case {
    let r = draw.reward_sas("r", &world);
    Case::new(world).reward_sas("r", r).reward_sas("d", d)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let d = draw.redistribution("d", &world);
    added(draw, world, d)
}

/// Shaping.
fn without_redistribution(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let d = world.shaping(&draw.potential("phi", &world));
    added(draw, world, d)
}

fn something(case: &Case) -> bool {
    !max_abs(&case.sas("d").concat()).is_zero()
}

fn without_something(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let d = world.nothing();
    added(draw, world, d)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.sas("r"));
    let moved = table(&r, &Q::ONE, &case.sas("d"));
    let form = |r: &[Vec<Q>]| world.form("epic", &world.uniform(), r);
    let differ = form(&r) != form(&moved);
    let lab = Lab::of(&case.clone().reward_sas("moved", moved));
    Finding::is(differ, || "the forms are the same".into())
        .and(lab.form_agrees("epic", "r"))
        .and(lab.form_agrees("epic", "moved"))
}
