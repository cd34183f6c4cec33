//! A small KL divergence gives no guarantee: refuted.

use crate::prelude::*;

theorem! {
    /// # KL divergence of occupancies in place of chi-squared
    ///
    /// ## Statement
    ///
    /// False: for every policy $\pi$ and reference $\pi_0$ with $\mu_\pi \ll \mu_{\pi_0}$ and every proxy of
    /// correlation $r > 0$, the gains $x$ of $\tilde R$ and $y$ of $R$ in their standard deviations satisfy $y \ge
    /// \frac1r ( x - \sqrt{(1 - r^2)\,\mathrm{KL}(\mu_\pi \| \mu_{\pi_0})} )$.
    ///
    /// ## How it is checked
    ///
    /// A family of three arms in which the reference plays the third with probability $\epsilon$ and the policy with
    /// $\epsilon^{1/4}$: KL tends to 0 while the loss of the truth diverges, for deviations bound second moments only.
    ///
    /// ## Known limits
    ///
    /// With bounded rewards a small total variation does suffice.
    id: "kl-in-place-of-chi2",
    claim: "a KL penalty on occupancies gives the guarantee of the chi-squared penalty",
    paper: "laidlaw2025correlated", "derived here: Theorem 5.1 as restated, with another divergence",
    tags: ["hacking", "kl", "refuted"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [rare_third_arm],
    hypotheses: {
        /// The reference visits what the policy visits.
        covered: covered, Redundant("the counterexample meets it: dropping it cannot save the claim");
        /// The correlation is defined and positive.
        positive_correlation: positive_correlation, Redundant("the counterexample meets it: dropping it cannot save the claim");
    }
}

fn three_arms(root: &str, often: &str) -> Case {
    let (root, often) = (number(root), number(often));
    let rare = &root * &root;
    let half = |rest: &Q| (Q::ONE - rest) / Q::from(2u8);
    let a = number("4/5");
    let c = number("3/5") / &root;
    Case::new(World::bandit(&["x", "y", "rare"]))
        .policy("reference", vec![half(&rare), half(&rare), rare.clone()])
        .policy("pi", vec![half(&often), half(&often), often])
        .reward("proxy", vec![a.clone(), -a.clone(), c.clone()])
        .reward("truth", vec![a.clone(), -a, -c])
}

fn rare_third_arm() -> Case {
    three_arms("1/10000", "1/100")
}

fn instance(draw: &mut Draw) -> Case {
    match draw.below("rarity", 3) {
        0 => rare_third_arm(),
        1 => three_arms("1/1000000", "1/1000"),
        _ => three_arms("1/100", "1/10"),
    }
}

fn covered(case: &Case) -> bool {
    is_covered(case.pi("pi"), case.pi("reference"))
}

fn positive_correlation(case: &Case) -> bool {
    let moved = case.moved();
    moved.is_defined() && moved.covariance > Q::ZERO
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let moved = case.moved().with_chi2(Q::ONE);
    let bound = moved.bound();
    let missing = real(&signed_square(&(&bound.from - &moved.truth)));
    let allowed = real(&bound.square) * kl(case.pi("pi"), case.pi("reference"));
    Finding::at_most("squared loss beyond the proxy's gain", &missing, &allowed)
}
