//! EPIC's distance is half the Euclidean distance of its normalised forms.

use crate::prelude::*;

theorem! {
    /// # EPIC's distance is half the distance of normalised forms
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which all states offer the same number of actions and all rewards whose EPIC forms vary,
    /// $\sqrt{(1 - \mathrm{corr})/2}$ of the forms under uniform coverage is half the Euclidean distance of the forms
    /// divided by their Euclidean norms, because the forms have mean 0.
    ///
    /// ## How it is checked
    ///
    /// As intervals around fractions. The library's `epic` distance is held against half the distance of the normalised
    /// forms.
    ///
    /// ## Known limits
    ///
    /// Up to three states; uniform coverage.
    id: "epic-distance-is-half-the-chord",
    claim: "EPIC's distance is half the Euclidean distance of its normalised forms",
    paper: "gleave2021epic", "derived here",
    tags: ["distance", "epic"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The forms have mean 0.
        centred: centred, Broken(without_centred);
    }
}

fn drawn(draw: &mut Draw, form: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (x, y) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world));
    Case::new(world).reward_sas("x", x).reward_sas("y", y).choice("form", form)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "epic")
}

fn form(world: &World, canon: &str, r: &[Vec<Q>]) -> Vec<Q> {
    world.form(canon, &world.uniform(), r).concat()
}

fn mean(x: &[Q]) -> Q {
    x.iter().fold(Q::ZERO, |sum, x| sum + x) / Q::from(x.len() as u64)
}

fn centred(case: &Case) -> bool {
    ["x", "y"].iter().all(|name| mean(&form(&case.world, case.chosen("form"), &case.sas(name))).is_zero())
}

/// The rewards as they are.
fn without_centred(draw: &mut Draw) -> Case {
    drawn(draw, "none")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let canon = case.chosen("form");
    let (x, y) = (form(&case.world, canon, &case.sas("x")), form(&case.world, canon, &case.sas("y")));
    let deviation = |x: &[Q]| {
        let mean = mean(x);
        x.iter().map(|x| x - &mean).collect::<Vec<_>>()
    };
    let (x0, y0) = (deviation(&x), deviation(&y));
    if max_abs(&x0).is_zero() || max_abs(&y0).is_zero() {
        return Finding::Vacuous;
    }
    let lab = Lab::of(case);
    let library = |name: &str| form(lab.world(), "epic", &lab.sas(name));
    let half = chord(&library("x"), &library("y")).scale(0.5);
    Finding::equal("Pearson distance and half the chord", &chord(&x0, &y0).scale(0.5), &chord(&x, &y).scale(0.5))
        .and(lab.distance_agrees("epic", "x", "y", half))
}
