//! The slope of values is at most that of the reward over one less the slope of a step.

use crate::prelude::*;

theorem! {
    /// # The slope of values is at most that of the reward over one less the slope of a step
    ///
    /// ## Statement
    ///
    /// For deterministic $s' = f(s,a)$ and $a = \mu(s)$ with $\|\nabla f\| \le A$, $\|\nabla\mu\| \le B$ and a
    /// $\delta$-Lipschitz reward, let $c \ge A\sqrt{1+B^2}$. If $\gamma c < 1$, then $\|\nabla Q\| \le \delta/(1 - \gamma c)$
    /// and $|\nabla V| \le \delta\sqrt{1+B^2}/(1-\gamma c)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, both sides squared, on linear systems with one state variable; $c$ is a fraction above the root. The
    /// constant 1 is sharp: a system that stays where it is and is paid its state attains it.
    ///
    /// ## Known limits
    ///
    /// Linear systems: slopes are the same everywhere.
    id: "slopes-of-values",
    claim: "slopes of values are at most the reward's over one less the discounted slope of a step",
    paper: "blonde2022lipschitz", "repair of the bound on the gradient of values, derived here",
    tags: ["stability", "Lipschitz"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [stays],
    hypotheses: {
        /// The constant of a step covers both ways in which the state acts: by itself and by the action.
        step_is_covered: step_is_covered, Broken(without_step_is_covered);
        /// The discounted constant of a step is below 1.
        contracts: |case| case.n("gamma") * case.n("c") < Q::ONE, Broken(without_contracts);
    }
}

/// `1 + B^2`.
fn both_ways(system: &LinearSystem) -> Q {
    Q::ONE + &system.m * &system.m
}

fn stays() -> Case {
    let (f, r) = ([Q::ONE, Q::ZERO], [Q::ONE, Q::ZERO]);
    LinearSystem { f, m: Q::ZERO, r, gamma: number("9/10") }.case().number("c", Q::ONE)
}

fn instance(draw: &mut Draw) -> Case {
    let mut system = LinearSystem::drawn(draw);
    let c = root_above(&(system.f_squared() * both_ways(&system)));
    while &system.gamma * &c >= Q::ONE {
        system.gamma /= Q::from(2u8);
    }
    system.case().number("c", c)
}

fn step_is_covered(case: &Case) -> bool {
    let system = LinearSystem::of(case);
    case.n("c") * case.n("c") >= system.f_squared() * both_ways(&system)
}

/// The larger of the two ways alone.
fn without_step_is_covered(draw: &mut Draw) -> Case {
    let mut system = LinearSystem::drawn(draw);
    let c = root_above(&(system.f_squared() * (&system.m * &system.m).max(Q::ONE)));
    while &system.gamma * &c >= Q::ONE {
        system.gamma /= Q::from(2u8);
    }
    system.case().number("c", c)
}

fn without_contracts(draw: &mut Draw) -> Case {
    let system = LinearSystem::drawn(draw);
    let c = root_above(&(system.f_squared() * both_ways(&system)));
    system.case().number("c", c)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let system = LinearSystem::of(case);
    let Some((v, squared)) = system.slopes() else {
        return Finding::Vacuous;
    };
    let left = Q::ONE - &system.gamma * case.n("c");
    let left = &left * &left;
    let constant = strength.constant(Q::ONE);
    let right = &constant * &constant * system.r_squared();
    Finding::at_most("squared slope of Q", &(squared * &left), &right)
        .and(Finding::at_most("squared slope of V", &(&v * &v * left), &(right * both_ways(&system))))
}
