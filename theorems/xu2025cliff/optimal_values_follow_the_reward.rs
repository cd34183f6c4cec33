//! Optimal values move no more than the reward, times the horizon.

use crate::prelude::*;

theorem! {
    /// # Optimal values move no more than the reward, times the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and all rewards $r, r'$ on the same dynamics, $\|Q^*_r - Q^*_{r'}\|_\infty \le
    /// \|r - r'\|_\infty / (1 - \gamma)$. Equality where $r' = r + k$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, as squares, so that the root mean square can stand in for the sup norm. The library's bounds on
    /// $V^*_r$ are held against the fractions, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "optimal-values-follow-the-reward",
    claim: "optimal action values move at most by the change of the reward over one less the discount",
    paper: "xu2025cliff", "Proposition 2.4",
    tags: ["stability", "values"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [raised_by_a_constant],
    hypotheses: {
        /// Both rewards are optimised on the same dynamics.
        same_dynamics: same_dynamics, Broken(without_same_dynamics);
        /// The change of the reward is measured by its largest entry.
        sup_norm: sup_norm, Broken(without_sup_norm);
        /// The constant has the discount of the MDP.
        discount_counts: discount_counts, Broken(without_discount_counts);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, other) = (draw.reward("r", &world), draw.reward("other", &world));
    Case::new(world).reward("r", r).reward("other", other)
}

/// All transitions in one row.
fn flat(world: &World) -> Vec<Q> {
    world.all_rows().iter().flat_map(|row| row.p.clone()).collect()
}

fn stated(case: Case, transitions: Vec<Q>, norm: &'static str, gamma: Q) -> Case {
    case.vector("transitions under the other", transitions).choice("norm", norm).number("discount of the constant", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (p, gamma) = (flat(&case.world), case.world.gamma.clone());
    stated(case, p, "sup", gamma)
}

fn raised_by_a_constant() -> Case {
    let world = World::two_loops("9/10");
    let (p, gamma) = (flat(&world), world.gamma.clone());
    let (r, other) = (world.over_rows(&[("s", "x", "1")]), world.over_rows(&[("s", "x", "2"), ("s", "y", "1")]));
    stated(Case::new(world).reward("r", r).reward("other", other), p, "sup", gamma)
}

fn same_dynamics(case: &Case) -> bool {
    case.x("transitions under the other") == flat(&case.world)
}

/// The rewards hardly differ.
fn without_same_dynamics(draw: &mut Draw) -> Case {
    let mut case = drawn(draw);
    let (r, noise) = (case.r("r"), case.r("other"));
    let other = combination(&r, &draw.number_of("size of noise", &["0", "1/10"]), &noise);
    case.rewards.clear();
    let case = case.reward("r", r).reward("other", other);
    let (n, gamma) = (case.world.n_states(), case.world.gamma.clone());
    let p = case.world.all_rows().iter().flat_map(|row| draw.distribution("other p", (row.s, row.a), n, row.s)).collect();
    stated(case, p, "sup", gamma)
}

fn sup_norm(case: &Case) -> bool {
    case.chosen("norm") == "sup"
}

fn without_sup_norm(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (p, gamma) = (flat(&case.world), case.world.gamma.clone());
    stated(case, p, "root mean square", gamma)
}

fn discount_counts(case: &Case) -> bool {
    *case.n("discount of the constant") == case.world.gamma
}

fn without_discount_counts(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let p = flat(&case.world);
    let gamma = draw.number_of("discount of the constant", &["0", "1/2"]);
    stated(case, p, "sup", gamma)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other) = (&case.world, case.r("r"), case.r("other"));
    let chunks = case.x("transitions under the other").chunks(world.n_states());
    let there = world.moving(chunks.map(<[Q]>::to_vec).collect());
    let moved = max_abs(&minus(&there.optimum(&other).q, &world.optimum(&r).q));
    let change = minus(&other, &r);
    let squared = match case.chosen("norm") {
        "sup" => max_abs(&change).sqr(),
        _ => dot(&change, &change) / Q::from(change.len() as u64),
    };
    let constant = strength.constant(Q::ONE) / (Q::ONE - case.n("discount of the constant"));
    Finding::at_most("squared movement of Q*", &moved.sqr(), &(constant.sqr() * squared)).and(Lab::of(case).optimum_holds("r"))
}
