//! Regret is bounded by a shaping-only distance times the norm of the true form, which no return range bounds.

use crate::prelude::*;

theorem! {
    /// # A shaping-only distance bounds the regret in units of the true form's norm
    ///
    /// ## Statement
    ///
    /// For every finite MDP, all rewards $R_1$, $R_2$ and the forms $C$ of EPIC under uniform coverage, of shaping by a
    /// value and of shaping to least norm: $$\max\{J_1(\pi_1) - J_1(\pi_2) : J_2(\pi_2) \ge J_2(\pi_1)\} \le
    /// \frac{\sqrt 2}{1-\gamma}\,|C(R_1)|\,\Big|\frac{C(R_1)}{|C(R_1)|} - \frac{C(R_2)}{|C(R_2)|}\Big|,$$ Euclidean
    /// norms over all transitions. The constant cannot be made smaller. With $\rho(R_1)$ in place of $|C(R_1)|$ it is
    /// false, whatever the constant.
    ///
    /// ## How it is checked
    ///
    /// Regret in fractions, the bound as an interval. The library's form is held against the formula.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the true form is not 0.
    id: "shaping-only-distance-bounds-regret-by-its-own-norm",
    claim: "a shaping-only distance bounds the regret in units of the norm of the true form",
    paper: "gleave2021epic", "a finite version of the regret bound, any two policies, derived here",
    tags: ["regret", "distance", "epic"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [nearly_swapped],
    hypotheses: {
        /// The unit is the norm of the true form.
        own_norm: own_norm, Broken(without_own_norm);
    }
}

const FORMS: &[&str] = &["epic", "val-potential", "minimal-potential"];

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (x, y) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world));
    let form = draw.pick("form", FORMS);
    Case::new(world).reward_sas("x", x).reward_sas("y", y).choice("form", form).choice("unit", "form")
}

/// Two good arms that the proxy has the wrong way round, by a thousandth.
fn nearly_swapped() -> Case {
    let world = World::bandit(&["best", "second", "bad"]);
    let x = ["1.001", "0.999", "-2"].map(number).to_vec();
    let y = ["0.999", "1.001", "-2"].map(number).to_vec();
    Case::new(world).reward("x", x).reward("y", y).choice("form", "epic").choice("unit", "form")
}

fn own_norm(case: &Case) -> bool {
    case.chosen("unit") == "form"
}

/// Opposite rewards with a large redistribution in common.
fn without_own_norm(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let (r, d) = (draw.reward_sas("r", &world), draw.redistribution("d", &world));
    let size = draw.number_of("size", &["100", "10000"]);
    let mixed = |sign: Q| table(&table_scaled(&sign, &r), &size, &d);
    let (x, y, form) = (mixed(Q::ONE), mixed(-Q::ONE), draw.pick("form", FORMS));
    Case::new(world).reward_sas("x", x).reward_sas("y", y).choice("form", form).choice("unit", "range")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, canon) = (&case.world, case.chosen("form"));
    let form = |name: &str| world.form(canon, &world.uniform(), &case.sas(name)).concat();
    let (x, y) = (form("x"), form("y"));
    let unit = match case.chosen("unit") {
        "form" => real(&dot(&x, &x)).sqrt(),
        _ => real(&world.range(&case.r("x"))),
    };
    let horizon = real(&(Q::ONE / (Q::ONE - &world.gamma)));
    let bound = strength.bound(Interval::point(2.0).sqrt()) * horizon * unit * chord(&x, &y);
    let regret = world.worst_case(&case.r("x"), &case.r("y")).value;
    let lab = Lab::of(case);
    Finding::at_most("regret and bound", &real(&regret), &bound)
        .and(lab.form_agrees(canon, "x"))
        .and(lab.form_agrees(canon, "y"))
}
