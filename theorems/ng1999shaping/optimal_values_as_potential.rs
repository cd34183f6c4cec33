//! With the optimal values as potential, nothing is left to look ahead for.

use crate::prelude::*;

theorem! {
    /// # With the optimal values as potential, nothing is left to look ahead for
    ///
    /// ## Statement
    ///
    /// For every finite MDP and reward $r$, shaping by $\Phi = V^*_r$ gives a reward $r' = r + \gamma P\Phi - \Phi$ with
    /// $V^*_{r'} = 0$, and an action is optimal exactly if it is best for $r'$ alone.
    ///
    /// ## How it is checked
    ///
    /// In fractions; optima by policy iteration, before and after shaping. The library's bounds on the best values of the
    /// shaped reward, which it is given as doubles, are held against fractions of those.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "optimal-values-as-potential",
    claim: "shaping by the optimal values leaves values of 0, and the best reward at hand is the best action",
    paper: "ng1999shaping", "remark on the choice of the potential, as restated in the literature on shaping",
    tags: ["shaping", "optimal values"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential is the optimal values of this reward.
        potential_is_optimal: potential_is_optimal, Broken(without_potential_is_optimal);
    }
}

fn with(draw: &mut Draw, change: bool) -> Case {
    let world = draw.world(Size::small());
    let r = draw.reward("r", &world);
    let mut phi = world.optimum(&r).v;
    if change {
        phi[0] += draw.nonzero("change");
    }
    let shaped = plus(&r, &world.drift(&phi));
    Case::new(world).reward("r", r).reward("shaped", shaped).vector("phi", phi)
}

fn instance(draw: &mut Draw) -> Case {
    with(draw, false)
}

fn potential_is_optimal(case: &Case) -> bool {
    case.world.optimum(&case.r("r")).v == case.x("phi")
}

fn without_potential_is_optimal(draw: &mut Draw) -> Case {
    with(draw, true)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, shaped) = (&case.world, case.r("shaped"));
    let best = world.optimum(&case.r("r"));
    let greedy = |row: usize| world.rows(world.row(row).s).all(|other| shaped[other] <= shaped[row]);
    let greedy: Vec<usize> = (0..world.n_rows()).filter(|&row| greedy(row)).collect();
    Finding::all([
        Finding::all_equal("V* shaped", &world.optimum(&shaped).v, &vec![Q::ZERO; world.n_states()]),
        Finding::is(greedy == best.optimal(), || format!("rows {greedy:?} are greedy, {:?} optimal", best.optimal())),
        Lab::of(case).holds_optimum("shaped"),
    ])
}
