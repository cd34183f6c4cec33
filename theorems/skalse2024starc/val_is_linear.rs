//! Value-adjusted levelling is linear in the reward.

use crate::prelude::*;

theorem! {
    /// # Value-adjusted levelling is linear
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every policy $\pi$ chosen before the reward is seen, all rewards $R_1$, $R_2$ and all
    /// numbers $a$, $b$: $c(a R_1 + b R_2) = a\,c(R_1) + b\,c(R_2)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's `val` is held against the formula for both rewards and for the combination.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "val-is-linear",
    claim: "value-adjusted levelling by a fixed policy is linear in the reward",
    paper: "skalse2024starc", "value-adjusted levelling is a canonicalisation function (definition 1, linearity)",
    tags: ["canonical", "val"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The reference policy does not depend on the reward.
        fixed_reference: fixed_reference, Broken(without_fixed_reference);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (x, y, pi) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world), draw.policy("pi", &world));
    let (a, b) = (draw.number("a"), draw.number("b"));
    let sum = table(&table_scaled(&a, &x), &b, &y);
    Case::new(world)
        .reward_sas("x", x)
        .reward_sas("y", y)
        .reward_sas("sum", sum)
        .policy("pi", pi)
        .number("a", a)
        .number("b", b)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("reference", "fixed")
}

fn fixed_reference(case: &Case) -> bool {
    case.chosen("reference") == "fixed"
}

/// The optimal policy of the reward itself, as in a value that "the optimal policy has".
fn without_fixed_reference(draw: &mut Draw) -> Case {
    drawn(draw).choice("reference", "optimal")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi) = (&case.world, case.pi("pi"));
    let form = |name: &str| {
        let r = case.sas(name);
        match case.chosen("reference") {
            "fixed" => world.form("val", pi, &r),
            _ => world.form("val", &world.pure(&world.optimum(&case.r(name)).choice), &r),
        }
    };
    let combined = table(&table_scaled(case.n("a"), &form("x")), case.n("b"), &form("y"));
    let lab = Lab::of(case);
    Finding::all_equal("form of the sum and sum of the forms", &form("sum").concat(), &combined.concat())
        .and(Finding::all(["x", "y", "sum"].map(|name| lab.form_agrees("val", name))))
}
