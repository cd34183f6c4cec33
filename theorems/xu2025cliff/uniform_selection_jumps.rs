//! The uniform choice among optimal actions jumps at a tie.

use crate::prelude::*;

theorem! {
    /// # The uniform choice among optimal actions jumps at a tie
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $r$, every state $s_0$ with $m = |A^*(s_0; r)|$, every $a_2$ among these actions
    /// and every $e > 0$, raising $r(s_0,a_2)$ by $e$ moves the uniform distribution over optimal actions in $s_0$ by exactly
    /// $(m-1)/m$ in total variation.
    ///
    /// ## How it is checked
    ///
    /// In fractions.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the tie is in the first one.
    id: "uniform-selection-jumps",
    claim: "the uniform choice among m optimal actions jumps by (m-1)/m at changes of the reward of any size",
    paper: "xu2025cliff", "Proposition 2.10",
    tags: ["stability", "ties", "discontinuity"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The raised action is optimal before.
        tied: tied, Broken(without_tied);
        /// One action is raised, and not several of those that tie.
        one_raised: one_raised, Broken(without_one_raised);
    }
}

fn stated(world: World, r: Vec<Q>, size: Q, raised: &[usize]) -> Case {
    let raised = (0..world.n_rows()).map(|row| if raised.contains(&row) { Q::ONE } else { Q::ZERO }).collect();
    Case::new(world).reward("r", r).number("size", size).vector("raised", raised)
}

fn size(draw: &mut Draw) -> Q {
    draw.number_of("size", &["1/20", "1/1000"])
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, size) = (draw.reward_with_tie("r", &world), size(draw));
    stated(world, r, size, &[1])
}

fn three_arms() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    stated(world, vec![Q::ONE; 3], number("1/1000000"), &[1])
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("r")).gap[1].is_zero()
}

/// Of three actions the first and the last tie; the second, which is raised, is worse.
fn without_tied(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).actions(3, 3));
    let is_optimal: Vec<bool> = world.all_rows().iter().map(|row| row.a != 1).collect();
    let (r, size) = (draw.reward_with_optimum("r", &world, &is_optimal), size(draw));
    stated(world, r, size, &[1])
}

fn one_raised(case: &Case) -> bool {
    case.x("raised").iter().enumerate().all(|(row, x)| x.is_zero() == (row != 1))
}

fn without_one_raised(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).actions(3, 3));
    let (r, size) = (draw.reward_with_optimum("r", &world, &vec![true; world.n_rows()]), size(draw));
    stated(world, r, size, &[1, 2])
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let uniform = |r: &[Q]| -> Vec<Q> {
        let gap = &world.optimum(r).gap[world.rows(0)];
        let m = gap.iter().filter(|gap| gap.is_zero()).count() as u64;
        gap.iter().map(|gap| if gap.is_zero() { fraction(1, m) } else { Q::ZERO }).collect()
    };
    let (before, after) = (uniform(&r), uniform(&combination(&r, case.n("size"), case.x("raised"))));
    let jump = World::total_variation(&before, &after);
    let m = before.iter().filter(|p| !p.is_zero()).count() as u64;
    let said = fraction(m as i64 - 1, m);
    Finding::at_most("(m-1)/m", &said, &jump).and(Finding::at_most("jump", &jump, &strength.constant(said.clone())))
}
