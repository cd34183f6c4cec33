//! The regret of accepting what the proxy prefers is at most range STARC.

use crate::prelude::*;

theorem! {
    /// # Range STARC is sound with constant 1
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards $R_1$, $R_2$, with $\rho(R) = \max_\pi J_R(\pi) - \min_\pi J_R(\pi)$,
    /// $$\frac{\max\{J_1(\pi_1) - J_1(\pi_2) : J_2(\pi_2) \ge J_2(\pi_1)\}}{\rho(R_1)} \le
    /// \rho\Big(\frac{R_1}{\rho(R_1)} - \frac{R_2}{\rho(R_2)}\Big),$$
    /// where a trivial reward is not divided and $0/0 = 0$. The constant 1 cannot be made smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions: regret from the polygon of returns, ranges by policy iteration. The library's worst-case regret
    /// and `starc-range` are held against both.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "range-distance-is-sound",
    claim: "normalised worst-case regret is at most the range distance",
    paper: "skalse2024starc", "soundness of STARC metrics; norm and constant derived here",
    tags: ["regret", "distance"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// Both rewards are divided by their own return range.
        normalised: normalised, Broken(without_normalised);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.related(world)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("divided by", "return range")
}

/// Arms that agree at both ends and differ a little in the middle: the distance is the regret.
fn three_arms() -> Case {
    let world = World::bandit(&["best", "worst", "middle"]);
    let x = ["1", "0", "1/2"].map(number).to_vec();
    let y = ["1", "0", "3/5"].map(number).to_vec();
    Case::new(world).reward("x", x).reward("y", y).choice("divided by", "return range")
}

fn normalised(case: &Case) -> bool {
    case.chosen("divided by") == "return range"
}

/// Rewards so small that their difference is, while the share that is lost is not.
fn without_normalised(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let size = draw.number_of("size", &["1/10", "1", "1/100"]);
    let [x, y] = ["x", "y"].map(|name| scaled(&size, &case.r(name)));
    Case::new(case.world).reward("x", x).reward("y", y).choice("divided by", "nothing")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let distance = match case.chosen("divided by") {
        "nothing" => world.range(&minus(&x, &y)),
        _ => world.range_distance(&x, &y),
    };
    let lab = Lab::of(case);
    Finding::at_most("regret and distance", &world.regret_share(&x, &y), &(strength.constant(Q::ONE) * distance))
        .and(lab.regret_agrees("x", "y"))
        .and(lab.range_distance_agrees("x", "y"))
}
