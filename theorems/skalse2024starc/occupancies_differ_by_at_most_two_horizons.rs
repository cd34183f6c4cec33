//! Occupancies differ by at most two horizons in sum.

use crate::prelude::*;

theorem! {
    /// # Occupancies differ by at most two horizons
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all policies, the discounted occupancies from the start satisfy $\sum_{s,a} |\eta^\pi -
    /// \eta^{\pi'}| \le 2/(1-\gamma)$. The constant cannot be made smaller: one state for ever, and two actions.
    ///
    /// ## How it is checked
    ///
    /// In fractions for two drawn policies. The library's occupancy is held against the fractions.
    ///
    /// ## Known limits
    ///
    /// Up to four states; no terminal states.
    id: "occupancies-differ-by-at-most-two-horizons",
    claim: "the sum of differences of two occupancies is at most two horizons",
    paper: "skalse2024starc", "derived here: a constant between the return range and a norm",
    tags: ["occupancy"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [up_or_down],
    hypotheses: {
        /// Both occupancies are discounted alike.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw, size: Size) -> Case {
    let world = draw.world(size);
    let (a, b) = (draw.policy("a", &world), draw.policy("b", &world));
    Case::new(world).policy("a", a).policy("b", b)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw, Size::small());
    let gamma = case.world.gamma.clone();
    case.number("discount of the other", gamma)
}

fn up_or_down() -> Case {
    let world = World::moves("1/2", &[("here", "up", "here"), ("here", "down", "here")]);
    let (a, b) = (world.playing(&[("here", "up")]), world.playing(&[("here", "down")]));
    Case::new(world).policy("a", a).policy("b", b).number("discount of the other", number("1/2"))
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of the other") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    drawn(draw, Size::small().gammas(&["1/2", "0"])).number("discount of the other", number("9/10"))
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let world = &case.world;
    let other = world.discounted(case.n("discount of the other").clone());
    let apart = minus(&world.occupancy(case.pi("a")), &other.occupancy(case.pi("b")));
    let horizon = Q::ONE / (Q::ONE - &world.gamma);
    let bound = strength.constant(Q::from(2u8)) * horizon;
    let lab = Lab::of(case);
    Finding::at_most("sum of differences and two horizons", &l1(&apart), &bound)
        .and(lab.occupancy_agrees(case.pi("a")))
        .and(lab.occupancy_agrees(case.pi("b")))
}
