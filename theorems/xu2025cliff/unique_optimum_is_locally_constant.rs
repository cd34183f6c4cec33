//! A unique optimal policy stays the unique one nearby.

use crate::prelude::*;

theorem! {
    /// # A unique optimal policy stays the unique one nearby
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, let $r$ have one optimal action in every state, and $g$ be the smallest gap of
    /// the others. If $\|r' - r\|_\infty < (1 - \gamma) g / 2$ then $r'$ has the same optimal actions and no others. So the map
    /// from rewards to optimal policies is not only continuous at $r$ but constant around it; uniqueness on a
    /// neighbourhood need not be asked for.
    ///
    /// ## How it is checked
    ///
    /// In fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The largest radius is that of `stability-radius`.
    id: "unique-optimum-is-locally-constant",
    claim: "where the optimal policy is unique, small changes of the reward leave it unique and unchanged",
    paper: "xu2025cliff", "Theorem 2.7, finite form with a radius derived here",
    tags: ["stability", "ties"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The optimal action is unique in every state.
        unique: unique, Broken(without_unique);
        /// The change is smaller than the radius.
        inside: inside, Broken(without_inside);
    }
}

fn stated(world: World, r: Vec<Q>, share: Q, direction: Vec<Q>) -> Case {
    Case::new(world).reward("r", r).number("share of the radius", share).vector("direction", direction)
}

fn drawn(draw: &mut Draw, shares: &[&str]) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward_without_tie("r", &world), draw.direction("direction", &world));
    let share = draw.number_of("share", shares);
    stated(world, r, share, d)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["999/1000", "1/2"])
}

fn fork() -> Case {
    let world = World::fork("3/4");
    let r = world.over_rows(&[("s0", "k", "1")]);
    let d = [("s0", "h", "1"), ("s1", "stay", "1"), ("s0", "k", "-1"), ("s2", "stay", "-1")];
    let d = world.over_rows(&d);
    stated(world, r, number("999/1000"), d)
}

fn unique(case: &Case) -> bool {
    !case.world.optimum(&case.r("r")).has_tie(&case.world)
}

fn without_unique(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward_with_tie("r", &world), draw.direction("direction", &world));
    stated(world, r, number("1/1000"), d)
}

fn inside(case: &Case) -> bool {
    *case.n("share of the radius") < Q::ONE
}

fn without_inside(draw: &mut Draw) -> Case {
    drawn(draw, &["2", "3", "5"])
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let old = world.optimum(&r);
    let gap = old.least_gap().cloned().unwrap_or(Q::ONE);
    let radius = (Q::ONE - &world.gamma) * gap / Q::from(2u8) / strength.constant(Q::ONE);
    let new = world.optimum(&combination(&r, &(case.n("share of the radius") * radius), case.x("direction")));
    let (old, new) = (old.optimal(), new.optimal());
    Finding::is(old == new, || format!("optimal rows {old:?} become {new:?}")).and(Lab::of(case).optimum_holds("r"))
}
