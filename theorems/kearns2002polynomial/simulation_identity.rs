//! The value of a policy in one model, from its value in another.

use crate::prelude::*;

theorem! {
    /// # The value of a policy in one model, from its value in another
    ///
    /// ## Statement
    ///
    /// For all models $(P, r)$, $(P', r')$ on the same pairs with the same discount and every policy,
    /// $V^\pi_{r,P} - V^\pi_{r',P'} = (I - \gamma P'_\pi)^{-1}[r_\pi - r'_\pi + \gamma(P_\pi - P'_\pi)V^\pi_{r,P}]$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for a drawn stochastic policy; the library's bounds on the policy's values for the first reward are
    /// held against fractions as well.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "simulation-identity",
    claim: "the values of a policy in two models differ by the propagated errors of reward and transitions",
    paper: "kearns2002polynomial", "simulation lemma; this exact form is derived here",
    tags: ["stability", "model error"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Both models have one discount.
        same_discount: |case| *case.n("other discount") == case.world.gamma, Broken(without_same_discount);
        /// One policy is evaluated in both.
        same_policy: |case| case.pi("other") == case.pi("pi"), Broken(without_same_policy);
    }
}

fn drawn(draw: &mut Draw, discount: Option<Q>, other_policy: bool) -> Case {
    let world = draw.world(Size::small());
    let (r, other) = (draw.reward("r", &world), draw.reward("r2", &world));
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    let pi = draw.policy("pi", &world);
    let second = if other_policy { draw.policy("other", &world) } else { pi.clone() };
    let n = world.n_states();
    let moves: Vec<Q> =
        world.all_rows().iter().flat_map(|row| draw.distribution("p2", (row.s, row.a), n, row.s)).collect();
    let case = Case::new(world).reward("r", r).reward("r2", other).policy("pi", pi).policy("other", second);
    case.vector("moves", moves).number("other discount", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, None, false)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["1/4", "4/5"]);
    drawn(draw, Some(other), false)
}

fn without_same_policy(draw: &mut Draw) -> Case {
    drawn(draw, None, true)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, other, pi) = (&case.world, case.r("r"), case.r("r2"), case.pi("pi"));
    let second = world.moving(case.x("moves").chunks(world.n_states()).map(<[Q]>::to_vec).collect());
    let v = world.evaluate(pi, &r);
    let difference = minus(&v, &second.discounted(case.n("other discount").clone()).evaluate(case.pi("other"), &other));
    let error = minus(&world.q_of(&r, &v), &second.q_of(&other, &v));
    Finding::all_equal("difference of values", &difference, &second.evaluate(pi, &error))
        .and(Lab::of(case).holds_values(pi, "r"))
}
