//! How far one part of a mixed reward may move before the optimal policy changes.

use crate::prelude::*;

theorem! {
    /// # How far one part of a mixed reward may move before the optimal policy changes
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, rewards $r_k$ with weights $w_k(s)$, and every deterministic $\pi$ optimal for
    /// $r_{eff} = \sum_k w_k r_k$: if only $r_k$ moves, and by less than $\varepsilon_k = \min_{a \ne \pi(s)} (V^\pi(s) -
    /// Q^\pi(s,a)) / \sum_{t,b} w_k(t) |c_{sa}(t,b)|$ in the sup norm, $\pi$ stays optimal. No larger number will do. It is
    /// infinite where $w_k = 0$ on every $c_{sa}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for two parts: the worst direction and a drawn one, just inside.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "one-part-of-a-mixture-may-move",
    claim: "one part of a mixed reward may move up to a radius that weighs advantage vectors by its weight",
    paper: "xu2025cliff", "for the effective reward of section 4; derived here",
    tags: ["stability", "radius", "mixture"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_loops],
    hypotheses: {
        /// The policy is optimal for the mixture.
        optimal: optimal, Broken(without_optimal);
        /// The part moves by less than its radius.
        inside: inside, Broken(without_inside);
    }
}

/// Two parts of which the mixture is a given reward.
fn stated(world: World, mixture: &[Q], one: Vec<Q>, weight: Vec<Q>, choice: &[usize]) -> Case {
    let at = |row: usize| &weight[world.row(row).s];
    let rest = |row: usize| (&mixture[row] - at(row) * &one[row]) / (Q::ONE - at(row));
    let (two, pi) = ((0..world.n_rows()).map(rest).collect(), world.pure(choice));
    Case::new(world).reward("r1", one).reward("r2", two).policy("pi", pi).vector("weight of r1", weight)
}

fn parts(draw: &mut Draw, world: &World) -> (Vec<Q>, Vec<Q>, Vec<Q>) {
    let weight = (0..world.n_states()).map(|s| draw.number_of(("weight", s), &["1/2", "1/3", "0", "3/4"])).collect();
    (draw.reward("r1", world), weight, draw.direction("direction", world))
}

fn drawn(draw: &mut Draw, shares: &[&str]) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let mixture = draw.reward_without_tie("mixture", &world);
    let (one, weight, d) = parts(draw, &world);
    let choice = world.optimum(&mixture).choice;
    let share = draw.number_of("share", shares);
    stated(world, &mixture, one, weight, &choice).number("share of the radius", share).vector("direction", d)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["999/1000", "1/2"])
}

fn two_loops() -> Case {
    let world = World::two_loops("1/2");
    let r = world.over_rows(&[("s", "x", "1")]);
    let case = stated(world, &r.clone(), r, vec![number("1/2")], &[0]);
    case.number("share of the radius", number("999/1000")).vector("direction", vec![Q::ONE; 2])
}

fn mixture(case: &Case, one: &[Q]) -> Vec<Q> {
    let (two, weight) = (case.r("r2"), case.x("weight of r1"));
    let at = |row: usize| &weight[case.world.row(row).s];
    (0..two.len()).map(|row| at(row) * &one[row] + (Q::ONE - at(row)) * &two[row]).collect()
}

fn optimal(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &mixture(case, &case.r("r1")))
}

fn without_optimal(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let mixture = draw.reward("mixture", &world);
    let (one, weight, d) = parts(draw, &world);
    let choice = draw.choice("pi", &world);
    let case = stated(world, &mixture, one, weight, &choice);
    case.number("share of the radius", number("1/2")).vector("direction", d)
}

fn inside(case: &Case) -> bool {
    *case.n("share of the radius") < Q::ONE
}

fn without_inside(draw: &mut Draw) -> Case {
    drawn(draw, &["101/100", "2"])
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, pi, one, weight) = (&case.world, case.pi("pi"), case.r("r1"), case.x("weight of r1"));
    let choice: Vec<usize> = (0..world.n_rows()).filter(|&row| pi[row] == Q::ONE).collect();
    let weighed = |c: &[Q]| {
        let sizes = c.iter().enumerate().map(|(row, c)| &weight[world.row(row).s] * abs(c));
        sizes.fold(Q::ZERO, |sum, x| sum + x)
    };
    let nearest = world.nearest_facet(&choice, &mixture(case, &one), weighed);
    // Where no facet can be reached any move is inside.
    let (radius, worst) = match nearest {
        Some((radius, facet)) => (radius / strength.constant(Q::ONE), signs(&facet.normal)),
        None => (Q::from(1000u32), case.x("direction").to_vec()),
    };
    let size = case.n("share of the radius") * radius;
    Finding::all([worst.as_slice(), case.x("direction")].map(|direction| {
        let moved = mixture(case, &combination(&one, &size, direction));
        Finding::is(world.is_optimal(pi, &moved), || format!("not optimal after r1 moves by {}", size.shown()))
    }))
}
