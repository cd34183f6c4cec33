//! Differences of process rewards keep the optimum if the process reward is taken off again when acting.

use crate::prelude::*;

theorem! {
    /// # Differences of process rewards keep the optimum if they are taken off when acting
    ///
    /// ## Statement
    ///
    /// For every task with episodes, reward $R$ and process reward $p(s,a)$ that is 0 at the end: paid $R(s,a) + p(s,a) -
    /// p(s',a')$, every policy has the values $Q^\pi_R + p$, and a learner that acts by $\arg\max_a [Q(s,a) - p(s,a)]$
    /// settles on a policy that is optimal for $R$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, undiscounted, in episodes of up to three steps.
    ///
    /// ## Known limits
    ///
    /// The learner is policy iteration with exact values.
    id: "corrected-delta-rewards-keep-optimum",
    claim: "differences of process rewards that are taken off again when acting lead to an optimal policy",
    paper: "gao2024designing", "repair of the reading as shaping, derived here",
    tags: ["shaping", "process reward", "advice"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The process reward is taken off when acting.
        taken_off: |case| *case.n("taken off") == Q::ONE, Broken(without_taken_off);
        /// The process reward at the end is 0.
        zero_at_end: zero_at_end, Broken(without_zero_at_end);
    }
}

fn drawn(draw: &mut Draw, taken: &str, zero: bool) -> Case {
    let world = draw.episodic((2, 4), 1, &["1"], false);
    let r = draw.reward("r", &world);
    let end = world.n_rows() - 1;
    let mut p = draw.reward("p", &world);
    if zero {
        p[end] = Q::ZERO;
    }
    let pi = draw.policy("pi", &world);
    Case::new(world).reward("r", r).reward("p", p).policy("pi", pi).number("taken off", number(taken))
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "1", true)
}

fn without_taken_off(draw: &mut Draw) -> Case {
    drawn(draw, "0", true)
}

fn zero_at_end(case: &Case) -> bool {
    let (world, p) = (&case.world, case.r("p"));
    (0..world.n_rows()).all(|row| !world.terminal[world.row(row).s] || p[row].is_zero())
}

fn without_zero_at_end(draw: &mut Draw) -> Case {
    drawn(draw, "1", false)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, p, pi) = (&case.world, case.r("r"), case.r("p"), case.pi("pi"));
    let phi = scaled(&-Q::ONE, &p);
    let off = case.n("taken off");
    let settled = world.settled(|pi| combination(&world.advised(pi, &r, &phi), off, &phi));
    let plain = world.evaluate_pairs(pi, &r);
    let found = world.evaluate(&world.pure(&settled), &r);
    let live = (0..world.n_rows()).filter(|&row| !world.terminal[world.row(row).s]);
    let paid = world.advised(pi, &r, &phi);
    Finding::all(live.map(|row| Finding::equal("Q paid differences", &paid[row], &(&plain[row] + &p[row]))))
        .and(Finding::all_equal("value of the policy settled on", &found, &world.optimum(&r).v))
}
