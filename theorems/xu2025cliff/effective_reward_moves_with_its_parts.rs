//! An effective reward moves no more than its parts.

use crate::prelude::*;

theorem! {
    /// # An effective reward moves no more than its parts
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, all rewards $r_k, r'_k$ and fixed weights $w_k(s) \ge 0$ with $\sum_k w_k(s) = 1$,
    /// $r_{eff} = \sum_k w_k r_k$ satisfies $\|r_{eff} - r'_{eff}\|_\infty \le \max_k \|r_k - r'_k\|_\infty$, and $\|Q^*_{eff} -
    /// Q^{*\prime}_{eff}\|_\infty$ is at most that over $1 - \gamma$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for two parts. Weights $(2,-1)$ have the constant 3. Weights that depend on the rewards, here growing
    /// with the square of each, break it.
    ///
    /// ## Known limits
    ///
    /// Up to two states.
    id: "effective-reward-moves-with-its-parts",
    claim: "a fixed average of rewards moves at most by the largest change of one of them",
    paper: "xu2025cliff", "Lemma 4.2 and Proposition 4.3",
    tags: ["stability", "mixture"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [raised_by_a_constant],
    hypotheses: {
        /// Weights are not negative and sum to 1.
        convex: convex, Broken(without_convex);
        /// Weights do not depend on the rewards.
        fixed: fixed, Broken(without_fixed);
    }
}

const NAMES: [&str; 4] = ["r1", "r2", "r1 moved", "r2 moved"];

fn drawn(draw: &mut Draw, first_weights: &[&str], weights: &'static str) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let w: Vec<Q> = (0..world.n_states()).map(|s| draw.number_of(("weight", s), first_weights)).collect();
    let rest = w.iter().map(|w| Q::ONE - w).collect();
    let r = NAMES.map(|name| draw.reward(name, &world));
    let case = NAMES.into_iter().zip(r).fold(Case::new(world), |case, (name, r)| case.reward(name, r));
    case.vector("weight of r1", w).vector("weight of r2", rest).choice("weights", weights)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, &["1/2", "0", "1/3", "1"], "fixed")
}

fn raised_by_a_constant() -> Case {
    let world = World::two_loops("9/10");
    let (low, high) = (vec![Q::ZERO; 2], vec![Q::ONE; 2]);
    let case = Case::new(world).reward("r1", low.clone()).reward("r2", low).reward("r1 moved", high.clone());
    let half = vec![number("1/2")];
    case.reward("r2 moved", high).vector("weight of r1", half.clone()).vector("weight of r2", half).choice("weights", "fixed")
}

fn convex(case: &Case) -> bool {
    let (x, y) = (case.x("weight of r1"), case.x("weight of r2"));
    x.iter().zip(y).all(|(x, y)| *x >= Q::ZERO && *y >= Q::ZERO && x + y == Q::ONE)
}

fn without_convex(draw: &mut Draw) -> Case {
    drawn(draw, &["2", "3/2", "-1"], "fixed")
}

fn fixed(case: &Case) -> bool {
    case.chosen("weights") == "fixed"
}

fn without_fixed(draw: &mut Draw) -> Case {
    drawn(draw, &["1/2"], "growing with the square of the reward")
}

fn effective(case: &Case, names: [&str; 2]) -> Vec<Q> {
    let (one, two) = (case.r(names[0]), case.r(names[1]));
    let weights = |row: usize| {
        let s = case.world.row(row).s;
        let (x, y) = (case.x("weight of r1")[s].clone(), case.x("weight of r2")[s].clone());
        match case.chosen("weights") {
            "fixed" => (x, y),
            _ => {
                let (x, y) = (Q::ONE + one[row].sqr(), Q::ONE + two[row].sqr());
                let total = &x + &y;
                (x / &total, y / &total)
            }
        }
    };
    let mixed = |row: usize| {
        let (x, y) = weights(row);
        x * &one[row] + y * &two[row]
    };
    (0..case.world.n_rows()).map(mixed).collect()
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let world = &case.world;
    let (before, after) = (effective(case, ["r1", "r2"]), effective(case, ["r1 moved", "r2 moved"]));
    let part = |k: usize| max_abs(&minus(&case.r(NAMES[k + 2]), &case.r(NAMES[k])));
    let most = strength.constant(part(0).max(part(1)));
    let q = max_abs(&minus(&world.optimum(&after).q, &world.optimum(&before).q));
    Finding::at_most("change of the effective reward", &max_abs(&minus(&after, &before)), &most)
        .and(Finding::at_most("change of its values", &q, &(most / (Q::ONE - &world.gamma))))
}
