//! Canonical correlation 1 means the same order of policies.

use crate::prelude::*;

theorem! {
    /// # Canonical correlation 1 means the same order of policies
    ///
    /// ## Statement
    ///
    /// For every MDP with all states reachable, every reference of full support and all $R$, $\tilde R$ that are not
    /// trivial: the canonical forms of $R$ and $\tilde R$ under the reference have correlation 1 if and only if $R$
    /// and $\tilde R$ order all policies alike.
    ///
    /// ## How it is checked
    ///
    /// In fractions: correlation 1 by squares, the same order by proportional parts orthogonal to all shaping, in the
    /// norm of the plain sum, and on all deterministic policies.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "full-correlation-is-same-order",
    claim: "canonical rewards correlate fully exactly if both order all policies alike",
    paper: "laidlaw2025correlated", "derived here, on Definition 4.1 as restated",
    tags: ["hacking", "canonical", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The reference plays every action.
        full_support: full_support, Broken(without_full_support);
        /// Neither reward is trivial where the reference goes.
        not_trivial: not_trivial, Redundant("a canonical form that is 0 has no correlation");
    }
}

/// Half of the truths are the proxy, scaled and shaped, and a few of those are changed in one place.
fn with_rewards(draw: &mut Draw, world: World, reference: Vec<Q>) -> Case {
    let proxy = draw.reward("proxy", &world);
    let truth = match draw.below("kind of truth", 3) {
        0 | 1 => {
            let shaping = world.drift(&draw.potential("phi", &world));
            let mut truth = combination(&shaping, &draw.positive("scale"), &proxy);
            let row = draw.below("changed", world.n_rows());
            truth[row] += draw.number("change");
            truth
        }
        _ => draw.reward("truth", &world),
    };
    Case::new(world).policy("reference", reference).reward("proxy", proxy).reward("truth", truth)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let reference = draw.mixed_policy("reference", &world);
    with_rewards(draw, world, reference)
}

fn full_support(case: &Case) -> bool {
    case.world.measure(case.pi("reference")).iter().all(|x| !x.is_zero())
}

fn without_full_support(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let reference = draw.policy("reference", &world);
    with_rewards(draw, world, reference)
}

fn canonical(case: &Case) -> Moved {
    let mu = case.world.measure(case.pi("reference"));
    let [proxy, truth] = ["proxy", "truth"].map(|name| case.world.canonical_under(&mu, &case.r(name)));
    Moved::between(&mu, &mu, &proxy, &truth)
}

fn not_trivial(case: &Case) -> bool {
    canonical(case).is_defined()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, proxy, truth) = (&case.world, case.r("proxy"), case.r("truth"));
    let is_full = canonical(case).signed_r2() == Q::ONE;
    let (p, t) = (world.project(&proxy), world.project(&truth));
    let c = dot(&t, &p) / dot(&p, &p);
    let is_same = c > Q::ZERO && t == scaled(&c, &p);
    let differ = world.ordered_differently(&world.policies(), &proxy, &truth).is_some();
    Finding::is(is_full == is_same, || format!("correlation 1: {is_full}, same order: {is_same}"))
        .and(Finding::is(!(is_full && differ), || "correlation 1, and two policies in different order".into()))
}
