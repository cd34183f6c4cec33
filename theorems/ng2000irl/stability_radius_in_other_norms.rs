//! The stability radius in the sum and the Euclidean norm.

use crate::prelude::*;

theorem! {
    /// # The stability radius in the sum and the Euclidean norm
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every deterministic $\pi$ optimal for $r$ and every norm, $\pi$ is optimal for every
    /// $r'$ with $\|r' - r\| < \varepsilon = \min_{a \ne \pi(s)} (V^\pi(s) - Q^\pi(s,a)) / \|c_{sa}\|_{dual}$, and
    /// $\varepsilon$ is the largest such number. The dual of $\ell_1$ is $\ell_\infty$, of $\ell_2$ it is $\ell_2$, of
    /// $\ell_\infty$ it is $\ell_1$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, as squares: for every pair the shortest ways to its facet in the three norms, cut off before, just
    /// before, just after and beyond the facet. Those that are inside the ball must leave the policy optimal.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "stability-radius-in-other-norms",
    claim: "the stability radius in any norm divides gaps by the dual norm of advantage vectors",
    paper: "ng2000irl", "their cone of rewards for state-action rewards; the radius is derived here",
    tags: ["stability", "radius", "norms"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The policy is optimal to begin with.
        optimal: optimal, Broken(without_optimal);
        /// Advantage vectors are measured in the dual of the norm of changes.
        dual_norm: dual_norm, Broken(without_dual_norm);
    }
}

fn stated(world: World, r: Vec<Q>, choice: &[usize], norm: &'static str, dual: &'static str) -> Case {
    let pi = world.pure(choice);
    let case = Case::new(world).reward("r", r).policy("pi", pi);
    case.choice("norm of changes", norm).choice("norm of advantage vectors", dual)
}

fn drawn(draw: &mut Draw, pairs: &[(&'static str, &'static str)]) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_without_tie("r", &world);
    let choice = world.optimum(&r).choice;
    let (norm, dual) = draw.pick("norms", pairs);
    stated(world, r, &choice, norm, dual)
}

const DUAL: &[(&str, &str)] = &[("l2", "l2"), ("l1", "sup"), ("sup", "l1")];

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, DUAL)
}

fn fork() -> Case {
    let world = World::fork("3/4");
    let r = world.over_rows(&[("s0", "h", "1")]);
    stated(world, r, &[0, 2, 3], "l2", "l2")
}

fn optimal(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("r"))
}

fn without_optimal(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, choice) = (draw.reward("r", &world), draw.choice("pi", &world));
    stated(world, r, &choice, "l2", "l2")
}

fn dual_norm(case: &Case) -> bool {
    DUAL.contains(&(case.chosen("norm of changes"), case.chosen("norm of advantage vectors")))
}

/// Norms of vectors that are too small.
fn without_dual_norm(draw: &mut Draw) -> Case {
    drawn(draw, &[("sup", "l2"), ("l2", "sup"), ("sup", "sup")])
}

fn squared(norm: &str, x: &[Q]) -> Q {
    match norm {
        "l1" => l1(x).sqr(),
        "l2" => dot(x, x),
        _ => max_abs(x).sqr(),
    }
}

/// The shortest ways to a facet: in the Euclidean, the sup and the sum norm.
fn ways(facet: &Facet) -> [Vec<Q>; 3] {
    let c = &facet.normal;
    let most = max_abs(c);
    let mut one_entry = vec![Q::ZERO; c.len()];
    if let Some(i) = c.iter().position(|x| abs(x) == most) {
        one_entry[i] = &facet.gap / &c[i];
    }
    [scaled(&(&facet.gap / dot(c, c)), c), scaled(&(&facet.gap / l1(c)), &signs(c)), one_entry]
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let (norm, dual) = (case.chosen("norm of changes"), case.chosen("norm of advantage vectors"));
    let choice: Vec<usize> = (0..world.n_rows()).filter(|&row| pi[row] == Q::ONE).collect();
    let facets = world.facets(&choice, &r);
    let distance = |facet: &Facet| facet.gap.sqr() / squared(dual, &facet.normal);
    let Some(radius) = facets.iter().map(distance).min() else { return Finding::Vacuous };
    let radius = radius / strength.constant(Q::ONE).sqr();
    let shares = ["0", "1/2", "999/1000", "1005/1000", "2"].map(number);
    let moves = facets.iter().flat_map(ways).flat_map(|way| shares.clone().map(|share| scaled(&share, &way)));
    Finding::all(moves.filter(|change| squared(norm, change) < radius).map(|change| {
        Finding::is(world.is_optimal(pi, &plus(&r, &change)), || {
            format!("not optimal after a change of squared size {}", squared(norm, &change).shown())
        })
    }))
}
