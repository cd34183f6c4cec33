//! Optimal values move between the least and the largest change of the reward, times the horizon.

use crate::prelude::*;

theorem! {
    /// # Optimal values move between the least and the largest change of the reward, times the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and all rewards $r, r'$ with $D = r' - r$: $\min D \le (1 - \gamma)
    /// (V^*_{r'}(s) - V^*_r(s)) \le \max D$ in every state. Therefore $\mathrm{osc}(V^*_{r'} - V^*_r) \le \mathrm{osc}(D) /
    /// (1 - \gamma)$, with $\mathrm{osc}\,x = \max x - \min x$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's bounds on both optimal values are held against them, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "optimal-values-move-within-the-range-of-the-change",
    claim: "a change of the reward moves all optimal values alike up to the spread of the change",
    paper: "xu2025cliff", "sharpening of Proposition 2.4, derived here from monotonicity",
    tags: ["stability", "values"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [one_of_two_rooms],
    hypotheses: {
        /// Both rewards are optimised with the same discount.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, other) = (draw.reward("r", &world), draw.reward("other", &world));
    Case::new(world).reward("r", r).reward("other", other)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount under the other", gamma)
}

/// Two states that are never left, one of which is paid more.
fn one_of_two_rooms() -> Case {
    let world = World::moves("1/2", &[("a", "stay", "a"), ("b", "stay", "b")]);
    let (r, other) = (vec![Q::ZERO; 2], world.over_rows(&[("b", "stay", "1")]));
    Case::new(world).reward("r", r).reward("other", other).number("discount under the other", number("1/2"))
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount under the other") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let other = draw.number_of("discount under the other", &["0", "1/2", "9/10"]);
    case.number("discount under the other", other)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other) = (&case.world, case.r("r"), case.r("other"));
    let there = world.discounted(case.n("discount under the other").clone());
    let moved = minus(&there.optimum(&other).v, &world.optimum(&r).v);
    let (change, horizon) = (minus(&other, &r), Q::ONE / (Q::ONE - &world.gamma));
    let ends = |x: &[Q]| (x.iter().min().cloned().unwrap_or(Q::ZERO), x.iter().max().cloned().unwrap_or(Q::ZERO));
    let ((least, most), (lowest, highest)) = (ends(&change), ends(&moved));
    let spread = strength.constant(&most - &least) * &horizon;
    let lab = Lab::of(case);
    Finding::all([
        Finding::at_most("least movement of V*", &(least * &horizon), &lowest),
        Finding::at_most("largest movement of V*", &highest, &(most * &horizon)),
        Finding::at_most("spread of the movement", &(highest - lowest), &spread),
        lab.optimum_holds("r"),
        lab.optimum_holds("other"),
    ])
}
