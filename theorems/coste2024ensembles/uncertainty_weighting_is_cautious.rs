//! The mean less a multiple of the variance is a lower bound: false.

use crate::prelude::*;

theorem! {
    /// # The mean less a multiple of the variance is a lower bound
    ///
    /// ## Statement
    ///
    /// For every $\lambda > 0$ and all rewards $R_1, \dots, R_k$ of an answer, if the true reward is a mixture of them it is at
    /// least $\mathrm{mean}_i R_i - \lambda\,\mathrm{var}_i R_i$. This is false: the variance of a small spread is smaller
    /// still.
    ///
    /// ## How it is checked
    ///
    /// In fractions; the world of the instance plays no part. The counterexample has two members, 0 and 1, $\lambda = 1$ and
    /// the first for the truth.
    ///
    /// ## Known limits
    ///
    /// None.
    id: "uncertainty-weighting-is-cautious",
    claim: "the mean of an ensemble less its weighted variance is at most the true reward",
    paper: "coste2024ensembles", "reading uncertainty-weighted optimisation as a lower bound; refuted here",
    tags: ["hacking", "ensemble"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_members],
    hypotheses: {
        /// The truth is a mixture of the members.
        truth_in_hull: truth_in_hull, Redundant("the counterexample's truth is one of its members");
    }
}

fn ensemble(members: Vec<Q>, weights: Vec<Q>, lambda: Q) -> Case {
    let case = Case::new(World::bandit(&["answer"])).vector("members", members).vector("weights", weights);
    case.number("lambda", lambda)
}

fn two_members() -> Case {
    ensemble(vec![Q::ZERO, Q::ONE], vec![Q::ONE, Q::ZERO], Q::ONE)
}

fn instance(draw: &mut Draw) -> Case {
    let k = draw.between("members", 2, 5);
    let weights = draw.distribution("weights", (0, 0), k, 0);
    ensemble(draw.numbers("member", k), weights, draw.positive("lambda"))
}

fn truth_in_hull(case: &Case) -> bool {
    let weights = case.x("weights");
    weights.iter().all(|w| *w >= Q::ZERO) && l1(weights) == Q::ONE
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let members = case.x("members");
    let centre = mean(members);
    let squares: Vec<Q> = members.iter().map(|x| (x - &centre) * (x - &centre)).collect();
    let cautious = &centre - case.n("lambda") * mean(&squares);
    Finding::at_most("mean less the weighted variance", &cautious, &dot(case.x("weights"), members))
}
