//! The regret of a policy that is optimal for the proxy is at most the worst-case regret.

use crate::prelude::*;

theorem! {
    /// # The regret of the proxy's optimum is at most the worst-case regret
    ///
    /// ## Statement
    ///
    /// For every finite MDP, all rewards $R_1$, $R_2$ and every policy $\pi$ with $J_2(\pi) = \max J_2$: $\max J_1 -
    /// J_1(\pi) \le \max\{J_1(\pi_1) - J_1(\pi_2) : J_2(\pi_2) \ge J_2(\pi_1)\}$. The constant 1 cannot be made
    /// smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's worst-case regret is held against the polygon of returns.
    ///
    /// ## Known limits
    ///
    /// Up to three states; one optimal policy of each proxy.
    id: "proxy-optimal-regret-is-at-most-worst-case",
    claim: "the regret of the proxy's optimal policy is at most the worst-case regret",
    paper: "skalse2024starc", "derived here: the experiments' regret and that of the theory",
    tags: ["regret"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [opposites],
    hypotheses: {
        /// The policy is optimal for the proxy.
        optimal_for_the_proxy: optimal_for_the_proxy, Broken(without_optimality);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.related(world)
}

fn with_optimum(case: Case) -> Case {
    let pi = case.world.pure(&case.world.optimum(&case.r("y")).choice);
    case.policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    with_optimum(drawn(draw))
}

fn opposites() -> Case {
    let world = World::bandit(&["a", "b"]);
    let (x, y) = (["1", "0"].map(number).to_vec(), ["0", "1"].map(number).to_vec());
    with_optimum(Case::new(world).reward("x", x).reward("y", y))
}

fn optimal_for_the_proxy(case: &Case) -> bool {
    let (world, y) = (&case.world, case.r("y"));
    world.j(case.pi("pi"), &y) == dot(&world.mu0, &world.optimum(&y).v)
}

fn without_optimality(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let pi = draw.policy("pi", &case.world);
    case.policy("pi", pi)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let regret = dot(&world.mu0, &world.optimum(&x).v) - world.j(case.pi("pi"), &x);
    let bound = strength.constant(Q::ONE) * world.worst_case(&x, &y).value;
    Finding::at_most("regret of the proxy's optimum and worst case", &regret, &bound)
        .and(Lab::of(case).regret_agrees("x", "y"))
}
