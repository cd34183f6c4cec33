//! False: nearby rewards have the same optimal actions.

use crate::prelude::*;

theorem! {
    /// # False: nearby rewards have the same optimal actions
    ///
    /// ## Statement
    ///
    /// For every finite MDP and every reward $r$, if $\|r' - r\|_\infty < (1 - \gamma) g / 2$, with $g$ the smallest gap that
    /// is not 0, then $A^*(s; r') = A^*(s; r)$ for every $s$. This is what continuity in the Hausdorff metric would
    /// say, and it is false at ties: the set shrinks.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The fork without rewards refutes it.
    ///
    /// ## Known limits
    ///
    /// True where the optimum is unique: see `unique-optimum-is-locally-constant`; one-sided everywhere: see
    /// `optimal-actions-only-drop-out`.
    id: "nearby-rewards-have-the-same-optimal-actions",
    claim: "small changes of the reward leave the sets of optimal actions as they are",
    paper: "xu2025cliff", "Lemma 2.5 with its word Hausdorff taken literally",
    tags: ["stability", "ties", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The change is small.
        inside: inside, Redundant("the counterexample is as near as one likes: a tie breaks at any size");
    }
}

fn stated(world: World, r: Vec<Q>, share: Q, direction: Vec<Q>) -> Case {
    Case::new(world).reward("r", r).number("share of the radius", share).vector("direction", direction)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward_with_tie("r", &world), draw.direction("direction", &world));
    let share = draw.number_of("share", &["1/2", "1/1000"]);
    stated(world, r, share, d)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let d = world.over_rows(&[("s0", "k", "1")]);
    stated(world, vec![Q::ZERO; 4], number("1/1000000"), d)
}

fn inside(case: &Case) -> bool {
    *case.n("share of the radius") < Q::ONE
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let old = world.optimum(&r);
    let gap = old.least_gap().cloned().unwrap_or(Q::ONE);
    let radius = (Q::ONE - &world.gamma) * gap / Q::from(2u8);
    let new = world.optimum(&combination(&r, &(case.n("share of the radius") * radius), case.x("direction")));
    let (old, new) = (old.optimal(), new.optimal());
    Finding::is(old == new, || format!("optimal rows {old:?} become {new:?}"))
}
