//! How much a softmax moves at a point is decided by the set of actions nearest to mass one half.

use crate::prelude::*;

theorem! {
    /// # How much a softmax moves at a point is decided by the set of actions nearest to mass one half
    ///
    /// ## Statement
    ///
    /// For every probability distribution $p$, the derivative $\mathrm{diag}\,p - p p^T$ of a softmax at temperature 1 has, from
    /// the sup norm to the sum norm, the norm $\max_B 4 p(B)(1 - p(B)) \le 1$ over sets $B$ of actions.
    ///
    /// ## How it is checked
    ///
    /// In fractions: all vectors of signs, at one of which a convex function on the cube is largest, and a drawn direction.
    ///
    /// ## Known limits
    ///
    /// Up to four actions.
    id: "softmax-derivative-by-sets",
    claim: "a softmax moves by at most 4 m (1 - m), with m the mass of a set of actions nearest to one half",
    paper: "xu2025cliff", "Lemma C.2, its proof; the value at each point derived here",
    tags: ["soft", "stability"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_alike],
    hypotheses: {
        /// Probabilities sum to 1.
        sums_to_one: sums_to_one, Broken(without_sums_to_one);
    }
}

fn stated(p: Vec<Q>, direction: Vec<Q>) -> Case {
    let arms = ["a", "b", "c", "d"];
    Case::new(World::bandit(&arms[..p.len()])).policy("p", p).vector("direction", direction)
}

fn direction(draw: &mut Draw, n: usize) -> Vec<Q> {
    (0..n).map(|i| draw.number_of(("direction", i), &["1", "-1", "0", "1/2", "-1/3"])).collect()
}

fn instance(draw: &mut Draw) -> Case {
    let n = draw.between("actions", 2, 4);
    let (p, d) = (draw.mixture("p", (0, 0), n), direction(draw, n));
    stated(p, d)
}

fn two_alike() -> Case {
    stated(vec![fraction(1, 2); 2], vec![Q::ONE, -Q::ONE])
}

fn sums_to_one(case: &Case) -> bool {
    case.pi("p").iter().fold(Q::ZERO, |sum, p| sum + p) == Q::ONE
}

fn without_sums_to_one(draw: &mut Draw) -> Case {
    let n = draw.between("actions", 2, 4);
    let p = (0..n).map(|i| draw.number_of(("weight", i), &["1/2", "1", "1/3"])).collect();
    let d = direction(draw, n);
    stated(p, d)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let p = case.pi("p");
    let moved = |v: &[Q]| {
        let mean = dot(p, v);
        l1(&p.iter().zip(v).map(|(p, v)| p * (v - &mean)).collect::<Vec<_>>())
    };
    let signed = |set: usize| (0..p.len()).map(|i| if (set >> i) & 1 == 1 { Q::ONE } else { -Q::ONE }).collect::<Vec<_>>();
    let norm = (0..1usize << p.len()).map(|set| moved(&signed(set))).max().unwrap_or(Q::ZERO);
    Finding::all([
        Finding::equal("norm of the derivative, and by sets", &norm, &softmax_sensitivity(p)),
        Finding::at_most("movement along a direction", &moved(case.x("direction")), &norm),
        Finding::at_most("norm of the derivative", &norm, &strength.constant(Q::ONE)),
    ])
}
