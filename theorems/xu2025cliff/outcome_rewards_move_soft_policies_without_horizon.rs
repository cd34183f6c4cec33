//! Changes of rewards at the end of episodes move soft policies without the factor of the horizon.

use crate::prelude::*;

theorem! {
    /// # Changes of rewards at the end of episodes move soft policies without the factor of the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma \le 1$ whose episodes make one last step, all rewards $r, r'$ that differ only in last
    /// steps, by at most $e$, and every temperature $\tau > 0$: in every state $\|\pi_\tau - \pi'_\tau\|_1 \le 2 \tanh(e / (2
    /// \tau)) \le e / \tau$. This is the form for token models, where the horizon is long and the reward is of the outcome.
    ///
    /// ## How it is checked
    ///
    /// On intervals, for episodes of two steps. Changes at every step break it.
    ///
    /// ## Known limits
    ///
    /// Two steps, discounts below 1.
    id: "outcome-rewards-move-soft-policies-without-horizon",
    claim: "a change of the outcome's reward moves a soft policy by at most the change over the temperature",
    paper: "xu2025cliff", "Proposition 4.7 for rewards of outcomes; derived here",
    tags: ["soft", "stability", "tokens"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [last_choice],
    hypotheses: {
        /// Only rewards of last steps change.
        outcome_only: outcome_only, Broken(without_outcome_only);
    }
}

/// A first step to one of two states, and from there a last one.
fn episodes(gamma: Q) -> World {
    let moves = [
        ("first", "x", "left"), ("first", "y", "right"),
        ("left", "x", "end"), ("left", "y", "end"), ("right", "x", "end"), ("right", "y", "end"), ("end", "stay", "end"),
    ];
    World::moves("0", &moves).discounted(gamma)
}

/// Rewards on both sides of a middle one.
fn stated(world: World, middle: &[Q], half: &[Q], tau: Q) -> Case {
    let (r, other) = (plus(middle, half), minus(middle, half));
    let last = world.all_rows().iter().map(|row| if [1, 2].contains(&row.s) { Q::ONE } else { Q::ZERO }).collect();
    Case::new(world).reward("r", r).reward("other", other).vector("last steps", last).number("temperature", tau)
}

fn instance(draw: &mut Draw) -> Case {
    let mut world = episodes(draw.number_of("gamma", &["9/10", "1/2", "99/100"]));
    let name = ["to left", "to right"];
    for (row, name) in name.into_iter().enumerate() {
        let p = draw.distribution(name, (0, row), 2, row);
        let mut all: Vec<Vec<Q>> = world.all_rows().iter().map(|row| row.p.clone()).collect();
        (all[row][1], all[row][2]) = (p[0].clone(), p[1].clone());
        world = world.moving(all);
    }
    let middle = scaled(&number("1/4"), &draw.reward("middle", &world));
    let mut half = draw.direction("half", &world);
    [0, 1, 6].iter().for_each(|&row| half[row] = Q::ZERO);
    half[2] = Q::ONE;
    let (size, tau) = (draw.number_of("size", &["1", "1/10"]), draw.number_of("temperature", &["1", "2", "1/2"]));
    stated(world, &middle, &scaled(&size, &half), tau)
}

fn last_choice() -> Case {
    let world = episodes(number("9/10"));
    let half = world.over_rows(&[("left", "x", "1/4"), ("left", "y", "-1/4")]);
    stated(world, &[const { Q::ZERO }; 7], &half, Q::ONE)
}

fn outcome_only(case: &Case) -> bool {
    let change = minus(&case.r("r"), &case.r("other"));
    change.iter().zip(case.x("last steps")).all(|(change, last)| change.is_zero() || *last == Q::ONE)
}

fn without_outcome_only(draw: &mut Draw) -> Case {
    let world = episodes(draw.number_of("gamma", &["9/10", "99/100"]));
    let mut half = draw.direction("half", &world);
    half[6] = Q::ZERO;
    let size = draw.number_of("size", &["1", "1/10"]);
    stated(world, &[const { Q::ZERO }; 7], &scaled(&size, &half), Q::ONE)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other, tau) = (&case.world, case.r("r"), case.r("other"), case.n("temperature"));
    let (x, y) = (world.soft(&r, tau), world.soft(&other, tau));
    let e = max_abs(&minus(&r, &other));
    let most = strength.bound(real(&(e / (Q::from(2u8) * tau))).tanh().scale(2.0));
    Finding::all((0..world.n_states()).map(|s| {
        let rows = world.rows(s);
        Finding::at_most("l1 distance", &l1_between(&x.pi[rows.clone()], &y.pi[rows]), &most)
    }))
}
