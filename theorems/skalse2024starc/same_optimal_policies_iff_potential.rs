//! Two rewards share their optimal policies exactly when a potential makes the first's optimal actions tight for the
//! second.

use crate::prelude::*;

theorem! {
    /// # Same optimal policies exactly when a potential is tight on the optimal actions
    ///
    /// ## Statement
    ///
    /// For every finite MDP whose start has every state, rewards $R_1$, $R_2$ have the same optimal policies if and
    /// only if there is $\Psi : S \to \mathbb{R}$ with $\mathbb{E}[R_2 + \gamma\Psi(s')] \le \Psi(s)$ for all $s$, $a$,
    /// with equality exactly on the actions that are optimal for $R_1$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. Optimal policies are the deterministic ones of greatest return, by enumeration. The only candidate
    /// for $\Psi$ is the optimal value of $R_2$, since equality somewhere in every state is the Bellman equation.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "same-optimal-policies-iff-potential",
    claim: "rewards share optimal policies exactly when a potential is tight on the optimal actions",
    paper: "skalse2024starc", "the characterisation by optimality-preserving transformations, restated",
    tags: ["optimality", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state has a positive start probability.
        starts_everywhere: starts_everywhere, Broken(without_start);
        /// Equality holds on the optimal actions of the first reward and on no others.
        exactly_tight: exactly_tight, Broken(without_exactly_tight);
    }
}

/// The first action of each state, and perhaps others.
fn marked(draw: &mut Draw, world: &World) -> Vec<bool> {
    let mut is_marked =
        |row: usize| row == world.rows(world.row(row).s).start || draw.below(("tie", row), 3) == 2;
    (0..world.n_rows()).map(&mut is_marked).collect()
}

fn with_rewards(draw: &mut Draw, world: World, shared: bool) -> Case {
    let optimal = marked(draw, &world);
    let x = draw.reward_with_optimum("x", &world, &optimal);
    let y = if shared { draw.reward_with_optimum("y", &world, &optimal) } else { draw.reward("free", &world) };
    Case::new(world).reward("x", x).reward("y", y)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let shared = draw.below("shared", 2) == 0;
    with_rewards(draw, world, shared).choice("tight", "exactly")
}

fn starts_everywhere(case: &Case) -> bool {
    case.world.mu0.iter().all(|m| *m > Q::ZERO)
}

/// The second reward has more optimal actions, where `more` says so.
fn with_more(draw: &mut Draw, world: World, more: impl Fn(usize) -> bool) -> Case {
    let optimal = marked(draw, &world);
    let x = draw.reward_with_optimum("x", &world, &optimal);
    let larger: Vec<bool> = (0..optimal.len()).map(|row| optimal[row] || more(row)).collect();
    let y = draw.reward_with_optimum("y", &world, &larger);
    Case::new(world).reward("x", x).reward("y", y)
}

/// States that optimal policies never visit may differ.
fn without_start(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let idle: Vec<bool> = world.all_rows().iter().map(|row| world.mu0[row.s].is_zero()).collect();
    with_more(draw, world, |row| idle[row]).choice("tight", "exactly")
}

fn exactly_tight(case: &Case) -> bool {
    case.chosen("tight") == "exactly"
}

/// The second reward may find more actions optimal.
fn without_exactly_tight(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let extra = draw.below("extra", world.n_rows());
    with_more(draw, world, |row| row == extra).choice("tight", "at least")
}

/// Whether each deterministic policy has the greatest return.
fn best(world: &World, r: &[Q]) -> Vec<bool> {
    let returns: Vec<Q> = world.policies().iter().map(|pi| world.j(pi, r)).collect();
    let greatest = returns.iter().max().cloned();
    returns.into_iter().map(|j| Some(j) == greatest).collect()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    let psi = world.optimum(&y).v;
    let slack: Vec<Q> = (0..world.n_rows()).map(|row| &psi[world.row(row).s] - &world.q_of(&y, &psi)[row]).collect();
    let gaps = world.optimum(&x).gap;
    let tight = slack.iter().zip(&gaps).all(|(slack, gap)| match case.chosen("tight") {
        "exactly" => slack.is_zero() == gap.is_zero(),
        _ => slack.is_zero() || !gap.is_zero(),
    });
    let same = best(world, &x) == best(world, &y);
    Finding::is(tight == same, || format!("tight potential: {tight}, same optimal policies: {same}"))
}
