//! Worst-case regret is the least return range of the truth less a multiple of the proxy.

use crate::prelude::*;

theorem! {
    /// # Worst-case regret is the least return range on the ray of the proxy
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards $R_1$, $R_2$,
    /// $$\max\{J_1(\pi_1) - J_1(\pi_2) : J_2(\pi_2) \ge J_2(\pi_1)\} = \min_{\lambda \ge 0}\ \rho(R_1 - \lambda R_2).$$
    ///
    /// ## How it is checked
    ///
    /// In fractions: the left side from the polygon of returns, the right side at the slope of the polygon's edge,
    /// where it must be equal, and at a drawn $\lambda$, where it must not be less. The library's dual, its linear
    /// program and the pair of policies it names must all give the same number.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the linear program is good to about 1e-8 and is compared to that accuracy.
    id: "worst-case-regret-is-the-least-range-on-the-ray",
    claim: "worst-case regret is the least return range of the truth less a multiple of the proxy",
    paper: "skalse2024starc", "derived here: duality of the linear program over two occupancies",
    tags: ["regret", "duality"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The multiple of the proxy is not negative.
        not_negative: not_negative, Broken(without_not_negative);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let weight = draw.positive("weight");
    draw.related(world).number("weight", weight)
}

fn three_arms() -> Case {
    let world = World::bandit(&["best", "worst", "middle"]);
    let x = ["1", "0", "1/2"].map(number).to_vec();
    let y = ["1", "0", "3/5"].map(number).to_vec();
    Case::new(world).reward("x", x).reward("y", y).number("weight", number("1"))
}

fn not_negative(case: &Case) -> bool {
    *case.n("weight") >= Q::ZERO
}

fn without_not_negative(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let weight = -draw.positive("weight");
    draw.related(world).number("weight", weight)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let regret = world.worst_case(&x, &y);
    let range = |weight: &Q| world.range(&combination(&x, &-weight, &y));
    let lab = Lab::of(case);
    Finding::at_most("regret and range at a weight", &regret.value, &range(case.n("weight")))
        .and(Finding::equal("regret and least range", &regret.value, &range(&regret.weight)))
        .and(lab.regret_agrees("x", "y"))
        .and(lab.witness_agrees("x", "y"))
        .and(lab.regret_by_lp_agrees("x", "y"))
}
