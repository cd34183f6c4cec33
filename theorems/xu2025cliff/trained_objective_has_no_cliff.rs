//! Under the reward that is optimised, a small error costs little.

use crate::prelude::*;

theorem! {
    /// # Under the reward that is optimised, a small error costs little
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, all rewards $r, r'$ and every $\pi'$ optimal for $r'$: $V^*_r(s) - V^{\pi'}_r(s)
    /// \le \mathrm{osc}(r' - r) / (1 - \gamma) \le 2 \|r - r'\|_\infty / (1 - \gamma)$ in every state. A policy that flips costs
    /// much only under another reward than the one that moved a little.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's optimal values, and its values and visits of $\pi'$, are held against them, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "trained-objective-has-no-cliff",
    claim: "optimising a reward that is a little wrong loses little under the right one",
    paper: "xu2025cliff", "what its cliffs are not; derived here",
    tags: ["stability", "regret"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The policy is optimal for the other reward.
        optimal_for_other: optimal_for_other, Broken(without_optimal_for_other);
        /// The loss is counted in the reward that the other one is near to.
        same_reward: same_reward, Broken(without_same_reward);
    }
}

fn stated(world: World, [r, other, paid]: [Vec<Q>; 3], choice: &[usize]) -> Case {
    let pi = world.pure(choice);
    Case::new(world).reward("r", r).reward("other", other).reward("paid", paid).policy("pi", pi)
}

fn rewards(draw: &mut Draw, world: &World) -> (Vec<Q>, Vec<Q>) {
    let (r, d) = (draw.reward("r", world), draw.direction("direction", world));
    let size = draw.number_of("size", &["1", "2", "1/2", "1/10"]);
    let other = combination(&r, &size, &d);
    (r, other)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, other) = rewards(draw, &world);
    let choice = world.optimum(&other).choice;
    stated(world, [r.clone(), other, r], &choice)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = [("s0", "h", "1"), ("s1", "stay", "1"), ("s0", "k", "-1"), ("s2", "stay", "-1")];
    let r = world.over_rows(&r);
    stated(world, [r.clone(), vec![Q::ZERO; 4], r], &[1, 2, 3])
}

fn optimal_for_other(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("other"))
}

fn without_optimal_for_other(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let ((r, other), choice) = (rewards(draw, &world), draw.choice("pi", &world));
    stated(world, [r.clone(), other, r], &choice)
}

fn same_reward(case: &Case) -> bool {
    case.r("paid") == case.r("r")
}

fn without_same_reward(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let ((r, other), paid) = (rewards(draw, &world), draw.reward("paid", &world));
    let choice = world.optimum(&other).choice;
    stated(world, [r, other, paid], &choice)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, pi, paid) = (&case.world, case.pi("pi"), case.r("paid"));
    let loss = minus(&world.optimum(&paid).v, &world.evaluate(pi, &paid));
    let change = minus(&case.r("other"), &case.r("r"));
    let ends = (change.iter().min().cloned().unwrap_or(Q::ZERO), change.iter().max().cloned().unwrap_or(Q::ZERO));
    let most = strength.constant(ends.1 - ends.0) / (Q::ONE - &world.gamma);
    let choice: Vec<usize> = (0..world.n_rows()).filter(|&row| pi[row] == Q::ONE).collect();
    let lab = Lab::of(case);
    let losses = loss.iter().map(|loss| Finding::at_most("loss", loss, &most));
    Finding::all(losses.chain([lab.optimum_holds("paid"), lab.values_hold(&choice, "paid"), lab.visits_hold(&choice)]))
}
