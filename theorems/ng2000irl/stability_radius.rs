//! How far a reward may move before a policy stops being optimal.

use crate::prelude::*;

theorem! {
    /// # How far a reward may move before a policy stops being optimal
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every deterministic policy $\pi$ that is optimal for $r$ in every state, let
    /// $c_{sa}$ be the vector with $\langle c_{sa}, r \rangle = A^\pi_r(s,a)$ and $\varepsilon^* = \min_{a \ne \pi(s)}
    /// (V^\pi(s) - Q^\pi(s,a)) / \|c_{sa}\|_1$. Then $\pi$ is optimal for every $r'$ with $\|r' - r\|_\infty <
    /// \varepsilon^*$; at $r + \varepsilon^* \mathrm{sign}(c_{sa})$ for the nearest pair it ties, and beyond it is not optimal.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the worst direction and a drawn one, just inside, and the tie at the radius. The
    /// library's values and visits of the policy are held against them, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states; directions are corners of the cube.
    id: "stability-radius",
    claim: "a policy stays optimal up to the least ratio of gap to norm of advantage vector, and no further",
    paper: "ng2000irl", "their cone of rewards for state-action rewards; the radius is derived here",
    tags: ["stability", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork, two_loops],
    hypotheses: {
        /// The policy is optimal to begin with.
        optimal: optimal, Broken(without_optimal);
        /// The reward moves by less than the radius.
        inside: inside, Broken(without_inside);
        /// The movement is measured by its largest entry.
        sup_norm: sup_norm, Broken(without_sup_norm);
    }
}

fn stated(world: World, r: Vec<Q>, choice: &[usize], share: &str, direction: Vec<Q>) -> Case {
    let pi = world.pure(choice);
    let case = Case::new(world).reward("r", r).policy("pi", pi);
    case.number("share of the radius", number(share)).vector("direction", direction)
}

fn drawn(draw: &mut Draw, shares: &[&'static str]) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward_without_tie("r", &world), draw.direction("direction", &world));
    let choice = world.optimum(&r).choice;
    let share = draw.pick("share", shares);
    stated(world, r, &choice, share, d)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["999/1000", "1/2"])
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let (r, d) = (world.over_rows(&[("s0", "h", "1/1000")]), vec![Q::ONE; 4]);
    stated(world, r, &[0, 2, 3], "999/1000", d)
}

fn two_loops() -> Case {
    let world = World::two_loops("19/20");
    let (r, d) = (world.over_rows(&[("s", "y", "1")]), vec![Q::ONE; 2]);
    stated(world, r, &[1], "999/1000", d)
}

fn optimal(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("r"))
}

fn without_optimal(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward("r", &world), draw.direction("direction", &world));
    let choice = draw.choice("pi", &world);
    stated(world, r, &choice, "1/2", d)
}

fn inside(case: &Case) -> bool {
    *case.n("share of the radius") < Q::ONE
}

fn without_inside(draw: &mut Draw) -> Case {
    drawn(draw, &["101/100", "2"])
}

fn sup_norm(case: &Case) -> bool {
    max_abs(case.x("direction")) <= Q::ONE
}

fn without_sup_norm(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, d) = (draw.reward_without_tie("r", &world), draw.spike("direction", &world));
    let choice = world.optimum(&r).choice;
    stated(world, r, &choice, "999/1000", d)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let choice: Vec<usize> = (0..world.n_rows()).filter(|&row| pi[row] == Q::ONE).collect();
    let Some((radius, facet)) = world.radius(&choice, &r) else { return Finding::Vacuous };
    let radius = radius / strength.constant(Q::ONE);
    let worst = signs(&facet.normal);
    let size = case.n("share of the radius") * &radius;
    let stays = |direction: &[Q]| {
        let moved = combination(&r, &size, direction);
        Finding::is(world.is_optimal(pi, &moved), || format!("not optimal after a move of {}", size.shown()))
    };
    let lab = Lab::of(case);
    let at_witness = dot(&facet.normal, &combination(&r, &radius, &worst));
    Finding::all([
        stays(&worst),
        stays(case.x("direction")),
        Finding::equal("advantage at the nearest tie", &at_witness, &Q::ZERO),
        lab.values_hold(&choice, "r"),
        lab.visits_hold(&choice),
    ])
}
