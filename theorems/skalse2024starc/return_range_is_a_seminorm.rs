//! The return range is a seminorm: the widest that occupancies can be apart in the direction of the reward.

use crate::prelude::*;

theorem! {
    /// # The return range is a seminorm
    ///
    /// ## Statement
    ///
    /// For every finite MDP, all rewards and every $c \ge 0$: $\rho(cR) = c\,\rho(R) = \rho(-cR)$, $\rho(R + R') \le
    /// \rho(R) + \rho(R')$, and $\rho(R) = \max_{\pi,\pi'} \langle \eta^\pi - \eta^{\pi'}, r \rangle$ over
    /// deterministic policies. The constant 1 of the inequality cannot be made smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions: ranges by policy iteration, the right side by enumeration of occupancies. The library's return
    /// ranges and one of its occupancies are held against the fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "return-range-is-a-seminorm",
    claim: "the return range is a seminorm, the support function of differences of occupancies",
    paper: "skalse2024starc", "derived here",
    tags: ["returns", "occupancy"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [twice_the_same],
    hypotheses: {
        /// The factor is not negative.
        not_negative: not_negative, Broken(without_not_negative);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.related(world)
}

fn instance(draw: &mut Draw) -> Case {
    let factor = draw.positive("factor");
    drawn(draw).number("factor", factor)
}

fn twice_the_same() -> Case {
    let world = World::bandit(&["a", "b"]);
    let x = ["1", "0"].map(number).to_vec();
    Case::new(world).reward("x", x.clone()).reward("y", x).number("factor", number("2"))
}

fn not_negative(case: &Case) -> bool {
    *case.n("factor") >= Q::ZERO
}

fn without_not_negative(draw: &mut Draw) -> Case {
    let factor = -draw.positive("factor");
    drawn(draw).number("factor", factor)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, x, y, c) = (&case.world, case.r("x"), case.r("y"), case.n("factor"));
    let earned: Vec<Q> = world.policies().iter().map(|pi| dot(&world.occupancy(pi), &x)).collect();
    let widest = earned.iter().flat_map(|a| earned.iter().map(move |b| a - b)).max().unwrap_or(Q::ZERO);
    let range = world.range(&x);
    let sum = strength.constant(Q::ONE) * (&range + world.range(&y));
    let lab = Lab::of(case);
    Finding::equal("range of a multiple", &world.range(&scaled(c, &x)), &(c * &range))
        .and(Finding::equal("range of the negative", &world.range(&scaled(&-c, &x)), &(c * &range)))
        .and(Finding::at_most("range of the sum and sum of ranges", &world.range(&plus(&x, &y)), &sum))
        .and(Finding::equal("range and widest difference", &range, &widest))
        .and(lab.range_agrees("x"))
        .and(lab.range_agrees("y"))
        .and(lab.occupancy_agrees(&world.pure(&world.optimum(&x).choice)))
}
