//! Worst-case regret is at most the sine of the angle between the projections, in units of their length.

use crate::prelude::*;

theorem! {
    /// # Worst-case regret is at most the sine of the angle
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards whose projections $M r_1$, $M r_2$ are at an angle $\theta \le 90°$, the
    /// second not 0: $$\max\{J_1(\pi_1) - J_1(\pi_2) : J_2(\pi_2) \ge J_2(\pi_1)\} \le \frac{\sqrt{2}}{1-\gamma}\,|M
    /// r_1|\,\sin\theta.$$ The constant cannot be made smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions, with both sides squared. The library's worst-case regret and `minimal-weighted` are held against
    /// them.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "regret-is-at-most-the-sine-of-the-angle",
    claim: "worst-case regret is at most the sine of the angle between the projections, in their units",
    paper: "skalse2024starc", "derived here: soundness for each pair",
    tags: ["regret", "projection", "angle"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [across],
    hypotheses: {
        /// The angle is at most a right one.
        acute: acute, Broken(without_acute);
        /// The projection of the proxy is not 0.
        has_direction: has_direction,
            Redundant("a proxy without direction allows every regret, and none exceeds the bound at a right angle");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.related(world)
}

/// The truth prefers the first arm to the second, which the proxy does not tell apart.
fn across() -> Case {
    let world = World::bandit(&["a", "b", "c"]);
    let (x, y) = (["2", "0", "-2"].map(number).to_vec(), ["1", "1", "-2"].map(number).to_vec());
    Case::new(world).reward("x", x).reward("y", y)
}

fn projections(case: &Case) -> (Vec<Q>, Vec<Q>) {
    (case.world.project(&case.r("x")), case.world.project(&case.r("y")))
}

fn acute(case: &Case) -> bool {
    let (x, y) = projections(case);
    dot(&x, &y) >= Q::ZERO
}

fn without_acute(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.related(world)
}

fn has_direction(case: &Case) -> bool {
    !max_abs(&projections(case).1).is_zero()
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (x, y) = projections(case);
    let along = dot(&x, &y) * dot(&x, &y) / dot(&y, &y);
    let across = dot(&x, &x) - along;
    let horizon = Q::ONE / (Q::ONE - &case.world.gamma);
    let bound = strength.constant(Q::from(2u8)) * &horizon * horizon * across;
    let regret = case.world.worst_case(&case.r("x"), &case.r("y")).value;
    let lab = Lab::of(case);
    Finding::at_most("squared regret and bound", &(&regret * &regret), &bound)
        .and(lab.regret_agrees("x", "y"))
        .and(lab.form_agrees("minimal-weighted", "x"))
}
