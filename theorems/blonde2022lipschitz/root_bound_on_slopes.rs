//! The slope of values is at most that of the reward over the root of one less a square: false.

use crate::prelude::*;

theorem! {
    /// # The slope of values is at most that of the reward over the root of one less a square
    ///
    /// ## Statement
    ///
    /// For deterministic $s' = f(s,a)$ and $a = \mu(s)$ with $\|\nabla f\| \le A$, $\|\nabla\mu\| \le B$, a
    /// $\delta$-Lipschitz reward and $C = A^2\max(1, B^2)$, $\gamma^2 C < 1$: $\|\nabla Q\| \le \delta/\sqrt{1 - \gamma^2
    /// C}$. This is false: the square of a sum is not at most the sum of squares, and one step needs $1 + B^2$ in place of
    /// $\max(1, B^2)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, both sides squared, on linear systems with one state variable. The counterexample stays where it is and
    /// is paid its state.
    ///
    /// ## Known limits
    ///
    /// The statement is as a summary of the paper gives it.
    id: "root-bound-on-slopes",
    claim: "slopes of values are at most the reward's over the root of one less the squared discount times the squared slope of a step",
    paper: "blonde2022lipschitz", "bound on the gradient of values, as restated in a summary",
    tags: ["stability", "Lipschitz"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [stays, paid_twice],
    hypotheses: {
        /// The squared discount times the constant of a step is below 1.
        contracts: |case| contraction(&LinearSystem::of(case)) < Q::ONE, Redundant("the counterexample contracts: it is 81/100");
    }
}

/// `gamma^2 C`.
fn contraction(system: &LinearSystem) -> Q {
    &system.gamma * &system.gamma * system.f_squared() * (&system.m * &system.m).max(Q::ONE)
}

fn system(f: [&str; 2], m: &str, r: [&str; 2], gamma: &str) -> Case {
    LinearSystem { f: f.map(number), m: number(m), r: r.map(number), gamma: number(gamma) }.case()
}

fn stays() -> Case {
    system(["1", "0"], "0", ["1", "0"], "9/10")
}

/// The state is the action, and both are paid: one step sees the reward twice.
fn paid_twice() -> Case {
    system(["1", "0"], "1", ["1", "1"], "1/10")
}

fn instance(draw: &mut Draw) -> Case {
    let mut system = LinearSystem::drawn(draw);
    while contraction(&system) >= Q::ONE {
        system.gamma /= Q::from(2u8);
    }
    system.case()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let system = LinearSystem::of(case);
    let Some((_, squared)) = system.slopes() else {
        return Finding::Vacuous;
    };
    let left = squared * (Q::ONE - contraction(&system));
    Finding::at_most("squared slope of Q times one less the contraction", &left, &system.r_squared())
}
