//! Refuted: a large DARD distance means regret.

use crate::prelude::*;

theorem! {
    /// # The DARD distance is complete
    ///
    /// ## Statement
    ///
    /// What one would like to be true and is not: there is an $L > 0$ with $\mathrm{NWCR}(R_1,R_2) \ge L\,d(R_1,R_2)$
    /// for all rewards of an MDP that are not trivial, $d$ the Euclidean distance of normalised DARD forms.
    ///
    /// ## How it is checked
    ///
    /// The constant that is offered is part of the instance: rewards that differ by redistribution alone. The distance
    /// is an interval, the regret a fraction.
    ///
    /// ## Known limits
    ///
    /// One counterexample beats every constant at once: the regret is 0.
    id: "dard-metric-is-complete",
    claim: "the DARD distance is bounded by the worst-case regret",
    paper: "wulfe2022dard", "shown false by the STARC paper; the counterexample is derived here",
    tags: ["regret", "distance", "dard"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [redistributed_twins],
    hypotheses: {
        /// Some policy earns more of the truth than another.
        truth_is_not_trivial: Case::x_is_not_trivial,
            Redundant("the claim is false where the truth is not trivial, so it needs no such instance");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).whole());
    let (x, y) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world));
    let constant = draw.number_of("L", &["1/100", "1/10"]);
    Case::new(world).reward_sas("x", x).reward_sas("y", y).number("L", constant)
}

/// A crossing that may fail, paid 1 on average: by success in one reward, by failure in the other.
fn redistributed_twins() -> Case {
    let world = World::list(
        "1/2",
        &[
            ("here", "cross", "here", "1/2"),
            ("here", "cross", "there", "1/2"),
            ("here", "wait", "here", "1"),
            ("there", "cross", "here", "1"),
            ("there", "wait", "there", "1"),
        ],
    );
    let paid = |failure: &str, success: &str| {
        let mut r = world.nothing();
        r[world.row_named("here", "cross")] = vec![number(failure), number(success)];
        r
    };
    let (x, y) = (paid("0", "2"), paid("2", "0"));
    Case::new(world).reward_sas("x", x).reward_sas("y", y).number("L", number("1/1000000"))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let form = |name: &str| world.form("dard", &world.uniform(), &case.sas(name)).concat();
    let share = world.regret_share(&case.r("x"), &case.r("y"));
    let bound = real(case.n("L")) * chord(&form("x"), &form("y"));
    Finding::at_most("L times distance and regret", &bound, &real(&share))
}
