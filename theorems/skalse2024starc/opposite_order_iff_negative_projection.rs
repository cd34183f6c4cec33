//! Two rewards order all policies oppositely exactly when their projections are negative multiples of each other.

use crate::prelude::*;

theorem! {
    /// # Opposite order exactly when the projections are opposite
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable and all rewards $R_1$, $R_2$, not both trivial: $J_1(\pi)
    /// < J_1(\pi')$ exactly when $J_2(\pi) > J_2(\pi')$ for all stationary policies, if and only if $M r_2 = -c\,M r_1
    /// \ne 0$ with $c > 0$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the order of all stochastic policies from the convex hull of returns, the projection from normal
    /// equations. The library's `minimal-weighted` form is held against the projection.
    ///
    /// ## Known limits
    ///
    /// Up to four states; stationary policies.
    id: "opposite-order-iff-negative-projection",
    claim: "rewards order all policies oppositely exactly when their projections are opposite",
    paper: "skalse2024starc", "derived here from the order theorem",
    tags: ["order", "projection"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable from the start under some policy.
        reachable: Case::is_whole, Broken(without_reachable);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().whole());
    draw.related(world)
}

fn without_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).hidden());
    draw.related_but_for_the_unseen(world, &-Q::ONE)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let (seen_x, seen_y) = (world.project(&x), world.project(&y));
    let negative = max_abs(&seen_x) > Q::ZERO && is_positive_multiple(&seen_x, &scaled(&-Q::ONE, &seen_y));
    let opposite = world.orders(&x, &y) == Some(std::cmp::Ordering::Less);
    Finding::is(negative == opposite, || format!("opposite projections: {negative}, opposite orders: {opposite}"))
        .and(Lab::of(case).form_agrees("minimal-weighted", "y"))
}
