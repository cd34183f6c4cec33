//! Refuted: a large distance between forms that only remove shaping means regret.

use crate::prelude::*;

theorem! {
    /// # Distances that only remove shaping are complete
    ///
    /// ## Statement
    ///
    /// What one would like to be true and is not: for $d$ the Euclidean distance of normalised EPIC forms, of forms
    /// shaped by a value or to least norm, or of the rewards themselves, there is an $L > 0$ with
    /// $\mathrm{NWCR}(R_1,R_2) \ge L\,d(R_1,R_2)$ for all rewards of an MDP that are not trivial.
    ///
    /// ## How it is checked
    ///
    /// The constant that is offered is part of the instance. With $D$ of mean 0 over next states, $R_1 = r + k D$ and
    /// $R_2 = r - k D$ order all policies alike and are far apart. The distance is an interval, the regret a fraction.
    ///
    /// ## Known limits
    ///
    /// One counterexample beats every constant at once: the regret is 0.
    id: "shaping-only-metrics-are-complete",
    claim: "a distance of forms that only remove shaping is bounded by the worst-case regret",
    paper: "skalse2024starc", "shown false there for metrics like EPIC; the counterexample is derived here",
    tags: ["regret", "distance", "epic"],
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
    let form = draw.pick("form", &["epic", "val-potential", "minimal-potential", "none"]);
    let constant = draw.number_of("L", &["1/100", "1/10"]);
    Case::new(world).reward_sas("x", x).reward_sas("y", y).number("L", constant).choice("form", form)
}

/// A coin decides the next state. Both rewards pay action `a`; one pays heads what the other pays tails.
fn redistributed_twins() -> Case {
    let coin = |s, a| [(s, a, "heads", "1/2"), (s, a, "tails", "1/2")];
    let rows = [coin("heads", "a"), coin("heads", "b"), coin("tails", "a"), coin("tails", "b")];
    let world = World::list("1/2", &rows.concat());
    let rewards = |heads: &str, tails: &str| {
        let (heads, tails) = (number(heads), number(tails));
        let better = vec![&heads + Q::ONE, &tails + Q::ONE];
        let plain = vec![heads, tails];
        vec![better, plain.clone(), plain.clone(), plain]
    };
    Case::new(world)
        .reward_sas("x", rewards("10", "-10"))
        .reward_sas("y", rewards("-10", "10"))
        .number("L", number("1/1000000"))
        .choice("form", "epic")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, canon) = (&case.world, case.chosen("form"));
    let form = |name: &str| world.form(canon, &world.uniform(), &case.sas(name)).concat();
    let share = world.regret_share(&case.r("x"), &case.r("y"));
    let bound = real(case.n("L")) * chord(&form("x"), &form("y"));
    Finding::at_most("L times distance and regret", &bound, &real(&share))
}
