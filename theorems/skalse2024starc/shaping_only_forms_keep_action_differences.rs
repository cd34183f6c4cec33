//! Forms that add a function of the two states keep what actions differ by on every transition.

use crate::prelude::*;

theorem! {
    /// # Forms that only shape keep differences of actions
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and every form of the kind $C(R)(s,a,s') = R(s,a,s') + f(s,s')$ - EPIC's,
    /// DARD's, the reward shaped by a value or to least norm - $C(R)(s,a,s') - C(R)(s,b,s') = R(s,a,s') - R(s,b,s')$
    /// for all $s$, $a$, $b$, $s'$, possible or not. So they all see S'-redistribution that differs between actions.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's form is held against the formula.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "shaping-only-forms-keep-action-differences",
    claim: "forms that only shape keep what two actions differ by on every transition",
    paper: "skalse2024starc", "derived here from the formulas of EPIC and DARD",
    tags: ["canonical", "epic", "dard"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// What the form adds depends on the two states alone.
        adds_by_states: adds_by_states, Broken(without_adds_by_states);
    }
}

const FORMS: &[&str] = &["dard", "epic", "val-potential", "minimal-potential", "none"];

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_sas("r", &world);
    Case::new(world).reward_sas("r", r)
}

fn instance(draw: &mut Draw) -> Case {
    let form = draw.pick("form", FORMS);
    drawn(draw).choice("form", form)
}

fn adds_by_states(case: &Case) -> bool {
    FORMS.contains(&case.chosen("form"))
}

fn without_adds_by_states(draw: &mut Draw) -> Case {
    let form = draw.pick("form", &["val", "minimal", "minimal-weighted"]);
    drawn(draw).choice("form", form)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, canon) = (&case.world, case.sas("r"), case.chosen("form"));
    let form = world.form(canon, &world.uniform(), &r);
    let kept = (0..world.n_states()).flat_map(|s| world.rows(s).map(move |row| (s, row))).map(|(s, row)| {
        let first = world.rows(s).start;
        let (before, after) = (minus(&r[row], &r[first]), minus(&form[row], &form[first]));
        Finding::all_equal("difference of two actions", &after, &before)
    });
    Finding::all(kept).and(Lab::of(case).form_agrees(canon, "r"))
}
