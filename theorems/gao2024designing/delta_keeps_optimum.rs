//! Differences of process rewards keep the optimum: false.

use crate::prelude::*;

theorem! {
    /// # Differences of process rewards keep the optimum
    ///
    /// ## Statement
    ///
    /// For every task with episodes, reward $R$ and process reward $p(s,a)$, 0 at the end: a learner that is paid
    /// $R(s,a) + p(s,a) - p(s',a')$ and acts greedily settles on a policy that is optimal for $R$. This is false: the term is
    /// look-ahead advice $\Phi = -p$, values become $Q + p$, and the learner prefers what the process reward likes now.
    ///
    /// ## How it is checked
    ///
    /// In fractions: policy iteration on the shaped values, undiscounted. The counterexample is one step, in which the
    /// process reward likes the worse answer.
    ///
    /// ## Known limits
    ///
    /// The learner is policy iteration with exact values.
    id: "delta-rewards-keep-optimum",
    claim: "paying differences of process rewards leaves the optimal policy optimal",
    paper: "gao2024designing", "reading the delta mechanism as shaping; refuted here",
    tags: ["shaping", "process reward", "advice"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [liked_too_early],
    hypotheses: {
        /// Episodes end.
        episodes_end: |_| true, Redundant("the counterexample is one step, after which its episode has ended");
    }
}

fn liked_too_early() -> Case {
    let world = World::moves("1", &[("ask", "right", "end"), ("ask", "wrong", "end"), ("end", "right", "end")]).ending_in(&["end"]);
    let r = world.over_rows(&[("ask", "right", "1")]);
    let p = world.over_rows(&[("ask", "wrong", "2")]);
    Case::new(world).reward("r", r).reward("p", p)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.episodic((2, 4), 1, &["1"], false);
    let r = draw.reward("r", &world);
    let end = world.n_rows() - 1;
    let mut p = draw.reward("p", &world);
    p[end] = Q::ZERO;
    Case::new(world).reward("r", r).reward("p", p)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let phi = scaled(&-Q::ONE, &case.r("p"));
    let settled = world.settled(|pi| world.advised(pi, &r, &phi));
    let found = world.evaluate(&world.pure(&settled), &r);
    Finding::all_equal("value of the policy settled on", &found, &world.optimum(&r).v)
}
