//! Advice learned as a potential keeps the optimum: false.

use crate::prelude::*;

theorem! {
    /// # Advice learned as a potential keeps the optimum
    ///
    /// ## Statement
    ///
    /// For every MDP, reward $R$ and advice $R^+$: a learner that shapes $R$ by look-ahead advice $\Phi = Q^\pi_{-R^+}$, learned
    /// on the policy it follows, and acts greedily on what it learns settles on a policy that is optimal for $R$. This is
    /// false: its values are $Q^\pi_R + Q^\pi_{R^+}$, so it optimises $R + R^+$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: policy iteration on the shaped values. The counterexample is a choice of two arms, $R = (1, 0)$ and
    /// $R^+ = (0, 2)$.
    ///
    /// ## Known limits
    ///
    /// The learner is policy iteration with exact values.
    id: "learned-advice-keeps-optimum",
    claim: "shaping by advice that is learned as a potential leaves the optimal policy optimal",
    paper: "harutyunyan2015advice", "the claim of invariance; its error is shown in the paper on explicit shaping",
    tags: ["shaping", "advice"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The advice is bounded.
        advice_is_bounded: |_| true, Redundant("the counterexample has two arms and advice of 0 and 2");
    }
}

fn two_arms() -> Case {
    let world = World::bandit(&["left", "right"]);
    let r = world.over_rows(&[("prompt", "left", "1")]);
    let advice = world.over_rows(&[("prompt", "right", "2")]);
    Case::new(world).reward("r", r).reward("advice", advice)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, advice) = (draw.reward("r", &world), draw.reward("advice", &world));
    Case::new(world).reward("r", r).reward("advice", advice)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, advice) = (&case.world, case.r("r"), case.r("advice"));
    let against = scaled(&-Q::ONE, &advice);
    let settled = world.settled(|pi| world.advised(pi, &r, &world.evaluate_pairs(pi, &against)));
    let found = world.evaluate(&world.pure(&settled), &r);
    Finding::all_equal("value of the policy settled on", &found, &world.optimum(&r).v)
}
