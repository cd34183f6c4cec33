//! Refuted: DARD's form of a form is the form.

use crate::prelude::*;

theorem! {
    /// # DARD's form is idempotent
    ///
    /// ## Statement
    ///
    /// What one would expect of a canonical form and is not true: for every finite MDP and reward, $C(C(R)) = C(R)$,
    /// $C$ being DARD's form.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on every transition.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "dard-form-is-idempotent",
    claim: "DARD's form of a form is the form",
    paper: "wulfe2022dard", "not printed there; the property that canonical forms have, and its failure, are derived here",
    tags: ["canonical", "dard"],
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

/// Two rooms; staying is paid for an arrival that cannot happen, then in the form the leaving is paid as well.
fn impossible_payment() -> Case {
    let rows = [("in", "stay", "in"), ("in", "go", "out"), ("out", "stay", "out"), ("out", "go", "out")];
    let world = World::moves("1/2", &rows);
    let mut r = world.nothing();
    r[world.row_named("in", "stay")][world.state("out")] = number("2");
    Case::new(world).reward_sas("r", r)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi) = (&case.world, case.world.uniform());
    let once = world.form("dard", &pi, &case.sas("r"));
    Finding::all_equal("form of the form and form", &world.form("dard", &pi, &once).concat(), &once.concat())
}
