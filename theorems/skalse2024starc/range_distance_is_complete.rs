//! Range STARC is at most twice the regret of accepting what the proxy prefers.

use crate::prelude::*;

theorem! {
    /// # Range STARC is complete with constant 1/2
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R_1$ that is not trivial and every reward $R_2$,
    /// $$\rho\Big(\frac{R_1}{\rho(R_1)} - \frac{R_2}{\rho(R_2)}\Big) \le 2\,
    /// \frac{\max\{J_1(\pi_1) - J_1(\pi_2) : J_2(\pi_2) \ge J_2(\pi_1)\}}{\rho(R_1)}.$$
    /// The constant 2 cannot be made smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions: regret from the polygon of returns, ranges by policy iteration. The library's worst-case regret
    /// and `starc-range` are held against both.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "range-distance-is-complete",
    claim: "the range distance is at most twice the normalised worst-case regret",
    paper: "skalse2024starc", "completeness of STARC metrics; norm and constant derived here",
    tags: ["regret", "distance"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [opposites],
    hypotheses: {
        /// Some policy earns more of the truth than another.
        truth_is_not_trivial: Case::x_is_not_trivial, Broken(without_truth_is_not_trivial);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.related(world)
}

fn opposites() -> Case {
    let world = World::bandit(&["a", "b"]);
    let (x, y) = (["1", "0"].map(number).to_vec(), ["-1", "0"].map(number).to_vec());
    Case::new(world).reward("x", x).reward("y", y)
}

fn without_truth_is_not_trivial(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let x = world.drift(&draw.potential("phi", &world));
    let y = draw.reward("y", &world);
    Case::new(world).reward("x", x).reward("y", y)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let bound = strength.constant(Q::from(2u8)) * world.regret_share(&x, &y);
    let lab = Lab::of(case);
    Finding::at_most("distance and twice the regret", &world.range_distance(&x, &y), &bound)
        .and(lab.regret_agrees("x", "y"))
        .and(lab.range_distance_agrees("x", "y"))
}
