//! Only states that a policy visits decide how long it stays optimal from the start.

use crate::prelude::*;

theorem! {
    /// # Only states that a policy visits decide how long it stays optimal from the start
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward $r$ and every deterministic optimal $\pi$, let $g$ be the smallest gap
    /// $V^*(s) - Q^*(s,a)$ over states that $\pi$ visits from $\mu_0$ and $a \ne \pi(s)$. Then $\pi$ maximises $J_{r'}$ for
    /// every $r'$ with $\|r' - r\|_\infty < (1 - \gamma) g / 2$, whatever ties there are elsewhere. No larger multiple will do.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's optimal values and visits are held against them, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "visited-states-decide-stability-of-the-return",
    claim: "a policy stays optimal from the start while changes are small against the gaps of states it visits",
    paper: "xu2025cliff", "uniqueness of Theorem 2.7 asked for only where the policy goes; derived here",
    tags: ["stability", "radius", "occupancy"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork, tie_out_of_reach],
    hypotheses: {
        /// The change is smaller than the radius.
        inside: inside, Broken(without_inside);
        /// Every visited state counts.
        visited_count: visited_count, Broken(without_visited_count);
    }
}

fn stated(world: World, r: Vec<Q>, share: Q, direction: Vec<Q>, counted: &[bool]) -> Case {
    let counted = counted.iter().map(|&counted| if counted { Q::ONE } else { Q::ZERO }).collect();
    let case = Case::new(world).reward("r", r).number("share of the radius", share);
    case.vector("direction", direction).vector("counted states", counted)
}

fn visited(world: &World, r: &[Q]) -> Vec<bool> {
    let pi = world.pure(&world.optimum(r).choice);
    world.visits(&pi).iter().map(|d| *d > Q::ZERO).collect()
}

fn drawn(draw: &mut Draw, shares: &[&str]) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = match draw.below("tied", 3) {
        2 => draw.reward_with_tie("r", &world),
        _ => draw.reward_without_tie("r", &world),
    };
    let (share, d, counted) = (draw.number_of("share", shares), draw.direction("direction", &world), visited(&world, &r));
    stated(world, r, share, d, &counted)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["999/1000", "1/2"])
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = world.over_rows(&[("s0", "h", "1")]);
    let d = [("s0", "h", "-1"), ("s1", "stay", "-1"), ("s0", "k", "1"), ("s2", "stay", "1")];
    let d = world.over_rows(&d);
    stated(world, r, number("999/1000"), d, &[true, true, false])
}

fn tie_out_of_reach() -> Case {
    let moves = [("s", "x", "s"), ("s", "y", "s"), ("far", "x", "s"), ("far", "y", "far")];
    let world = World::moves("1/2", &moves);
    let r = world.over_rows(&[("s", "x", "1"), ("far", "y", "1")]);
    let d = world.over_rows(&[("s", "y", "1"), ("s", "x", "-1"), ("far", "x", "1")]);
    stated(world, r, number("999/1000"), d, &[true, false])
}

fn inside(case: &Case) -> bool {
    *case.n("share of the radius") < Q::ONE
}

fn without_inside(draw: &mut Draw) -> Case {
    drawn(draw, &["3", "5", "20"])
}

fn visited_count(case: &Case) -> bool {
    let counted = case.x("counted states").iter();
    counted.zip(visited(&case.world, &case.r("r"))).all(|(counted, visited)| !visited || *counted == Q::ONE)
}

/// Only states in which episodes start are counted, and there the best actions are far ahead of others.
fn without_visited_count(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let (mut r, d) = (draw.reward_without_tie("r", &world), draw.direction("direction", &world));
    let counted: Vec<bool> = world.mu0.iter().map(|m| *m > Q::ZERO).collect();
    let best = world.optimum(&r).choice;
    let others = (0..world.n_rows()).filter(|row| counted[world.row(*row).s] && !best.contains(row));
    others.for_each(|row| r[row] -= Q::from(50u8));
    stated(world, r, number("999/1000"), d, &counted)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, counted) = (&case.world, case.r("r"), case.x("counted states"));
    let optimum = world.optimum(&r);
    let others = (0..world.n_rows()).filter(|row| !optimum.choice.contains(row));
    let gap = others.filter(|&row| counted[world.row(row).s] == Q::ONE).map(|row| &optimum.gap[row]).min();
    let gap = gap.cloned().unwrap_or(Q::ONE);
    let radius = (Q::ONE - &world.gamma) * gap / Q::from(2u8) / strength.constant(Q::ONE);
    let moved = combination(&r, &(case.n("share of the radius") * radius), case.x("direction"));
    let best = dot(&world.mu0, &world.optimum(&moved).v);
    let lab = Lab::of(case);
    Finding::all([
        Finding::equal("return after the change, and the best", &world.j(&world.pure(&optimum.choice), &moved), &best),
        lab.visits_hold(&optimum.choice),
        lab.optimum_holds("r"),
    ])
}
