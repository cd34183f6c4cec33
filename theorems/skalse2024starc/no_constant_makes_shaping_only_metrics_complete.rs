//! Rewards that order all policies alike can be as far apart as a right angle and more.

use crate::prelude::*;

theorem! {
    /// # No constant makes distances that only remove shaping complete
    ///
    /// ## Statement
    ///
    /// Let $C$ be linear and blind to S'-redistribution: EPIC's form, DARD's, the reward shaped by a value or to least
    /// norm, or the reward itself. For every finite MDP, every reward $r$, every $D$ with $\sum_{s'} P(s'|s,a)
    /// D(s,a,s') = 0$ and $C(D) \ne 0$, the rewards $r + k D$ and $r - k D$ with $k = 1 + |C(r)|^2/|C(D)|^2$ order all
    /// policies alike, their worst-case regret is 0, and the angle between their forms is obtuse.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's form is held against the formula for $r$ and $D$.
    ///
    /// ## Known limits
    ///
    /// Up to three states; norms over all transitions.
    id: "no-constant-makes-shaping-only-metrics-complete",
    claim: "rewards without any regret can be far apart in a shaping-only distance",
    paper: "skalse2024starc", "metrics like EPIC, and DARD, are not complete; the construction is derived here",
    tags: ["regret", "distance", "epic", "dard"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The redistribution has mean 0 over the next state.
        redistribution: Case::redistributes, Broken(without_redistribution);
        /// The form does not remove the redistribution.
        blind: blind, Broken(without_blind);
    }
}

const SHAPING_ONLY: &[&str] = &["epic", "dard", "val-potential", "minimal-potential", "none"];

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let form = draw.pick("form", SHAPING_ONLY);
    draw.class(world).choice("form", form)
}

fn without_redistribution(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let form = draw.pick("form", SHAPING_ONLY);
    draw.class_of_other_mean(world).choice("form", form)
}

fn form(case: &Case, name: &str) -> Vec<Q> {
    case.world.form(case.chosen("form"), &case.world.uniform(), &case.sas(name)).concat()
}

fn blind(case: &Case) -> bool {
    !max_abs(&form(case, "d")).is_zero()
}

/// Forms that remove it.
fn without_blind(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let form = draw.pick("form", &["val", "minimal", "minimal-weighted"]);
    draw.class(world).choice("form", form)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let (seen, hidden) = (form(case, "r"), form(case, "d"));
    let size = dot(&hidden, &hidden);
    let ratio = if size.is_zero() { Q::ZERO } else { dot(&seen, &seen) / size };
    let k = Q::ONE + ratio;
    let mixed = |x: &[Q], y: &[Q], sign: &Q| combination(x, &(sign * &k), y);
    let both = |x: &[Q], y: &[Q]| (mixed(x, y, &Q::ONE), mixed(x, y, &-Q::ONE));
    let (x, y) = both(&case.r("r"), &case.r("d"));
    let (far, away) = both(&seen, &hidden);
    let lab = Lab::of(case);
    Finding::equal("regret and 0", &world.worst_case(&x, &y).value, &Q::ZERO)
        .and(Finding::is(world.same_order(&x, &y), || "the orders differ".into()))
        .and(Finding::less("scalar product of the forms", &dot(&far, &away), &Q::ZERO))
        .and(lab.form_agrees(case.chosen("form"), "r"))
        .and(lab.form_agrees(case.chosen("form"), "d"))
}
