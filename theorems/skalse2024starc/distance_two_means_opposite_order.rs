//! In a strictly convex norm only opposite rewards have distance 2.

use crate::prelude::*;

theorem! {
    /// # Distance 2 means opposite order, in a strictly convex norm
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable and all rewards: if their projections $M r$, normalised
    /// and measured in the Euclidean norm, have distance 2, then they order all policies oppositely. For the return
    /// range and for the maximum norm this is false: two of three arms suffice.
    ///
    /// ## How it is checked
    ///
    /// Exactly: the Euclidean distance is 2 where one vector is a negative multiple of the other, and other distances
    /// are fractions. The order comes from the convex hull of returns.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "distance-two-means-opposite-order",
    claim: "in a strictly convex norm only opposite rewards have distance 2",
    paper: "skalse2024starc", "derived here",
    tags: ["distance", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The norm is strictly convex.
        strictly_convex: strictly_convex, Broken(without_strictly_convex);
        /// Every state is reachable.
        reachable: Case::is_whole, Broken(without_reachable);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    // Mostly opposites: of others the claim says nothing.
    let case = match draw.below("opposite", 3) {
        2 => draw.related(world),
        _ => draw.related_but_for_the_unseen(world, &-Q::ONE),
    };
    case.choice("norm", "euclidean")
}

fn strictly_convex(case: &Case) -> bool {
    case.chosen("norm") == "euclidean"
}

fn without_strictly_convex(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).actions(3, 3).whole());
    let norm = draw.pick("norm", &["range", "maximum"]);
    let (x, y) = (draw.coarse_reward("x", &world), draw.coarse_reward("y", &world));
    Case::new(world).reward("x", x).reward("y", y).choice("norm", norm)
}

/// Opposite payments where nobody comes: no policy is better than another.
fn without_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).hidden());
    let x = draw.reward_of_the_unseen("x", &world);
    let y = scaled(&-Q::ONE, &x);
    Case::new(world).reward("x", x).reward("y", y).choice("norm", "euclidean")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let (seen_x, seen_y) = (world.project(&x), world.project(&y));
    let is_far = match case.chosen("norm") {
        "range" => world.range_distance(&x, &y) == Q::from(2u8),
        "maximum" => max_distance(&seen_x, &seen_y) == Q::from(2u8),
        _ => max_abs(&seen_x) > Q::ZERO && is_positive_multiple(&seen_x, &scaled(&-Q::ONE, &seen_y)),
    };
    if !is_far {
        return Finding::Vacuous;
    }
    let opposite = world.orders(&x, &y) == Some(std::cmp::Ordering::Less);
    Finding::is(opposite, || "distance 2, and yet some two policies are not ordered oppositely".into())
}
