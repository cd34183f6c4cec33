//! Rewards on states need the divergence of states only.

use crate::prelude::*;

theorem! {
    /// # Rewards on states need the divergence of states only
    ///
    /// ## Statement
    ///
    /// For all policies $\pi$, $\pi_0$ with $\mu_\pi \ll \mu_{\pi_0}$: $\chi^2(d_\pi \| d_{\pi_0}) \le \chi^2(\mu_\pi
    /// \| \mu_{\pi_0})$, $d$ being the distribution over states. If $R$ and $\tilde R$ depend on the state alone, the
    /// lower bound for correlated proxies holds with $\chi^2(d_\pi \| d_{\pi_0})$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, by squares.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the same holds for any statistic of state and action in place of the state.
    id: "state-rewards-need-state-divergence",
    claim: "for rewards on states the lower bound holds with the smaller divergence of state distributions",
    paper: "laidlaw2025correlated", "derived here from Theorem 5.1 as restated",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The truth depends on the state alone.
        truth_of_states: truth_of_states, Broken(without_truth_of_states);
        /// The proxy depends on the state alone.
        proxy_of_states: proxy_of_states, Broken(without_proxy_of_states);
        /// The correlation is defined and positive.
        positive_correlation: positive_correlation, Redundant("the theorem's bound divides by the correlation, so it is a lower bound for positive ones only");
    }
}

fn on_states(draw: &mut Draw, name: &str, world: &World) -> Vec<Q> {
    let of_state = draw.potential(name, world);
    world.all_rows().iter().map(|row| of_state[row.s].clone()).collect()
}

fn case(draw: &mut Draw, rewards: impl Fn(&mut Draw, &World) -> (Vec<Q>, Vec<Q>)) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    let (proxy, truth) = rewards(draw, &world);
    let is_opposed = covariance(&world.measure(&reference), &proxy, &truth) < Q::ZERO;
    let truth = if is_opposed { scaled(&-Q::ONE, &truth) } else { truth };
    Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy).reward("truth", truth)
}

fn instance(draw: &mut Draw) -> Case {
    case(draw, |draw, world| (on_states(draw, "proxy", world), on_states(draw, "truth", world)))
}

fn is_of_states(case: &Case, name: &str) -> bool {
    let r = case.r(name);
    (0..case.world.n_states()).all(|s| r[case.world.rows(s)].windows(2).all(|pair| pair[0] == pair[1]))
}

fn truth_of_states(case: &Case) -> bool {
    is_of_states(case, "truth")
}

fn without_truth_of_states(draw: &mut Draw) -> Case {
    case(draw, |draw, world| (on_states(draw, "proxy", world), draw.reward("truth", world)))
}

fn proxy_of_states(case: &Case) -> bool {
    is_of_states(case, "proxy")
}

fn without_proxy_of_states(draw: &mut Draw) -> Case {
    case(draw, |draw, world| (draw.reward("proxy", world), on_states(draw, "truth", world)))
}

fn positive_correlation(case: &Case) -> bool {
    let moved = case.moved();
    moved.is_defined() && moved.covariance > Q::ZERO
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let states = |name: &str| case.world.over_its_states(&case.world.measure(case.pi(name)));
    let moved = case.moved();
    let of_states = chi2(&states("pi"), &states("reference"));
    Finding::at_most("divergence of states and of pairs", &of_states, &moved.chi2)
        .and(moved.clone().with_chi2(of_states).bound().below("bound on the gain of the truth", &moved.truth))
}
