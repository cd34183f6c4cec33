//! Values of a policy for two discounts differ by propagated later values.

use crate::prelude::*;

theorem! {
    /// # Values of a policy for two discounts differ by propagated later values
    ///
    /// ## Statement
    ///
    /// For every MDP, reward, policy and discounts $g, g' < 1$: $V^\pi_g - V^\pi_{g'} = (g - g')(I - gP_\pi)^{-1}P_\pi
    /// V^\pi_{g'}$. With $g' \to g$ this is the derivative $dV^\pi/dg = (I - gP_\pi)^{-1}P_\pi V^\pi$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for a drawn stochastic policy; the library's bounds on its values are held against fractions.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "values-of-two-discounts",
    claim: "the values of a policy for two discounts differ by their difference times propagated later values",
    paper: "jiang2015horizon", "identity behind the planning loss, derived here",
    tags: ["stability", "discount"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// One policy is evaluated for both discounts.
        same_policy: |case| case.pi("other") == case.pi("pi"), Broken(without_same_policy);
        /// One reward is paid for both discounts.
        same_reward: |case| case.r("r") == case.r("r2"), Broken(without_same_reward);
    }
}

fn drawn(draw: &mut Draw, same_policy: bool, same_reward: bool) -> Case {
    let world = draw.world(Size::small());
    let r = draw.reward("r", &world);
    let second = if same_reward { r.clone() } else { draw.reward("r2", &world) };
    let pi = draw.policy("pi", &world);
    let other = if same_policy { pi.clone() } else { draw.policy("other", &world) };
    let gamma = draw.number_of("other discount", &["1/4", "4/5", "0"]);
    let case = Case::new(world).reward("r", r).reward("r2", second).policy("pi", pi).policy("other", other);
    case.number("other discount", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true, true)
}

fn without_same_policy(draw: &mut Draw) -> Case {
    drawn(draw, false, true)
}

fn without_same_reward(draw: &mut Draw) -> Case {
    drawn(draw, true, false)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi, other) = (&case.world, case.pi("pi"), case.n("other discount"));
    let before = world.discounted(other.clone()).evaluate(case.pi("other"), &case.r("r2"));
    let difference = minus(&world.evaluate(pi, &case.r("r")), &before);
    let change = &world.gamma - other;
    let later: Vec<Q> = (0..world.n_rows()).map(|row| &change * world.next(row, &before)).collect();
    Finding::all_equal("difference of values", &difference, &world.evaluate(pi, &later))
        .and(Lab::of(case).holds_values(pi, "r"))
}
