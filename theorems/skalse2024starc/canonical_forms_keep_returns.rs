//! A canonical form shifts the returns of all policies alike, and keeps the return range.

use crate::prelude::*;

theorem! {
    /// # Canonical forms keep returns up to a constant
    ///
    /// ## Statement
    ///
    /// For every finite MDP and every reward $R$, the forms $c(R)$ of value-adjusted levelling, of both minimal ones,
    /// of EPIC and of shaping alone satisfy $J_{c(R)}(\pi) = J_R(\pi) + \text{const}$, so $\rho(c(R)) = \rho(R)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, every deterministic policy. The library's form is held against the formula in every entry.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "canonical-forms-keep-returns",
    claim: "canonical forms shift all returns alike and keep the return range",
    paper: "skalse2024starc", "derived here from definition 1",
    tags: ["canonical", "returns"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The form differs from the reward by shaping and redistribution.
        keeps_class: keeps_class, Broken(without_keeps_class);
    }
}

const FORMS: &[&str] =
    &["val", "minimal", "minimal-weighted", "val-potential", "minimal-potential", "epic", "none"];

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_sas("r", &world);
    Case::new(world).reward_sas("r", r)
}

fn instance(draw: &mut Draw) -> Case {
    let form = draw.pick("form", FORMS);
    drawn(draw).choice("form", form)
}

fn keeps_class(case: &Case) -> bool {
    FORMS.contains(&case.chosen("form"))
}

fn without_keeps_class(draw: &mut Draw) -> Case {
    drawn(draw).choice("form", "dard")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, canon) = (&case.world, case.r("r"), case.chosen("form"));
    let form = world.expected(&world.form(canon, &world.uniform(), &case.sas("r")));
    let change = minus(&form, &r);
    let shifts: Vec<Q> = world.policies().iter().map(|pi| world.j(pi, &change)).collect();
    Finding::all(shifts.iter().map(|shift| Finding::equal("shift of two policies", shift, &shifts[0])))
        .and(Finding::equal("range of the form and of the reward", &world.range(&form), &world.range(&r)))
        .and(Lab::of(case).form_agrees(canon, "r"))
}
