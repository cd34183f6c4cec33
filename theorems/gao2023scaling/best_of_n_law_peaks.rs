//! The law of best-of-n peaks at alpha / 2 beta.

use crate::prelude::*;

theorem! {
    /// # The law of best-of-n peaks at alpha / 2 beta
    ///
    /// ## Statement
    ///
    /// For $\alpha \ge 0$, $\beta > 0$ the law $R(d) = d(\alpha - \beta d)$ satisfies $R(d) \le \frac{\alpha^2}{4
    /// \beta}$ for all $d \ge 0$, with equality at $d = \frac{\alpha}{2\beta}$ only, and $R(\alpha / \beta) = 0$.
    ///
    /// ## How it is checked
    ///
    /// In fractions.
    ///
    /// ## Known limits
    ///
    /// The law is fitted, not derived: what is checked is its algebra.
    id: "best-of-n-law-peaks",
    claim: "gold reward d (alpha - beta d) peaks at alpha / 2 beta with value alpha^2 / 4 beta",
    paper: "gao2023scaling", "the fitted law as restated; the peak is derived here",
    tags: ["over-optimisation"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [at_the_peak],
    hypotheses: {
        /// The penalty is positive.
        positive_beta: positive_beta, Broken(without_positive_beta);
        /// The slope at 0 is not negative.
        alpha_not_negative: alpha_not_negative, Broken(without_alpha_not_negative);
    }
}

fn drawn(draw: &mut Draw, beta: Q) -> Case {
    let (alpha, d) = (draw.positive("alpha"), draw.positive("d"));
    Case::new(World::bandit(&["x"])).number("alpha", alpha).number("beta", beta).number("d", d)
}

fn instance(draw: &mut Draw) -> Case {
    let beta = draw.positive("beta");
    drawn(draw, beta)
}

fn at_the_peak() -> Case {
    let case = Case::new(World::bandit(&["x"]));
    case.number("alpha", number("2")).number("beta", number("1")).number("d", number("1"))
}

fn positive_beta(case: &Case) -> bool {
    *case.n("beta") > Q::ZERO
}

fn without_positive_beta(draw: &mut Draw) -> Case {
    let beta = -draw.positive("beta");
    drawn(draw, beta)
}

fn alpha_not_negative(case: &Case) -> bool {
    *case.n("alpha") >= Q::ZERO
}

fn without_alpha_not_negative(draw: &mut Draw) -> Case {
    let mut case = instance(draw);
    let alpha = -draw.positive("alpha");
    case.numbers.retain(|(name, _)| *name != "alpha");
    case.number("alpha", alpha)
}


fn predicate(case: &Case, strength: Strength) -> Finding {
    let (alpha, beta, d) = (case.n("alpha"), case.n("beta"), case.n("d"));
    let law = |d: &Q| d * (alpha - beta * d);
    let peak = alpha / (Q::from(2u8) * beta);
    let top = alpha * &peak / Q::from(2u8);
    Finding::all([
        Finding::at_most("reward at d", &law(d), &(strength.constant(Q::ONE) * &top)),
        Finding::equal("reward at the peak", &law(&peak), &top),
        Finding::is(*d == peak || law(d) < top, || format!("the peak is also at {d}")),
        Finding::is(peak >= Q::ZERO, || "the peak is not at a distance".into()),
        Finding::equal("reward at alpha / beta", &law(&(alpha / beta)), &Q::ZERO),
    ])
}
