//! The stability radius in the sum norm is between the least gap over the horizon and the least gap.

use crate::prelude::*;

theorem! {
    /// # The stability radius in the sum norm is between the least gap over the horizon and the least gap
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward with one optimal action in every state, the stability radius
    /// $\varepsilon^*_1$ for changes measured by $\sum |r' - r|$ satisfies $(1 - \gamma) g_{min} \le \varepsilon^*_1 \le
    /// g_{min}$. Both ends are attained.
    ///
    /// ## How it is checked
    ///
    /// In fractions, from the largest entries of advantage vectors.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "radius-in-the-sum-norm",
    claim: "for changes measured by their sum the stability radius is at least the least gap over the horizon",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "radius", "norms"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [stay_or_leave, two_loops],
    hypotheses: {
        /// The optimal action is unique in every state.
        unique: unique, Broken(without_unique);
        /// Changes are measured by their sum.
        sum_norm: sum_norm, Broken(without_sum_norm);
    }
}

fn stated(world: World, r: Vec<Q>, norm: &'static str) -> Case {
    Case::new(world).reward("r", r).choice("norm", norm)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_without_tie("r", &world);
    stated(world, r, "sum")
}

/// What staying is paid counts at every step.
fn stay_or_leave() -> Case {
    let world = World::moves("9/10", &[("s", "stay", "s"), ("s", "leave", "end"), ("end", "stay", "end")]);
    let r = world.over_rows(&[("s", "stay", "1")]);
    stated(world, r, "sum")
}

fn two_loops() -> Case {
    let world = World::two_loops("0");
    let r = world.over_rows(&[("s", "x", "1")]);
    stated(world, r, "sum")
}

fn unique(case: &Case) -> bool {
    !case.world.optimum(&case.r("r")).has_tie(&case.world)
}

fn without_unique(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_with_tie("r", &world);
    stated(world, r, "sum")
}

fn sum_norm(case: &Case) -> bool {
    case.chosen("norm") == "sum"
}

fn without_sum_norm(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_without_tie("r", &world);
    stated(world, r, "sup")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let optimum = world.optimum(&r);
    let Some(gap) = optimum.least_gap() else { return Finding::Vacuous };
    let nearest = match case.chosen("norm") {
        "sum" => world.nearest_facet(&optimum.choice, &r, max_abs),
        _ => world.radius(&optimum.choice, &r),
    };
    let Some((radius, _)) = nearest else { return Finding::Vacuous };
    let least = (Q::ONE - &world.gamma) * gap / strength.constant(Q::ONE);
    Finding::at_most("lower bound of the radius", &least, &radius)
        .and(Finding::at_most("radius", &radius, &strength.constant(gap.clone())))
}
