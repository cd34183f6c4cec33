//! Where actions do not move, the divergence of occupancies is the mean divergence of action choices.

use crate::prelude::*;

theorem! {
    /// # Without consequences, occupancies diverge as action choices do
    ///
    /// ## Statement
    ///
    /// For every MDP whose transitions do not depend on the action and all policies $\pi$, $\pi_0$ with $\pi \ll
    /// \pi_0$, $$\chi^2(\mu_\pi \| \mu_{\pi_0}) = \mathbb{E}_{s \sim d}\, \chi^2(\pi(\cdot|s) \| \pi_0(\cdot|s)),$$
    /// $d$ being the distribution over states that all policies share. So for prompts and responses, regularising
    /// occupancies and regularising responses differ in the divergence alone.
    ///
    /// ## How it is checked
    ///
    /// In fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three contexts.
    id: "contextual-divergence-is-that-of-actions",
    claim: "in a contextual bandit the chi-squared divergence of occupancies is the mean one of action choices",
    paper: "laidlaw2025correlated", "derived here",
    tags: ["hacking", "chi2", "bandit"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// No action changes where the next state is drawn from.
        actions_do_not_move: actions_do_not_move, Broken(without_actions_do_not_move);
        /// The reference plays what the policy plays.
        covered: covered, Redundant("sums over what the reference plays agree without it, and both divergences are infinite");
    }
}

fn drawn(draw: &mut Draw, world: World) -> Case {
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.policy("pi", &world));
    Case::new(world).policy("reference", reference).policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let first = |row: usize| world.row(world.rows(world.row(row).s).start).p.clone();
    let still = world.moving((0..world.n_rows()).map(first).collect());
    drawn(draw, still)
}

fn actions_do_not_move(case: &Case) -> bool {
    let world = &case.world;
    (0..world.n_states()).all(|s| world.rows(s).all(|row| world.row(row).p == world.row(world.rows(s).start).p))
}

fn without_actions_do_not_move(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    drawn(draw, world)
}

fn covered(case: &Case) -> bool {
    is_covered(case.pi("pi"), case.pi("reference"))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi, reference) = (&case.world, case.pi("pi"), case.pi("reference"));
    let mu = world.measure(pi);
    let visits = world.over_its_states(&mu);
    let of_state = |s: usize| &visits[s] * chi2(&pi[world.rows(s)], &reference[world.rows(s)]);
    let mean = total((0..world.n_states()).map(of_state));
    Finding::equal("divergence of occupancies and of choices", &chi2(&mu, &world.measure(reference)), &mean)
}
