//! Shaping by the optimal values shows every gap at the first step.

use crate::prelude::*;

theorem! {
    /// # Shaping by the optimal values shows every gap at the first step
    ///
    /// ## Statement
    ///
    /// Let $\pi$ be optimal for $r$ with $Q^\pi_r(s,\pi(s)) - Q^\pi_r(s,a) \ge \delta(s)$ for all other actions. The reward
    /// $r' = r + \gamma PV^* - V^*$ is feasible: its gaps under $\pi$ are at least $\delta$; and its gaps of one step,
    /// $r'(s,\pi(s)) - r'(s,a)$, are the full gaps $Q^*_r(s,\pi(s)) - Q^*_r(s,a)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The target policy is optimal by construction: the Bellman equation read backwards.
    ///
    /// ## Known limits
    ///
    /// No limit on how many states are paid in; the design problem with one is not checked.
    id: "optimal-shaping-shows-gaps",
    claim: "shaping by the optimal values keeps the target policy's margin and shows every gap at once",
    paper: "devidze2021exprd", "link to potential shaping, derived here",
    tags: ["shaping", "reward design"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential is the optimal values.
        potential_is_optimal: |case| case.world.optimum(&case.r("r")).v == case.x("phi"), Broken(without_potential_is_optimal);
        /// The margins asked for are within the gaps.
        margin_within_gaps: margin_within_gaps, Broken(without_margin_within_gaps);
    }
}

fn drawn(draw: &mut Draw, is_optimal: bool, is_within: bool) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let target = draw.choice("target", &world);
    let optimal: Vec<bool> = (0..world.n_rows()).map(|row| target.contains(&row)).collect();
    let r = draw.reward_with_optimum("r", &world, &optimal);
    let best = world.optimum(&r);
    let mut phi = best.v.clone();
    if !is_optimal {
        phi.iter_mut().enumerate().for_each(|(s, phi)| *phi += draw.number(("change", s)));
    }
    let least = |s: usize| world.rows(s).filter(|row| !optimal[*row]).map(|row| best.gap[row].clone()).min();
    let above = |s: usize| if is_within { Q::ZERO } else { draw.number_of(("above", s), &["0", "1/2"]) };
    let margins: Vec<Q> = (0..world.n_states()).map(above).collect();
    let margins = margins.iter().enumerate().map(|(s, above)| least(s).unwrap_or(Q::ZERO) + above).collect();
    let pi = world.pure(&target);
    Case::new(world).reward("r", r).vector("phi", phi).vector("margins", margins).policy("target", pi)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true, true)
}

fn without_potential_is_optimal(draw: &mut Draw) -> Case {
    drawn(draw, false, true)
}

fn margin_within_gaps(case: &Case) -> bool {
    let (world, gap) = (&case.world, case.world.optimum(&case.r("r")).gap);
    (0..world.n_rows())
        .all(|row| case.pi("target")[row] == Q::ONE || gap[row] >= case.x("margins")[world.row(row).s])
}

fn without_margin_within_gaps(draw: &mut Draw) -> Case {
    drawn(draw, true, false)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("target"));
    let shaped = plus(&r, &world.drift(case.x("phi")));
    let gaps = world.optimum(&r).gap;
    let advantage = world.advantage(pi, &shaped);
    Finding::all((0..world.n_rows()).filter(|&row| pi[row].is_zero()).map(|row| {
        let s = world.row(row).s;
        let played = world.rows(s).fold(Q::ZERO, |sum, row| sum + &pi[row] * &shaped[row]);
        Finding::all([
            Finding::at_most("margin", &case.x("margins")[s], &-&advantage[row]),
            Finding::equal("gap of one step", &(played - &shaped[row]), &gaps[row]),
        ])
    }))
}
