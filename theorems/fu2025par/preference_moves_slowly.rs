//! Preference moves at most a quarter as fast as the reward.

use crate::prelude::*;

theorem! {
    /// # Preference moves at most a quarter as fast as the reward
    ///
    /// ## Statement
    ///
    /// For all rewards $x, y$ and references $c_1, \dots, c_M$, $\left|\frac1M\sum_m\sigma(x - c_m) - \frac1M\sum_m
    /// \sigma(y - c_m)\right| \le |x - y|/4$.
    ///
    /// ## How it is checked
    ///
    /// On intervals rounded outwards; the world of the instance plays no part. The constant $1/4$ is sharp near a single
    /// reference.
    ///
    /// ## Known limits
    ///
    /// Finite differences in place of the derivative.
    id: "preference-moves-slowly",
    claim: "the mean preference changes by at most a quarter of the change of the reward",
    paper: "fu2025par", "bounded slope, derived here",
    tags: ["hacking", "preference"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [near_the_reference],
    hypotheses: {
        /// References are averaged, not summed.
        averaged: |case| *case.n("weight of a reference") == fraction(1, 2), Broken(without_averaged);
    }
}

fn rewards(x: Q, y: Q, references: Vec<Q>, weight: Q) -> Case {
    let case = Case::new(World::bandit(&["answer"])).number("x", x).number("y", y);
    case.vector("references", references).number("weight of a reference", weight)
}

fn near_the_reference() -> Case {
    rewards(number("1/20"), number("-1/20"), vec![Q::ZERO; 2], fraction(1, 2))
}

fn drawn(draw: &mut Draw, weight: Q) -> Case {
    let x = draw.number("x");
    let y = &x + draw.nonzero("step");
    rewards(x, y, draw.numbers("reference", 2), weight)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, fraction(1, 2))
}

fn without_averaged(draw: &mut Draw) -> Case {
    drawn(draw, Q::ONE)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (x, y) = (case.n("x"), case.n("y"));
    let sum = |r: &Q| preference(r, case.x("references")).scale(2.0) * real(case.n("weight of a reference"));
    let change = (sum(x) - sum(y)).abs();
    Finding::at_most("change of preference", &change, &real(&(strength.constant(fraction(1, 4)) * abs(&(x - y)))))
}
