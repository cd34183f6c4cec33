//! Two rewards order all policies alike exactly when their projections are positive multiples of each other.

use crate::prelude::*;

theorem! {
    /// # Same order exactly when shaping, redistribution and positive scaling connect the rewards
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable and all rewards $R_1$, $R_2$: they order all stationary
    /// policies alike if and only if they differ by potential shaping, S'-redistribution and positive scaling. Since
    /// shaping is the orthogonal complement of the directions in which occupancies differ, that is: $M r_2 = c\,M r_1$
    /// with $c > 0$, or both are 0, where $r(s,a)$ is the expected reward and $M$ the projection off all shaping.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The order of all stochastic policies is read off the returns of deterministic ones, whose convex
    /// hull is everything that stochastic policies earn; the projection comes from normal equations. The library's
    /// `minimal-weighted` form is held against the projection.
    ///
    /// ## Known limits
    ///
    /// Up to four states; stationary policies.
    id: "same-order-iff-same-projection",
    claim: "rewards order all policies alike exactly when shaping, redistribution and positive scaling connect them",
    paper: "skalse2023misspecification", "the order theorem, as restated by the STARC paper",
    tags: ["shaping", "order", "projection"],
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
    draw.related_but_for_the_unseen(world, &Q::ONE)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let connected = is_positive_multiple(&world.project(&x), &world.project(&y));
    let ordered = world.same_order(&x, &y);
    Finding::is(connected == ordered, || format!("connected: {connected}, ordered alike: {ordered}"))
        .and(Lab::of(case).form_agrees("minimal-weighted", "x"))
}
