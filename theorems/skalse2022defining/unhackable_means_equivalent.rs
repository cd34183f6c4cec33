//! On an open set of policies, unhackable and not trivial means equivalent.

use crate::prelude::*;

theorem! {
    /// # On an open set of policies, unhackable rewards are equivalent or trivial
    ///
    /// ## Statement
    ///
    /// For every MDP with all states reachable and every set of policies that contains an open one: if $R_1$ and
    /// $R_2$ are not trivial on the set and no two of its policies have $J_1(\pi) < J_1(\pi')$ and
    /// $J_2(\pi) > J_2(\pi')$, then both order the set alike.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on all stationary policies. Rewards whose parts orthogonal to shaping are not positive multiples
    /// of each other must be hackable, and a pair of policies that shows it is built and evaluated anew; others must
    /// have returns that are an increasing function of each other.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "unhackable-means-equivalent",
    claim: "two unhackable, non-trivial rewards order all stationary policies alike",
    paper: "skalse2022defining", "Theorem 1 and Corollary 1",
    tags: ["hacking", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The policies are all stationary ones, not the deterministic ones alone.
        open_set: open_set, Broken(without_open_set);
        /// Neither reward is trivial.
        not_trivial: not_trivial, Broken(without_not_trivial);
        /// Every state is reachable.
        reachable: reachable, Broken(without_reachable);
    }
}

fn with_policies(draw: &mut Draw, world: World, policies: &'static str) -> Case {
    let x = draw.reward("r1", &world);
    let y = match draw.below("kind of r2", 3) {
        0 => combination(&world.drift(&draw.potential("phi", &world)), &draw.nonzero("scale"), &x),
        _ => draw.reward("r2", &world),
    };
    Case::new(world).reward("r1", x).reward("r2", y).choice("policies", policies)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    with_policies(draw, world, "all stationary")
}

fn open_set(case: &Case) -> bool {
    case.chosen("policies") == "all stationary"
}

fn without_open_set(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let (x, y) = (draw.coarse_reward("r1", &world), draw.coarse_reward("r2", &world));
    Case::new(world).reward("r1", x).reward("r2", y).choice("policies", "deterministic")
}

fn not_trivial(case: &Case) -> bool {
    let points = deterministic(case);
    !is_trivial(&points, &case.r("r1")) && !is_trivial(&points, &case.r("r2"))
}

fn without_not_trivial(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let (x, y) = (draw.reward("r1", &world), world.drift(&draw.potential("phi", &world)));
    Case::new(world).reward("r1", x).reward("r2", y).choice("policies", "all stationary")
}

fn reachable(case: &Case) -> bool {
    case.world.is_whole()
}

/// Projections see rewards of states that no policy visits; returns do not.
fn without_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).hidden());
    with_policies(draw, world, "all stationary")
}

fn deterministic(case: &Case) -> Vec<Vec<Q>> {
    case.world.policies().iter().map(|pi| case.world.measure(pi)).collect()
}

/// A direction along which `p1` rises and `p2` falls, if they are not positive multiples of each other.
fn apart(p1: &[Q], p2: &[Q]) -> Option<Vec<Q>> {
    let (a, g, b) = (dot(p1, p1), dot(p1, p2), dot(p2, p2));
    if g <= Q::ZERO {
        return Some(minus(p1, p2));
    }
    // p1 - t p2 does it for t between g / |p2|^2 and |p1|^2 / g.
    let (least, most) = (&g / b, a / g);
    (least < most).then(|| combination(p1, &-((least + most) / Q::from(2u8)), p2))
}

/// Whether two policies, built and evaluated, show that the rewards are hackable.
fn is_hacked(case: &Case, u: &[Q]) -> bool {
    let (world, uniform) = (&case.world, case.world.uniform());
    let mu = world.measure(&uniform);
    let room = mu.iter().zip(u).filter(|(_, u)| **u < Q::ZERO).map(|(mu, u)| -mu / u).min();
    let Some(room) = room.filter(|room| *room > Q::ZERO) else { return false };
    let moved = world.policy_with(&combination(&mu, &(room / Q::from(2u8)), u));
    let gain = |name: &str| world.j(&moved, &case.r(name)) - world.j(&uniform, &case.r(name));
    gain("r1") > Q::ZERO && gain("r2") < Q::ZERO
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (x, y, points) = (case.r("r1"), case.r("r2"), deterministic(case));
    let is_same = is_same_order(&points, &x, &y);
    if !open_set(case) {
        let is_hackable = hack(&points, &x, &y).is_some();
        return Finding::is(is_hackable || is_same, || "no deterministic policy hacks, and the orders differ".into());
    }
    match apart(&case.world.project(&x), &case.world.project(&y)) {
        Some(u) => Finding::is(is_hacked(case, &u), || "projections differ, and nothing shows a hack".into()),
        None => Finding::is(is_same, || "projections agree, and deterministic policies are ordered differently".into()),
    }
}
