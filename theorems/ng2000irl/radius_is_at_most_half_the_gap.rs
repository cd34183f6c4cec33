//! The stability radius is at most half the least gap.

use crate::prelude::*;

theorem! {
    /// # The stability radius is at most half the least gap
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward with one optimal action in every state, $\varepsilon^* \le
    /// g_{min} / 2$ for changes measured by their largest entry. Equality, at any discount, where transitions do not depend on the
    /// action.
    ///
    /// ## How it is checked
    ///
    /// In fractions. For changes measured by their sum the bound is $g_{min}$, twice as much.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "radius-is-at-most-half-the-gap",
    claim: "the stability radius is no more than half the least gap",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_loops],
    hypotheses: {
        /// Changes are measured by their largest entry.
        sup_norm: sup_norm, Broken(without_sup_norm);
        /// The optimal action is unique in every state.
        unique: unique, Redundant("at a tie the radius is 0, which is below any gap");
    }
}

fn drawn(draw: &mut Draw, norm: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_without_tie("r", &world);
    Case::new(world).reward("r", r).choice("norm", norm)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "sup")
}

fn two_loops() -> Case {
    let world = World::two_loops("9/10");
    let r = world.over_rows(&[("s", "x", "1")]);
    Case::new(world).reward("r", r).choice("norm", "sup")
}

fn sup_norm(case: &Case) -> bool {
    case.chosen("norm") == "sup"
}

fn without_sup_norm(draw: &mut Draw) -> Case {
    drawn(draw, "sum")
}

fn unique(case: &Case) -> bool {
    !case.world.optimum(&case.r("r")).has_tie(&case.world)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let optimum = world.optimum(&r);
    let Some(gap) = optimum.least_gap() else { return Finding::Vacuous };
    let nearest = match case.chosen("norm") {
        "sup" => world.radius(&optimum.choice, &r),
        _ => world.nearest_facet(&optimum.choice, &r, max_abs),
    };
    let Some((radius, _)) = nearest else { return Finding::Vacuous };
    Finding::at_most("radius", &radius, &strength.constant(gap / Q::from(2u8)))
}
