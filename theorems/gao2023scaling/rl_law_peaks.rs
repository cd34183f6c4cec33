//! The law of reinforcement learning peaks at exp(alpha / beta - 1).

use crate::prelude::*;

theorem! {
    /// # The law of reinforcement learning peaks at exp(alpha / beta - 1)
    ///
    /// ## Statement
    ///
    /// For $\beta > 0$ the law $R(d) = d(\alpha - \beta \ln d)$ satisfies $R(d) \le \beta\, e^{\alpha / \beta - 1}$
    /// for all $d > 0$, with equality at $d = e^{\alpha / \beta - 1}$, and $R(e^{\alpha / \beta}) = 0$.
    ///
    /// ## How it is checked
    ///
    /// On intervals; at the peak itself bounds overlap, which counts as undecided.
    ///
    /// ## Known limits
    ///
    /// The law is fitted, not derived: what is checked is its algebra.
    id: "rl-law-peaks",
    claim: "gold reward d (alpha - beta ln d) peaks at exp(alpha / beta - 1) with value beta times that",
    paper: "gao2023scaling", "the fitted law as restated; the peak is derived here",
    tags: ["over-optimisation"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [at_the_peak],
    hypotheses: {
        /// The penalty is positive.
        positive_beta: positive_beta, Broken(without_positive_beta);
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
    case.number("alpha", number("1")).number("beta", number("1")).number("d", number("1"))
}

fn positive_beta(case: &Case) -> bool {
    *case.n("beta") > Q::ZERO
}

fn without_positive_beta(draw: &mut Draw) -> Case {
    let beta = -draw.positive("beta");
    drawn(draw, beta)
}


fn predicate(case: &Case, strength: Strength) -> Finding {
    let (alpha, beta, d) = (case.n("alpha"), case.n("beta"), real(case.n("d")));
    let law = |d: Interval| d * (real(alpha) - real(beta) * d.ln());
    let peak = real(&(alpha / beta - Q::ONE)).exp();
    let top = real(beta) * peak;
    Finding::all([
        Finding::at_most("reward at d", &law(d), &strength.bound(top)),
        Finding::equal("reward at the peak", &law(peak), &top),
        Finding::equal("logarithm of the zero", &real(&(alpha / beta)).exp().ln(), &real(&(alpha / beta))),
    ])
}
