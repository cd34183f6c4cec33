//! False: rewards with the same least gap are equally stable.

use crate::prelude::*;

theorem! {
    /// # False: rewards with the same least gap are equally stable
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and all rewards $r, r'$ with unique optimal policies and the same least gap, the
    /// stability radii of $r$ and $r'$ are the same. This is what reading the gap as a distance to the next policy
    /// would mean. It is false: on the two sides of one facet equal gaps are different distances, by the factor
    /// $1 - \gamma$ in the example.
    ///
    /// ## How it is checked
    ///
    /// In fractions. One state can be kept for 0 or left at the cost 1 for a state that pays $x$ for ever; $x = 0$ and $x = 3$
    /// have the same gap at discount 1/2.
    ///
    /// ## Known limits
    ///
    /// The true relation is two-sided: see `radius-is-at-least-the-gap-over-the-horizon` and
    /// `radius-is-at-most-half-the-gap`.
    id: "equal-gaps-mean-equal-radii",
    claim: "the least action gap says how far a reward is from another optimal policy",
    paper: "ng2000irl", "a common reading of gaps, refuted here",
    tags: ["stability", "radius", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [stay_or_go],
    hypotheses: {
        /// Both rewards have the same least gap.
        equal_gaps: equal_gaps, Redundant("the counterexample has equal gaps and different radii");
        /// Both have unique optimal policies.
        unique: unique, Redundant("the counterexample has unique optimal policies on both sides");
    }
}

/// `stay` pays 0, `go` costs 1 and leads to where each step pays `x`.
fn sides(gamma: &str, x: &Q, y: &Q) -> Case {
    let world = World::moves(gamma, &[("here", "stay", "here"), ("here", "go", "there"), ("there", "stay", "there")]);
    let paying = |x: &Q| {
        let mut r = world.over_rows(&[("here", "go", "-1")]);
        r[world.row_named("there", "stay")] = x.clone();
        r
    };
    let (r, other) = (paying(x), paying(y));
    Case::new(world).reward("r", r).reward("other", other)
}

fn stay_or_go() -> Case {
    sides("1/2", &Q::ZERO, &number("3"))
}

/// At discount 1/2 the gap is `1 - x` where staying is better and `(y - 1) / 2` where going is.
fn instance(draw: &mut Draw) -> Case {
    let gap = draw.positive("gap");
    sides("1/2", &(Q::ONE - &gap), &(Q::ONE + &gap + &gap))
}

fn equal_gaps(case: &Case) -> bool {
    let gap = |name| case.world.optimum(&case.r(name)).least_gap().cloned();
    gap("r") == gap("other")
}

fn unique(case: &Case) -> bool {
    ["r", "other"].iter().all(|name| !case.world.optimum(&case.r(name)).has_tie(&case.world))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let radius = |name| {
        let (world, r) = (&case.world, case.r(name));
        world.radius(&world.optimum(&r).choice, &r).map_or(Q::ZERO, |(radius, _)| radius)
    };
    Finding::equal("radii of the two rewards", &radius("r"), &radius("other"))
}
