//! Planning with a smaller discount loses a bounded amount.

use crate::prelude::*;

theorem! {
    /// # Planning with a smaller discount loses a bounded amount
    ///
    /// ## Statement
    ///
    /// For every MDP with rewards in $[0, R]$ and discounts $g' \le g < 1$, a policy that is optimal for $g'$ loses at most
    /// $(g - g')R / ((1-g)(1-g'))$ under $g$, at every state.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for every deterministic policy that is optimal for $g'$. The constant 1 is sharp: with $g' = 0$ a reward
    /// now is taken for a reward for ever.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The constant is attained at $g' = 0$ alone.
    id: "short-planning-loses-little",
    claim: "a policy that is optimal for a smaller discount loses at most the difference of discounts over both horizons",
    paper: "jiang2015horizon", "planning loss, as restated in the literature on planning horizons",
    tags: ["stability", "discount"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [now_or_for_ever],
    hypotheses: {
        /// No reward is negative.
        not_negative: |case| case.r("r").iter().all(|r| *r >= Q::ZERO), Broken(without_not_negative);
        /// The bound on the reward holds.
        reward_is_bounded: |case| max_abs(&case.r("r")) <= *case.n("bound"), Broken(without_reward_is_bounded);
        /// The policy is planned with the smaller discount.
        smaller: |_| true, Redundant("with |g - g'| in the bound the argument is the same for a larger discount");
    }
}

fn now_or_for_ever() -> Case {
    let world = World::moves(
        "9/10",
        &[("a", "now", "spent"), ("a", "ever", "rich"), ("spent", "now", "spent"), ("rich", "now", "rich")],
    );
    let r = world.over_rows(&[("a", "now", "1"), ("a", "ever", "1"), ("rich", "now", "1")]);
    Case::new(world).reward("r", r).number("other discount", Q::ZERO).number("bound", Q::ONE)
}

fn drawn(draw: &mut Draw, negative: bool, share: &str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward("r", &world);
    let r: Vec<Q> = if negative { r } else { r.iter().map(abs).collect() };
    let bound = max_abs(&r) * number(share);
    let other = draw.number_of("other", &["0", "1/4", "2/5", "4/5"]);
    Case::new(world).reward("r", r).number("other discount", other).number("bound", bound)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, false, "1")
}

/// Payments of 1 and -1 for ever, which a planner without a future does not tell apart.
fn without_not_negative(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).certain().gammas(&["9/10", "19/20"]));
    let r = (0..world.n_states()).flat_map(|s| {
        let level = draw.number_of(("level", s), &["-1", "1"]);
        let other = draw.number_of(("other action", s), &["-1", "1"]);
        let n = world.rows(s).len();
        (0..n).map(move |a| if a + 1 == n { other.clone() } else { level.clone() })
    });
    let r = r.collect();
    Case::new(world).reward("r", r).number("other discount", Q::ZERO).number("bound", Q::ONE)
}

fn without_reward_is_bounded(draw: &mut Draw) -> Case {
    drawn(draw, false, "1/4")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other) = (&case.world, case.r("r"), case.n("other discount"));
    let gap = world.discounted(other.clone()).optimum(&r).gap;
    let best = world.optimum(&r).v;
    let horizons = (Q::ONE - &world.gamma) * (Q::ONE - other);
    let bound = strength.constant(Q::ONE) * abs(&(&world.gamma - other)) * case.n("bound") / horizons;
    let planned = world.choices().into_iter().filter(|chosen| chosen.iter().all(|&row| gap[row].is_zero()));
    Finding::all(planned.map(|chosen| {
        let loss = minus(&best, &world.evaluate(&world.pure(&chosen), &r));
        Finding::at_most("loss", &max_abs(&loss), &bound)
    }))
}
