//! Shaping by a potential lowers values by the potential and leaves advantages alone.

use crate::prelude::*;

theorem! {
    /// # Shaping by a potential leaves advantages alone
    ///
    /// ## Statement
    ///
    /// For every finite MDP, reward $R$, potential $\Phi$ and policy $\pi$, the reward $R'(s,a,s') = R(s,a,s') +
    /// \gamma\Phi(s') - \Phi(s)$ satisfies $V^\pi_{R'} = V^\pi_R - \Phi$, $Q^\pi_{R'}(s,a) = Q^\pi_R(s,a) - \Phi(s)$ and
    /// $A^\pi_{R'} = A^\pi_R$; so $V^*_{R'} = V^*_R - \Phi$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for a drawn stochastic policy and the optimum. The library's certified bounds on values of both
    /// rewards, for that policy and for the optimum, are held against fractions of the doubles it was given.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "shaping-keeps-advantages",
    claim: "adding a potential's shaping lowers values by the potential and changes no advantage",
    paper: "ng1999shaping", "Corollary 2, for every policy",
    tags: ["shaping", "advantage"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential depends on the state alone.
        of_states_alone: of_states_alone, Broken(without_of_states_alone);
        /// The shaping term uses the discount of the MDP.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

/// Rewards with and without the term of a potential of pairs, taken at the first action on arrival.
fn shaped(draw: &mut Draw, of_pairs: bool, discount: Option<Q>) -> Case {
    let world = draw.world(Size::small());
    let r = draw.reward_sas("r", &world);
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    let state_potential = draw.potential("phi", &world);
    let of_row = |draw: &mut Draw, row: usize| match of_pairs {
        true => draw.number(("advice", row)),
        false => state_potential[world.row(row).s].clone(),
    };
    let phi: Vec<Q> = (0..world.n_rows()).map(|row| of_row(draw, row)).collect();
    let arrival = |t: usize| &gamma * &phi[world.rows(t).start];
    let line = |row: usize| (0..world.n_states()).map(|t| &r[row][t] + arrival(t) - &phi[row]).collect();
    let shaped = (0..world.n_rows()).map(line).collect();
    let pi = draw.policy("pi", &world);
    let case = Case::new(world).reward_sas("r", r).reward_sas("shaped", shaped).policy("pi", pi);
    case.vector("potential", phi).number("discount of shaping", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    shaped(draw, false, None)
}

fn of_states_alone(case: &Case) -> bool {
    let (world, phi) = (&case.world, case.x("potential"));
    (0..world.n_rows()).all(|row| phi[row] == phi[world.rows(world.row(row).s).start])
}

fn without_of_states_alone(draw: &mut Draw) -> Case {
    shaped(draw, true, None)
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of shaping") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["1", "1/3"]);
    shaped(draw, false, Some(other))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi) = (&case.world, case.pi("pi"));
    let (r, shaped) = (case.r("r"), case.r("shaped"));
    let first = |s: usize| case.x("potential")[world.rows(s).start].clone();
    let phi: Vec<Q> = (0..world.n_states()).map(first).collect();
    let (v, below) = (world.evaluate(pi, &r), world.evaluate(pi, &shaped));
    let (best, best_shaped) = (world.optimum(&r), world.optimum(&shaped));
    let lab = Lab::of(case);
    Finding::all([
        Finding::all_equal("V of the policy", &below, &minus(&v, &phi)),
        Finding::all_equal("advantage", &world.advantage(pi, &shaped), &world.advantage(pi, &r)),
        Finding::all_equal("V*", &best_shaped.v, &minus(&best.v, &phi)),
        Finding::all_equal("gap", &best_shaped.gap, &best.gap),
        lab.holds_values(pi, "r"),
        lab.holds_values(pi, "shaped"),
        lab.holds_optimum("r"),
        lab.holds_optimum("shaped"),
    ])
}
