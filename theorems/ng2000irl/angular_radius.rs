//! How far a reward may turn before its optimal policy changes.

use crate::prelude::*;

theorem! {
    /// # How far a reward may turn before its optimal policy changes
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every deterministic $\pi$ optimal for $r$, let $r_0$ be $r$ less its
    /// projection on the shaping space $\{\gamma P \Phi - \Phi\}$ and $\theta^* = \arcsin(\varepsilon^*_2 / \|r_0\|_2)$, with
    /// $\varepsilon^*_2$ the stability radius in the Euclidean norm. Then $\pi$ is optimal for every $r'$ whose canonical form
    /// $r'_0$ makes an angle below $\theta^*$ with $r_0$, and $\theta^*$ is the largest such angle below a right one.
    ///
    /// ## How it is checked
    ///
    /// In fractions, by squared sines: $r'$ goes from $r_0$ towards the foot of the perpendicular on each facet, and just
    /// beyond it, then is shaped and scaled.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the plane of $r_0$ and the normal of a facet, where the nearest turn is.
    id: "angular-radius",
    claim: "a reward may turn by the arcsine of its radius over its canonical norm before its optimal policy changes",
    paper: "ng2000irl", "derived here from their cone of rewards",
    tags: ["stability", "radius", "canonical"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_loops],
    hypotheses: {
        /// Angles are measured between canonical forms.
        canonical: canonical, Broken(without_canonical);
        /// The policy is optimal to begin with.
        optimal: optimal, Broken(without_optimal);
    }
}

fn stated(world: World, r: Vec<Q>, choice: &[usize], phi: Vec<Q>, angle: &'static str) -> Case {
    let pi = world.pure(choice);
    Case::new(world).reward("r", r).policy("pi", pi).vector("phi", phi).choice("angle between", angle)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, phi) = (draw.reward_without_tie("r", &world), draw.potential("phi", &world));
    let choice = world.optimum(&r).choice;
    stated(world, r, &choice, phi, "canonical forms")
}

fn two_loops() -> Case {
    let world = World::two_loops("1/2");
    let r = world.over_rows(&[("s", "x", "1")]);
    stated(world, r, &[0], vec![Q::ONE], "canonical forms")
}

fn canonical(case: &Case) -> bool {
    case.chosen("angle between") == "canonical forms"
}

/// A long potential makes rewards look alike that are not.
fn without_canonical(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_without_tie("r", &world);
    let phi = (0..world.n_states()).map(|s| draw.number_of(("phi", s), &["100", "-50"])).collect();
    let choice = world.optimum(&r).choice;
    stated(world, r, &choice, phi, "rewards")
}

fn optimal(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("r"))
}

fn without_optimal(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, phi) = (draw.reward("r", &world), draw.potential("phi", &world));
    let choice = draw.choice("pi", &world);
    stated(world, r, &choice, phi, "canonical forms")
}

/// Squared sine of the angle between two vectors, if it is below a right one.
fn squared_sine(x: &[Q], y: &[Q]) -> Option<Q> {
    let inner = dot(x, y);
    (inner > Q::ZERO).then(|| Q::ONE - inner.sqr() / (dot(x, x) * dot(y, y)))
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, pi) = (&case.world, case.pi("pi"));
    let choice: Vec<usize> = (0..world.n_rows()).filter(|&row| pi[row] == Q::ONE).collect();
    let (r0, drift) = (world.project(&case.r("r")), world.drift(case.x("phi")));
    let facets = world.facets(&choice, &r0);
    let distance = |facet: &Facet| facet.gap.sqr() / dot(&facet.normal, &facet.normal);
    let Some(radius) = facets.iter().map(distance).min() else { return Finding::Vacuous };
    let least = radius / dot(&r0, &r0) / strength.constant(Q::ONE).sqr();
    let shares = ["0", "1/2", "999/1000", "1001/1000", "2"].map(number);
    let towards = |facet: &Facet| scaled(&(&facet.gap / dot(&facet.normal, &facet.normal)), &facet.normal);
    let turned = facets.iter().map(towards).flat_map(|way| shares.clone().map(|share| combination(&r0, &share, &way)));
    let shown = |x: &[Q]| match case.chosen("angle between") {
        "canonical forms" => x.to_vec(),
        _ => plus(x, &drift),
    };
    let inside = turned.filter(|x| squared_sine(&shown(&r0), &shown(x)).is_some_and(|sine| sine < least));
    Finding::all(inside.map(|x| {
        let other = plus(&scaled(&Q::from(3u8), &x), &drift);
        Finding::is(world.is_optimal(pi, &other), || "not optimal after a smaller turn".into())
    }))
}
