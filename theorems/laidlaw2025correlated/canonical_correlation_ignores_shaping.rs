//! The correlation of canonical rewards ignores shaping and scale.

use crate::prelude::*;

theorem! {
    /// # The correlation of canonical rewards ignores shaping and scale
    ///
    /// ## Statement
    ///
    /// Let the canonical form of a reward under a reference $\pi_0$ of full support be $R - (\gamma P\Phi^* - \Phi^*)$
    /// with $\Phi^*$ nearest to it in the norm weighted by $\mu_{\pi_0}$. For all $R$, $\tilde R$, potentials
    /// $\Phi_1$, $\Phi_2$ and $c > 0$, the canonical forms of $c R + \gamma P\Phi_1 - \Phi_1$ and $\tilde R + \gamma
    /// P\Phi_2 - \Phi_2$ have the correlation of those of $R$ and $\tilde R$. The canonical form has mean 0 and the
    /// smallest variance of all that shaping can make.
    ///
    /// ## How it is checked
    ///
    /// In fractions, $r|r|$ in place of $r$; the variance is held against that of the drawn shaped rewards.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable.
    id: "canonical-correlation-ignores-shaping",
    claim: "correlation of canonical rewards is the same however the rewards are shaped and scaled",
    paper: "laidlaw2025correlated", "derived here, on Definition 4.1 as restated",
    tags: ["hacking", "shaping", "canonical"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The terms added are shaping with the discount of the MDP.
        same_discount: same_discount, Broken(without_same_discount);
        /// The canonical form is nearest in the norm of the reference's occupancy.
        weighted_by_the_reference: weighted, Broken(without_weighted);
        /// Neither reward is trivial.
        not_trivial: not_trivial, Redundant("the canonical form of a trivial reward is 0, which has no correlation");
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    let (proxy, truth) = (draw.reward("proxy", &world), draw.reward("truth", &world));
    let (first, second) = (draw.potential("phi of truth", &world), draw.potential("phi of proxy", &world));
    let scale = draw.positive("scale");
    let case = Case::new(world).policy("reference", reference).reward("proxy", proxy).reward("truth", truth);
    case.vector("phi of truth", first).vector("phi of proxy", second).number("scale", scale)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount of shaping", gamma).choice("weights", "reference")
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of shaping") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("discount of shaping", &["1", "0", "1/2"]);
    drawn(draw).number("discount of shaping", other).choice("weights", "reference")
}

fn weighted(case: &Case) -> bool {
    case.chosen("weights") == "reference"
}

fn without_weighted(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount of shaping", gamma).choice("weights", "uniform")
}

fn canonical(case: &Case, r: &[Q]) -> Vec<Q> {
    let world = &case.world;
    match case.chosen("weights") {
        "uniform" => world.canonical_under(&vec![Q::ONE; r.len()], r),
        _ => world.canonical_under(&world.measure(case.pi("reference")), r),
    }
}

fn not_trivial(case: &Case) -> bool {
    let moves = |name: &str| case.world.project(&case.r(name)).iter().any(|x| !x.is_zero());
    moves("proxy") && moves("truth")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let mu = case.world.measure(case.pi("reference"));
    let other = case.world.discounted(case.n("discount of shaping").clone());
    let (proxy, truth) = (case.r("proxy"), case.r("truth"));
    let shaped_truth = combination(&other.drift(case.x("phi of truth")), case.n("scale"), &truth);
    let shaped_proxy = plus(&proxy, &other.drift(case.x("phi of proxy")));
    let plain = Moved::between(&mu, &mu, &canonical(case, &proxy), &canonical(case, &truth));
    let shaped = Moved::between(&mu, &mu, &canonical(case, &shaped_proxy), &canonical(case, &shaped_truth));
    if !shaped.is_defined() || !plain.is_defined() {
        return Finding::Vacuous;
    }
    Finding::all([
        Finding::equal("signed square of the correlation", &shaped.signed_r2(), &plain.signed_r2()),
        Finding::equal("mean under the reference", &dot(&mu, &canonical(case, &truth)), &Q::ZERO),
        Finding::at_most("variance", &plain.var_truth, &covariance(&mu, &truth, &truth)),
        Finding::at_most("variance", &plain.var_proxy, &covariance(&mu, &shaped_proxy, &shaped_proxy)),
    ])
}
