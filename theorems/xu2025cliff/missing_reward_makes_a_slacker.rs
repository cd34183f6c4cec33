//! False at discount 0: a missing reward makes a trained policy sub-optimal.

use crate::prelude::*;

theorem! {
    /// # False at discount 0: a missing reward makes a trained policy sub-optimal
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma \in [0,1)$, rewards $r_{true} = r_{train} + r_{miss}$ and $\pi$ optimal for
    /// $r_{train}$: if $a_2 \in A^*(s_0; r_{train})$, $A^\pi_{r_{miss}}(s_0,a_2) > 0$, and $s_0$ is visited at some step with
    /// positive probability from $\mu_0$ under $\pi$, then $\pi$ is strictly sub-optimal for $J_{true}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. With $\gamma = 0$ and $s_0$ only visited after the first step nothing in $s_0$ counts, so $J$ does not
    /// change: the statement is false as printed.
    ///
    /// ## Known limits
    ///
    /// Repaired in `deviation-gains-what-was-missing`: the discounted visits have to be positive.
    id: "missing-reward-makes-a-slacker",
    claim: "a policy trained on an incomplete reward is sub-optimal if it passes a tied state at some step",
    paper: "xu2025cliff", "Proposition 3.1, as printed",
    tags: ["stability", "misspecification", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [too_late_to_count],
    hypotheses: {
        /// The policy is optimal for the reward it was trained on.
        trained: trained, Redundant("the counterexample meets it: the error is about when the state is visited");
        /// The deviation is optimal for the reward of training.
        tied: tied, Redundant("the counterexample meets it: the error is about when the state is visited");
        /// The deviation gains what was missing.
        useful: useful, Redundant("the counterexample meets it: the error is about when the state is visited");
        /// The state is visited at some step.
        visited_some_day: visited_some_day, Redundant("the counterexample meets it, and that is the error: a visit may count nothing");
    }
}

fn stated(world: World, pi: Vec<Q>, train: Vec<Q>, miss: Vec<Q>) -> Case {
    Case::new(world).reward("train", train).reward("miss", miss).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let choice: Vec<usize> = (0..world.n_states()).map(|s| world.rows(s).start).collect();
    let train = draw.reward_with_tie("train", &world);
    let miss = draw.reward_with_advantage("miss", &world, &choice, 1, &Q::ONE);
    let pi = world.pure(&choice);
    stated(world, pi, train, miss)
}

fn too_late_to_count() -> Case {
    let moves =
        [("choice", "h", "end"), ("choice", "k", "end"), ("start", "go", "choice"), ("end", "stay", "end")];
    let world = World::moves("0", &moves);
    let start = world.over_states(&[("start", "1")]);
    let world = world.starting(start);
    let (pi, miss) = (world.playing(&[("choice", "h")]), world.over_rows(&[("choice", "k", "1")]));
    stated(world, pi, vec![Q::ZERO; 4], miss)
}

fn trained(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("train"))
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("train")).gap[1].is_zero()
}

fn useful(case: &Case) -> bool {
    case.world.advantage(case.pi("pi"), &case.r("miss"))[1] > Q::ZERO
}

fn visited_some_day(case: &Case) -> bool {
    let patient = case.world.discounted(number("1/2"));
    patient.visits(case.pi("pi"))[0] > Q::ZERO
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let truth = plus(&case.r("train"), &case.r("miss"));
    let best = dot(&world.mu0, &world.optimum(&truth).v);
    Finding::less("true return of the trained policy, and the best", &world.j(case.pi("pi"), &truth), &best)
}
