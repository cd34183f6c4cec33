//! At a tie a change of any size prefers one action over the other.

use crate::prelude::*;

theorem! {
    /// # At a tie a change of any size prefers one action over the other
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward $r$ with $a_1, a_2$ optimal in $s_0$ and every $e > 0$, the reward $r'
    /// = r + e\,[(s_0,a_2)]$, which is within $e$ of $r$, has $Q^*_{r'}(s_0,a_2) - Q^*_{r'}(s_0,a_1) \ge (1 - \gamma) e > 0$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The paper changes by $e / (1 + \gamma)$ and asks for a positive difference; $e$ may be used whole, and
    /// the difference has this sharp lower bound.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the tie is between the first two actions of the first state.
    id: "any-size-reverses-a-tie",
    claim: "raising one of two tied actions by e makes it better by at least (1 - discount) e",
    paper: "xu2025cliff", "Proposition 3.2, with a lower bound derived here",
    tags: ["stability", "ties"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [stay_or_leave],
    hypotheses: {
        /// The raised action is optimal before.
        tied: tied, Broken(without_tied);
    }
}

fn stated(world: World, r: Vec<Q>, size: Q) -> Case {
    Case::new(world).reward("r", r).number("size", size)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_with_tie("r", &world);
    let size = draw.number_of("size", &["1", "1/100", "1/1000000"]);
    stated(world, r, size)
}

/// Staying shares what leaving gains.
fn stay_or_leave() -> Case {
    let world = World::moves("1/2", &[("s", "stay", "s"), ("s", "leave", "end"), ("end", "stay", "end")]);
    stated(world, vec![Q::ZERO; 3], Q::ONE)
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("r")).gap[1].is_zero()
}

fn without_tied(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let first: Vec<usize> = (0..world.n_states()).map(|s| world.rows(s).start).collect();
    let r = draw.reward_with_optimum("r", &world, &world.marked(&first));
    stated(world, r, number("1/100"))
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, mut r, size) = (&case.world, case.r("r"), case.n("size"));
    r[1] += size;
    let q = world.optimum(&r).q;
    let least = (Q::ONE - &world.gamma) * size / strength.constant(Q::ONE);
    Finding::at_most("(1 - discount) e against the difference", &least, &(&q[1] - &q[0]))
}
