//! Best values vary at most as fast as rewards, over one less the spread of transitions.

use crate::prelude::*;

theorem! {
    /// # Best values vary at most as fast as rewards, over one less the spread of transitions
    ///
    /// ## Statement
    ///
    /// For every finite MDP whose states are points of a metric space and have the same actions, let $L_r$ be a Lipschitz
    /// constant of every $r(\cdot,a)$ and $L_P$ one of every $P(\cdot,a)$ in the Wasserstein distance. If $\gamma L_P < 1$,
    /// then $V^*$ and every $Q^*(\cdot,a)$ have the Lipschitz constant $L_r/(1 - \gamma L_P)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for states on a line, where the Wasserstein distance is the area between distribution functions. The
    /// constant 1 is sharp: two states that are never left attain it. The library's bounds on best values are held against
    /// fractions.
    ///
    /// ## Known limits
    ///
    /// The metric is that of the line; up to four states.
    id: "best-values-are-lipschitz",
    claim: "best values vary at most as fast as rewards over one less the discounted spread of transitions",
    paper: "blonde2022lipschitz", "tabular form of the bound, derived here",
    tags: ["stability", "Lipschitz"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_islands],
    hypotheses: {
        /// The discounted spread of transitions is below 1.
        contracts: contracts, Broken(without_contracts);
        /// The reward varies at most as fast as said.
        reward_is_lipschitz: reward_is_lipschitz, Broken(without_reward_is_lipschitz);
    }
}

fn finished(world: World, at: Vec<Q>, r: Vec<Q>, share: &str) -> Case {
    let slope = world.variation(&at, &r) * number(share);
    Case::new(world).reward("r", r).vector("at", at).number("slope of reward", slope)
}

fn two_islands() -> Case {
    let world = World::moves("9/10", &[("a", "stay", "a"), ("b", "stay", "b")]);
    let r = world.over_rows(&[("b", "stay", "1")]);
    finished(world, vec![Q::ZERO, Q::ONE], r, "1")
}

/// A world on the line whose discount is made small enough, if asked for.
fn drawn(draw: &mut Draw, contracting: bool, share: &str) -> Case {
    let (world, at) = draw.line(contracting);
    let r = draw.reward("r", &world);
    finished(world, at, r, share)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true, "1")
}

fn contracts(case: &Case) -> bool {
    &case.world.gamma * case.world.variation_of_transitions(case.x("at")) < Q::ONE
}

fn without_contracts(draw: &mut Draw) -> Case {
    drawn(draw, false, "1")
}

fn reward_is_lipschitz(case: &Case) -> bool {
    case.world.variation(case.x("at"), &case.r("r")) <= *case.n("slope of reward")
}

fn without_reward_is_lipschitz(draw: &mut Draw) -> Case {
    drawn(draw, true, "1/2")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, at) = (&case.world, case.x("at"));
    let best = world.optimum(&case.r("r"));
    // Beyond a spread of 1 the bound would be negative; its size is what a claim without the hypothesis could mean.
    let left = abs(&(Q::ONE - &world.gamma * world.variation_of_transitions(at)));
    let bound = strength.constant(Q::ONE) * case.n("slope of reward");
    Finding::at_most("slope of V*", &(world.variation_of_values(at, &best.v) * &left), &bound)
        .and(Finding::at_most("slope of Q*", &(world.variation(at, &best.q) * left), &bound))
        .and(Lab::of(case).holds_optimum("r"))
}
