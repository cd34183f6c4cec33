//! Explicit shaping ends with the optimal policy once its weight is 0.

use crate::prelude::*;

theorem! {
    /// # Explicit shaping ends with the optimal policy once its weight is 0
    ///
    /// ## Statement
    ///
    /// A learner keeps $Q$, learned off-policy from $R$, apart from $\Phi$, learned on-policy from $-R^+$, and acts
    /// greedily on $Q - \xi_t\Phi$. If $\xi_t$ reaches 0 and every pair keeps being visited, it ends with a policy that is
    /// optimal for $R$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, in episodes with certain transitions: sweeps of Q-learning at rate 1 over all pairs that are
    /// visited, at least as many as there are states, $\Phi$ learned anew for the policy of each sweep. The last policy
    /// is held against the optimum.
    ///
    /// ## Known limits
    ///
    /// Rates of 1 and certain transitions make learning end after finitely many sweeps.
    id: "decayed-advice-ends-optimal",
    claim: "a learner whose advice is kept apart and loses its weight ends with an optimal policy",
    paper: "behboudian2020pies", "invariance of explicit shaping, as restated in the literature on shaping",
    tags: ["shaping", "advice", "learning"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The weight of the advice reaches 0.
        weight_vanishes: |case| case.x("weights").last().is_some_and(Q::is_zero), Broken(without_weight_vanishes);
        /// Every pair keeps being visited.
        all_pairs_visited: |case| !case.x("visited").contains(&Q::ZERO), Broken(without_all_pairs_visited);
    }
}

fn drawn(draw: &mut Draw, weight_vanishes: bool, all_visited: bool) -> Case {
    let world = draw.episodic((2, 4), 1, &["1", "1/2", "9/10"], true);
    let (r, advice) = (draw.reward("r", &world), draw.reward("advice", &world));
    let start = draw.reward("start", &world);
    let sweeps = world.n_states() + 1;
    let weight = |sweep: usize| match weight_vanishes && sweep + 1 == sweeps {
        true => Q::ZERO,
        false => fraction(1, sweep as u64 + 1),
    };
    let weights = (0..sweeps).map(weight).collect();
    let visits = |row: usize| if all_visited { Q::ONE } else { draw.number_of(("visited", row), &["1", "0"]) };
    let visited = (0..world.n_rows()).map(visits).collect();
    let case = Case::new(world).reward("r", r).reward("advice", advice).reward("start", start);
    case.vector("weights", weights).vector("visited", visited)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true, true)
}

fn without_weight_vanishes(draw: &mut Draw) -> Case {
    drawn(draw, false, true)
}

fn without_all_pairs_visited(draw: &mut Draw) -> Case {
    drawn(draw, true, false)
}

/// One sweep of Q-learning at rate 1 over the pairs that are visited.
fn sweep(case: &Case, r: &[Q], q: &[Q]) -> Vec<Q> {
    let world = &case.world;
    let best = |s: usize| match world.terminal[s] {
        true => Q::ZERO,
        false => world.rows(s).map(|row| q[row].clone()).max().expect("every state has an action"),
    };
    let target = world.q_of(r, &(0..world.n_states()).map(best).collect::<Vec<_>>());
    (0..world.n_rows()).map(|row| if case.x("visited")[row].is_zero() { q[row].clone() } else { target[row].clone() }).collect()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let against = scaled(&-Q::ONE, &case.r("advice"));
    let mut q = case.r("start");
    let mut phi = vec![Q::ZERO; world.n_rows()];
    let mut acting = world.pure(&(0..world.n_states()).map(|s| world.rows(s).start).collect::<Vec<_>>());
    for weight in case.x("weights") {
        q = sweep(case, &r, &q);
        let liked = combination(&q, &-weight, &phi);
        let best = |s: usize| world.rows(s).reduce(|best, row| if liked[row] > liked[best] { row } else { best });
        acting = world.pure(&(0..world.n_states()).filter_map(best).collect::<Vec<_>>());
        phi = world.evaluate_pairs(&acting, &against);
    }
    let found = world.evaluate(&acting, &r);
    Finding::all_equal("value of the last policy", &found, &world.optimum(&r).v)
}
