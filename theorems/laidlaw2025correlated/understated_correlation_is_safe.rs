//! The bound holds for every correlation that is not overstated.

use crate::prelude::*;

theorem! {
    /// # The bound holds for every correlation that is not overstated
    ///
    /// ## Statement
    ///
    /// In the setting of the lower bound for correlated proxies, for every stated $\rho \in (0, r]$,
    /// $$y \ge \frac1\rho \left( x - \sqrt{(1 - \rho^2)\,\chi^2(\mu_\pi \| \mu_{\pi_0})} \right).$$
    /// The right side grows with $\rho$, so an estimate of the correlation from below is safe.
    ///
    /// ## How it is checked
    ///
    /// In fractions: $\rho / r$ is one, so $\rho\,y$ in units of the proxy's deviation is one too.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "understated-correlation-is-safe",
    claim: "the lower bound stays true with any correlation from 0 up to the true one",
    paper: "laidlaw2025correlated", "derived here from Theorem 5.1 as restated",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [at_the_threshold],
    hypotheses: {
        /// The stated correlation is at most the true one.
        not_overstated: not_overstated, Broken(without_not_overstated);
        /// The true correlation is positive.
        positive_correlation: positive_correlation, Broken(without_positive_correlation);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn instance(draw: &mut Draw) -> Case {
    let share = draw.number_of("stated", &["1", "1/2", "9/10", "1/10"]);
    drawn(draw).number("stated over true", share)
}

fn at_the_threshold() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let (reference, pi) = (world.uniform(), world.playing(&[("prompt", "z")]));
    let proxy = ["0", "1", "3"].map(number).to_vec();
    let truth = threshold_truth(&reference, &pi, &proxy).expect("the proxy gains");
    let case = Case::new(world).policy("reference", reference).policy("pi", pi);
    case.reward("proxy", proxy).reward("truth", truth).number("stated over true", Q::ONE)
}

fn not_overstated(case: &Case) -> bool {
    *case.n("stated over true") <= Q::ONE
}

fn without_not_overstated(draw: &mut Draw) -> Case {
    let share = draw.number_of("stated", &["2", "3/2", "5/4", "11/10"]);
    drawn(draw).number("stated over true", share)
}

fn positive_correlation(case: &Case) -> bool {
    let moved = case.moved();
    moved.is_defined() && moved.covariance > Q::ZERO
}

/// With rewards that oppose each other, and a positive correlation stated.
fn without_positive_correlation(draw: &mut Draw) -> Case {
    let mut case = instance(draw);
    let opposed = scaled(&-Q::ONE, &case.r("truth"));
    case.rewards.retain(|(name, _)| *name != "truth");
    case.reward("truth", opposed)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (moved, share) = (case.moved(), case.n("stated over true"));
    if !moved.is_defined() {
        return Finding::Vacuous;
    }
    let stated_r2 = share * share * abs(&moved.signed_r2());
    if stated_r2 > Q::ONE {
        return Finding::Vacuous;
    }
    let c = strength.constant(Q::ONE);
    let explained = share * abs(&moved.covariance) * &moved.truth / &moved.var_truth;
    let square = &c * &c * &moved.var_proxy * (Q::ONE - stated_r2) * &moved.chi2;
    Lowered { from: moved.proxy, square }.below("stated correlation times the gain of the truth", &explained)
}
