//! The Euclidean distance of normalised projections is twice the sine of half their angle.

use crate::prelude::*;

theorem! {
    /// # The weighted minimal distance is twice the sine of half the angle
    ///
    /// ## Statement
    ///
    /// For every finite MDP and all rewards of which neither is trivial, with $\theta$ the angle between the
    /// projections $M r_1$ and $M r_2$: the STARC distance of the P-weighted minimal form, normalised and measured in
    /// the Euclidean norm, is $2\sin(\theta/2)$.
    ///
    /// ## How it is checked
    ///
    /// The distance as an interval around the fractions; the angle is the library's, with its bounds, and so is a
    /// second distance, `starc-minimal-weighted-l2`.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "distance-is-twice-the-sine-of-half-the-angle",
    claim: "the weighted minimal distance is twice the sine of half the angle of the projections",
    paper: "skalse2024starc", "derived here, for the distance with the angle of the Goodhart paper",
    tags: ["distance", "projection", "angle"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [right_angle],
    hypotheses: {
        /// The norm is Euclidean.
        euclidean: euclidean, Broken(without_euclidean);
        /// Every state is reachable, and neither reward is trivial.
        have_directions: have_directions, Broken(without_directions);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().whole());
    draw.related(world)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("norm", "euclidean")
}

fn right_angle() -> Case {
    let world = World::bandit(&["a", "b", "c", "d"]);
    let (x, y) = (["1", "-1", "0", "0"].map(number).to_vec(), ["0", "0", "1", "-1"].map(number).to_vec());
    Case::new(world).reward("x", x).reward("y", y).choice("norm", "euclidean")
}

fn euclidean(case: &Case) -> bool {
    case.chosen("norm") == "euclidean"
}

fn without_euclidean(draw: &mut Draw) -> Case {
    drawn(draw).choice("norm", "sum")
}

fn have_directions(case: &Case) -> bool {
    case.is_whole() && case.neither_is_trivial()
}

fn without_directions(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let y = draw.reward("y", &world);
    let x = vec![Q::ZERO; world.n_rows()];
    Case::new(world).reward("x", x).reward("y", y).choice("norm", "euclidean")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let lab = Lab::of(case);
    let form = |name: &str| lab.world().project(&lab.r(name));
    let (x, y) = (form("x"), form("y"));
    let euclidean = chord(&x, &y);
    let distance = match case.chosen("norm") {
        "sum" => real(&l1(&minus(&unit(&l1(&x), &x), &unit(&l1(&y), &y)))),
        _ => euclidean,
    };
    let Some(angle) = lab.angle("x", "y") else {
        return Finding::Fails(format!("distance {}, and nothing has no angle", distance.mid()));
    };
    let half = bounds(&angle) * Interval::around(std::f64::consts::PI / 360.0);
    Finding::equal("distance and twice the sine", &distance, &half.sin().scale(2.0))
        .and(lab.distance_agrees("starc-minimal-weighted-l2", "x", "y", euclidean))
}
