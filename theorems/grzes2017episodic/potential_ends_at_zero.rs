//! Where episodes end, the potential has to be 0.

use crate::prelude::*;

theorem! {
    /// # Where episodes end, the potential has to be 0
    ///
    /// ## Statement
    ///
    /// For every MDP whose episodes end, every discount $\gamma \le 1$ and every potential that is 0 in the states in which
    /// episodes end, shaping shifts the return of every policy by $-\mathbb{E}_{\mu_0}\Phi$. So all policies keep their order.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for all deterministic policies and a drawn one, with two ends and episodes of varying length.
    ///
    /// ## Known limits
    ///
    /// Episodes of up to four steps.
    id: "potential-ends-at-zero",
    claim: "in episodes of any length, shaping by a potential that is 0 at the ends shifts all returns alike",
    paper: "grzes2017episodic", "the condition on ends, as restated in the literature on shaping",
    tags: ["shaping", "episodes"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential of every end is 0.
        zero_at_ends: zero_at_ends, Broken(without_zero_at_ends);
        /// The shaping term uses the discount of the MDP.
        same_discount: |case| *case.n("discount of shaping") == case.world.gamma, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw, ends_at_zero: bool, discount: Option<Q>) -> Case {
    let world = draw.episodic((3, 5), 2, &["1", "1/2", "9/10"], false);
    let r = draw.reward_sas("r", &world);
    let mut phi = draw.potential("phi", &world);
    if ends_at_zero {
        phi.iter_mut().zip(&world.terminal).filter(|(_, ends)| **ends).for_each(|(phi, _)| *phi = Q::ZERO);
    }
    let pi = draw.policy("pi", &world);
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    Case::new(world).reward_sas("r", r).vector("phi", phi).policy("pi", pi).number("discount of shaping", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true, None)
}

fn zero_at_ends(case: &Case) -> bool {
    case.x("phi").iter().zip(&case.world.terminal).all(|(phi, ends)| !ends || phi.is_zero())
}

fn without_zero_at_ends(draw: &mut Draw) -> Case {
    drawn(draw, false, None)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["0", "1/3"]);
    drawn(draw, true, Some(other))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, phi) = (&case.world, case.r("r"), case.x("phi"));
    let drift = world.discounted(case.n("discount of shaping").clone()).drift(phi);
    let shaped = plus(&r, &drift);
    let shift = dot(&world.mu0, phi);
    let policies = world.policies().into_iter().chain([case.pi("pi").to_vec()]);
    Finding::all(policies.map(|pi| {
        Finding::equal("J shaped and J less the potential of the start", &world.j(&pi, &shaped), &(world.j(&pi, &r) - &shift))
    }))
}
