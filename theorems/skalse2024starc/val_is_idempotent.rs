//! Levelling a levelled reward changes nothing.

use crate::prelude::*;

theorem! {
    /// # Value-adjusted levelling is idempotent
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and every policy $\pi$ chosen before the reward is seen, $c(c(R)) =
    /// c(R)$: the value of an advantage function under its own policy is 0.
    ///
    /// ## How it is checked
    ///
    /// In fractions for a drawn policy. The library's `val` is held against the formula for the reward and, under the
    /// uniform policy, for its form.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "val-is-idempotent",
    claim: "levelling a levelled reward changes nothing",
    paper: "skalse2024starc", "derived here from definition 1",
    tags: ["canonical", "val"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Both levellings refer to the same policy.
        same_reference: same_reference, Broken(without_same_reference);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, pi) = (draw.reward_sas("r", &world), draw.policy("pi", &world));
    Case::new(world).reward_sas("r", r).policy("pi", pi.clone()).policy("pi of the second", pi)
}

fn same_reference(case: &Case) -> bool {
    case.pi("pi") == case.pi("pi of the second")
}

fn without_same_reference(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let r = draw.reward_sas("r", &world);
    let (pi, second) = (draw.policy("pi", &world), draw.policy("second", &world));
    Case::new(world).reward_sas("r", r).policy("pi", pi).policy("pi of the second", second)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let once = world.form("val", case.pi("pi"), &case.sas("r"));
    let twice = world.form("val", case.pi("pi of the second"), &once);
    let levelled = world.form("val", &world.uniform(), &case.sas("r"));
    let lab = Lab::of(&case.clone().reward_sas("levelled", levelled));
    Finding::all_equal("form of the form and form", &twice.concat(), &once.concat())
        .and(lab.form_agrees("val", "r"))
        .and(lab.form_agrees("val", "levelled"))
}
