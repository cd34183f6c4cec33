//! KL of the best of n is exactly ln n - (n-1)/n: refuted.

use crate::prelude::*;

theorem! {
    /// # KL of the best of n is exactly ln n - (n-1)/n: refuted
    ///
    /// ## Statement
    ///
    /// False: for every base distribution on finitely many responses, every score and every $n \ge 1$, the best of $n$
    /// independent draws has $\mathrm{KL}(\mathrm{bon} \| \mathrm{base}) = \ln n - \frac{n-1}{n}$.
    ///
    /// ## How it is checked
    ///
    /// On intervals, with distinct scores: the counterexample by hand is two equally likely responses. Where all
    /// scores are tied the divergence is 0.
    ///
    /// ## Known limits
    ///
    /// Up to six arms; by hand thirty.
    id: "best-of-n-kl-is-exactly",
    claim: "the KL divergence of best-of-n from its base is ln n - (n-1)/n",
    paper: "gao2023scaling", "the formula for best-of-n as restated, read as exact for every base",
    tags: ["best-of-n", "kl", "refuted"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// Scores are distinct.
        distinct_scores: distinct_scores, Redundant("each of finitely many responses has mass, which ties a draw with itself: the claim fails without it and with it");
    }
}

fn two_arms() -> Case {
    let world = World::bandit(&["x", "y"]);
    let (base, score) = (world.uniform(), world.over_rows(&[("prompt", "x", "1")]));
    Case::new(world).policy("base", base).reward("score", score).number("n", Q::from(2u8))
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 1).actions(2, 6).gammas(&["0"]));
    let (base, score) = (draw.mixed_policy("base", &world), draw.reward("score", &world));
    let n = draw.between("n", 2, 6);
    Case::new(world).policy("base", base).reward("score", score).number("n", Q::from(n as u64))
}

fn distinct_scores(case: &Case) -> bool {
    let score = case.r("score");
    score.iter().enumerate().all(|(i, x)| !score[..i].contains(x))
}


fn predicate(case: &Case, _: Strength) -> Finding {
    let n = case.n("n");
    let base = case.pi("base");
    let found = kl(&best_of(base, &case.r("score"), n.to_f64().value() as usize), base);
    Finding::equal("KL of the best, and the formula", &found, &(real(n).ln() - real(&((n - Q::ONE) / n))))
}
