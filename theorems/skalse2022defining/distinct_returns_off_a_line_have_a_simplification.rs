//! Off a line, a reward without ties has a simplification.

use crate::prelude::*;

theorem! {
    /// # Off a line, a reward without ties has a simplification
    ///
    /// ## Statement
    ///
    /// For every MDP, every finite set of policies whose occupancies have affine dimension at least 2 and every reward
    /// that gives all of them different returns, there is a reward, not trivial on the set, that simplifies it.
    ///
    /// ## How it is checked
    ///
    /// In fractions: every way to call neighbours equal is tried, each decided by elimination of inequalities.
    ///
    /// ## Known limits
    ///
    /// Up to five policies.
    id: "distinct-returns-off-a-line-have-a-simplification",
    claim: "a reward under which policies off a line have distinct returns has a non-trivial simplification",
    paper: "skalse2022defining", "Corollary 3, with the dimension it needs",
    tags: ["hacking", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The occupancies do not lie on a line.
        off_a_line: off_a_line, Broken(without_off_a_line);
        /// All returns are different.
        distinct: distinct, Broken(without_distinct);
    }
}

fn three_arms() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let policies = world.policies();
    let r = world.over_rows(&[("prompt", "x", "1"), ("prompt", "y", "2")]);
    Case::new(world).listing(policies).reward("r", r)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.listing(world, 3, 5)
}

fn off_a_line(case: &Case) -> bool {
    affine_dimension(&case.listed()) >= 2
}

fn without_off_a_line(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.listing(world, 2, 3)
}

fn distinct(case: &Case) -> bool {
    let points = case.listed();
    classes(&points, &case.r("r")).len() == points.len()
}

fn without_distinct(draw: &mut Draw) -> Case {
    let mut case = instance(draw);
    let r = draw.coarse_reward("coarse", &case.world);
    case.rewards.clear();
    case.reward("r", r)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    Finding::is(has_simplification(&case.listed(), &case.r("r")), || "no coarser order is that of a reward".into())
}
