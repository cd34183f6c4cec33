//! The distance to the rewards for which a given action would be as good.

use crate::prelude::*;

theorem! {
    /// # The distance to the rewards for which a given action would be as good
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every deterministic $\pi$ optimal for $r$ and every pair with $a \ne \pi(s)$, the
    /// linear programme $\min \|D\|_\infty$ over $D$ and $V$ with $V = (r + D)_\pi + \gamma P_\pi V$ and $(r + D)(s,a) +
    /// \gamma P_{sa} V \ge V(s)$ has the value $(V^\pi(s) - Q^\pi(s,a)) / \|c_{sa}\|_1$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, from both sides, for every pair: $D$ along the signs of $c_{sa}$ is feasible at that size, found feasible
    /// by elimination; a drawn direction, stretched until the action ties, is at least as long.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "nearest-tie-of-a-pair",
    claim: "an action ties first after a change of its gap over the norm of its advantage vector",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The change is measured by its largest entry.
        sup_norm: sup_norm, Broken(without_sup_norm);
        /// The policy is optimal to begin with.
        optimal: optimal, Redundant("for a pair that is better already the negative distance is that to a tie from the other side");
    }
}

fn stated(world: World, r: Vec<Q>, direction: Vec<Q>, norm: &'static str) -> Case {
    let pi = world.pure(&world.optimum(&r).choice);
    Case::new(world).reward("r", r).policy("pi", pi).vector("direction", direction).choice("norm", norm)
}

fn drawn(draw: &mut Draw, norm: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward_without_tie("r", &world), draw.direction("direction", &world));
    stated(world, r, d, norm)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "sup")
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let (r, d) = (world.over_rows(&[("s0", "h", "1")]), world.over_rows(&[("s2", "stay", "1"), ("s1", "stay", "-1")]));
    stated(world, r, d, "sup")
}

fn sup_norm(case: &Case) -> bool {
    case.chosen("norm") == "sup"
}

fn without_sup_norm(draw: &mut Draw) -> Case {
    drawn(draw, "average")
}

fn optimal(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("r"))
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let gap: Vec<Q> = world.advantage(pi, &r).iter().map(|a| -a).collect();
    let size = |d: &[Q]| match case.chosen("norm") {
        "sup" => max_abs(d),
        _ => l1(d) / Q::from(d.len() as u64),
    };
    let of_pair = |row: usize| {
        let c = world.advantage_vector(pi, row);
        let said = &gap[row] / l1(&c);
        // Stretched until the action is as good as the policy's; a direction away from that tells nothing.
        let stretched = |d: &[Q]| {
            let gained = world.advantage(pi, d)[row].clone();
            (gained > Q::ZERO).then(|| scaled(&(&gap[row] / gained), d))
        };
        let nearest = stretched(&signs(&c)).map(|d| {
            let ties = world.advantage(pi, &plus(&r, &d))[row].clone();
            Finding::equal("advantage after the nearest change", &ties, &Q::ZERO)
                .and(Finding::at_most("size of the nearest change", &size(&d), &strength.constant(said.clone())))
        });
        let longer = stretched(case.x("direction")).map(|d| Finding::at_most("distance", &said, &size(&d)));
        Finding::all([nearest.unwrap_or(Finding::Vacuous), longer.unwrap_or(Finding::Vacuous)])
    };
    Finding::all((0..world.n_rows()).filter(|&row| pi[row].is_zero()).map(of_pair))
}
