//! Differences of process rewards cannot be earned twice.

use crate::prelude::*;

theorem! {
    /// # Differences of process rewards cannot be earned twice
    ///
    /// ## Statement
    ///
    /// For process rewards $p_1, \dots, p_K$, $K \ge 2$, pay $p_k - p_{k+1}$ at step $k < K-1$, $p_{K-1}$ at step $K-1$ and 0
    /// at step $K$. What is still to be earned from step $k < K$ on is $p_k$, at step $K$ it is 0; so no solution earns more
    /// than $\max_k p_k$, however long it is.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for drawn lists of up to seven rewards; the world of the instance plays no part.
    ///
    /// ## Known limits
    ///
    /// None.
    id: "delta-rewards-telescope",
    claim: "differences of process rewards sum to the first of them, however many steps there are",
    paper: "gao2024designing", "the delta mechanism; the sum is derived here",
    tags: ["shaping", "process reward"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [padded],
    hypotheses: {
        /// Steps are paid differences, not the process rewards themselves.
        paid_differences: |case| case.chosen("paid") == "differences", Broken(without_paid_differences);
        /// Nothing is discounted.
        no_discount: |case| *case.n("discount") == Q::ONE, Broken(without_no_discount);
    }
}

fn steps(p: Vec<Q>, paid: &'static str, discount: Q) -> Case {
    Case::new(World::bandit(&["answer"])).vector("p", p).choice("paid", paid).number("discount", discount)
}

/// A good step repeated.
fn padded() -> Case {
    steps(vec![number("9/10"); 4], "differences", Q::ONE)
}

fn drawn(draw: &mut Draw) -> Vec<Q> {
    let n = draw.between("steps", 2, 7);
    (0..n).map(|k| draw.number_of(("p", k), &["0", "1", "1/2", "9/10", "1/10", "3/4"])).collect()
}

fn instance(draw: &mut Draw) -> Case {
    steps(drawn(draw), "differences", Q::ONE)
}

fn without_paid_differences(draw: &mut Draw) -> Case {
    steps(drawn(draw), "process rewards", Q::ONE)
}

fn without_no_discount(draw: &mut Draw) -> Case {
    let discount = draw.number_of("discount", &["1/2", "9/10"]);
    steps(drawn(draw), "differences", discount)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let p = case.x("p");
    let last = p.len() - 1;
    let paid = |k: usize| match case.chosen("paid") {
        "differences" if k == last => Q::ZERO,
        "differences" if k + 1 == last => p[k].clone(),
        "differences" => &p[k] - &p[k + 1],
        _ => p[k].clone(),
    };
    let paid: Vec<Q> = (0..=last).map(paid).collect();
    let to_go = |k: usize| discounted_sum(case.n("discount"), &paid[k..]);
    let expected = |k: usize| if k == last { Q::ZERO } else { p[k].clone() };
    let most = strength.constant(Q::ONE) * max_abs(p);
    let earned = (0..=last).map(|k| Finding::equal("still to be earned", &to_go(k), &expected(k)));
    Finding::all(earned).and(Finding::at_most("total and the largest process reward", &to_go(0), &most))
}
