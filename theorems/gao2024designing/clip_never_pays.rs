//! Clipped process rewards never pay for more steps.

use crate::prelude::*;

theorem! {
    /// # Clipped process rewards never pay for more steps
    ///
    /// ## Statement
    ///
    /// For all process rewards $p_k$ and every threshold $\eta$, with $r_k = \min(p_k - \eta, 0)$ every partial sum is at most
    /// 0 and no step raises it; so no padding gains.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for drawn lists of up to seven rewards; the world of the instance plays no part.
    ///
    /// ## Known limits
    ///
    /// Says nothing of what clipping costs: steps below the threshold are penalised for their number.
    id: "clipped-rewards-never-pay",
    claim: "sums of clipped process rewards never rise with the number of steps",
    paper: "gao2024designing", "the clip mechanism; the sums are derived here",
    tags: ["process reward"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Rewards are clipped from above at 0.
        clipped: |case| case.chosen("reward") == "clipped", Broken(without_clipped);
    }
}

fn drawn(draw: &mut Draw, reward: &'static str) -> Case {
    let n = draw.between("steps", 1, 7);
    let p = (0..n).map(|k| draw.number_of(("p", k), &["0", "1", "1/2", "9/10", "1/10", "3/4"])).collect();
    let threshold = draw.number_of("threshold", &["1/2", "0", "9/10", "1"]);
    Case::new(World::bandit(&["answer"])).vector("p", p).number("threshold", threshold).choice("reward", reward)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "clipped")
}

fn without_clipped(draw: &mut Draw) -> Case {
    drawn(draw, "not clipped")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let above = |p: &Q| p - case.n("threshold");
    let paid = |p: &Q| if case.chosen("reward") == "clipped" { above(p).min(Q::ZERO) } else { above(p) };
    let mut sums = vec![Q::ZERO];
    for p in case.x("p") {
        sums.push(&sums[sums.len() - 1] + paid(p));
    }
    let rises = sums.windows(2).map(|pair| Finding::at_most("sum with a step more", &pair[1], &pair[0]));
    Finding::all(rises).and(Finding::at_most("largest sum", &sums.iter().max().cloned().unwrap_or(Q::ZERO), &Q::ZERO))
}
