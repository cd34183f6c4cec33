//! Look-ahead advice keeps the optimum if it is added back when acting.

use crate::prelude::*;

theorem! {
    /// # Look-ahead advice keeps the optimum if it is added back when acting
    ///
    /// ## Statement
    ///
    /// Advice $\Phi(s,a)$ is paid as $F = \gamma\Phi(s',a') - \Phi(s,a)$, $a'$ the action taken next. For every policy
    /// $Q^\pi_{R+F} = Q^\pi_R - \Phi$. So a learner that acts by $\arg\max_a [Q(s,a) + \Phi(s,a)]$ settles on a policy
    /// that is optimal for $R$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the values of a drawn policy, by one linear system over pairs with the advice in the reward; and
    /// policy iteration on those values, whose last policy is held against the optimum of $R$.
    ///
    /// ## Known limits
    ///
    /// The learner is policy iteration with exact values, up to four states.
    id: "corrected-advice-keeps-optimum",
    claim: "look-ahead advice that is added back when acting leads to an optimal policy",
    paper: "wiewiora2003advice", "look-ahead advice, as restated in the literature on shaping",
    tags: ["shaping", "advice"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Actions are chosen by the learned value plus the advice.
        advice_is_added_back: |case| *case.n("correction") == Q::ONE, Broken(without_advice_is_added_back);
        /// The advice is discounted as the MDP is.
        same_discount: |case| *case.n("discount of advice") == case.world.gamma, Broken(without_same_discount);
    }
}

fn advised(draw: &mut Draw, correction: &str, discount: Option<Q>) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, advice) = (draw.reward("r", &world), draw.reward("advice", &world));
    let pi = draw.policy("pi", &world);
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    let case = Case::new(world).reward("r", r).reward("advice", advice).policy("pi", pi);
    case.number("correction", number(correction)).number("discount of advice", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    advised(draw, "1", None)
}

fn without_advice_is_added_back(draw: &mut Draw) -> Case {
    advised(draw, "0", None)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["1", "1/3"]);
    advised(draw, "1", Some(other))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, phi) = (&case.world, case.r("r"), case.r("advice"));
    let (gamma, correction) = (case.n("discount of advice"), case.n("correction"));
    let learned = |pi: &[Q]| world.evaluate_pairs(pi, &plus(&r, &world.look_ahead(gamma, pi, &phi)));
    let pi = case.pi("pi");
    let plain = world.q_of(&r, &world.evaluate(pi, &r));
    let settled = world.pure(&world.settled(|pi| combination(&learned(pi), correction, &phi)));
    Finding::all([
        Finding::all_equal("Q with advice", &learned(pi), &minus(&plain, &phi)),
        Finding::all_equal("value of the policy settled on", &world.evaluate(&settled, &r), &world.optimum(&r).v),
    ])
}
