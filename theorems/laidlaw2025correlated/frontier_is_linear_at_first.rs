//! Close to the reference the best gain is linear in the divergence.

use crate::prelude::*;

theorem! {
    /// # Close to the reference the best gain is linear in the divergence
    ///
    /// ## Statement
    ///
    /// For every MDP, every reference $\pi_0$ of full support and every proxy that is not trivial, with $C$ the
    /// canonical form of the proxy under $\mu_{\pi_0}$, $\lambda^*$ its standard deviation and $t_1 = 1 / \max(-C)$:
    /// for $0 \le t \le t_1$, $\mu_{\pi_0}(1 + t C)$ is the occupancy of a policy of gain $\lambda^* \sqrt{\chi^2}$
    /// and $\sqrt{\chi^2} = t \lambda^*$, which no policy exceeds. Every policy with $\sqrt{\chi^2} > t_1 \lambda^*$
    /// gains strictly less than $\lambda^* \sqrt{\chi^2}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, by squares: the policy on the line is built and evaluated anew, at the end of the line too, where
    /// an action is first given up.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable. That no policy exceeds the line is checked on drawn ones.
    id: "frontier-is-linear-at-first",
    claim: "the best gain grows linearly with the divergence until some action is given up, and slower after",
    paper: "laidlaw2025correlated", "derived here, on the objective of equation (5) as restated",
    tags: ["hacking", "chi2", "canonical", "optimisation"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The line follows the canonical form.
        canonical: is_canonical, Broken(without_canonical);
        /// The line ends where an occupancy reaches 0.
        inside: is_inside, Broken(without_inside);
        /// The proxy is not trivial.
        not_trivial: not_trivial, Redundant("a trivial proxy gains nothing anywhere, and its line has no length");
    }
}

fn drawn(draw: &mut Draw, shares: &[&str]) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    let (proxy, pi) = (draw.reward("proxy", &world), draw.policy("pi", &world));
    let share = draw.number_of("share", shares);
    Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy).number("share of line", share)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["1", "1/2", "1/10"]).choice("direction", "canonical")
}

fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let (reference, pi) = (world.uniform(), world.playing(&[("prompt", "x")]));
    let proxy = world.over_rows(&[("prompt", "x", "1")]);
    let case = Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy);
    case.number("share of line", Q::ONE).choice("direction", "canonical")
}

fn is_canonical(case: &Case) -> bool {
    case.chosen("direction") == "canonical"
}

fn without_canonical(draw: &mut Draw) -> Case {
    drawn(draw, &["1", "1/2"]).choice("direction", "raw")
}

fn is_inside(case: &Case) -> bool {
    *case.n("share of line") <= Q::ONE
}

fn without_inside(draw: &mut Draw) -> Case {
    drawn(draw, &["2", "3/2"]).choice("direction", "canonical")
}

fn not_trivial(case: &Case) -> bool {
    case.world.project(&case.r("proxy")).iter().any(|x| !x.is_zero())
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, proxy) = (&case.world, case.r("proxy"));
    let mu = world.measure(case.pi("reference"));
    let form = match is_canonical(case) {
        true => world.canonical_under(&mu, &proxy),
        false => {
            let mean = dot(&mu, &proxy);
            proxy.iter().map(|r| r - &mean).collect()
        }
    };
    let squared = covariance(&mu, &form, &form);
    let lowest = form.iter().min().expect("a row");
    if *lowest >= Q::ZERO {
        return Finding::Vacuous;
    }
    let (end, t) = (-Q::ONE / lowest, -case.n("share of line") / lowest);
    let line: Vec<Q> = mu.iter().zip(&form).map(|(mu, form)| mu * (Q::ONE + &t * form)).collect();
    // What is no occupancy is no distribution over actions, or has another occupancy than it set out with.
    let on_line = world.policy_with(&line);
    let is_policy = on_line.iter().all(|p| *p >= Q::ZERO);
    let gain_and_cost = |mu_pi: &[Q]| (dot(&minus(mu_pi, &mu), &proxy), chi2(mu_pi, &mu));
    let (gain, cost) = gain_and_cost(&world.measure(&on_line));
    let (other_gain, other_cost) = gain_and_cost(&world.measure(case.pi("pi")));
    let (reached, most) = (signed_square(&other_gain), &squared * &other_cost);
    let beyond = match other_cost > &end * &end * &squared {
        true => Finding::less("squared gain beyond the line", &reached, &most),
        false => Finding::at_most("squared gain of a policy", &reached, &most),
    };
    Finding::all([
        Finding::is(is_policy, || "the line has left the occupancies".into()),
        Finding::equal("gain on the line", &gain, &(&t * &squared)),
        Finding::equal("divergence on the line", &cost, &(&t * &t * &squared)),
        beyond,
    ])
}
