//! Levelled rewards have distance 0 exactly when they order all policies alike.

use crate::prelude::*;

theorem! {
    /// # The levelled distance is 0 exactly for the same order
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable, every policy $\pi$ and all rewards: the distance of
    /// their forms under value-adjusted levelling by $\pi$, normalised in any norm, is 0 if and only if they order all
    /// stationary policies alike.
    ///
    /// ## How it is checked
    ///
    /// In fractions in the maximum norm; the order from the convex hull of returns. The library's `starc-val-linf` is
    /// held against the distance under the uniform policy.
    ///
    /// ## Known limits
    ///
    /// Up to four states; one norm stands for all, since all norms have the same zero.
    id: "val-distance-is-zero-iff-same-order",
    claim: "levelled rewards have distance 0 exactly when they order all policies alike",
    paper: "skalse2024starc", "a STARC distance is 0 exactly for the same policy order",
    tags: ["distance", "val", "order"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Broken(without_reachable);
    }
}

fn with_policy(draw: &mut Draw, case: Case) -> Case {
    let pi = draw.policy("pi", &case.world);
    case.policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().whole());
    let case = draw.related(world);
    with_policy(draw, case)
}

fn without_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).hidden());
    let case = draw.related_but_for_the_unseen(world, &Q::ONE);
    with_policy(draw, case)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y, pi) = (&case.world, case.r("x"), case.r("y"), case.pi("pi"));
    let distance = max_distance(&world.advantage(pi, &x), &world.advantage(pi, &y));
    let ordered = world.same_order(&x, &y);
    let lab = Lab::of(case);
    let (held, uniform) = (lab.world(), lab.world().uniform());
    let form = |name: &str| held.advantage(&uniform, &lab.r(name));
    let library = real(&max_distance(&form("x"), &form("y")));
    Finding::is(distance.is_zero() == ordered, || format!("distance {distance}, ordered alike: {ordered}"))
        .and(lab.distance_agrees("starc-val-linf", "x", "y", library))
}
