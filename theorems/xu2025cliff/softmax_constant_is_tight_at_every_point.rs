//! False: the Lipschitz constant of a softmax is attained at every point.

use crate::prelude::*;

theorem! {
    /// # False: the Lipschitz constant of a softmax is attained at every point
    ///
    /// ## Statement
    ///
    /// For every distribution $p$ that a softmax at temperature $\tau$ takes, the norm of its derivative there, from the sup norm
    /// to the sum norm, is $1/\tau$. It is false: the norm is $\max_B 4 p(B)(1 - p(B)) / \tau$ over sets $B$ of actions,
    /// which is $1/\tau$ only if some set has mass exactly one half. At the uniform distribution over three actions
    /// it is $8/9$ of that.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the derivative is $(\mathrm{diag}\,p - p p^T)/\tau$, and its norm is attained at a vector of signs.
    ///
    /// ## Known limits
    ///
    /// The worst case over $p$ is right: see `softmax-derivative-by-sets`.
    id: "softmax-constant-is-tight-at-every-point",
    claim: "the Lipschitz constant of a softmax is attained at every point",
    paper: "xu2025cliff", "Lemma C.2, its remark on tightness",
    tags: ["soft", "stability", "refuted"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [three_alike],
    hypotheses: {
        /// Every action has a positive probability, as in a softmax.
        full_support: full_support, Redundant("the counterexample is uniform over three actions");
    }
}

fn stated(p: Vec<Q>) -> Case {
    let arms = ["a", "b", "c", "d"];
    Case::new(World::bandit(&arms[..p.len()])).policy("p", p)
}

fn instance(draw: &mut Draw) -> Case {
    let n = draw.between("actions", 2, 4);
    stated(draw.mixture("p", (0, 0), n))
}

fn three_alike() -> Case {
    stated(vec![fraction(1, 3); 3])
}

fn full_support(case: &Case) -> bool {
    case.pi("p").iter().all(|p| *p > Q::ZERO)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    Finding::equal("norm of the derivative, in 1/tau", &softmax_sensitivity(case.pi("p")), &Q::ONE)
}
