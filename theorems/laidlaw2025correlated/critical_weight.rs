//! The penalty weight above which nothing is certified is the deviation of the canonical proxy.

use crate::prelude::*;

theorem! {
    /// # The critical weight is the deviation of the canonical proxy
    ///
    /// ## Statement
    ///
    /// For every MDP, every reference $\pi_0$ of full support and every proxy $\tilde R$ that is not trivial, let
    /// $\lambda^*$ be the standard deviation under $\mu_{\pi_0}$ of the canonical form of $\tilde R$. For
    /// $\lambda \ge \lambda^*$ no policy has $J_{\tilde R}(\pi) - J_{\tilde R}(\pi_0) > \lambda \sqrt{\chi^2(\mu_\pi \|
    /// \mu_{\pi_0})}$; for $\lambda < \lambda^*$ some policy has, and
    /// $\mu_{\pi_0} (1 + t \tilde R_{can})$ is the occupancy of one for small $t > 0$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, by squares. The first half on drawn policies, the second by building the policy and evaluating it
    /// anew.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable. "Nothing larger than $\lambda^*$" is checked on drawn policies only.
    id: "critical-weight",
    claim: "a proxy certifies an improvement exactly if the penalty weight is below its canonical deviation",
    paper: "laidlaw2025correlated", "derived here, on the objective of equation (5) as restated",
    tags: ["hacking", "chi2", "canonical"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The reference plays every action. The divergence is summed over what it visits.
        full_support: full_support, Broken(without_full_support);
        /// The deviation is that of the canonical form.
        canonical: is_canonical, Broken(without_canonical);
        /// The proxy is not trivial.
        not_trivial: not_trivial, Redundant("a trivial proxy has critical weight 0, and no weight is below it");
    }
}

fn drawn(draw: &mut Draw, world: World, reference: Vec<Q>) -> Case {
    let proxy = draw.reward("proxy", &world);
    let pi = draw.policy("pi", &world);
    let share = draw.number_of("share", &["9/10", "1/2", "99/100", "0"]);
    Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy).number("share", share)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    drawn(draw, world, reference).choice("deviation", "canonical")
}

fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let (reference, pi) = (world.uniform(), world.playing(&[("prompt", "x")]));
    let proxy = world.over_rows(&[("prompt", "x", "1")]);
    let case = Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy);
    case.number("share", number("1/2")).choice("deviation", "canonical")
}

fn full_support(case: &Case) -> bool {
    case.world.measure(case.pi("reference")).iter().all(|x| !x.is_zero())
}

fn without_full_support(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let reference = draw.policy("reference", &world);
    drawn(draw, world, reference).choice("deviation", "canonical")
}

fn is_canonical(case: &Case) -> bool {
    case.chosen("deviation") == "canonical"
}

fn without_canonical(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    drawn(draw, world, reference).choice("deviation", "raw")
}

fn not_trivial(case: &Case) -> bool {
    case.world.project(&case.r("proxy")).iter().any(|x| !x.is_zero())
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, proxy, share) = (&case.world, case.r("proxy"), case.n("share"));
    let mu = world.measure(case.pi("reference"));
    let form = world.canonical_under(&mu, &proxy);
    let squared = match case.chosen("deviation") {
        "raw" => covariance(&mu, &proxy, &proxy),
        _ => covariance(&mu, &form, &form),
    };
    let gain_and_cost = |pi: &[Q]| {
        let other = world.measure(pi);
        (dot(&minus(&other, &mu), &proxy), chi2(&other, &mu))
    };
    let (gain, cost) = gain_and_cost(case.pi("pi"));
    let c = strength.constant(Q::ONE);
    let above = Finding::at_most("squared gain of a policy", &signed_square(&gain), &(&c * &c * &squared * cost));
    let t = fraction(1, 2) / max_abs(&form).max(Q::ONE);
    let tilted: Vec<Q> = mu.iter().zip(&form).map(|(mu, form)| mu * (Q::ONE + &t * form)).collect();
    let (gain, cost) = gain_and_cost(&world.policy_with(&tilted));
    let needed = share * share * squared * cost;
    above.and(Finding::less("what the tilted policy has to gain, squared", &needed, &signed_square(&gain)))
}
