//! Refuted: a small DARD distance bounds the regret.

use crate::prelude::*;

theorem! {
    /// # The DARD distance is sound
    ///
    /// ## Statement
    ///
    /// What one would like to be true and is not: there is a $U$ with $\mathrm{NWCR}(R_1,R_2) \le U\,d(R_1,R_2)$ for
    /// all rewards of an MDP, $d$ the Euclidean distance of normalised DARD forms.
    ///
    /// ## How it is checked
    ///
    /// The constant that is offered is part of the instance: opposite rewards that share a large redistribution. The
    /// distance is an interval, the regret a fraction.
    ///
    /// ## Known limits
    ///
    /// One counterexample beats one constant; that all are beaten is a theorem of its own.
    id: "dard-metric-is-sound",
    claim: "the DARD distance bounds the worst-case regret",
    paper: "wulfe2022dard", "shown false by the STARC paper; the counterexample is derived here",
    tags: ["regret", "distance", "dard"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [redistributed_opposites],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Redundant("the claim is false where every state is reachable, so also elsewhere");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).whole());
    let (x, y) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world));
    let constant = draw.number_of("U", &["1", "10", "100"]);
    Case::new(world).reward_sas("x", x).reward_sas("y", y).number("U", constant)
}

/// A crossing that may fail. One reward wants it tried, the other does not; both pay much for success and charge as
/// much for failure.
fn redistributed_opposites() -> Case {
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
    let paid = |extra: &str| {
        let mut r = world.nothing();
        r[world.row_named("here", "cross")] = vec![number("-10000") + number(extra), number("10000") + number(extra)];
        r
    };
    let (x, y) = (paid("1"), paid("-1"));
    Case::new(world).reward_sas("x", x).reward_sas("y", y).number("U", number("1000"))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let form = |name: &str| world.form("dard", &world.uniform(), &case.sas(name)).concat();
    let share = world.regret_share(&case.r("x"), &case.r("y"));
    let bound = real(case.n("U")) * chord(&form("x"), &form("y"));
    Finding::at_most("regret and U times distance", &real(&share), &bound)
}
