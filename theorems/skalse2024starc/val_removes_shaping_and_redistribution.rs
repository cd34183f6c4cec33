//! Value-adjusted levelling gives rewards that differ by shaping and redistribution the same form.

use crate::prelude::*;

theorem! {
    /// # Value-adjusted levelling removes shaping and redistribution
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$, potential $\Phi$, every $D$ with $\sum_{s'} P(s'|s,a) D(s,a,s') = 0$ and
    /// every policy $\pi$ chosen before the reward is seen, VAL gives $R$ and $R + \gamma\Phi(s') - \Phi(s) + D$ the
    /// same canonical form.
    ///
    /// ## How it is checked
    ///
    /// In fractions for a drawn policy. The library's `val` is held against the formula for both rewards.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "val-removes-shaping-and-redistribution",
    claim: "value-adjusted levelling gives rewards that differ by shaping and redistribution one form",
    paper: "skalse2024starc", "value-adjusted levelling is a canonicalisation function (definition 1)",
    tags: ["canonical", "val", "shaping"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: Case::shapes_by_its_discount, Broken(without_same_discount);
        /// The redistribution has mean 0 over the next state.
        redistribution: Case::redistributes, Broken(without_redistribution);
        /// Both rewards are levelled by the same policy.
        fixed_reference: fixed_reference, Broken(without_fixed_reference);
    }
}

fn levelled(draw: &mut Draw, case: Case) -> Case {
    let pi = draw.policy("pi", &case.world);
    case.policy("pi", pi.clone()).policy("pi of the other", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class(world);
    levelled(draw, case)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class_of_other_discount(world);
    levelled(draw, case)
}

fn without_redistribution(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class_of_other_mean(world);
    levelled(draw, case)
}

fn fixed_reference(case: &Case) -> bool {
    case.pi("pi") == case.pi("pi of the other")
}

fn without_fixed_reference(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class(world);
    let (pi, other) = (draw.policy("pi", &case.world), draw.policy("other", &case.world));
    case.policy("pi", pi).policy("pi of the other", other)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let one = world.form("val", case.pi("pi"), &case.sas("r"));
    let other = world.form("val", case.pi("pi of the other"), &case.classmate());
    let lab = Lab::of(&case.clone().reward_sas("classmate", case.classmate()));
    Finding::all_equal("the two forms", &one.concat(), &other.concat())
        .and(lab.form_agrees("val", "r"))
        .and(lab.form_agrees("val", "classmate"))
}
