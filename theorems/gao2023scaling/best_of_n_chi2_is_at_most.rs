//! Chi-squared of the best of n is at most n^2/(2n-1) - 1.

use crate::prelude::*;

theorem! {
    /// # Chi-squared of the best of n is at most n^2/(2n-1) - 1
    ///
    /// ## Statement
    ///
    /// For every base distribution, every score, ties included, and every $n \ge 1$, the best of $n$ independent draws
    /// has $\chi^2(\mathrm{bon} \| \mathrm{base}) \le \frac{n^2}{2n - 1} - 1$. The bound is approached where no score
    /// has mass.
    ///
    /// ## How it is checked
    ///
    /// In fractions. Thirty equally likely scores come within a hundredth.
    ///
    /// ## Known limits
    ///
    /// Up to six arms; by hand thirty.
    id: "best-of-n-chi2-is-at-most",
    claim: "the chi-squared divergence of best-of-n from its base is at most n^2/(2n-1) - 1",
    paper: "gao2023scaling", "setting of best-of-n; derived here",
    tags: ["best-of-n", "chi2"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [thirty],
    hypotheses: {
        /// The formula has the number of draws.
        counted: counted, Broken(without_counted);
        /// Draws are independent.
        independent: independent, Broken(without_independent);
    }
}

fn drawn(draw: &mut Draw, stated: i64) -> Case {
    let world = draw.world(Size::small().states(1, 1).actions(2, 6).gammas(&["0"]));
    let (base, score) = (draw.mixed_policy("base", &world), draw.reward("score", &world));
    let n = draw.between("n", 2, 6);
    let case = Case::new(world).policy("base", base).reward("score", score).number("n", Q::from(n as u64));
    case.number("n of the formula", fraction(n as i64 + stated, 1))
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, 0).choice("draws", "independent")
}

/// Thirty scores, near enough to a continuum.
fn thirty() -> Case {
    let names: Vec<String> = (0..30).map(|i| format!("a{i}")).collect();
    let world = World::bandit(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (base, score) = (world.uniform(), (0..30u8).map(Q::from).collect());
    let two = Q::from(2u8);
    let case = Case::new(world).policy("base", base).reward("score", score).number("n", two.clone());
    case.number("n of the formula", two).choice("draws", "independent")
}

fn counted(case: &Case) -> bool {
    case.n("n") == case.n("n of the formula")
}

fn without_counted(draw: &mut Draw) -> Case {
    drawn(draw, -1).choice("draws", "independent")
}

fn independent(case: &Case) -> bool {
    case.chosen("draws") == "independent"
}

/// Without replacement, from equally likely arms: as many draws as arms always find the best.
fn without_independent(draw: &mut Draw) -> Case {
    let mut case = drawn(draw, 0);
    let n = case.world.n_rows() as u64;
    case.numbers = vec![("n", Q::from(n)), ("n of the formula", Q::from(n))];
    case.policies = vec![("base", case.world.uniform())];
    case.choice("draws", "every arm once")
}

fn best(case: &Case) -> Vec<Q> {
    let (base, score) = (case.pi("base"), case.r("score"));
    let n = case.n("n").to_f64().value() as usize;
    match independent(case) {
        true => best_of(base, &score, n),
        // Drawn often enough, the best arm is certain.
        false => {
            let top = score.iter().max().expect("an arm");
            let mass = total(base.iter().zip(&score).filter(|(_, s)| *s == top).map(|(p, _)| p));
            base.iter().zip(&score).map(|(p, s)| if s == top { p / &mass } else { Q::ZERO }).collect()
        }
    }
}


fn predicate(case: &Case, strength: Strength) -> Finding {
    let n = case.n("n of the formula");
    let bound = n * n / (Q::from(2u8) * n - Q::ONE) - Q::ONE;
    Finding::at_most("chi-squared of the best", &chi2(&best(case), case.pi("base")), &(strength.constant(Q::ONE) * bound))
}
