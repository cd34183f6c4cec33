//! Over a finite horizon slopes of values are bounded whatever a step does.

use crate::prelude::*;

theorem! {
    /// # Over a finite horizon slopes of values are bounded whatever a step does
    ///
    /// ## Statement
    ///
    /// For deterministic $s' = f(s,a)$ and $a = \mu(s)$ with $\|\nabla f\| \le A$, $\|\nabla\mu\| \le B$, a $\delta$-Lipschitz
    /// reward and $c \ge A\sqrt{1+B^2}$: the value of $H$ steps has $\|\nabla Q_H\| \le \delta\sum_{t<H}(\gamma c)^t$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, both sides squared, on linear systems with one state variable, by backward induction over up to five
    /// steps; $c$ is a fraction above the root. The constant 1 is sharp: a system that stays where it is and is paid its
    /// state attains it.
    ///
    /// ## Known limits
    ///
    /// Linear systems.
    id: "slopes-over-a-horizon",
    claim: "slopes of values of finitely many steps are at most the reward's times a geometric sum",
    paper: "blonde2022lipschitz", "repair of the bound for a finite horizon, derived here",
    tags: ["stability", "Lipschitz"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [stays],
    hypotheses: {
        /// The constant of a step covers both ways in which the state acts: by itself and by the action.
        step_is_covered: step_is_covered, Broken(without_step_is_covered);
    }
}

fn stays() -> Case {
    let (f, r) = ([Q::ONE, Q::ZERO], [Q::ONE, Q::ZERO]);
    let system = LinearSystem { f, m: Q::ZERO, r, gamma: number("9/10") };
    system.case().number("c", Q::ONE).number("horizon", Q::from(4u8))
}

fn drawn(draw: &mut Draw, ways: impl Fn(&LinearSystem) -> Q) -> Case {
    let system = LinearSystem::drawn(draw);
    let c = root_above(&(system.f_squared() * ways(&system)));
    system.case().number("c", c).number("horizon", Q::from(draw.between("horizon", 1, 5)))
}

fn both_ways(system: &LinearSystem) -> Q {
    Q::ONE + &system.m * &system.m
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, both_ways)
}

fn step_is_covered(case: &Case) -> bool {
    let system = LinearSystem::of(case);
    case.n("c") * case.n("c") >= system.f_squared() * both_ways(&system)
}

/// The larger of the two ways alone.
fn without_step_is_covered(draw: &mut Draw) -> Case {
    drawn(draw, |system| (&system.m * &system.m).max(Q::ONE))
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let system = LinearSystem::of(case);
    let step = &system.gamma * case.n("c");
    let (mut squared, mut v, mut sum, mut left) = (Q::ZERO, Q::ZERO, Q::ZERO, case.n("horizon").clone());
    while left > Q::ZERO {
        (v, squared) = system.backed_up(&v);
        sum = Q::ONE + &step * sum;
        left -= Q::ONE;
    }
    let right = strength.constant(Q::ONE) * sum;
    Finding::at_most("squared slope of Q", &squared, &(&right * &right * system.r_squared()))
}
