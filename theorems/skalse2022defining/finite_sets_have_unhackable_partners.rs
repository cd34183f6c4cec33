//! Every reward has an unhackable, non-equivalent partner on a finite set of policies: refuted.

use crate::prelude::*;

theorem! {
    /// # Every reward has an unhackable partner on a finite set of policies
    ///
    /// ## Statement
    ///
    /// False: for every MDP, every finite set of policies of which two have different occupancies, and every reward
    /// $R_1$, there is a reward $R_2$, not trivial on the set, that is unhackable with $R_1$ and not equivalent to it.
    ///
    /// ## How it is checked
    ///
    /// In fractions. Where occupancies lie on a line, every reward is $c R_1$ plus a constant on them, or $R_1$ is
    /// trivial: the partner is in the same order, constant, or hackable.
    ///
    /// ## Known limits
    ///
    /// None: one counterexample is enough.
    id: "finite-sets-have-unhackable-partners",
    claim: "on finitely many policies every reward has a non-trivial, unhackable, non-equivalent partner",
    paper: "skalse2022defining", "Theorem 2, as printed",
    tags: ["hacking", "order", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// Two of the policies have different occupancies.
        differ: differ, Redundant("the counterexample meets it: dropping it cannot save the claim");
    }
}

fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let (policies, r) = (world.policies(), world.over_rows(&[("prompt", "x", "1")]));
    Case::new(world).listing(policies).reward("r", r)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.listing(world, 2, 4)
}

fn differ(case: &Case) -> bool {
    affine_dimension(&case.listed()) > 0
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (points, r) = (case.listed(), case.r("r"));
    Finding::is(unhackable_partner(&points, &r).is_some(), || "every other reward is trivial, equivalent or hackable".into())
}
