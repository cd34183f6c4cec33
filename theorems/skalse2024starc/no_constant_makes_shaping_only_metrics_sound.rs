//! Whatever the constant, some pair of rewards has more regret than that many distances.

use crate::prelude::*;

theorem! {
    /// # No constant makes distances that only remove shaping sound
    ///
    /// ## Statement
    ///
    /// Let $C$ be linear and blind to S'-redistribution: EPIC's form, DARD's, the reward shaped by a value or to least
    /// norm, or the reward itself. For every finite MDP, every reward $r$ that is not trivial, every $D$ with
    /// $\sum_{s'} P(s'|s,a) D(s,a,s') = 0$ and $C(D) \ne 0$, and every $U > 0$, the rewards $R_1 = r + k D$ and $R_2 =
    /// -r + k D$ with $k = 8U(1 + |C(r)|^2/|C(D)|^2)$ have normalised worst-case regret 1, and the Euclidean distance
    /// of their normalised forms is below $1/U$.
    ///
    /// ## How it is checked
    ///
    /// Regret in fractions, distance as an interval. The library's form is held against the formula for $r$ and $D$.
    ///
    /// ## Known limits
    ///
    /// Up to three states; norms over all transitions.
    id: "no-constant-makes-shaping-only-metrics-sound",
    claim: "for every constant some rewards have more regret than that many shaping-only distances",
    paper: "skalse2024starc", "metrics like EPIC, and DARD, are not sound; the construction is derived here",
    tags: ["regret", "distance", "epic", "dard"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The redistribution has mean 0 over the next state.
        redistribution: Case::redistributes, Broken(without_redistribution);
        /// The form does not remove the redistribution.
        blind: blind, Broken(without_blind);
        /// Some policy earns more of the reward than another.
        not_trivial: not_trivial, Broken(without_not_trivial);
    }
}

const SHAPING_ONLY: &[&str] = &["epic", "dard", "val-potential", "minimal-potential", "none"];

fn with_constant(draw: &mut Draw, case: Case, forms: &[&'static str]) -> Case {
    let (form, constant) = (draw.pick("form", forms), draw.number_of("U", &["1", "10", "1000"]));
    case.choice("form", form).number("U", constant)
}

fn world(draw: &mut Draw) -> World {
    draw.world(Size::small().states(2, 3))
}

fn instance(draw: &mut Draw) -> Case {
    let world = world(draw);
    let case = draw.class(world);
    with_constant(draw, case, SHAPING_ONLY)
}

fn without_redistribution(draw: &mut Draw) -> Case {
    let world = world(draw);
    let case = draw.class_of_other_mean(world);
    with_constant(draw, case, SHAPING_ONLY)
}

fn form(case: &Case, name: &str) -> Vec<Q> {
    case.world.form(case.chosen("form"), &case.world.uniform(), &case.sas(name)).concat()
}

fn blind(case: &Case) -> bool {
    !max_abs(&form(case, "d")).is_zero()
}

/// Forms that remove it.
fn without_blind(draw: &mut Draw) -> Case {
    let world = world(draw);
    let case = draw.class(world);
    with_constant(draw, case, &["val", "minimal", "minimal-weighted"])
}

fn not_trivial(case: &Case) -> bool {
    !case.world.range(&case.r("r")).is_zero()
}

fn without_not_trivial(draw: &mut Draw) -> Case {
    let world = world(draw);
    let (phi, d) = (draw.potential("phi", &world), draw.redistribution("d", &world));
    let r = world.shaping(&phi);
    let case = Case::new(world).reward_sas("r", r).reward_sas("d", d);
    with_constant(draw, case, SHAPING_ONLY)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, constant) = (&case.world, case.n("U"));
    let (seen, hidden) = (form(case, "r"), form(case, "d"));
    let size = dot(&hidden, &hidden);
    let ratio = if size.is_zero() { Q::ZERO } else { dot(&seen, &seen) / size };
    let k = Q::from(8u8) * constant * (Q::ONE + ratio);
    let mixed = |sign: Q| combination(&scaled(&sign, &case.r("r")), &k, &case.r("d"));
    let share = world.regret_share(&mixed(Q::ONE), &mixed(-Q::ONE));
    // The form is linear.
    let mixed = |sign: Q| combination(&scaled(&sign, &seen), &k, &hidden);
    let distance = chord(&mixed(Q::ONE), &mixed(-Q::ONE));
    let lab = Lab::of(case);
    Finding::equal("regret and 1", &share, &Q::ONE)
        .and(Finding::less("U times distance", &(real(constant) * distance), &Interval::point(1.0)))
        .and(lab.form_agrees(case.chosen("form"), "r"))
        .and(lab.form_agrees(case.chosen("form"), "d"))
}
