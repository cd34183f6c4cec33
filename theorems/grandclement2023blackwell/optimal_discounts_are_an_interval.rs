//! The discounts for which a policy is optimal are an interval: false.

use crate::prelude::*;

theorem! {
    /// # The discounts for which a policy is optimal are an interval
    ///
    /// ## Statement
    ///
    /// For every MDP, reward and policy, and all discounts $g_1 < g_2 < g_3$: if the policy is optimal for $g_1$ and $g_3$ it
    /// is optimal for $g_2$. This is false, so a grid of discounts can miss two switches.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The counterexample is a way that pays $21/100$, $-1$, $1$ against one that pays nothing: better below
    /// $3/10$ and above $7/10$, worse between.
    ///
    /// ## Known limits
    ///
    /// None.
    id: "optimal-discounts-are-an-interval",
    claim: "the discounts for which a policy is optimal have no gap",
    paper: "grandclement2023blackwell", "a property one might expect of switches; refuted here",
    tags: ["stability", "discount"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [twice],
    hypotheses: {
        /// The middle discount lies between the others.
        in_order: in_order, Redundant("the counterexample has its discounts in order");
    }
}

fn twice() -> Case {
    let world = World::moves(
        "1/2",
        &[("fork", "way", "toll"), ("fork", "out", "end"), ("toll", "way", "gift"), ("gift", "way", "end"), ("end", "way", "end")],
    );
    let r = world.over_rows(&[("fork", "way", "21/100"), ("toll", "way", "-1"), ("gift", "way", "1")]);
    let pi = world.playing(&[("fork", "way")]);
    Case::new(world).reward("r", r).policy("pi", pi).number("below", number("1/4")).number("above", number("3/4"))
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 4).gammas(&["1/2", "2/5", "3/5"]));
    let r = draw.reward("r", &world);
    let pi = world.pure(&draw.choice("pi", &world));
    let case = Case::new(world).reward("r", r).policy("pi", pi);
    let (below, above) = (draw.number_of("below", &["1/4", "0"]), draw.number_of("above", &["3/4", "9/10"]));
    case.number("below", below).number("above", above)
}

fn in_order(case: &Case) -> bool {
    *case.n("below") < case.world.gamma && case.world.gamma < *case.n("above")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let is_optimal = |gamma: &Q| world.discounted(gamma.clone()).advantage(pi, &r).iter().all(|a| *a <= Q::ZERO);
    if !is_optimal(case.n("below")) || !is_optimal(case.n("above")) {
        return Finding::Vacuous;
    }
    Finding::is(is_optimal(&world.gamma), || "optimal below and above, and not between".into())
}
