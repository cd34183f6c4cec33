//! The plain bound is never worse for canonical rewards: refuted.

use crate::prelude::*;

theorem! {
    /// # The plain bound is never worse for canonical rewards
    ///
    /// ## Statement
    ///
    /// False: for every reference $\pi_0$ of full support, policy $\pi$ and rewards $R$, $\tilde R$ of positive
    /// correlation whose canonical forms have positive correlation too, the bound $\frac{\sigma_R}{r} ( x - \sqrt{(1 -
    /// r^2)\,\chi^2} )$ on $J_R(\pi) - J_R(\pi_0)$ is at least as large with moments of the canonical forms as with
    /// those of $R$ and $\tilde R$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The sharp bound does have the property; this one is loose by different amounts before and after.
    ///
    /// ## Known limits
    ///
    /// Up to three states, all reachable.
    id: "canonical-plain-bound-is-never-worse",
    claim: "the plain lower bound never falls when both rewards are made canonical",
    paper: "laidlaw2025correlated", "derived here, on Theorem 5.1 as restated",
    tags: ["hacking", "canonical", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_states],
    hypotheses: {
        /// Both correlations are defined and positive.
        positive_correlations: is_defined, Redundant("the counterexample meets it: dropping it cannot save the claim");
    }
}

/// All actions lead to `a`. The policy stops paying the proxy's fine there, and stops earning what the truth pays in
/// `b`.
fn two_states() -> Case {
    let moves = [("a", "x", "a"), ("a", "y", "a"), ("b", "x", "a"), ("b", "y", "a")];
    let world = World::moves("1/2", &moves).starting(["1/2", "1/2"].map(number).to_vec());
    let proxy = world.over_rows(&[("a", "y", "-1")]);
    let truth = ["-2/5", "-1", "-2/5", "8/5"].map(number).to_vec();
    let (reference, pi) = (world.uniform(), world.playing(&[]));
    Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy).reward("truth", truth)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    draw.correlated(world, reference, pi)
}

fn canonical(case: &Case) -> Moved {
    let world = &case.world;
    let [reference, pi] = ["reference", "pi"].map(|name| world.measure(case.pi(name)));
    let [proxy, truth] = ["proxy", "truth"].map(|name| world.canonical_under(&reference, &case.r(name)));
    Moved::between(&reference, &pi, &proxy, &truth)
}

fn is_defined(case: &Case) -> bool {
    [case.moved(), canonical(case)].iter().all(|m| m.is_defined() && m.covariance > Q::ZERO)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (raw, canonical) = (case.moved().bound(), canonical(case).bound());
    Finding::is(raw.is_below(&canonical), || format!("raw {raw:?} is above canonical {canonical:?}"))
}
