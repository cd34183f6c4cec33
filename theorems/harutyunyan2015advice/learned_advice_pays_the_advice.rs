//! Advice learned as a potential pays, in expectation, the reward it was learned from.

use crate::prelude::*;

theorem! {
    /// # Advice learned as a potential pays the reward it was learned from
    ///
    /// ## Statement
    ///
    /// Let $\Phi = Q^\pi_{-R^+}$ be the fixed point of learning $-R^+$ on-policy. Then $F = \gamma\Phi(s',a') - \Phi(s,a)$
    /// satisfies $\mathbb{E}_\pi[F \mid s,a] = R^+(s,a)$, and so $Q^\pi_{R+F} = Q^\pi_R + Q^\pi_{R^+}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for drawn rewards and a drawn stochastic policy.
    ///
    /// ## Known limits
    ///
    /// The fixed point, not the way to it.
    id: "learned-advice-pays-the-advice",
    claim: "advice learned as a potential pays on average the reward it was learned from",
    paper: "harutyunyan2015advice", "the fixed point, derived here",
    tags: ["shaping", "advice"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential is learned to its fixed point.
        is_learned: |case| case.n("unlearned").is_zero(), Broken(without_is_learned);
        /// The advice is learned with its sign turned.
        sign_is_turned: |case| *case.n("sign") == -Q::ONE, Broken(without_sign_is_turned);
        /// The actions to come are those of the policy the potential was learned on.
        on_policy: |case| case.pi("learned") == case.pi("pi"), Broken(without_on_policy);
    }
}

fn advised(draw: &mut Draw, broken: &str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, advice) = (draw.reward("r", &world), draw.reward("advice", &world));
    let pi = draw.policy("pi", &world);
    let learned = if broken == "policy" { draw.policy("learned", &world) } else { pi.clone() };
    let unlearned = if broken == "learned" { draw.nonzero("unlearned") } else { Q::ZERO };
    Case::new(world)
        .reward("r", r)
        .reward("advice", advice)
        .policy("pi", pi)
        .policy("learned", learned)
        .number("unlearned", unlearned)
        .number("sign", if broken == "sign" { Q::ONE } else { -Q::ONE })
}

fn instance(draw: &mut Draw) -> Case {
    advised(draw, "")
}

fn without_is_learned(draw: &mut Draw) -> Case {
    advised(draw, "learned")
}

fn without_sign_is_turned(draw: &mut Draw) -> Case {
    advised(draw, "sign")
}

fn without_on_policy(draw: &mut Draw) -> Case {
    advised(draw, "policy")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, advice, pi) = (&case.world, case.r("r"), case.r("advice"), case.pi("pi"));
    let mut phi = world.evaluate_pairs(case.pi("learned"), &scaled(case.n("sign"), &advice));
    phi[0] += case.n("unlearned");
    let q = |r: &[Q]| world.q_of(r, &world.evaluate(pi, r));
    Finding::all([
        Finding::all_equal("mean of the term", &world.look_ahead(&world.gamma, pi, &phi), &advice),
        Finding::all_equal("Q shaped", &world.advised(pi, &r, &phi), &plus(&q(&r), &q(&advice))),
    ])
}
