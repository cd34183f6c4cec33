//! EPIC gives rewards that differ by shaping the same form, and the form differs from the reward by shaping.

use crate::prelude::*;

theorem! {
    /// # EPIC's form removes shaping and keeps the class
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and potential $\Phi$: the form $C(R) = R + \gamma m(s') - m(s) - \gamma
    /// \bar m$, $m(x)$ the mean of $R(x,A,S')$ under uniform coverage, is the same for $R$ and $R + \gamma\Phi(s') -
    /// \Phi(s)$; it has mean 0, is its own form, and shifts all returns alike.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on every transition and for every deterministic policy. The library's `epic` is held against the
    /// formula for both rewards.
    ///
    /// ## Known limits
    ///
    /// Up to three states; uniform coverage.
    id: "epic-form-removes-shaping",
    claim: "EPIC's form is the same for rewards that differ by shaping, and differs from them by shaping",
    paper: "gleave2021epic", "the canonically shaped reward is invariant to shaping; the rest is derived here",
    tags: ["canonical", "epic", "shaping"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: Case::shapes_by_its_discount, Broken(without_same_discount);
        /// The rewards differ by shaping alone.
        shaping_alone: Case::is_shaped_only, Broken(without_shaping_alone);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.class(world).shaped_only()
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.class_of_other_discount(world).shaped_only()
}

/// Redistribution is not removed.
fn without_shaping_alone(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    draw.class(world)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, uniform) = (&case.world, case.sas("r"), case.world.uniform());
    let form = |r: &[Vec<Q>]| world.form("epic", &uniform, r);
    let one = form(&r);
    let mean = one.concat().iter().fold(Q::ZERO, |sum, x| sum + x);
    let change = minus(&world.expected(&one), &world.expected(&r));
    let shifts: Vec<Q> = world.policies().iter().map(|pi| world.j(pi, &change)).collect();
    let lab = Lab::of(&case.clone().reward_sas("shaped", case.classmate()));
    Finding::all_equal("the two forms", &one.concat(), &form(&case.classmate()).concat())
        .and(Finding::equal("sum of the form", &mean, &Q::ZERO))
        .and(Finding::all_equal("form of the form", &form(&one).concat(), &one.concat()))
        .and(Finding::all(shifts.iter().map(|shift| Finding::equal("shift of two policies", shift, &shifts[0]))))
        .and(lab.form_agrees("epic", "r"))
        .and(lab.form_agrees("epic", "shaped"))
}
