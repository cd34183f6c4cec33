//! Half the largest advantage is enough to make a policy optimal.

use crate::prelude::*;

theorem! {
    /// # Half the largest advantage is enough to make a policy optimal
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward $r$ and every deterministic $\pi$, let $x = \max(0, \max_{sa}
    /// A^\pi_r(s,a))$. The nearest reward for which $\pi$ is optimal is at a distance between $\max_{sa} A^\pi_r(s,a)^+ /
    /// \|c_{sa}\|_1$ and $x / 2$ in the sup norm: raising what $\pi$ plays by $x/2$ and lowering the rest by $x/2$ lowers every
    /// advantage of an unplayed pair by $x$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the reward at distance $x/2$ makes $\pi$ optimal; drawn ones just below the lower bound do not.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The upper bound cannot be lowered where transitions do not depend on the action.
    id: "half-the-largest-advantage-makes-optimal",
    claim: "moving every reward by half the largest advantage is enough to make a given policy optimal",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "inverse"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_loops],
    hypotheses: {
        /// The policy is deterministic.
        deterministic: deterministic, Broken(without_deterministic);
    }
}

fn stated(world: World, r: Vec<Q>, pi: Vec<Q>, direction: Vec<Q>) -> Case {
    Case::new(world).reward("r", r).policy("pi", pi).vector("direction", direction)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, choice, d) = (draw.reward("r", &world), draw.choice("pi", &world), draw.direction("direction", &world));
    let pi = world.pure(&choice);
    stated(world, r, pi, d)
}

fn two_loops() -> Case {
    let world = World::two_loops("9/10");
    let (r, pi) = (world.over_rows(&[("s", "x", "1")]), world.playing(&[("s", "y")]));
    let d = world.over_rows(&[("s", "x", "-1"), ("s", "y", "1")]);
    stated(world, r, pi, d)
}

fn deterministic(case: &Case) -> bool {
    case.pi("pi").iter().all(|p| p.is_zero() || *p == Q::ONE)
}

fn without_deterministic(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, pi, d) = (draw.reward("r", &world), draw.mixed_policy("pi", &world), draw.direction("direction", &world));
    stated(world, r, pi, d)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let advantage = world.advantage(pi, &r);
    let most = advantage.iter().max().cloned().unwrap_or(Q::ZERO).max(Q::ZERO);
    let half = strength.constant(most / Q::from(2u8));
    let moved = r.iter().zip(pi).map(|(r, p)| if p.is_zero() { r - &half } else { r + &half }).collect::<Vec<_>>();
    let worse = (0..world.n_rows()).filter(|&row| advantage[row] > Q::ZERO);
    let least = worse.map(|row| &advantage[row] / l1(&world.advantage_vector(pi, row))).max().unwrap_or(Q::ZERO);
    let enough =
        Finding::is(world.is_optimal(pi, &moved), || format!("a change by {} is not enough", half.shown()));
    if least.is_zero() {
        return enough;
    }
    let near = combination(&r, &(least * number("999/1000")), case.x("direction"));
    enough.and(Finding::is(!world.is_optimal(pi, &near), || "optimal nearer than the lower bound".into()))
}
