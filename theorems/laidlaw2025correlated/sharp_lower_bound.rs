//! The exact least gain of a truth of given deviation and correlation.

use crate::prelude::*;

theorem! {
    /// # The least gain of a truth of given deviation and correlation
    ///
    /// ## Statement
    ///
    /// For every policy $\pi$ and reference $\pi_0$ with $\mu_\pi \ll \mu_{\pi_0}$, and all $R$, $\tilde R$ that vary
    /// under $\mu_{\pi_0}$, with $x$ and $y$ the gains of $\tilde R$ and $R$ in their standard deviations and any sign
    /// of $r$, $$y \ge r x - \sqrt{(1 - r^2)\,(\chi^2(\mu_\pi \| \mu_{\pi_0}) - x^2)}.$$ Nothing larger holds for all
    /// $R$ with this deviation and correlation.
    ///
    /// ## How it is checked
    ///
    /// In fractions, by squares. The least favourable truth $r \tilde z - \sqrt{1 - r^2}\, w$, $w$ along the part of
    /// $\mu_\pi / \mu_{\pi_0} - 1$ that $\tilde z$ does not explain, attains it.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "sharp-lower-bound",
    claim: "the least gain of a truth of given deviation and correlation, attained",
    paper: "laidlaw2025correlated", "derived here; sharpens Theorem 5.1 as restated",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [least_favourable_arms],
    hypotheses: {
        /// The reference visits what the policy visits. The divergence is summed over what the reference visits.
        covered: covered, Broken(without_covered);
        /// Correlation and deviations are those under the reference.
        moments_of_reference: moments_of_reference, Broken(without_moments_of_reference);
        /// Neither reward is constant under the reference.
        both_vary: both_vary, Redundant("gains in units of a deviation that is 0 are not defined, so nothing is claimed");
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("moments", "reference")
}

fn least_favourable_arms() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let reference = ["1/2", "1/4", "1/4"].map(number).to_vec();
    let pi = ["1/4", "1/4", "1/2"].map(number).to_vec();
    let proxy = ["0", "1", "1"].map(number).to_vec();
    let truth = least_favourable(&reference, &pi, &proxy, &number("1/3"), &number("2"));
    let case = Case::new(world).policy("reference", reference).policy("pi", pi);
    case.reward("proxy", proxy).reward("truth", truth).choice("moments", "reference")
}

fn covered(case: &Case) -> bool {
    let measure = |name: &str| case.world.measure(case.pi(name));
    is_covered(&measure("pi"), &measure("reference"))
}

fn without_covered(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let (reference, pi) = (draw.policy("reference", &world), draw.mixed_policy("pi", &world));
    draw.correlated(world, reference, pi).choice("moments", "reference")
}

fn moments_of_reference(case: &Case) -> bool {
    case.chosen("moments") == "reference"
}

fn without_moments_of_reference(draw: &mut Draw) -> Case {
    drawn(draw).choice("moments", "uniform")
}

fn both_vary(case: &Case) -> bool {
    moved(case).is_defined()
}

fn moved(case: &Case) -> Moved {
    let n = case.world.n_rows();
    match case.chosen("moments") {
        "uniform" => {
            let alike = vec![fraction(1, n as u64); n];
            case.moved().with_moments_under(&alike, &case.r("proxy"), &case.r("truth"))
        }
        _ => case.moved(),
    }
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (moved, c) = (moved(case), strength.constant(Q::ONE));
    let bound = moved.sharp_bound();
    Lowered { square: &c * &c * &bound.square, ..bound }.below("least gain of the truth", &moved.truth)
}
