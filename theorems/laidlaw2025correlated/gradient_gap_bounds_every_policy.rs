//! One MDP solve bounds what any policy can add to the penalised objective.

use crate::prelude::*;

theorem! {
    /// # One MDP solve bounds what any policy can add to the penalised objective
    ///
    /// ## Statement
    ///
    /// Let $F(\mu) = \langle \tilde R, \mu \rangle - \lambda \sqrt{\chi^2(\mu \| \mu_{\pi_0})}$. For every policy
    /// $\pi$ with $\chi^2(\mu_\pi \| \mu_{\pi_0}) > 0$, with $g = \tilde R - \frac{\lambda}{\sqrt{\chi^2}} ( \mu_\pi /
    /// \mu_{\pi_0} - 1 )$, every policy $\nu$ satisfies $$F(\mu_\nu) - F(\mu_\pi) \le \max_{\nu'} \langle g,
    /// \mu_{\nu'} - \mu_\pi \rangle.$$
    ///
    /// ## How it is checked
    ///
    /// In fractions: $\lambda$ is drawn as a multiple of $\sqrt{\chi^2}$, so one root is left. The maximum is that of
    /// policy iteration on the reward $g$.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable.
    id: "gradient-gap-bounds-every-policy",
    claim: "the Frank-Wolfe gap bounds how far a policy is from the best of the penalised objective",
    paper: "laidlaw2025correlated", "derived here, on the objective of equation (5) as restated",
    tags: ["hacking", "chi2", "optimisation"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The reference plays every action. The divergence is summed over what it visits.
        full_support: full_support, Broken(without_full_support);
        /// The gradient has the factor of the root's derivative, not half of it.
        whole_gradient: whole_gradient, Broken(without_whole_gradient);
        /// The policy is not the reference.
        not_the_reference: not_the_reference, Redundant("the objective has no gradient at the reference, so nothing is claimed there");
    }
}

fn drawn(draw: &mut Draw, world: World, reference: Vec<Q>) -> Case {
    let proxy = draw.reward("proxy", &world);
    let (pi, other) = (draw.policy("pi", &world), draw.policy("other", &world));
    let weight = draw.positive("weight");
    Case::new(world)
        .policy("reference", reference)
        .policy("pi", pi)
        .policy("other", other)
        .reward("proxy", proxy)
        .number("weight over root", weight)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    drawn(draw, world, reference).number("share of gradient", Q::ONE)
}

fn full_support(case: &Case) -> bool {
    case.world.measure(case.pi("reference")).iter().all(|x| !x.is_zero())
}

fn without_full_support(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).actions(3, 3).whole());
    let reference = draw.policy("reference", &world);
    levelled(draw, world, reference, Q::ONE)
}

/// A proxy that nearly levels the gradient, so that the gap is nearly nothing.
fn levelled(draw: &mut Draw, world: World, reference: Vec<Q>, share: Q) -> Case {
    let mut case = drawn(draw, world, reference).number("share of gradient", share);
    let slope = case.n("weight over root") * case.n("share of gradient");
    let size = draw.number_of("size of noise", &["0", "1/10"]);
    let proxy = combination(&scaled(&slope, &excess(&case)), &size, &case.r("proxy"));
    case.rewards.clear();
    case.reward("proxy", proxy)
}

/// `mu / q - 1` of the policy against the reference, 0 where the reference does not go.
fn excess(case: &Case) -> Vec<Q> {
    let [q, mu] = ["reference", "pi"].map(|name| case.world.measure(case.pi(name)));
    (0..q.len()).map(|row| if q[row].is_zero() { Q::ZERO } else { &mu[row] / &q[row] - Q::ONE }).collect()
}

fn whole_gradient(case: &Case) -> bool {
    *case.n("share of gradient") == Q::ONE
}

fn without_whole_gradient(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    let share = draw.number_of("share of gradient", &["1/2", "2"]);
    levelled(draw, world, reference, share)
}

fn not_the_reference(case: &Case) -> bool {
    let measure = |name: &str| case.world.measure(case.pi(name));
    measure("pi") != measure("reference") && chi2(&measure("pi"), &measure("reference")) > Q::ZERO
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, proxy, kappa) = (&case.world, case.r("proxy"), case.n("weight over root"));
    let [q, mu, nu] = ["reference", "pi", "other"].map(|name| world.measure(case.pi(name)));
    let slope = kappa * case.n("share of gradient");
    let g = combination(&proxy, &-slope, &excess(case));
    let best = (Q::ONE - &world.gamma) * dot(&world.mu0, &world.optimum(&g).v);
    let gap = best - dot(&g, &mu);
    // lambda = kappa sqrt(chi2): F(nu) - F(mu) - gap <= 0 leaves the root of a product.
    let here = chi2(&mu, &q);
    let there = chi2(&nu, &q).max(Q::ZERO);
    let rest = dot(&minus(&nu, &mu), &proxy) + kappa * &here - gap;
    let square = kappa * kappa * here * there;
    Lowered { from: rest, square }.below("what the other policy adds beyond the gap", &Q::ZERO)
}
