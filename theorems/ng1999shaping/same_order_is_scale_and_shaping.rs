//! Two rewards order all policies alike exactly if they differ by scale and shaping.

use crate::prelude::*;

theorem! {
    /// # Two rewards order all policies alike exactly if they differ by scale and shaping
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state is reachable, and all rewards $r_1, r_2$ over pairs: they order all
    /// stationary policies alike if and only if $r_1 = c\,r_2 + \gamma P\Phi - \Phi$ with some $c > 0$ and some
    /// $\Phi$, or both are shaping alone.
    ///
    /// ## How it is checked
    ///
    /// The projections of both rewards off all shaping are parallel with a positive factor, or both 0, or not: decided in
    /// fractions. If they are, no two of the deterministic policies and a drawn one are ordered differently. If not, two
    /// policies that are ordered differently are built: from the uniform one a small way along $a p_1 - b p_2$, which
    /// raises one return and does not raise the other.
    ///
    /// ## Known limits
    ///
    /// Sameness of order is looked at for finitely many policies.
    id: "same-order-is-scale-and-shaping",
    claim: "rewards order all policies alike exactly if they differ by positive scale and potential shaping",
    paper: "ng1999shaping", "converse for all policies of one MDP, derived here",
    tags: ["shaping", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state is reachable.
        every_state_reachable: |case| case.world.is_whole(), Broken(without_every_state_reachable);
        /// All stationary policies are compared, not the deterministic ones alone.
        all_policies: |case| case.chosen("policies") == "all", Broken(without_all_policies);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let (r, phi) = (draw.reward("r1", &world), draw.potential("phi", &world));
    let related = combination(&world.drift(&phi), &draw.positive("c"), &r);
    let other = match draw.below("related", 3) {
        0 => draw.reward("r2", &world),
        1 => related,
        _ => scaled(&-Q::ONE, &related),
    };
    let pi = draw.policy("pi", &world);
    Case::new(world).reward("r1", r).reward("r2", other).policy("pi", pi).choice("policies", "all")
}

/// Rewards that differ where nobody comes.
fn without_every_state_reachable(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let last = world.n_states();
    let mut rows: Vec<_> = world.all_rows().to_vec();
    rows.iter_mut().for_each(|row| row.p.push(Q::ZERO));
    for a in 0..2 {
        let p = (0..=last).map(|t| Q::from(u8::from(t == 0))).collect();
        rows.push(Row { s: last, a, p });
    }
    let mu0 = world.mu0.iter().cloned().chain([Q::ZERO]).collect();
    let world = World::new(world.gamma.clone(), mu0, rows);
    let r1 = draw.reward("r1", &world);
    let mut r2 = r1.clone();
    r2[world.rows(last).start] += draw.nonzero("unseen");
    let pi = draw.policy("pi", &world);
    Case::new(world).reward("r1", r1).reward("r2", r2).policy("pi", pi).choice("policies", "all")
}

fn without_all_policies(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2).whole());
    let (r1, r2) = (draw.reward("r1", &world), draw.reward("r2", &world));
    let pi = draw.policy("pi", &world);
    Case::new(world).reward("r1", r1).reward("r2", r2).policy("pi", pi).choice("policies", "deterministic")
}

/// The policy whose occupancy is that of the uniform one moved along `d`, as far as it stays positive.
fn moved(world: &World, d: &[Q]) -> Vec<Q> {
    let x = world.occupancy(&world.uniform());
    let farthest = x.iter().zip(d).filter(|(_, d)| **d < Q::ZERO).map(|(x, d)| x / -d).min();
    let moved = combination(&x, &(farthest.unwrap_or(Q::ONE) / Q::from(2u8)), d);
    let total = |s: usize| world.rows(s).fold(Q::ZERO, |sum, row| sum + &moved[row]);
    let share = |row: usize| match total(world.row(row).s) {
        total if total.is_zero() => world.uniform()[row].clone(),
        total => &moved[row] / total,
    };
    (0..world.n_rows()).map(share).collect()
}

/// The uniform policy and one that raises the return of `p1` and does not raise that of `p2`, or the other way round.
fn witness(world: &World, p1: &[Q], p2: &[Q]) -> Vec<Vec<Q>> {
    let (p11, p12, p22) = (dot(p1, p1), dot(p1, p2), dot(p2, p2));
    // a / b lies between p12 / p11 and p22 / p12, which Cauchy and Schwarz keep apart.
    let (a, b) = match (p11.is_zero(), p22.is_zero()) {
        (true, _) => (Q::ZERO, Q::ONE),
        (_, true) => (Q::ONE, Q::ZERO),
        _ if p12 <= Q::ZERO => (Q::ONE, Q::ONE),
        _ => (&p12 / &p11 + &p22 / &p12, Q::from(2u8)),
    };
    vec![world.uniform(), moved(world, &combination(&scaled(&a, p1), &-b, p2))]
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r1, r2) = (&case.world, case.r("r1"), case.r("r2"));
    let (p1, p2) = (world.project(&r1), world.project(&r2));
    let (p11, p12, p22) = (dot(&p1, &p1), dot(&p1, &p2), dot(&p2, &p2));
    let are_parallel = (p11.is_zero() && p22.is_zero()) || (p12 > Q::ZERO && &p12 * &p12 == p11 * p22);
    let is_all = case.chosen("policies") == "all";
    let mut policies = world.policies();
    if is_all {
        policies.push(case.pi("pi").to_vec());
    }
    if are_parallel {
        let found = world.ordered_differently(&policies, &r1, &r2);
        return Finding::is(found.is_none(), || "rewards that differ by shaping and scale order two policies differently".into());
    }
    if is_all {
        policies = witness(world, &p1, &p2);
    }
    let found = world.ordered_differently(&policies, &r1, &r2);
    Finding::is(found.is_some(), || "rewards that differ by more than shaping and scale order all policies alike".into())
}
