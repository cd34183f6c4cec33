//! Four deterministic policies of the smallest MDP have twelve orders, each with two simplifications.

use crate::prelude::*;

theorem! {
    /// # Twelve of the twenty-four orders of four policies are those of rewards
    ///
    /// ## Statement
    ///
    /// In the MDP with states and actions $\{0, 1\}$, in which action $a$ leads to state $a$, with uniform start and
    /// $\gamma = 1/2$: of the 24 strict orders of the four deterministic policies, 12 are those of rewards, and in
    /// each of these exactly two pairs of neighbours can be made equal. The reward $R(0,\cdot) = (0, 3)$,
    /// $R(1,\cdot) = (2, 1)$ has $J(\pi_{00}) = J(\pi_{01}) < J(\pi_{11}) < J(\pi_{10})$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, each order by elimination of inequalities. Other positive discounts are tried too.
    ///
    /// ## Known limits
    ///
    /// This MDP.
    id: "twelve-of-twenty-four-orders",
    claim: "twelve of the orders of the four policies of the smallest MDP are those of rewards",
    paper: "skalse2022defining", "the example with two states and two actions",
    tags: ["hacking", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [half],
    hypotheses: {
        /// The discount is positive.
        positive_discount: positive_discount, Broken(without_positive_discount);
    }
}

fn with_discount(gamma: &str) -> Case {
    let moves = [("0", "0", "0"), ("0", "1", "1"), ("1", "0", "0"), ("1", "1", "1")];
    let world = World::moves(gamma, &moves).starting(["1/2", "1/2"].map(number).to_vec());
    let r = world.over_rows(&[("0", "1", "3"), ("1", "0", "2"), ("1", "1", "1")]);
    Case::new(world).reward("r", r)
}

fn half() -> Case {
    with_discount("1/2")
}

fn instance(draw: &mut Draw) -> Case {
    with_discount(draw.pick("gamma", &["1/2", "9/10", "1/3"]))
}

fn positive_discount(case: &Case) -> bool {
    !case.world.gamma.is_zero()
}

fn without_positive_discount(_: &mut Draw) -> Case {
    with_discount("0")
}

/// All orders of four things, one a class.
fn orders() -> Vec<Vec<Vec<usize>>> {
    let extended = |order: &Vec<usize>| {
        let missing = (0..4).filter(|i| !order.contains(i)).map(|i| [order.as_slice(), &[i]].concat());
        missing.collect::<Vec<_>>()
    };
    let all = (0..4).fold(vec![Vec::new()], |orders, _| orders.iter().flat_map(extended).collect());
    all.into_iter().map(|order: Vec<usize>| order.into_iter().map(|i| vec![i]).collect()).collect()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let points: Vec<Vec<Q>> = case.world.policies().iter().map(|pi| case.world.measure(pi)).collect();
    let known: Vec<_> = orders().into_iter().filter(|order| is_realisable(&points, order)).collect();
    let pairs = |order: &Vec<Vec<usize>>| {
        merged(order).iter().filter(|coarser| coarser.len() == 3 && is_realisable(&points, coarser)).count()
    };
    let of_the_paper = || classes(&points, &case.r("r")) == [vec![0, 1], vec![3], vec![2]];
    Finding::all([
        Finding::is(known.len() == 12, || format!("{} orders", known.len())),
        Finding::is(known.iter().all(|order| pairs(order) == 2), || "some order has other than two".into()),
        Finding::is(case.world.gamma != number("1/2") || of_the_paper(), || "the reward has another order".into()),
    ])
}
