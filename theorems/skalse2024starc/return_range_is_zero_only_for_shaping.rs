//! All policies earn the same exactly when the reward is nothing but shaping and redistribution.

use crate::prelude::*;

theorem! {
    /// # A reward is trivial exactly when it is shaping and redistribution
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable and every reward: all policies earn the same, $\rho(R) =
    /// 0$, if and only if the expected reward is $\gamma P\Phi - \Phi$ for some $\Phi$, that is $M r = 0$; and exactly
    /// then value-adjusted levelling gives 0.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's return range and `val` are held against them.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "return-range-is-zero-only-for-shaping",
    claim: "all policies earn the same exactly under rewards that are shaping and redistribution",
    paper: "skalse2024starc", "the kernel of a canonicalisation function, derived here from definition 1",
    tags: ["returns", "shaping", "val"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Broken(without_reachable);
    }
}

fn rewarded(draw: &mut Draw, world: World) -> Case {
    let shaping = world.shaping(&draw.potential("phi", &world));
    let r = match draw.below("shaped", 3) {
        0 => draw.reward_sas("r", &world),
        1 => table(&shaping, &Q::ONE, &draw.redistribution("d", &world)),
        _ => shaping,
    };
    Case::new(world).reward_sas("r", r)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().whole());
    rewarded(draw, world)
}

/// What is paid where nobody comes.
fn without_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).hidden());
    let r = draw.reward_of_the_unseen("r", &world);
    Case::new(world).reward("r", r)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let trivial = world.range(&r).is_zero();
    let nothing = |form: &[Q]| max_abs(form).is_zero();
    let (shaping, level) = (nothing(&world.project(&r)), nothing(&world.advantage(&world.uniform(), &r)));
    let lab = Lab::of(case);
    Finding::is(trivial == shaping, || format!("trivial: {trivial}, shaping: {shaping}"))
        .and(Finding::is(shaping == level, || format!("shaping: {shaping}, levelled to nothing: {level}")))
        .and(lab.range_agrees("r"))
        .and(lab.form_agrees("val", "r"))
}
