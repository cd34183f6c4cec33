//! A deviation among tied actions gains exactly what the reward of training missed.

use crate::prelude::*;

theorem! {
    /// # A deviation among tied actions gains exactly what the reward of training missed
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma \in [0,1)$, rewards $r_{true} = r_{train} + r_{miss}$ and a deterministic $\pi$ that is
    /// optimal for $r_{train}$, let $a_2 \in A^*(s_0; r_{train})$ and let $\pi'$ play $a_2$ in $s_0$ and as $\pi$ elsewhere. Then
    /// $J_{true}(\pi') - J_{true}(\pi) = d^{\pi'}(s_0)\, A^\pi_{r_{miss}}(s_0,a_2)$ with unnormalised discounted visits $d$. This
    /// is positive if $A^\pi_{r_{miss}}(s_0,a_2) > 0$ and $d^\pi(s_0) > 0$: then $\pi$ is strictly sub-optimal.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's values and visits of $\pi'$ are held against them, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The paper asks for a visit at some step, which is not enough at discount 0: see
    /// `missing-reward-makes-a-slacker`.
    id: "deviation-gains-what-was-missing",
    claim: "deviating to a tied action gains its discounted visits times its advantage under the missing reward",
    paper: "xu2025cliff", "Proposition 3.1, third hypothesis repaired, with the exact gain derived here",
    tags: ["stability", "misspecification", "occupancy"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The policy is optimal for the reward it was trained on.
        trained: trained, Broken(without_trained);
        /// The deviation is optimal for the reward of training.
        tied: tied, Broken(without_tied);
        /// The deviation gains what was missing.
        useful: useful, Broken(without_useful);
        /// The state is visited, discounted, from the start.
        visited: visited, Broken(without_visited);
    }
}

fn stated(world: World, choice: &[usize], train: Vec<Q>, miss: Vec<Q>) -> Case {
    let pi = world.pure(choice);
    Case::new(world).reward("train", train).reward("miss", miss).policy("pi", pi)
}

fn first_rows(world: &World) -> Vec<usize> {
    (0..world.n_states()).map(|s| world.rows(s).start).collect()
}

/// The second action of the first state gains one of some amounts.
fn tied_in(draw: &mut Draw, world: World, choice: &[usize], amounts: &[&str]) -> Case {
    let train = draw.reward_with_tie("train", &world);
    let gained = draw.number_of("gained", amounts);
    let miss = draw.reward_with_advantage("miss", &world, choice, 1, &gained);
    stated(world, choice, train, miss)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let choice = first_rows(&world);
    tied_in(draw, world, &choice, &["1", "1/2", "3"])
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let train = world.over_rows(&[("s1", "stay", "1"), ("s2", "stay", "1")]);
    let miss = world.over_rows(&[("s2", "stay", "1")]);
    stated(world, &[0, 2, 3], train, miss)
}

fn trained(case: &Case) -> bool {
    case.world.is_optimal(case.pi("pi"), &case.r("train"))
}

fn without_trained(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let mut choice = draw.choice("pi", &world);
    choice[0] = 0;
    tied_in(draw, world, &choice, &["1", "1/2"])
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("train")).gap[1].is_zero()
}

fn without_tied(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let choice = first_rows(&world);
    let train = draw.reward_with_optimum("train", &world, &world.marked(&choice));
    let miss = draw.reward_with_advantage("miss", &world, &choice, 1, &number("1/20"));
    stated(world, &choice, train, miss)
}

fn useful(case: &Case) -> bool {
    case.world.advantage(case.pi("pi"), &case.r("miss"))[1] > Q::ZERO
}

fn without_useful(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let choice = first_rows(&world);
    tied_in(draw, world, &choice, &["0", "-1/2", "-1"])
}

fn visited(case: &Case) -> bool {
    case.world.visits(case.pi("pi"))[0] > Q::ZERO
}

fn without_visited(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).certain());
    let mut start = vec![Q::ZERO; world.n_states()];
    start[1] = Q::ONE;
    let world = world.starting(start);
    let choice = first_rows(&world);
    tied_in(draw, world, &choice, &["1"])
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi) = (&case.world, case.pi("pi"));
    let mut choice: Vec<usize> = (0..world.n_rows()).filter(|&row| pi[row] == Q::ONE).collect();
    choice[0] = 1;
    let other = world.pure(&choice);
    let truth = plus(&case.r("train"), &case.r("miss"));
    let gain = world.j(&other, &truth) - world.j(pi, &truth);
    let said = &world.visits(&other)[0] * &world.advantage(pi, &case.r("miss"))[1];
    let lab = Lab::of(case);
    Finding::all([
        Finding::equal("gain, and visits times advantage", &gain, &said),
        Finding::less("nothing and the gain", &Q::ZERO, &gain),
        lab.values_hold(&choice, "train"),
        lab.visits_hold(&choice),
    ])
}
