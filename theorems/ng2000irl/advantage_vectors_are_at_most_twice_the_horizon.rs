//! Advantage vectors have norm at most twice the horizon.

use crate::prelude::*;

theorem! {
    /// # Advantage vectors have norm at most twice the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every stationary policy $\pi$ and every pair, $\|c_{sa}\|_1 \le 2 / (1 -
    /// \gamma)$. Equality where the pair and the policy lead to places that are never left.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for all pairs of a drawn stochastic policy.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "advantage-vectors-are-at-most-twice-the-horizon",
    claim: "changing a reward by e moves no advantage by more than twice e times the horizon",
    paper: "ng2000irl", "derived here for their cone of rewards",
    tags: ["stability", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The bound has the discount of the MDP.
        discount_counts: discount_counts, Broken(without_discount_counts);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let pi = draw.policy("pi", &world);
    Case::new(world).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount of the bound", gamma)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let pi = world.playing(&[("s0", "k")]);
    Case::new(world).policy("pi", pi).number("discount of the bound", number("9/10"))
}

fn discount_counts(case: &Case) -> bool {
    *case.n("discount of the bound") == case.world.gamma
}

fn without_discount_counts(draw: &mut Draw) -> Case {
    drawn(draw).number("discount of the bound", Q::ZERO)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, pi) = (&case.world, case.pi("pi"));
    let most = strength.constant(Q::from(2u8)) / (Q::ONE - case.n("discount of the bound"));
    let norms = (0..world.n_rows()).map(|row| l1(&world.advantage_vector(pi, row)));
    Finding::all(norms.map(|norm| Finding::at_most("norm", &norm, &most)))
}
