//! No normalised distance exceeds 2, and opposite rewards have it.

use crate::prelude::*;

theorem! {
    /// # Opposite rewards have distance 2, and none have more
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards of which neither is trivial, a STARC distance whose measure is the distance
    /// of the norm that normalises is at most 2, and is 2 between $R$ and $-c R$ for every $c > 0$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: range STARC, and value-adjusted levelling in the maximum and in the sum norm. The library's
    /// `starc-range` is held against the fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "opposite-rewards-have-distance-two",
    claim: "normalised distances are at most 2, and opposite rewards have distance 2",
    paper: "skalse2024starc", "derived here from definition 3",
    tags: ["distance", "order"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable and neither reward is trivial.
        not_trivial: not_trivial, Broken(without_not_trivial);
        /// What normalises also measures.
        one_norm: one_norm, Broken(without_one_norm);
    }
}

fn drawn(draw: &mut Draw, measure: &'static str, norm: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let factor = draw.positive("factor");
    draw.related(world).number("factor", factor).choice("measured by", measure).choice("divided by", norm)
}

fn instance(draw: &mut Draw) -> Case {
    let norm = draw.pick("norm", &["range", "maximum", "sum"]);
    drawn(draw, norm, norm)
}

fn not_trivial(case: &Case) -> bool {
    case.is_whole() && case.neither_is_trivial()
}

fn without_not_trivial(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let x = world.drift(&draw.potential("phi", &world));
    let y = draw.reward("y", &world);
    let case = Case::new(world).reward("x", x).reward("y", y).number("factor", Q::ONE);
    case.choice("measured by", "range").choice("divided by", "range")
}

fn one_norm(case: &Case) -> bool {
    case.chosen("measured by") == case.chosen("divided by")
}

fn without_one_norm(draw: &mut Draw) -> Case {
    drawn(draw, "maximum", "sum")
}

fn size(world: &World, norm: &str, form: &[Q]) -> Q {
    match norm {
        "range" => world.range(form),
        "maximum" => max_abs(form),
        _ => l1(form),
    }
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let form = |r: &[Q]| world.advantage(&world.uniform(), r);
    let normalised = |r: &[Q]| unit(&size(world, case.chosen("divided by"), &form(r)), &form(r));
    let distance = |x: &[Q], y: &[Q]| size(world, case.chosen("measured by"), &minus(&normalised(x), &normalised(y)));
    let two = Q::from(2u8);
    let opposite = distance(&x, &scaled(&-case.n("factor"), &x));
    Finding::at_most("distance of two rewards and 2", &distance(&x, &y), &strength.constant(two.clone()))
        .and(Finding::equal("distance of opposites and 2", &opposite, &two))
        .and(Lab::of(case).range_distance_agrees("x", "y"))
}
