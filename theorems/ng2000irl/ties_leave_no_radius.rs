//! Where actions tie no deterministic optimal policy is stable.

use crate::prelude::*;

theorem! {
    /// # Where actions tie no deterministic optimal policy is stable
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward for which some state has two optimal actions, every deterministic
    /// optimal policy has the stability radius 0: for every $\varepsilon > 0$ some reward within $\varepsilon$ makes it
    /// sub-optimal.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for every deterministic optimal policy: its radius, and a reward just next to $r$.
    ///
    /// ## Known limits
    ///
    /// Up to three states; by hand a tree of tokens in which only outcomes are paid, whose root ties.
    id: "ties-leave-no-radius",
    claim: "where two actions are optimal, every optimal policy is lost after some change of any size",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "ties", "radius"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [outcomes_only],
    hypotheses: {
        /// Some state has two optimal actions.
        tied: tied, Broken(without_tied);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, size) = (draw.reward_with_tie("r", &world), draw.number_of("size", &["1", "1/1000"]));
    Case::new(world).reward("r", r).number("size", size)
}

/// Each first token can still be completed to a right answer.
fn outcomes_only() -> Case {
    let moves = [
        ("root", "x", "x"),
        ("root", "y", "y"),
        ("x", "x", "end"),
        ("x", "y", "end"),
        ("y", "x", "end"),
        ("y", "y", "end"),
        ("end", "stop", "end"),
    ];
    let world = World::moves("19/20", &moves);
    let r = world.over_rows(&[("x", "y", "1"), ("y", "x", "1")]);
    Case::new(world).reward("r", r).number("size", number("1/1000000"))
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("r")).has_tie(&case.world)
}

fn without_tied(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_without_tie("r", &world);
    Case::new(world).reward("r", r).number("size", number("1/1000"))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, size) = (&case.world, case.r("r"), case.n("size"));
    let optimal = world.choices().into_iter().filter(|choice| world.is_optimal(&world.pure(choice), &r));
    Finding::all(optimal.filter_map(|choice| {
        let (radius, facet) = world.radius(&choice, &r)?;
        let near = combination(&r, size, &signs(&facet.normal));
        let lost = !world.is_optimal(&world.pure(&choice), &near);
        Some(
            Finding::equal("radius", &radius, &Q::ZERO)
                .and(Finding::is(lost, || format!("still optimal after a change by {}", size.shown()))),
        )
    }))
}
