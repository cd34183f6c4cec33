//! Shaping that is no potential's flips some optimum.

use crate::prelude::*;

theorem! {
    /// # Shaping that is no potential's flips some optimum
    ///
    /// ## Statement
    ///
    /// For every $F: S \times A \times S \to \mathbb{R}$ that is not of the form $\gamma\Phi(s') - \Phi(s)$ there are
    /// transitions $P$ and a reward $R$ such that no policy that is optimal for $R + F$ is optimal for $R$.
    ///
    /// ## How it is checked
    ///
    /// A drawn $F$ is tried in two gadgets, in fractions. (1) Two actions lead from $s$ to $t$ for certain; $R$ pays the
    /// second half of what $F$ prefers the first by. (2) From $u$ one way leads to $w$ directly, the other over $v$; where
    /// $F$ is no potential's, some $v$ makes the ways differ, and $R$ pays the direct one half of it. The instance holds
    /// if in one gadget the optimal actions of the fork with and without $F$ have none in common. The drawn world gives sizes and discount.
    ///
    /// ## Known limits
    ///
    /// The two gadgets are the proof's; other flips are not looked for.
    id: "shaping-must-be-potential",
    claim: "a shaping term that is no potential's flips the optimum of some task",
    paper: "ng1999shaping", "Theorem 1, necessity; gadgets derived here",
    tags: ["shaping"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [one_state],
    hypotheses: {
        /// The shaping term is not that of a potential.
        no_potential: no_potential, Broken(without_no_potential);
    }
}

/// A reward for the choice alone.
fn one_state() -> Case {
    let world = World::moves("1/2", &[("a", "this", "a"), ("a", "that", "a")]);
    let f = world.over_rows(&[("a", "this", "1")]);
    Case::new(world).reward("f", f)
}

/// A potential's term, changed for one transition, or for one transition under every action.
fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).actions(2, 2));
    let phi = draw.potential("phi", &world);
    let mut f = world.shaping(&phi);
    let (row, t) = (draw.below("row", world.n_rows()), draw.below("t", world.n_states()));
    f[row][t] += draw.nonzero("change");
    if draw.below("for every action", 2) == 1 {
        let changed = f[row][t].clone();
        world.rows(world.row(row).s).for_each(|other| f[other][t] = changed.clone());
    }
    Case::new(world).reward_sas("f", f)
}

fn no_potential(case: &Case) -> bool {
    let (world, f) = (&case.world, case.sas("f"));
    // The loop of a state says what its potential would have to be.
    let loops = |s: usize| -&f[world.rows(s).start][s] / (Q::ONE - &world.gamma);
    let phi: Vec<Q> = (0..world.n_states()).map(loops).collect();
    f != world.shaping(&phi)
}

fn without_no_potential(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).actions(2, 2));
    let phi = draw.potential("phi", &world);
    let f = world.shaping(&phi);
    Case::new(world).reward_sas("f", f)
}

/// A world of the same states in which two rows lead where said and all others to `rest`.
fn gadget(world: &World, ways: [(usize, usize); 2], rest: usize) -> World {
    let target = |row: usize| ways.iter().find(|(known, _)| *known == row).map_or(rest, |&(_, t)| t);
    let certain = |t: usize| (0..world.n_states()).map(|s| Q::from(u8::from(s == t))).collect();
    world.moving((0..world.n_rows()).map(|row| certain(target(row))).collect())
}

/// Whether paying the second row half of what the term prefers the first by makes the optimum flip.
fn flips(world: &World, f: &[Vec<Q>], first: usize, second: usize) -> bool {
    let (s, shaped) = (world.row(first).s, world.expected(f));
    let first_rows = |t: usize, row: usize| if t == s { row } else { world.rows(t).start };
    let playing = |row: usize| world.pure(&(0..world.n_states()).map(|t| first_rows(t, row)).collect::<Vec<_>>());
    let value = |row: usize, r: &[Q]| world.evaluate(&playing(row), r)[s].clone();
    let mut unit = vec![Q::ZERO; world.n_rows()];
    unit[second] = Q::ONE;
    let half = (value(first, &shaped) - value(second, &shaped)) / Q::from(2u8);
    let r = scaled(&(&half / value(second, &unit)), &unit);
    let optimal = |r: &[Q]| {
        let gap = world.optimum(r).gap;
        world.rows(s).filter(|&row| gap[row].is_zero()).collect::<Vec<_>>()
    };
    let (before, after) = (optimal(&r), optimal(&plus(&r, &shaped)));
    before.iter().all(|row| !after.contains(row))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, f) = (&case.world, case.sas("f"));
    let n = world.n_states();
    for s in 0..n {
        let rows = world.rows(s);
        for (x, y) in rows.clone().flat_map(|x| rows.clone().map(move |y| (x, y))).filter(|(x, y)| x != y) {
            // A way over `t` itself is no detour: both lead there, and only the actions differ.
            let detours = (0..n).flat_map(|t| (0..n).map(move |v| (v, t)));
            if detours.into_iter().any(|(v, t)| flips(&gadget(world, [(x, v), (y, t)], t), &f, x, y)) {
                return Finding::Holds;
            }
        }
    }
    Finding::Fails("neither two ways to one state nor a detour changes its rank".into())
}
