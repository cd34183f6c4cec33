//! DARD gives rewards that differ by shaping the same form.

use crate::prelude::*;

theorem! {
    /// # DARD's form removes shaping
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state offers every action, every reward $R$ and potential $\Phi$: with $q(x)
    /// = \mathbb{E}_A \mathbb{E}_{S' \sim P(x,A)} R(x,A,S')$ and $k(s,s') = \mathbb{E}_A \mathbb{E}_{u \sim P(s,A)}
    /// \mathbb{E}_{v \sim P(s',A)} R(u,A,v)$ under uniform actions, the form $R + \gamma q(s') - q(s) - \gamma k(s,s')$
    /// is the same for $R$ and $R + \gamma\Phi(s') - \Phi(s)$, on impossible transitions too.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's `dard` is held against the formula for both rewards.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "dard-form-removes-shaping",
    claim: "DARD's form is the same for rewards that differ by shaping",
    paper: "wulfe2022dard", "invariance of the dynamics-aware transformation to shaping",
    tags: ["canonical", "dard", "shaping"],
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
    let (world, pi) = (&case.world, case.world.uniform());
    let form = |r: &[Vec<Q>]| world.form("dard", &pi, r).concat();
    let lab = Lab::of(&case.clone().reward_sas("shaped", case.classmate()));
    Finding::all_equal("the two forms", &form(&case.sas("r")), &form(&case.classmate()))
        .and(lab.form_agrees("dard", "r"))
        .and(lab.form_agrees("dard", "shaped"))
}
