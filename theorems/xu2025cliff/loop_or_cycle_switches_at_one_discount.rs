//! A loop and a cycle change places at one discount.

use crate::prelude::*;

theorem! {
    /// # A loop and a cycle change places at one discount
    ///
    /// ## Statement
    ///
    /// In a state where one action stays and pays 1, and another starts a cycle of three steps that pays 4 at its second, for
    /// every $\gamma \in [0,1)$ staying is the only optimal action if $\gamma < (3 - \sqrt 5)/2$, that is $\gamma^2 - 3 \gamma + 1 >
    /// 0$, and the cycle is if $\gamma > (3 - \sqrt 5)/2$: a cliff in the discount.
    ///
    /// ## How it is checked
    ///
    /// In fractions on both sides of the root 0.381966. The library's optimal values are held against them, too.
    ///
    /// ## Known limits
    ///
    /// One small model. The root itself is no fraction.
    id: "loop-or-cycle-switches-at-one-discount",
    claim: "the optimal policy of a loop beside a cycle flips where the discount passes (3 - sqrt 5)/2",
    paper: "xu2025cliff", "an example derived here: a cliff in the discount",
    tags: ["stability", "discount"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [just_below, just_above],
    hypotheses: {
        /// The second step of the cycle pays 4.
        pays_four: pays_four, Broken(without_pays_four);
    }
}

fn stated(gamma: &Q, pay: Q) -> Case {
    let moves = [("here", "loop", "here"), ("here", "cycle", "second"), ("second", "on", "third"), ("third", "on", "here")];
    let world = World::moves("0", &moves).discounted(gamma.clone());
    let mut r = world.over_rows(&[("here", "loop", "1")]);
    r[world.row_named("second", "on")] = pay.clone();
    Case::new(world).reward("r", r).number("pay of the second step", pay)
}

fn instance(draw: &mut Draw) -> Case {
    let gamma = draw.number_of("gamma", &["1/2", "0", "3/10", "9/10", "38/100", "39/100", "3819/10000", "3820/10000"]);
    stated(&gamma, number("4"))
}

fn just_below() -> Case {
    stated(&number("38196/100000"), number("4"))
}

fn just_above() -> Case {
    stated(&number("38197/100000"), number("4"))
}

fn pays_four(case: &Case) -> bool {
    *case.n("pay of the second step") == Q::from(4u8)
}

fn without_pays_four(draw: &mut Draw) -> Case {
    let gamma = draw.number_of("gamma", &["1/2", "3/10", "38/100", "39/100"]);
    let pay = draw.number_of("pay", &["3", "5"]);
    stated(&gamma, pay)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let world = &case.world;
    let optimum = world.optimum(&case.r("r"));
    let optimal: Vec<usize> = world.rows(0).filter(|&row| optimum.gap[row].is_zero()).collect();
    let sign = world.gamma.sqr() - Q::from(3u8) * &world.gamma + Q::ONE;
    let said = if sign > Q::ZERO { 0 } else { 1 };
    Finding::is(optimal == [said], || format!("optimal rows are {optimal:?}, not row {said} alone"))
        .and(Lab::of(case).optimum_holds("r"))
}
