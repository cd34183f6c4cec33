//! Advantage vectors are orthogonal to all shaping.

use crate::prelude::*;

theorem! {
    /// # Advantage vectors are orthogonal to all shaping
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every stationary policy $\pi$, every pair $(s,a)$ and every potential $\Phi$,
    /// $\langle c_{sa}, \gamma P \Phi - \Phi \rangle = 0$, where $c_{sa}$ is the vector with $\langle c_{sa}, r \rangle =
    /// A^\pi_r(s,a)$ for every $r$. So shaping moves a reward along every facet and towards none.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for a drawn stochastic policy and all pairs; also that the vector gives the advantages of a drawn
    /// reward, which are found from values.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "advantages-ignore-shaping",
    claim: "no advantage of any policy moves when a reward is shaped by a potential",
    paper: "ng2000irl", "derived here for their cone of rewards",
    tags: ["stability", "shaping"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, phi, pi) = (draw.reward("r", &world), draw.potential("phi", &world), draw.policy("pi", &world));
    Case::new(world).reward("r", r).vector("phi", phi).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount of shaping", gamma)
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let (r, phi) = (world.over_rows(&[("s0", "h", "1")]), world.over_states(&[("s0", "2"), ("s1", "-1"), ("s2", "5")]));
    let pi = world.uniform();
    Case::new(world).reward("r", r).vector("phi", phi).policy("pi", pi).number("discount of shaping", number("9/10"))
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of shaping") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = draw.number_of("discount of shaping", &["1", "0", "1/2"]);
    case.number("discount of shaping", gamma)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let drift = world.discounted(case.n("discount of shaping").clone()).drift(case.x("phi"));
    let vectors: Vec<Vec<Q>> = (0..world.n_rows()).map(|row| world.advantage_vector(pi, row)).collect();
    let along = |x: &[Q]| vectors.iter().map(|c| dot(c, x)).collect::<Vec<Q>>();
    Finding::all_equal("advantage of the shaping term", &along(&drift), &vec![Q::ZERO; drift.len()])
        .and(Finding::all_equal("advantage of the reward", &along(&r), &world.advantage(pi, &r)))
}
