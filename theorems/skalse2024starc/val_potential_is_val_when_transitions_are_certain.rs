//! Where every transition is certain, shaping by the value measures as levelling does.

use crate::prelude::*;

theorem! {
    /// # Shaping by the value is levelling where transitions are certain
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every $P(\cdot|s,a)$ is one state, every policy and all rewards: the distance of
    /// $R - V^\pi(s) + \gamma V^\pi(s')$, normalised and measured in $\sum P|x|$, is that of value-adjusted levelling.
    ///
    /// ## How it is checked
    ///
    /// In fractions under the uniform policy. The library's `starc-val-wl1` and `starc-val-potential-wl1` are held
    /// against the two distances.
    ///
    /// ## Known limits
    ///
    /// Up to four states; one of the weighted norms.
    id: "val-potential-is-val-when-transitions-are-certain",
    claim: "shaping by the value measures as levelling does where transitions are certain",
    paper: "skalse2024starc", "derived here",
    tags: ["distance", "val"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every transition is certain.
        certain: certain, Broken(without_certain);
    }
}

fn rewarded(draw: &mut Draw, world: World) -> Case {
    let (x, y) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world));
    Case::new(world).reward_sas("x", x).reward_sas("y", y)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().certain());
    rewarded(draw, world)
}

fn certain(case: &Case) -> bool {
    case.world.is_deterministic()
}

fn without_certain(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    rewarded(draw, world)
}

/// `sum P |x|`.
fn size(world: &World, x: &[Vec<Q>]) -> Q {
    let sizes: Vec<Vec<Q>> = x.iter().map(|x| x.iter().map(abs).collect()).collect();
    l1(&world.expected(&sizes))
}

fn distance(world: &World, canon: &str, x: &[Vec<Q>], y: &[Vec<Q>]) -> Q {
    let normalised = |r: &[Vec<Q>]| {
        let form = world.form(canon, &world.uniform(), r);
        let n = size(world, &form);
        if n.is_zero() { world.nothing() } else { table_scaled(&(Q::ONE / n), &form) }
    };
    size(world, &table(&normalised(x), &-Q::ONE, &normalised(y)))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let of = |canon| distance(&case.world, canon, &case.sas("x"), &case.sas("y"));
    let lab = Lab::of(case);
    let library = |canon, id| {
        let exact = distance(lab.world(), canon, &lab.sas("x"), &lab.sas("y"));
        lab.distance_agrees(id, "x", "y", real(&exact))
    };
    Finding::equal("distances of the two forms", &of("val-potential"), &of("val"))
        .and(library("val", "starc-val-wl1"))
        .and(library("val-potential", "starc-val-potential-wl1"))
}
