//! Distances of normalised rewards are symmetric and obey the triangle inequality.

use crate::prelude::*;

theorem! {
    /// # STARC distances are pseudometrics
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards: a STARC distance is symmetric, 0 from a reward to itself, and $d(R_1,R_3)
    /// \le d(R_1,R_2) + d(R_2,R_3)$, trivial rewards included.
    ///
    /// ## How it is checked
    ///
    /// Range STARC and value-adjusted levelling in the maximum norm in fractions, the projection in the Euclidean norm
    /// as an interval. The library's `starc-range` is held against the fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states; three of the distances.
    id: "normalised-distances-obey-the-triangle-inequality",
    claim: "STARC distances are symmetric and obey the triangle inequality",
    paper: "skalse2024starc", "every STARC metric is a pseudometric",
    tags: ["distance"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [same_twice],
    hypotheses: {
        /// The measure is a metric itself.
        measured_by_a_metric: measured_by_a_metric, Broken(without_metric);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let z = draw.reward("z", &world);
    draw.related(world).reward("z", z)
}

fn instance(draw: &mut Draw) -> Case {
    let measure = draw.pick("measure", &["range", "maximum", "euclidean"]);
    drawn(draw).choice("measure", measure)
}

/// The detour over the reward itself is no detour.
fn same_twice() -> Case {
    let world = World::bandit(&["a", "b"]);
    let (x, z) = (["1", "0"].map(number).to_vec(), ["0", "1"].map(number).to_vec());
    Case::new(world).reward("x", x.clone()).reward("y", x).reward("z", z).choice("measure", "range")
}

fn measured_by_a_metric(case: &Case) -> bool {
    case.chosen("measure") != "squared"
}

fn without_metric(draw: &mut Draw) -> Case {
    drawn(draw).choice("measure", "squared")
}

/// One distance: a fraction where it is one.
fn fractional(case: &Case, x: &str, y: &str) -> Q {
    let (world, x, y) = (&case.world, case.r(x), case.r(y));
    let form = |r: &[Q]| world.advantage(&world.uniform(), r);
    match case.chosen("measure") {
        "range" => world.range_distance(&x, &y),
        _ => max_distance(&form(&x), &form(&y)),
    }
}

fn euclidean(case: &Case, x: &str, y: &str) -> Interval {
    let length = chord(&case.world.project(&case.r(x)), &case.world.project(&case.r(y)));
    if case.chosen("measure") == "squared" { length * length } else { length }
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    const WHAT: &str = "one way and the detour";
    let own = match case.chosen("measure") {
        "range" | "maximum" => {
            let d = |x, y| fractional(case, x, y);
            Finding::at_most(WHAT, &d("x", "z"), &(strength.constant(Q::ONE) * (d("x", "y") + d("y", "z"))))
                .and(Finding::equal("there and back", &d("x", "y"), &d("y", "x")))
                .and(Finding::equal("to itself", &d("x", "x"), &Q::ZERO))
        }
        _ => {
            let d = |x, y| euclidean(case, x, y);
            Finding::at_most(WHAT, &d("x", "z"), &(strength.bound(Interval::point(1.0)) * (d("x", "y") + d("y", "z"))))
                .and(Finding::equal("there and back", &d("x", "y"), &d("y", "x")))
                .and(Finding::equal("to itself", &d("x", "x"), &Interval::point(0.0)))
        }
    };
    own.and(Lab::of(case).range_distance_agrees("x", "z"))
}
