//! With a finite horizon the potential has to be 0 when it is reached.

use crate::prelude::*;

theorem! {
    /// # With a finite horizon the potential has to be 0 when it is reached
    ///
    /// ## Statement
    ///
    /// For every MDP, horizon $H$ and potential $\Phi$: if the last transition is paid $\gamma\cdot 0 - \Phi(s_{H-1})$ in place of
    /// $\gamma\Phi(s_H) - \Phi(s_{H-1})$, then shaping shifts the $H$-step return of every policy by
    /// $-\mathbb{E}_{\mu_0}\Phi$.
    ///
    /// ## How it is checked
    ///
    /// In fractions by backward induction over up to four steps, for all deterministic policies and a drawn one, discount 1
    /// included.
    ///
    /// ## Known limits
    ///
    /// Policies do not depend on time.
    id: "potential-ends-at-horizon",
    claim: "in tasks with a time limit, shaping with a last potential of 0 shifts all returns alike",
    paper: "grzes2017episodic", "time limits, derived here",
    tags: ["shaping", "episodes"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential at the horizon counts as 0.
        zero_at_horizon: |case| case.x("last").iter().all(Q::is_zero), Broken(without_zero_at_horizon);
    }
}

fn drawn(draw: &mut Draw, is_zero: bool) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "1", "9/10"]));
    let (r, phi) = (draw.reward("r", &world), draw.potential("phi", &world));
    let last = if is_zero { vec![Q::ZERO; world.n_states()] } else { phi.clone() };
    let steps = draw.between("horizon", 1, 4);
    let pi = draw.policy("pi", &world);
    let case = Case::new(world).reward("r", r).vector("phi", phi).vector("last", last).policy("pi", pi);
    case.number("horizon", Q::from(steps))
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true)
}

fn without_zero_at_horizon(draw: &mut Draw) -> Case {
    drawn(draw, false)
}

/// Return of a policy over the horizon: `r` on every transition, and another reward on the last.
fn finite(world: &World, steps: &Q, pi: &[Q], r: &[Q], at_last: &[Q]) -> Q {
    let mut v = vec![Q::ZERO; world.n_states()];
    let mut left = Q::ZERO;
    while left < *steps {
        let q = world.q_of(if left.is_zero() { at_last } else { r }, &v);
        v = (0..world.n_states()).map(|s| dot(&pi[world.rows(s)], &q[world.rows(s)])).collect();
        left += Q::ONE;
    }
    dot(&world.mu0, &v)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, phi, steps) = (&case.world, case.r("r"), case.x("phi"), case.n("horizon"));
    let shaped = plus(&r, &world.drift(phi));
    let term = |row: usize| &r[row] + &world.gamma * world.next(row, case.x("last")) - &phi[world.row(row).s];
    let at_last: Vec<Q> = (0..world.n_rows()).map(term).collect();
    let shift = dot(&world.mu0, phi);
    let policies = world.policies().into_iter().chain([case.pi("pi").to_vec()]);
    Finding::all(policies.map(|pi| {
        let plain = finite(world, steps, &pi, &r, &r);
        Finding::equal("shaped return", &finite(world, steps, &pi, &shaped, &at_last), &(plain - &shift))
    }))
}
