//! A small change of the reward makes no new action optimal.

use crate::prelude::*;

theorem! {
    /// # A small change of the reward makes no new action optimal
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward $r$ let $g$ be the smallest gap $V^*_r(s) - Q^*_r(s,a)$ that is
    /// not 0. If $\|r' - r\|_\infty < (1 - \gamma) g / 2$ then $A^*(s; r') \subseteq A^*(s; r)$ for every $s$: the set of
    /// optimal actions is upper hemicontinuous, with this radius. No larger multiple of $(1 - \gamma) g$ will do.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for rewards with ties and without, moved by just less than the radius.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the paper's compact spaces are finite here.
    id: "optimal-actions-only-drop-out",
    claim: "a change of the reward below half the least gap over the horizon makes no new action optimal",
    paper: "xu2025cliff", "Lemma 2.5, with a radius derived here",
    tags: ["stability", "ties"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The change is smaller than the radius.
        inside: inside, Broken(without_inside);
        /// The change is measured by its largest entry.
        sup_norm: sup_norm, Broken(without_sup_norm);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = match draw.below("tied", 2) {
        0 => draw.reward_without_tie("r", &world),
        _ => draw.reward_with_tie("r", &world),
    };
    Case::new(world).reward("r", r)
}

fn moved(case: Case, share: Q, direction: Vec<Q>) -> Case {
    case.number("share of the radius", share).vector("direction", direction)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (share, d) = (draw.number_of("share", &["999/1000", "1/2"]), draw.direction("direction", &case.world));
    moved(case, share, d)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = world.over_rows(&[("s0", "h", "1/1000")]);
    let d = [("s0", "h", "-1"), ("s1", "stay", "-1"), ("s0", "k", "1"), ("s2", "stay", "1")];
    let d = world.over_rows(&d);
    moved(Case::new(world).reward("r", r), number("999/1000"), d)
}

fn inside(case: &Case) -> bool {
    *case.n("share of the radius") < Q::ONE
}

fn without_inside(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (share, d) = (draw.number_of("share", &["2", "3", "5"]), draw.direction("direction", &case.world));
    moved(case, share, d)
}

fn sup_norm(case: &Case) -> bool {
    max_abs(case.x("direction")) <= Q::ONE
}

fn without_sup_norm(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let d = draw.spike("direction", &case.world);
    moved(case, number("999/1000"), d)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let old = world.optimum(&r);
    let gap = old.least_gap().cloned().unwrap_or(Q::ONE);
    let radius = (Q::ONE - &world.gamma) * gap / Q::from(2u8) / strength.constant(Q::ONE);
    let new = world.optimum(&combination(&r, &(case.n("share of the radius") * radius), case.x("direction")));
    Finding::all(new.optimal().into_iter().map(|row| {
        Finding::is(old.gap[row].is_zero(), || {
            format!("row {row} becomes optimal, though it missed by {}", old.gap[row].shown())
        })
    }))
}
