//! The distance of levelled rewards in the maximum norm bounds the regret from both sides, with explicit constants.

use crate::prelude::*;

theorem! {
    /// # The levelled maximum distance bounds the regret from both sides
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable, every policy $\pi$ that plays all actions, all rewards
    /// $R_1$, $R_2$ of which the first is not trivial, with $h = \min_s \mathbb{E}_\pi \gamma^{\text{first visit of }
    /// s}$ and $d$ the distance of the forms of value-adjusted levelling by $\pi$, normalised and measured in the
    /// maximum norm, $$\frac{(1-\gamma)\,h}{4}\,d \le \mathrm{NWCR}(R_1,R_2) \le \frac{2}{(1-\gamma)\,h}\,d.$$
    ///
    /// ## How it is checked
    ///
    /// In fractions for a drawn policy; where states are unreachable $h$ is taken over the others. The library's
    /// `starc-val-linf` is held against the distance under the uniform policy.
    ///
    /// ## Known limits
    ///
    /// Up to three states; discounts above 0. The constants are not sharp.
    id: "val-max-distance-bounds-regret",
    claim: "the maximum distance of levelled rewards bounds the regret from both sides",
    paper: "skalse2024starc", "STARC metrics are sound and complete; these constants are derived here",
    tags: ["regret", "distance", "val"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Broken(without_reachable);
        /// Some policy earns more of the truth than another.
        truth_is_not_trivial: Case::x_is_not_trivial, Broken(without_truth_is_not_trivial);
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

fn without_truth_is_not_trivial(draw: &mut Draw) -> Case {
    let world = draw.world(size().whole());
    let x = world.drift(&draw.potential("phi", &world));
    let y = draw.reward("y", &world);
    with_policy(draw, Case::new(world).reward("x", x).reward("y", y))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y, pi) = (&case.world, case.r("x"), case.r("y"), case.pi("pi"));
    let seen = world.reachable();
    let visits = world.first_visits(pi).into_iter().zip(seen).filter(|(_, seen)| *seen);
    let h = visits.map(|(h, _)| h).min().unwrap_or(Q::ONE);
    let factor = (Q::ONE - &world.gamma) * h;
    let distance = max_distance(&world.advantage(pi, &x), &world.advantage(pi, &y));
    let share = world.regret_share(&x, &y);
    let lab = Lab::of(case);
    let (held, uniform) = (lab.world(), lab.world().uniform());
    let form = |name: &str| held.advantage(&uniform, &lab.r(name));
    let library = real(&max_distance(&form("x"), &form("y")));
    Finding::at_most("regret and upper bound", &share, &(Q::from(2u8) / &factor * &distance))
        .and(Finding::at_most("lower bound and regret", &(&factor / Q::from(4u8) * &distance), &share))
        .and(lab.distance_agrees("starc-val-linf", "x", "y", library))
}
