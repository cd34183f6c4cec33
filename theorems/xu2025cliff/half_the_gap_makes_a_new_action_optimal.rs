//! Half the gap of an action is enough to make it optimal, ties or not.

use crate::prelude::*;

theorem! {
    /// # Half the gap of an action is enough to make it optimal, ties or not
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward $r$, with ties or without, and every non-optimal pair of gap $g$,
    /// lowering every reward by $g/2$ except that of the pair, which is raised by $g/2$, makes the pair optimal. So the set
    /// radius, up to which no new action becomes optimal, is at most $g_{min} / 2$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for every non-optimal pair of a drawn reward with ties. Where transitions do not depend on the action
    /// less than $g/2$ is not enough.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The lower end of the set radius is `optimal-actions-only-drop-out`.
    id: "half-the-gap-makes-a-new-action-optimal",
    claim: "a change of the reward by half the least gap can make a new action optimal",
    paper: "xu2025cliff", "the converse of Lemma 2.5, derived here",
    tags: ["stability", "ties", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The pair is raised by the whole half gap.
        whole: whole, Broken(without_whole);
    }
}

fn drawn(draw: &mut Draw, part: Q) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_with_tie("r", &world);
    Case::new(world).reward("r", r).number("part of half the gap", part)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, Q::ONE)
}

fn three_arms() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let r = world.over_rows(&[("prompt", "x", "1"), ("prompt", "y", "1")]);
    Case::new(world).reward("r", r).number("part of half the gap", Q::ONE)
}

fn whole(case: &Case) -> bool {
    *case.n("part of half the gap") == Q::ONE
}

fn without_whole(draw: &mut Draw) -> Case {
    let part = draw.number_of("part", &["1/2", "99/100"]);
    drawn(draw, part)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let gap = world.optimum(&r).gap;
    let worse = (0..world.n_rows()).filter(|&row| !gap[row].is_zero());
    Finding::all(worse.map(|row| {
        let half = strength.constant(case.n("part of half the gap") * &gap[row] / Q::from(2u8));
        let mut moved: Vec<Q> = r.iter().map(|r| r - &half).collect();
        moved[row] = &r[row] + &half;
        Finding::is(world.optimum(&moved).gap[row].is_zero(), || {
            format!("row {row} is still worse after a change by {}", half.shown())
        })
    }))
}
