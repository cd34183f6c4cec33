//! Values of a policy vary with the reward, the transitions and the policy itself.

use crate::prelude::*;

theorem! {
    /// # Values of a policy vary with the reward, the transitions and the policy itself
    ///
    /// ## Statement
    ///
    /// For every finite MDP whose states are points of a metric space and have the same actions and every policy $\pi$, with
    /// $L_r$, $L_P$ as for best values, $L_\pi$ the Lipschitz constant of $\pi$ in the norm $\|\cdot\|_1$ and $\mathrm{osc}_Q
    /// \ge \max_s\mathrm{osc}\,Q^\pi(s,\cdot)$: if $\gamma L_P < 1$, then $V^\pi$ has the Lipschitz constant $(L_r +
    /// L_\pi\,\mathrm{osc}_Q/2)/(1-\gamma L_P)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for states on a line. The constant 1 is sharp: without a future, two states that choose differently
    /// attain it. The library's bounds on the policy's values are held against fractions.
    ///
    /// ## Known limits
    ///
    /// The metric is that of the line; up to four states.
    id: "policy-values-are-lipschitz",
    claim: "values of a policy vary at most as fast as rewards and the policy's own choices, over one less the spread of transitions",
    paper: "blonde2022lipschitz", "tabular form for a fixed policy, derived here",
    tags: ["stability", "Lipschitz"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [other_choice],
    hypotheses: {
        /// The discounted spread of transitions is below 1.
        contracts: contracts, Broken(without_contracts);
        /// The policy varies at most as fast as said.
        policy_is_lipschitz: policy_is_lipschitz, Broken(without_policy_is_lipschitz);
    }
}

fn finished(world: World, at: Vec<Q>, r: Vec<Q>, pi: Vec<Q>, share: &str) -> Case {
    let slope = world.variation_of_policy(&at, &pi) * number(share);
    Case::new(world).reward("r", r).policy("pi", pi).vector("at", at).number("slope of policy", slope)
}

/// The same choice in two places, taken differently.
fn other_choice() -> Case {
    let world = World::moves("0", &[("a", "win", "a"), ("a", "lose", "a"), ("b", "win", "b"), ("b", "lose", "b")]);
    let r = world.over_rows(&[("a", "win", "1"), ("b", "win", "1")]);
    let pi = world.playing(&[("a", "win"), ("b", "lose")]);
    finished(world, vec![Q::ZERO, Q::ONE], r, pi, "1")
}

fn drawn(draw: &mut Draw, contracting: bool, share: &str) -> Case {
    let (world, at) = draw.line(contracting);
    let r = match draw.below("the same everywhere", 2) {
        0 => world.all_rows().iter().map(|row| draw.number(("r", 0, row.a))).collect(),
        _ => draw.reward("r", &world),
    };
    let pi = draw.policy("pi", &world);
    finished(world, at, r, pi, share)
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

fn policy_is_lipschitz(case: &Case) -> bool {
    case.world.variation_of_policy(case.x("at"), case.pi("pi")) <= *case.n("slope of policy")
}

fn without_policy_is_lipschitz(draw: &mut Draw) -> Case {
    drawn(draw, true, "0")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, at, r, pi) = (&case.world, case.x("at"), case.r("r"), case.pi("pi"));
    let v = world.evaluate(pi, &r);
    let q = world.q_of(&r, &v);
    let osc = |s: usize| Some(q[world.rows(s)].iter().max()? - q[world.rows(s)].iter().min()?);
    let osc = (0..world.n_states()).filter_map(osc).max().unwrap_or(Q::ZERO);
    let left = abs(&(Q::ONE - &world.gamma * world.variation_of_transitions(at)));
    let own = case.n("slope of policy") * osc / Q::from(2u8);
    let bound = strength.constant(Q::ONE) * (world.variation(at, &r) + own);
    Finding::at_most("slope of V", &(world.variation_of_values(at, &v) * left), &bound)
        .and(Lab::of(case).holds_values(pi, "r"))
}
