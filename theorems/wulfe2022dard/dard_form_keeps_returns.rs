//! Refuted: DARD's form shifts the returns of all policies alike.

use crate::prelude::*;

theorem! {
    /// # DARD's form keeps returns up to a constant
    ///
    /// ## Statement
    ///
    /// What one would expect of a canonical form and is not true: for every finite MDP and reward, $J_{C(R)}(\pi) -
    /// J_R(\pi)$ is the same for all policies, $C$ being DARD's form. The term $\gamma k(s,s')$ is of no potential.
    ///
    /// ## How it is checked
    ///
    /// In fractions, every deterministic policy.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "dard-form-keeps-returns",
    claim: "DARD's form shifts the returns of all policies alike",
    paper: "wulfe2022dard", "not printed there; the property that canonical forms have, and its failure, are derived here",
    tags: ["canonical", "dard", "returns"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [impossible_payment],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Redundant("the claim is false where every state is reachable, so also elsewhere");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let r = draw.reward_sas("r", &world);
    Case::new(world).reward_sas("r", r)
}

/// Nothing that can happen pays. What `stay` would pay for arriving outside makes the form charge for leaving.
fn impossible_payment() -> Case {
    let world = World::moves(
        "1/2",
        &[("in", "stay", "in"), ("in", "go", "out"), ("out", "stay", "out"), ("out", "go", "out")],
    );
    let mut r = world.nothing();
    r[world.row_named("in", "stay")][world.state("out")] = number("2");
    Case::new(world).reward_sas("r", r)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let form = world.expected(&world.form("dard", &world.uniform(), &case.sas("r")));
    let change = minus(&form, &case.r("r"));
    let shifts: Vec<Q> = world.policies().iter().map(|pi| world.j(pi, &change)).collect();
    Finding::all(shifts.iter().map(|shift| Finding::equal("shift of two policies", shift, &shifts[0])))
}
