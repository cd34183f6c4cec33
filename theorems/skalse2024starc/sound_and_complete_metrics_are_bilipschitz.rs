//! Range STARC and the levelled maximum distance bound each other.

use crate::prelude::*;

theorem! {
    /// # Sound and complete distances bound each other
    ///
    /// ## Statement
    ///
    /// Two pseudometrics that are sound with $U_1$, $U_2$ and complete with $L_1$, $L_2$ satisfy $d_1 \le
    /// (U_2/L_1)\,d_2$ and $d_2 \le (U_1/L_2)\,d_1$. For range STARC and value-adjusted levelling by a policy that
    /// plays all actions, in the maximum norm, in an MDP in which every state is reachable, both factors are
    /// $4/((1-\gamma)h)$, with $h = \min_s \mathbb{E}_\pi \gamma^{\text{first visit of } s}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions; where states are unreachable $h$ is taken over the others. The library's `starc-range` is held
    /// against the fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states; two distances stand for all.
    id: "sound-and-complete-metrics-are-bilipschitz",
    claim: "two sound and complete distances are bounded by multiples of each other",
    paper: "skalse2024starc", "uniqueness up to bilipschitz equivalence; these constants are derived here",
    tags: ["distance"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Broken(without_reachable);
    }
}

fn size() -> Size {
    Size::small().states(1, 3).gammas(&["1/2", "9/10", "3/10"])
}

fn with_policy(draw: &mut Draw, case: Case) -> Case {
    let pi = draw.mixed_policy("pi", &case.world);
    case.policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(size().whole());
    let case = draw.related(world);
    with_policy(draw, case)
}

fn without_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(size().states(2, 3).hidden());
    let case = draw.united_by_the_unseen(world);
    with_policy(draw, case)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y, pi) = (&case.world, case.r("x"), case.r("y"), case.pi("pi"));
    let visits = world.first_visits(pi).into_iter().zip(world.reachable()).filter(|(_, seen)| *seen);
    let h = visits.map(|(h, _)| h).min().unwrap_or(Q::ONE);
    let factor = Q::from(4u8) / ((Q::ONE - &world.gamma) * h);
    let levelled = max_distance(&world.advantage(pi, &x), &world.advantage(pi, &y));
    let range = world.range_distance(&x, &y);
    Finding::at_most("range distance and levelled", &range, &(&factor * &levelled))
        .and(Finding::at_most("levelled distance and range", &levelled, &(&factor * &range)))
        .and(Lab::of(case).range_distance_agrees("x", "y"))
}
