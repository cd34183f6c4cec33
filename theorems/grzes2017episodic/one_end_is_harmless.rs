//! Without discount, the potential of a single end is a harmless constant.

use crate::prelude::*;

theorem! {
    /// # Without discount, the potential of a single end is a harmless constant
    ///
    /// ## Statement
    ///
    /// For every MDP with discount 1 whose episodes all end in one state $e$, and every potential, shaping shifts the
    /// return of every policy by $\Phi(e) - \mathbb{E}_{\mu_0}\Phi$, whether or not $\Phi(e) = 0$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for all deterministic policies and a drawn one.
    ///
    /// ## Known limits
    ///
    /// With a discount the same is true only of episodes of one length.
    id: "one-end-is-harmless",
    claim: "undiscounted episodes that end in one state keep their order under any potential",
    paper: "grzes2017episodic", "the harmless case, derived here",
    tags: ["shaping", "episodes"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// There is one end.
        one_end: |case| case.world.terminal.iter().filter(|ends| **ends).count() == 1, Broken(without_one_end);
        /// Nothing is discounted.
        no_discount: |case| case.world.gamma == Q::ONE, Broken(without_no_discount);
    }
}

fn drawn(draw: &mut Draw, ends: usize, gammas: &[&str]) -> Case {
    let world = draw.episodic((2 + ends, 4), ends, gammas, false);
    let r = draw.reward_sas("r", &world);
    let phi = draw.potential("phi", &world);
    let pi = draw.policy("pi", &world);
    Case::new(world).reward_sas("r", r).vector("phi", phi).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, 1, &["1"])
}

fn without_one_end(draw: &mut Draw) -> Case {
    drawn(draw, 2, &["1"])
}

fn without_no_discount(draw: &mut Draw) -> Case {
    drawn(draw, 1, &["1/2", "9/10"])
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, phi) = (&case.world, case.r("r"), case.x("phi"));
    let shaped = plus(&r, &world.drift(phi));
    let policies = world.policies().into_iter().chain([case.pi("pi").to_vec()]);
    // The end is the last state.
    let shift = &phi[world.n_states() - 1] - dot(&world.mu0, phi);
    Finding::all(policies.map(|pi| {
        Finding::equal("shift of the return", &(world.j(&pi, &shaped) - world.j(&pi, &r)), &shift)
    }))
}
