//! What a proxy can gain at a given divergence is concave.

use crate::prelude::*;

theorem! {
    /// # The frontier of gain against divergence is concave
    ///
    /// ## Statement
    ///
    /// For every reference $\pi_0$, all policies $\pi_1$, $\pi_2$ covered by it and every $w \in [0, 1]$ there is a
    /// policy with return $w J(\pi_1) + (1-w) J(\pi_2)$ and $\sqrt{\chi^2}$ at most $w \sqrt{\chi^2(\mu_{\pi_1} \|
    /// \mu_{\pi_0})} + (1-w) \sqrt{\chi^2(\mu_{\pi_2} \| \mu_{\pi_0})}$: the one that mixes their occupancies. So
    /// $\max \{ J(\pi) : \sqrt{\chi^2} \le c \}$ is concave in $c$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the mixture's policy is extracted and evaluated anew; roots are compared by squares.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "frontier-is-concave",
    claim: "the best return within a chi-squared ball is concave in the ball's radius",
    paper: "laidlaw2025correlated", "derived here",
    tags: ["hacking", "chi2", "optimisation"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [one_line],
    hypotheses: {
        /// Occupancies are mixed, not action probabilities.
        occupancies_are_mixed: of_occupancies, Broken(without_of_occupancies);
        /// The reference plays every action.
        full_support: full_support, Redundant("a policy that is not covered has infinite divergence, which bounds nothing");
    }
}

fn drawn(draw: &mut Draw, mixed: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let reference = draw.mixed_policy("reference", &world);
    let (first, second) = (draw.policy("first", &world), draw.policy("second", &world));
    let (r, w) = (draw.reward("r", &world), draw.number_of("w", &["1/2", "1/3", "9/10"]));
    let case = Case::new(world).policy("reference", reference).policy("first", first).policy("second", second);
    case.reward("r", r).number("w", w).choice("mixed", mixed)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "occupancies")
}

/// Both policies on a line through the reference: divergence grows like distance.
fn one_line() -> Case {
    let world = World::bandit(&["x", "y"]);
    let (reference, first) = (world.uniform(), world.playing(&[("prompt", "x")]));
    let second = ["3/4", "1/4"].map(number).to_vec();
    let r = world.over_rows(&[("prompt", "x", "1")]);
    let case = Case::new(world).policy("reference", reference).policy("first", first).policy("second", second);
    case.reward("r", r).number("w", number("1/2")).choice("mixed", "occupancies")
}

fn of_occupancies(case: &Case) -> bool {
    case.chosen("mixed") == "occupancies"
}

fn without_of_occupancies(draw: &mut Draw) -> Case {
    drawn(draw, "action probabilities")
}

fn full_support(case: &Case) -> bool {
    case.pi("reference").iter().all(|x| !x.is_zero())
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, w) = (&case.world, case.r("r"), case.n("w"));
    let v = Q::ONE - w;
    let [q, first, second] = ["reference", "first", "second"].map(|name| world.measure(case.pi(name)));
    let mix = |x: &[Q], y: &[Q]| plus(&scaled(w, x), &scaled(&v, y));
    let pi = match of_occupancies(case) {
        true => world.policy_with(&mix(&first, &second)),
        false => mix(case.pi("first"), case.pi("second")),
    };
    let mu = world.measure(&pi);
    let (a, b, c) = (chi2(&first, &q), chi2(&second, &q), strength.constant(Q::ONE));
    // sqrt(chi2) <= c (w sqrt(a) + v sqrt(b)), squared once.
    let cross = Q::from(2u8) * w * &v * &c * &c;
    let beyond = chi2(&mu, &q) - &c * &c * (w * w * &a + &v * &v * &b);
    Finding::all([
        Finding::equal("return of the mixture", &dot(&mu, &r), &(w * dot(&first, &r) + &v * dot(&second, &r))),
        Finding::at_most("its divergence beyond the squares", &signed_square(&beyond), &(&cross * &cross * a * b)),
    ])
}
