//! Shaping by a potential keeps the order of all policies.

use crate::prelude::*;

theorem! {
    /// # Shaping by a potential keeps the order of all policies
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and every potential $\Phi: S \to \mathbb{R}$, the reward $R'(s,a,s') =
    /// R(s,a,s') + \gamma\Phi(s') - \Phi(s)$ satisfies $J_{R'}(\pi) = J_R(\pi) - \mathbb{E}_{\mu_0}\Phi$ for every policy
    /// $\pi$. So all policies keep their order.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the shift of the return of a drawn stochastic policy and of every deterministic one.
    ///
    /// ## Known limits
    ///
    /// Stationary policies on up to four states.
    id: "potential-shaping-keeps-order",
    claim: "adding a potential's shaping shifts every policy's return by the same amount",
    paper: "ng1999shaping", "Theorem 1, sufficiency; the shift is Corollary 2",
    tags: ["shaping"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [loop_or_leave],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: same_discount, Broken(without_same_discount);
        /// The shaping term is paid on every transition.
        paid_everywhere: paid_everywhere, Broken(without_paid_everywhere);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, phi) = (draw.reward_sas("r", &world), draw.potential("phi", &world));
    let pi = draw.policy("pi", &world);
    Case::new(world).reward_sas("r", r).vector("phi", phi).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    let paid = vec![Q::ONE; case.world.n_states()];
    case.number("discount of shaping", gamma).vector("paid", paid)
}

/// Two states that can be circled for ever.
fn loop_or_leave() -> Case {
    let world = World::moves("1/2", &[("a", "go", "b"), ("a", "stay", "a"), ("b", "go", "a"), ("b", "stay", "b")]);
    let r = world.over_rows(&[("a", "stay", "1"), ("b", "go", "2")]);
    let pi = world.uniform();
    let phi = world.over_states(&[("a", "3"), ("b", "-1")]);
    Case::new(world)
        .reward("r", r)
        .vector("phi", phi)
        .policy("pi", pi)
        .number("discount of shaping", number("1/2"))
        .vector("paid", vec![Q::ONE; 2])
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of shaping") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let other = draw.number_of("discount of shaping", &["1", "1/2", "0"]);
    let paid = vec![Q::ONE; case.world.n_states()];
    case.number("discount of shaping", other).vector("paid", paid)
}

fn paid_everywhere(case: &Case) -> bool {
    case.x("paid").iter().all(|paid| *paid == Q::ONE)
}

/// Transitions into some states, such as the last ones of episodes, are left without the term.
fn without_paid_everywhere(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    let paid = (0..case.world.n_states()).map(|s| draw.number_of(("paid", s), &["1", "0"])).collect();
    case.number("discount of shaping", gamma).vector("paid", paid)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, phi) = (&case.world, case.sas("r"), case.x("phi"));
    let term = world.discounted(case.n("discount of shaping").clone()).shaping(phi);
    let paid = case.x("paid");
    let shaped: Vec<Vec<Q>> = r
        .iter()
        .zip(&term)
        .map(|(r, f)| r.iter().zip(f).zip(paid).map(|((r, f), paid)| r + f * paid).collect())
        .collect();
    let (r, shaped) = (world.expected(&r), world.expected(&shaped));
    let shift = dot(&world.mu0, phi);
    let policies = world.policies().into_iter().chain([case.pi("pi").to_vec()]);
    Finding::all(policies.map(|pi| {
        Finding::equal("J shaped and J less the potential of the start", &world.j(&pi, &shaped), &(world.j(&pi, &r) - &shift))
    }))
}
