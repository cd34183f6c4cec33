//! The sharp bound is never below that of the theorem.

use crate::prelude::*;

theorem! {
    /// # The sharp bound is never below that of the theorem
    ///
    /// ## Statement
    ///
    /// For every policy $\pi$ and reference $\pi_0$ with $\mu_\pi \ll \mu_{\pi_0}$ and every correlation $r > 0$, with
    /// $x$ the gain of the proxy in its standard deviations and $\chi^2 = \chi^2(\mu_\pi \| \mu_{\pi_0})$, $$r x -
    /// \sqrt{(1 - r^2)(\chi^2 - x^2)} \;\ge\; \frac1r \left( x - \sqrt{(1 - r^2)\,\chi^2} \right),$$ and both are
    /// equal only if both are 0, or $r = 1$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, both numbers being a fraction less a root. Truths at the threshold of hacking, where both bounds
    /// are 0, are among the instances.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "sharp-bound-dominates",
    claim: "the sharp bound on the gain of the truth is above the theorem's, except where both are 0",
    paper: "laidlaw2025correlated", "derived here; compares two bounds of the setting of Theorem 5.1",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The reference visits what the policy visits. The divergence is summed over what the reference visits.
        covered: covered, Broken(without_covered);
        /// The correlation is defined and positive.
        positive_correlation: positive_correlation, Redundant("the theorem's bound divides by the correlation, so it is a lower bound for positive ones only");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn covered(case: &Case) -> bool {
    let measure = |name: &str| case.world.measure(case.pi(name));
    is_covered(&measure("pi"), &measure("reference"))
}

fn without_covered(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let (reference, pi) = (draw.policy("reference", &world), draw.mixed_policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn positive_correlation(case: &Case) -> bool {
    let moved = case.moved();
    moved.covariance > Q::ZERO && moved.is_defined()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let moved = case.moved();
    let (loose, sharp) = (moved.bound(), moved.sharp_bound());
    let is_zero = |x: &Lowered| signed_square(&x.from) == x.square;
    let may_be_equal = is_zero(&loose) && is_zero(&sharp) || moved.penalty().is_zero();
    Finding::is(loose.is_below(&sharp), || format!("{loose:?} is above {sharp:?}"))
        .and(Finding::is(may_be_equal || !sharp.is_below(&loose), || format!("{loose:?} equals {sharp:?}")))
}
