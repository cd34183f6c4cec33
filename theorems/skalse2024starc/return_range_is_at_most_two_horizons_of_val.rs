//! The return range is at most twice the horizon times the largest advantage.

use crate::prelude::*;

theorem! {
    /// # The return range is at most two horizons of the largest advantage
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and every policy $\pi$, the form $c(R)$ of value-adjusted levelling by
    /// $\pi$ satisfies $\rho(R) \le \frac{2}{1-\gamma}\max|c(R)|$. The constant 2 cannot be made smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions for a drawn policy. The library's `val` and return range are held against the formulas.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "return-range-is-at-most-two-horizons-of-val",
    claim: "the return range is at most twice the horizon times the largest advantage",
    paper: "skalse2024starc", "derived here: the constant of value-adjusted levelling in the maximum norm",
    tags: ["val", "returns"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// Values are those of the discount of the MDP.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, pi) = (draw.reward("r", &world), draw.policy("pi", &world));
    Case::new(world).reward("r", r).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount of values", gamma)
}

/// One state for ever, two actions, the uniform policy half way between them.
fn two_arms() -> Case {
    let world = World::moves("1/2", &[("here", "up", "here"), ("here", "down", "here")]);
    let (r, pi) = (["1", "-1"].map(number).to_vec(), world.uniform());
    Case::new(world).reward("r", r).policy("pi", pi).number("discount of values", number("1/2"))
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of values") == case.world.gamma
}

/// Values without a look ahead, in an MDP with a long horizon whose states differ more than their actions.
fn without_same_discount(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).gammas(&["9/10", "19/20"]));
    let (levels, small, pi) = (draw.potential("levels", &world), draw.reward("r", &world), draw.policy("pi", &world));
    let levels: Vec<Q> = world.all_rows().iter().map(|row| levels[row.s].clone()).collect();
    let r = combination(&levels, &number("1/10"), &small);
    Case::new(world).reward("r", r).policy("pi", pi).number("discount of values", Q::ZERO)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let form = world.discounted(case.n("discount of values").clone()).advantage(case.pi("pi"), &r);
    let bound = strength.constant(Q::from(2u8)) * max_abs(&form) / (Q::ONE - &world.gamma);
    let lab = Lab::of(case);
    Finding::at_most("range and two horizons of the form", &world.range(&r), &bound)
        .and(lab.range_agrees("r"))
        .and(lab.form_agrees("val", "r"))
}
