//! Among equal rewards a soft policy goes where more choices are left.

use crate::prelude::*;

theorem! {
    /// # Among equal rewards a soft policy goes where more choices are left
    ///
    /// ## Statement
    ///
    /// Let one of two actions lead to a state with $n$ actions, the other to one with $m$, all of which end the episode, and all
    /// rewards be 0. For every $\gamma \in [0,1)$ and every temperature $\tau > 0$ the soft policy plays the first with
    /// probability $n^\gamma / (n^\gamma + m^\gamma)$. At $n = 2$, $m = 1$, $\gamma = 0.9$ that is 0.65109, and so is the limit
    /// at temperature 0.
    ///
    /// ## How it is checked
    ///
    /// On intervals.
    ///
    /// ## Known limits
    ///
    /// One to three actions on each side.
    id: "more-ties-ahead-attract",
    claim: "a soft policy prefers one of two tied actions by the choices after it to the power of the discount",
    paper: "xu2025cliff", "the limit of its soft policies; an example derived here",
    tags: ["soft", "ties"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_or_one],
    hypotheses: {
        /// All rewards are equal.
        equal_rewards: equal_rewards, Broken(without_equal_rewards);
    }
}

const ACTIONS: [&str; 3] = ["x", "y", "z"];

fn stated(gamma: Q, n: usize, m: usize, tau: Q) -> (World, Q) {
    let mut moves = vec![("s", "x", "left"), ("s", "y", "right")];
    moves.extend(ACTIONS[..n].iter().map(|&a| ("left", a, "end")));
    moves.extend(ACTIONS[..m].iter().map(|&a| ("right", a, "end")));
    moves.push(("end", "x", "end"));
    (World::moves("0", &moves).discounted(gamma), tau)
}

fn drawn(draw: &mut Draw) -> (World, Q) {
    let gamma = draw.number_of("gamma", &["1/2", "9/10", "0"]);
    let (n, m) = (draw.between("left", 1, 3), draw.between("right", 1, 3));
    let tau = draw.number_of("temperature", &["1", "1/100", "3"]);
    stated(gamma, n, m, tau)
}

fn instance(draw: &mut Draw) -> Case {
    let (world, tau) = drawn(draw);
    let n = world.n_rows();
    Case::new(world).reward("r", vec![Q::ZERO; n]).number("temperature", tau)
}

fn two_or_one() -> Case {
    let (world, tau) = stated(number("9/10"), 2, 1, Q::ONE);
    let n = world.n_rows();
    Case::new(world).reward("r", vec![Q::ZERO; n]).number("temperature", tau)
}

fn equal_rewards(case: &Case) -> bool {
    case.r("r").iter().all(Q::is_zero)
}

fn without_equal_rewards(draw: &mut Draw) -> Case {
    let (world, tau) = drawn(draw);
    let r = draw.reward("r", &world);
    Case::new(world).reward("r", r).number("temperature", tau)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, tau) = (&case.world, case.n("temperature"));
    let soft = world.soft(&case.r("r"), tau);
    let power = |s: usize| (Interval::point(world.rows(s).len() as f64).ln() * real(&world.gamma)).exp();
    let (left, right) = (power(world.state("left")), power(world.state("right")));
    let said = left.checked_div(left + right).unwrap_or(Interval { lo: 0.0, hi: 1.0 });
    Finding::equal("probability of the first action", &soft.pi[0], &said)
}
