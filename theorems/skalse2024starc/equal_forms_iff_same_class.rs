//! Two rewards have the same canonical form exactly when they differ by shaping and redistribution.

use crate::prelude::*;

theorem! {
    /// # Equal forms exactly within a class
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards $R_1$, $R_2$: $c(R_1) = c(R_2)$ if and only if $R_1$ and $R_2$ differ by
    /// potential shaping and S'-redistribution, for $c$ value-adjusted levelling by a fixed policy or either minimal
    /// form.
    ///
    /// ## How it is checked
    ///
    /// In fractions; the class is decided by the projection of the difference. The library's forms are held against the
    /// formulas.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "equal-forms-iff-same-class",
    claim: "canonical forms are equal exactly when rewards differ by shaping and redistribution",
    paper: "skalse2024starc", "definition 1, third condition, for the canonicalisations of the paper",
    tags: ["canonical", "val", "minimal"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The form removes redistribution as well as shaping.
        removes_redistribution: removes_redistribution, Broken(without_removes_redistribution);
    }
}

const FORMS: &[&str] = &["val", "minimal", "minimal-weighted"];

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let case = draw.class(world);
    let y = match draw.below("apart", 3) {
        0 | 1 => case.classmate(),
        _ => draw.reward_sas("y", &case.world),
    };
    case.reward_sas("y", y)
}

fn instance(draw: &mut Draw) -> Case {
    let form = draw.pick("form", FORMS);
    drawn(draw).choice("form", form)
}

fn removes_redistribution(case: &Case) -> bool {
    FORMS.contains(&case.chosen("form"))
}

fn without_removes_redistribution(draw: &mut Draw) -> Case {
    let form = draw.pick("form", &["none", "epic", "dard", "val-potential", "minimal-potential"]);
    drawn(draw).choice("form", form)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, canon) = (&case.world, case.chosen("form"));
    let form = |name: &str| world.form(canon, &world.uniform(), &case.sas(name));
    let equal = form("r") == form("y");
    let classmates = max_abs(&world.project(&minus(&case.r("r"), &case.r("y")))).is_zero();
    let lab = Lab::of(case);
    Finding::is(equal == classmates, || format!("equal forms: {equal}, same class: {classmates}"))
        .and(lab.form_agrees(canon, "r"))
        .and(lab.form_agrees(canon, "y"))
}
