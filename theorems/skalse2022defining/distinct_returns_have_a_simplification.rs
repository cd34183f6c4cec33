//! A reward without ties on a finite set of policies has a simplification: refuted.

use crate::prelude::*;

theorem! {
    /// # A reward without ties on a finite set of policies has a simplification
    ///
    /// ## Statement
    ///
    /// False: for every MDP, every finite set of at least two policies and every reward that gives all of them
    /// different returns, there is a reward, not trivial on the set, that simplifies it.
    ///
    /// ## How it is checked
    ///
    /// In fractions. Of two policies the only tie is between all of them.
    ///
    /// ## Known limits
    ///
    /// None: one counterexample is enough.
    id: "distinct-returns-have-a-simplification",
    claim: "a reward under which finitely many policies have distinct returns has a non-trivial simplification",
    paper: "skalse2022defining", "Corollary 3, as printed",
    tags: ["hacking", "order", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// All returns are different.
        distinct: distinct, Redundant("the counterexample meets it: dropping it cannot save the claim");
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

fn distinct(case: &Case) -> bool {
    let points = case.listed();
    classes(&points, &case.r("r")).len() == points.len()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    Finding::is(has_simplification(&case.listed(), &case.r("r")), || "no coarser order is that of a reward".into())
}
