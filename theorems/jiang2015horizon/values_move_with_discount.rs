//! Best values move with the discount by a bounded amount.

use crate::prelude::*;

theorem! {
    /// # Best values move with the discount by a bounded amount
    ///
    /// ## Statement
    ///
    /// For every MDP, every reward with $|r| \le R$ and all discounts $g, g' < 1$: $|V^*_g - V^*_{g'}| \le
    /// |g - g'|\,R / ((1-g)(1-g'))$.
    ///
    /// ## How it is checked
    ///
    /// In fractions; the library's bounds on best values are held against fractions. The constant 1 is sharp: a constant
    /// reward attains it.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "values-move-with-discount",
    claim: "best values for two discounts differ by at most their difference times the largest reward over both horizons",
    paper: "jiang2015horizon", "bound on values, derived here",
    tags: ["stability", "discount"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [constant],
    hypotheses: {
        /// The bound on the reward holds.
        reward_is_bounded: |case| max_abs(&case.r("r")) <= *case.n("bound"), Broken(without_reward_is_bounded);
    }
}

fn constant() -> Case {
    let world = World::moves("1/2", &[("a", "stay", "a")]);
    Case::new(world).reward("r", vec![Q::ONE]).number("other discount", number("9/10")).number("bound", Q::ONE)
}

fn drawn(draw: &mut Draw, share: &str) -> Case {
    let world = draw.world(Size::small());
    let r = draw.reward("r", &world);
    let bound = max_abs(&r) * number(share);
    let other = draw.number_of("other", &["1/4", "4/5", "99/100", "0"]);
    Case::new(world).reward("r", r).number("other discount", other).number("bound", bound)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "1")
}

fn without_reward_is_bounded(draw: &mut Draw) -> Case {
    drawn(draw, "1/2")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other) = (&case.world, case.r("r"), case.n("other discount"));
    let off = minus(&world.optimum(&r).v, &world.discounted(other.clone()).optimum(&r).v);
    let horizons = (Q::ONE - &world.gamma) * (Q::ONE - other);
    let bound = strength.constant(Q::ONE) * abs(&(&world.gamma - other)) * case.n("bound") / horizons;
    Finding::at_most("difference of best values", &max_abs(&off), &bound).and(Lab::of(case).holds_optimum("r"))
}
