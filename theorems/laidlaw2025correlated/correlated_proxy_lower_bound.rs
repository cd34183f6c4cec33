//! A correlated proxy bounds the loss of the truth from below.

use crate::prelude::*;

theorem! {
    /// # A correlated proxy bounds the loss of the truth from below
    ///
    /// ## Statement
    ///
    /// For every policy $\pi$ and reference $\pi_0$ with $\mu_\pi \ll \mu_{\pi_0}$ and every proxy $\tilde R$ whose
    /// correlation with $R$ under $\mu_{\pi_0}$ is $r > 0$, $$\frac{J_R(\pi) - J_R(\pi_0)}{\sigma_R} \ge \frac1r
    /// \left( \frac{J_{\tilde R}(\pi) - J_{\tilde R}(\pi_0)}{\sigma_{\tilde R}} - \sqrt{(1 - r^2) \chi^2(\mu_\pi \|
    /// \mu_{\pi_0})} \right)$$ with returns and occupancies normalised by $1 - \gamma$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: both sides are multiplied until one root is left, and squared. Truths that lose as much as their
    /// correlation allows are among the instances. The root's constant 1 is attained where the truth gains exactly
    /// nothing, and only there.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The prefactor is derived, not copied.
    id: "correlated-proxy-lower-bound",
    claim: "gain of a correlated proxy, less a chi-squared penalty, bounds the gain of the truth from below",
    paper: "laidlaw2025correlated", "Theorem 5.1 as restated; the factor 1/r is derived here",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [at_the_threshold],
    hypotheses: {
        /// The reference visits what the policy visits. The divergence is summed over what the reference visits.
        covered: covered, Broken(without_covered);
        /// The correlation is positive.
        positive_correlation: positive_correlation, Broken(without_positive_correlation);
        /// The divergence is chi-squared.
        chi_squared: chi_squared, Broken(without_chi_squared);
        /// Returns are normalised as the occupancies are.
        normalised_returns: normalised_returns, Broken(without_normalised_returns);
        /// Correlation and deviations are those under the reference.
        moments_of_reference: moments_of_reference, Broken(without_moments_of_reference);
        /// Neither reward is constant under the reference.
        both_vary: both_vary, Redundant("a constant reward has no correlation, so a positive one already rules it out");
    }
}

fn said(case: Case, divergence: &'static str, returns: &'static str, moments: &'static str) -> Case {
    case.choice("divergence", divergence).choice("returns", returns).choice("moments", moments)
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn instance(draw: &mut Draw) -> Case {
    said(drawn(draw), "chi2", "normalised", "reference")
}

fn at_the_threshold() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let reference = ["1/2", "1/4", "1/4"].map(number).to_vec();
    let pi = ["1/4", "1/4", "1/2"].map(number).to_vec();
    let proxy = ["0", "1", "1"].map(number).to_vec();
    let truth = threshold_truth(&reference, &pi, &proxy).expect("the proxy gains");
    let case = Case::new(world).policy("reference", reference).policy("pi", pi);
    said(case.reward("proxy", proxy).reward("truth", truth), "chi2", "normalised", "reference")
}

fn covered(case: &Case) -> bool {
    let measure = |name: &str| case.world.measure(case.pi(name));
    is_covered(&measure("pi"), &measure("reference"))
}

fn without_covered(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let (reference, pi) = (draw.policy("reference", &world), draw.mixed_policy("pi", &world));
    said(draw.correlated(world, reference, pi), "chi2", "normalised", "reference")
}

fn positive_correlation(case: &Case) -> bool {
    let moved = moved(case);
    moved.covariance > Q::ZERO || !moved.is_defined()
}

fn without_positive_correlation(draw: &mut Draw) -> Case {
    let mut case = instance(draw);
    let opposed = scaled(&-Q::ONE, &case.r("truth"));
    case.rewards.retain(|(name, _)| *name != "truth");
    case.reward("truth", opposed)
}

fn chi_squared(case: &Case) -> bool {
    case.chosen("divergence") == "chi2"
}

fn without_chi_squared(draw: &mut Draw) -> Case {
    said(drawn(draw), "kl", "normalised", "reference")
}

fn normalised_returns(case: &Case) -> bool {
    case.chosen("returns") == "normalised" || case.world.gamma.is_zero()
}

fn without_normalised_returns(draw: &mut Draw) -> Case {
    said(drawn(draw), "chi2", "sums", "reference")
}

fn moments_of_reference(case: &Case) -> bool {
    case.chosen("moments") == "reference"
}

fn without_moments_of_reference(draw: &mut Draw) -> Case {
    said(drawn(draw), "chi2", "normalised", "uniform")
}

fn both_vary(case: &Case) -> bool {
    moved(case).is_defined()
}

/// Gains and moments in the convention of the instance.
fn moved(case: &Case) -> Moved {
    let mut moved = case.moved();
    if case.chosen("moments") == "uniform" {
        let n = case.world.n_rows();
        let alike = vec![fraction(1, n as u64); n];
        moved = moved.with_moments_under(&alike, &case.r("proxy"), &case.r("truth"));
    }
    if case.chosen("returns") == "sums" {
        let horizon = Q::ONE / (Q::ONE - &case.world.gamma);
        moved.proxy *= &horizon;
        moved.truth *= &horizon;
    }
    moved
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let moved = moved(case);
    if moved.covariance.is_zero() {
        return Finding::Vacuous;
    }
    let c = strength.constant(Q::ONE);
    if case.chosen("divergence") == "kl" {
        let measure = |name: &str| case.world.measure(case.pi(name));
        let bound = moved.clone().with_chi2(Q::ONE).bound();
        let missing = real(&signed_square(&(&bound.from - &moved.truth)));
        return Finding::at_most("squared loss", &missing, &(real(&bound.square) * kl(&measure("pi"), &measure("reference"))));
    }
    let bound = moved.bound();
    if moved.covariance < Q::ZERO {
        // Divided by r < 0 the root is added.
        let reached = signed_square(&(&moved.truth - &bound.from));
        return Finding::at_most("root that was added, squared", &bound.square, &reached);
    }
    Lowered { square: &c * &c * &bound.square, ..bound }.below("bound on the gain of the truth", &moved.truth)
}
