//! False: breaking a tie costs return under the reward that was trained.

use crate::prelude::*;

theorem! {
    /// # False: breaking a tie costs return under the reward that was trained
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $r$ with a tie in $s_0$ and every $e > 0$, the policy that is optimal after raising
    /// one of the tied actions by $e$ has a smaller return under $r$ itself than an optimal one: the return jumps with the
    /// policy. This is what a cliff in the trained objective would be. It is false: tied actions are worth the same.
    ///
    /// ## How it is checked
    ///
    /// In fractions. Any tie refutes it, the fork by hand.
    ///
    /// ## Known limits
    ///
    /// What is true is `trained-objective-has-no-cliff`; the jump is in another return: `broken-tie-costs-the-true-return`.
    id: "ties-cost-the-trained-return",
    claim: "the return under the trained reward jumps where the optimal policy does",
    paper: "xu2025cliff", "a reading of its title, refuted here",
    tags: ["stability", "ties", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The raised action is optimal before.
        tied: tied, Redundant("the counterexample has a tie, and no loss in spite of the flip");
    }
}

fn stated(world: World, r: Vec<Q>, size: Q) -> Case {
    Case::new(world).reward("r", r).number("size", size)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, size) = (draw.reward_with_tie("r", &world), draw.number_of("size", &["1/100", "1/1000000"]));
    stated(world, r, size)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = world.over_rows(&[("s1", "stay", "1"), ("s2", "stay", "1")]);
    stated(world, r, number("1/1000000"))
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("r")).gap[1].is_zero()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let mut raised = r.clone();
    raised[1] += case.n("size");
    let pi = world.pure(&world.optimum(&raised).choice);
    Finding::less("value after the flip, and before", &world.evaluate(&pi, &r)[0], &world.optimum(&r).v[0])
}
