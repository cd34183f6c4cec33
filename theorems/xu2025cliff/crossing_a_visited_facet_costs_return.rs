//! A policy is no longer optimal from the start once an action of a visited state is better.

use crate::prelude::*;

theorem! {
    /// # A policy is no longer optimal from the start once an action of a visited state is better
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every deterministic $\pi$ optimal for $r$, every state $s$ with discounted visits
    /// $d^\pi(s) > 0$ and every $a \ne \pi(s)$: for every $t > 1$ the reward $r' = r + t\, \varepsilon\, \mathrm{sign}(c_{sa})$
    /// with $\varepsilon = (V^\pi(s) - Q^\pi(s,a)) / \|c_{sa}\|_1$ has policies of larger $J_{r'}$ than $\pi$. So the radius
    /// up to which $\pi$ maximises $J$ is at most the least such $\varepsilon$ over visited states.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for the pairs of the first state. The library's visits are held against them, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The lower end is `visited-states-decide-stability-of-the-return`.
    id: "crossing-a-visited-facet-costs-return",
    claim: "a change of the reward beyond the radius of a visited pair makes the policy sub-optimal from the start",
    paper: "xu2025cliff", "uniqueness of Theorem 2.7 asked for only where the policy goes; derived here",
    tags: ["stability", "radius", "occupancy"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The state is visited, discounted, from the start.
        visited: visited, Broken(without_visited);
        /// The change goes beyond the tie.
        beyond: beyond, Broken(without_beyond);
    }
}

fn stated(world: World, r: Vec<Q>, share: Q) -> Case {
    Case::new(world).reward("r", r).number("share of the radius", share)
}

fn drawn(draw: &mut Draw, shares: &[&str]) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let (r, share) = (draw.reward_without_tie("r", &world), draw.number_of("share", shares));
    stated(world, r, share)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["1001/1000", "2"])
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = world.over_rows(&[("s0", "h", "1/1000")]);
    stated(world, r, number("1001/1000"))
}

fn choice(case: &Case) -> Vec<usize> {
    case.world.optimum(&case.r("r")).choice
}

fn visited(case: &Case) -> bool {
    case.world.visits(&case.world.pure(&choice(case)))[0] > Q::ZERO
}

fn without_visited(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).certain());
    let mut start = vec![Q::ZERO; world.n_states()];
    start[1] = Q::ONE;
    let world = world.starting(start);
    let r = draw.reward_without_tie("r", &world);
    stated(world, r, number("1001/1000"))
}

fn beyond(case: &Case) -> bool {
    *case.n("share of the radius") > Q::ONE
}

fn without_beyond(draw: &mut Draw) -> Case {
    drawn(draw, &["1", "1/2"])
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, choice) = (&case.world, case.r("r"), choice(case));
    let pi = world.pure(&choice);
    let facets = world.facets(&choice, &r).into_iter().filter(|facet| world.row(facet.row).s == 0);
    let crossed = facets.map(|facet| {
        let size = case.n("share of the radius") * &facet.gap / l1(&facet.normal);
        let moved = combination(&r, &size, &signs(&facet.normal));
        let best = dot(&world.mu0, &world.optimum(&moved).v);
        Finding::less("return after the change, and the best", &world.j(&pi, &moved), &best)
    });
    Finding::all(crossed.chain([Lab::of(case).visits_hold(&choice)]))
}
