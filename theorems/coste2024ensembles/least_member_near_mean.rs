//! The least of an ensemble is within a root of its size of the mean, in standard deviations.

use crate::prelude::*;

theorem! {
    /// # The least of an ensemble is near its mean
    ///
    /// ## Statement
    ///
    /// For all numbers $R_1, \dots, R_k$ with mean $m$ and standard deviation $\sigma$ (of the population): $\min_i R_i \ge m -
    /// \sqrt{k-1}\,\sigma$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, both sides squared; the world of the instance plays no part. The constant $k-1$ is sharp: $k-1$ members
    /// that agree above one attain it.
    ///
    /// ## Known limits
    ///
    /// None.
    id: "least-member-near-mean",
    claim: "the least of k rewards is at most a root of k - 1 standard deviations below their mean",
    paper: "coste2024ensembles", "worst case against mean and spread, derived here",
    tags: ["hacking", "ensemble"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [one_dissents],
    hypotheses: {
        /// All members have the same weight in the mean and the spread.
        equal_weights: |case| case.x("weights").windows(2).all(|pair| pair[0] == pair[1]), Broken(without_equal_weights);
    }
}

fn ensemble(members: Vec<Q>, weights: Vec<Q>) -> Case {
    Case::new(World::bandit(&["answer"])).vector("members", members).vector("weights", weights)
}

fn one_dissents() -> Case {
    ensemble(["0", "1", "1", "1"].map(number).to_vec(), vec![fraction(1, 4); 4])
}

fn instance(draw: &mut Draw) -> Case {
    let k = draw.between("members", 1, 6);
    ensemble(draw.numbers("member", k), vec![fraction(1, k as u64); k])
}

fn without_equal_weights(draw: &mut Draw) -> Case {
    let k = draw.between("members", 2, 6);
    let weights = draw.mixture("weights", (0, 0), k);
    ensemble(draw.numbers("member", k), weights)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (members, weights) = (case.x("members"), case.x("weights"));
    let mean = dot(weights, members);
    let variance = members.iter().zip(weights).fold(Q::ZERO, |sum, (x, w)| sum + w * (x - &mean) * (x - &mean));
    let below = &mean - members.iter().min().expect("there are members");
    let constant = strength.constant(Q::from(members.len() - 1));
    Finding::at_most("squared distance of the least from the mean", &(&below * &below), &(constant * variance))
}
