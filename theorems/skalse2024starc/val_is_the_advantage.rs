//! Value-adjusted levelling is the advantage function of its reference policy.

use crate::prelude::*;

theorem! {
    /// # Value-adjusted levelling is the advantage function
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and every fixed policy $\pi$, $c(R)(s,a,s') = r(s,a) - V^\pi(s) +
    /// \gamma\sum_{s''} P(s''|s,a) V^\pi(s'')$ with $V^\pi$ the value of $R$ itself is $Q^\pi(s,a) - V^\pi(s)$, so
    /// $\sum_a \pi(a|s)\,c(R)(s,a,s') = 0$ in every state.
    ///
    /// ## How it is checked
    ///
    /// In fractions for a drawn policy: $Q^\pi$ from the discounted visits after the first step, not from $V^\pi$. The
    /// library's `val`, which refers to the uniform policy, is held against the same formula.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "val-is-the-advantage",
    claim: "value-adjusted levelling gives the advantage function of its reference policy",
    paper: "skalse2024starc", "value-adjusted levelling; the identity is derived here",
    tags: ["canonical", "val"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The value is that of the reward which is levelled.
        own_value: own_value, Broken(without_own_value);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, pi) = (draw.reward_sas("r", &world), draw.policy("pi", &world));
    Case::new(world).reward_sas("r", r.clone()).reward_sas("valued", r).policy("pi", pi)
}

fn own_value(case: &Case) -> bool {
    case.r("r") == case.r("valued")
}

fn without_own_value(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, valued, pi) = (draw.reward("r", &world), draw.reward("valued", &world), draw.policy("pi", &world));
    Case::new(world).reward("r", r).reward("valued", valued).policy("pi", pi)
}

/// What a policy earns from each row on, from the visits after its first step.
fn action_values(world: &World, pi: &[Q], r: &[Q]) -> Vec<Q> {
    let earned: Vec<Q> = (0..world.n_states()).map(|s| dot(&pi[world.rows(s)], &r[world.rows(s)])).collect();
    let later = |row: usize| dot(&world.visits_from(pi, &world.row(row).p), &earned);
    (0..world.n_rows()).map(|row| &r[row] + &world.gamma * later(row)).collect()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let v = world.evaluate(pi, &case.r("valued"));
    let backed_up = world.q_of(&r, &v);
    let form: Vec<Q> = (0..world.n_rows()).map(|row| &backed_up[row] - &v[world.row(row).s]).collect();
    let q = action_values(world, pi, &r);
    let mean = |x: &[Q], s: usize| dot(&pi[world.rows(s)], &x[world.rows(s)]);
    let advantage: Vec<Q> = (0..world.n_rows()).map(|row| &q[row] - mean(&q, world.row(row).s)).collect();
    Finding::all_equal("form and advantage", &form, &advantage)
        .and(Finding::all((0..world.n_states()).map(|s| Finding::equal("mean form", &mean(&form, s), &Q::ZERO))))
        .and(Lab::of(case).form_agrees("val", "r"))
}
