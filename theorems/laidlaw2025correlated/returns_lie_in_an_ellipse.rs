//! Gains of proxy and truth lie in an ellipse.

use crate::prelude::*;

theorem! {
    /// # Gains of proxy and truth lie in an ellipse
    ///
    /// ## Statement
    ///
    /// For every policy $\pi$ and reference $\pi_0$ with $\mu_\pi \ll \mu_{\pi_0}$ and all $R$, $\tilde R$ that vary
    /// under $\mu_{\pi_0}$, the gains $x$ of $\tilde R$ and $y$ of $R$ in their standard deviations satisfy $$x^2 - 2
    /// r x y + y^2 \le (1 - r^2)\,\chi^2(\mu_\pi \| \mu_{\pi_0}), \qquad x^2, y^2 \le \chi^2(\mu_\pi \|
    /// \mu_{\pi_0}).$$
    ///
    /// ## How it is checked
    ///
    /// In fractions, multiplied by both variances. Least favourable truths lie on the ellipse.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "returns-lie-in-an-ellipse",
    claim: "gains of proxy and truth lie in the ellipse of their correlation, of the size of the divergence",
    paper: "laidlaw2025correlated", "derived here: the Gram matrix behind Theorem 5.1",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The reference visits what the policy visits. The divergence is summed over what the reference visits.
        covered: covered, Broken(without_covered);
        /// The divergence is that of the policy from the reference, not the other way round.
        from_the_reference: from_the_reference, Broken(without_from_the_reference);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.mixed_policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("direction", "policy from reference")
}

/// Two arms leave no room: the gain of a reward is its whole deviation.
fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let (proxy, truth) = (world.over_rows(&[("prompt", "x", "1")]), world.over_rows(&[("prompt", "x", "2")]));
    let (reference, pi) = (world.uniform(), world.playing(&[("prompt", "x")]));
    let case = Case::new(world).policy("reference", reference).policy("pi", pi);
    case.reward("proxy", proxy).reward("truth", truth).choice("direction", "policy from reference")
}

fn covered(case: &Case) -> bool {
    let measure = |name: &str| case.world.measure(case.pi(name));
    is_covered(&measure("pi"), &measure("reference"))
}

fn without_covered(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let (reference, pi) = (draw.policy("reference", &world), draw.mixed_policy("pi", &world));
    draw.correlated(world, reference, pi).choice("direction", "policy from reference")
}

fn from_the_reference(case: &Case) -> bool {
    case.chosen("direction") == "policy from reference"
}

fn without_from_the_reference(draw: &mut Draw) -> Case {
    drawn(draw).choice("direction", "reference from policy")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let mut m = case.moved();
    if case.chosen("direction") == "reference from policy" {
        let measure = |name: &str| case.world.measure(case.pi(name));
        m = m.with_chi2(chi2(&measure("reference"), &measure("pi")));
    }
    let size = strength.constant(Q::ONE) * &m.chi2;
    let square = |x: &Q| x * x;
    let form = square(&m.proxy) * &m.var_truth - Q::from(2u8) * &m.covariance * &m.proxy * &m.truth
        + square(&m.truth) * &m.var_proxy;
    let room = &m.var_proxy * &m.var_truth - square(&m.covariance);
    Finding::all([
        Finding::at_most("quadratic form of the gains", &form, &(room * &size)),
        Finding::at_most("squared gain of the proxy", &square(&m.proxy), &(&m.var_proxy * &size)),
        Finding::at_most("squared gain of the truth", &square(&m.truth), &(&m.var_truth * &size)),
    ])
}
