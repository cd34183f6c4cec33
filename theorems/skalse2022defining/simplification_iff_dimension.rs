//! A simplification exists exactly if ties leave two dimensions.

use crate::prelude::*;

theorem! {
    /// # A simplification exists exactly if ties leave two dimensions
    ///
    /// ## Statement
    ///
    /// For every MDP, every finite set $\hat\Pi$ of policies and every reward $R$, let $E_1, \dots, E_m$ be the
    /// classes of equal return and $Z_i = F(E_i) - F(\pi_i)$ for some $\pi_i \in E_i$. A reward that is not trivial on
    /// $\hat\Pi$ and simplifies $R$ exists if and only if $\dim(Z_1 \cup \dots \cup Z_m) \le \dim F(\hat\Pi) - 2$,
    /// where $\dim F(\hat\Pi)$ is the affine dimension.
    ///
    /// ## How it is checked
    ///
    /// In fractions: existence by trying every way to call neighbouring classes equal, each decided by elimination of
    /// inequalities; dimensions by elimination of equations.
    ///
    /// ## Known limits
    ///
    /// Up to five policies.
    id: "simplification-iff-dimension",
    claim: "a reward has a non-trivial simplification exactly if its ties leave two dimensions of the occupancies",
    paper: "skalse2022defining", "Theorem 3, dimensions read as affine",
    tags: ["hacking", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [three_arms],
    hypotheses: {
        /// The dimension of the occupancies is affine, not the number of independent ones.
        affine_dimension: is_affine, Broken(without_affine);
        /// Ties of the reward stay ties: their span is counted.
        ties_are_kept: ties_are_kept, Broken(without_ties_are_kept);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.listing(world, 2, 5)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw).choice("dimension", "affine").choice("ties", "kept")
}

fn three_arms() -> Case {
    let world = World::bandit(&["x", "y", "z"]);
    let policies = world.policies();
    let r = world.over_rows(&[("prompt", "x", "1"), ("prompt", "y", "2")]);
    Case::new(world).listing(policies).reward("r", r).choice("dimension", "affine").choice("ties", "kept")
}

fn is_affine(case: &Case) -> bool {
    case.chosen("dimension") == "affine"
}

fn without_affine(draw: &mut Draw) -> Case {
    drawn(draw).choice("dimension", "rank").choice("ties", "kept")
}

fn ties_are_kept(case: &Case) -> bool {
    case.chosen("ties") == "kept"
}

fn without_ties_are_kept(draw: &mut Draw) -> Case {
    let mut case = drawn(draw);
    let r = draw.coarse_reward("coarse", &case.world);
    case.rewards.clear();
    case.reward("r", r).choice("dimension", "affine").choice("ties", "ignored")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (points, r) = (case.listed(), case.r("r"));
    let whole = if is_affine(case) { affine_dimension(&points) } else { rank(&points) };
    let tied = if ties_are_kept(case) { rank(&ties(&points, &r)) } else { 0 };
    let (exists, predicted) = (has_simplification(&points, &r), tied + 2 <= whole);
    Finding::is(exists == predicted, || format!("simplification: {exists}; dimensions {tied} of ties, {whole} in all"))
}
