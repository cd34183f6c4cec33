//! The correlation of two rewards does not ignore shaping: refuted.

use crate::prelude::*;

theorem! {
    /// # Correlation ignores shaping
    ///
    /// ## Statement
    ///
    /// False: for every MDP, reference policy and potential $\Phi$, the proxies $\tilde R$ and $\tilde R + \gamma
    /// \mathbb{E}\Phi(s') - \Phi(s)$, which differ by a constant in the return of every policy, have the same
    /// correlation with $R$ under $\mu_{\pi_0}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, $r |r|$ in place of $r$. In the counterexample by hand the proxy is the truth, and after shaping
    /// its correlation is negative.
    ///
    /// ## Known limits
    ///
    /// None: one counterexample is enough.
    id: "correlation-ignores-shaping",
    claim: "potential shaping of the proxy leaves its correlation with the truth as it is",
    paper: "laidlaw2025correlated", "derived here, on Definition 4.1 as restated",
    tags: ["hacking", "shaping", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [own_value_as_potential],
    hypotheses: {
        /// Both correlations are defined.
        both_vary: both_vary, Redundant("the counterexample meets it: dropping it cannot save the claim");
    }
}

fn own_value_as_potential() -> Case {
    let world = World::moves("1/2", &[("a", "go", "b"), ("a", "stay", "a"), ("b", "go", "a"), ("b", "stay", "b")]);
    let r = world.over_rows(&[("b", "go", "1"), ("b", "stay", "1")]);
    let (reference, phi) = (world.uniform(), world.over_states(&[("b", "3")]));
    Case::new(world).policy("reference", reference).reward("proxy", r.clone()).reward("truth", r).vector("phi", phi)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let reference = draw.mixed_policy("reference", &world);
    let (proxy, truth) = (draw.reward("proxy", &world), draw.reward("truth", &world));
    let phi = draw.potential("phi", &world);
    Case::new(world).policy("reference", reference).reward("proxy", proxy).reward("truth", truth).vector("phi", phi)
}

fn both(case: &Case) -> [Moved; 2] {
    let (world, truth, proxy) = (&case.world, case.r("truth"), case.r("proxy"));
    let mu = world.measure(case.pi("reference"));
    let shaped = plus(&proxy, &world.drift(case.x("phi")));
    [Moved::between(&mu, &mu, &proxy, &truth), Moved::between(&mu, &mu, &shaped, &truth)]
}

fn both_vary(case: &Case) -> bool {
    both(case).iter().all(Moved::is_defined)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let [plain, shaped] = both(case);
    Finding::equal("signed square of the correlation, shaped and plain", &shaped.signed_r2(), &plain.signed_r2())
}
