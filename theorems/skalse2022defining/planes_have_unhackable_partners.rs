//! Off a line, every reward has an unhackable, non-equivalent partner on a finite set of policies.

use crate::prelude::*;

theorem! {
    /// # Off a line, every reward has an unhackable partner on a finite set of policies
    ///
    /// ## Statement
    ///
    /// For every MDP, every finite set of policies whose occupancies span a plane of affine dimension at least 2, and
    /// every reward $R_1$, there is a reward $R_2$, not trivial on the set, that is unhackable with $R_1$ and not
    /// equivalent to it.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the partner is found by walking from $R_1$ until the first strict pair of policies is tied, and
    /// held against the definitions.
    ///
    /// ## Known limits
    ///
    /// Up to five policies.
    id: "planes-have-unhackable-partners",
    claim: "on finitely many policies that do not lie on a line every reward has an unhackable, non-equivalent partner",
    paper: "skalse2022defining", "Theorem 2, with the dimension it needs",
    tags: ["hacking", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The occupancies do not lie on a line.
        off_a_line: off_a_line, Broken(without_off_a_line);
    }
}

fn three_arms() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let (policies, r) = (world.policies(), world.over_rows(&[("prompt", "x", "1")]));
    Case::new(world).listing(policies).reward("r", r)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.listing(world, 3, 5)
}

fn off_a_line(case: &Case) -> bool {
    affine_dimension(&case.listed()) >= 2
}

fn without_off_a_line(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.listing(world, 2, 3)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (points, r) = (case.listed(), case.r("r"));
    let Some(partner) = unhackable_partner(&points, &r) else {
        return Finding::Fails("every other reward is trivial, equivalent or hackable".into());
    };
    Finding::all([
        Finding::is(hack(&points, &r, &partner).is_none(), || format!("{partner:?} is hackable")),
        Finding::is(!is_trivial(&points, &partner), || format!("{partner:?} is trivial")),
        Finding::is(!is_same_order(&points, &r, &partner), || format!("{partner:?} is equivalent")),
    ])
}
