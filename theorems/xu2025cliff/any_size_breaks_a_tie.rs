//! At a tie a change of any size makes one action the only optimal one.

use crate::prelude::*;

theorem! {
    /// # At a tie a change of any size makes one action the only optimal one
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $r$, every state $s_0$ in which $a_2$ is one of several optimal actions and every $e >
    /// 0$, let $Q_e = Q^*_r + e\,[(s_0,a_2)]$ and $r_e = Q_e - \gamma P \max_a Q_e$. Then $A^*(s_0; r_e) = \{a_2\}$ and $\|r_e -
    /// r\|_\infty \le e$. So no deterministic selection of optimal policies is continuous at $r$.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The paper bounds the change by $(1 + \gamma) e$; $e$ is enough, and less is not. A perturbation of a
    /// kind that cannot break ties stands in for the free one: potential shaping, or rewards of states where both actions
    /// lead to the same place.
    ///
    /// ## Known limits
    ///
    /// Up to three states; the tie is between the first two actions of the first state.
    id: "any-size-breaks-a-tie",
    claim: "where two actions tie, a change of the reward of any size makes either of them the only optimal one",
    paper: "xu2025cliff", "Proposition 2.9, with the bound e in place of (1 + gamma) e",
    tags: ["stability", "ties", "discontinuity"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The action is optimal before the change.
        tied: tied, Broken(without_tied);
        /// The reward may change in any direction.
        free: free, Broken(without_free);
    }
}

fn stated(world: World, r: Vec<Q>, size: Q, kind: &'static str) -> Case {
    Case::new(world).reward("r", r).number("size", size).choice("perturbation", kind)
}

fn size(draw: &mut Draw) -> Q {
    draw.number_of("size", &["1", "1/100", "1/1000000"])
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, size) = (draw.reward_with_tie("r", &world), size(draw));
    stated(world, r, size, "any")
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let r = world.over_rows(&[("s1", "stay", "1"), ("s2", "stay", "1")]);
    stated(world, r, number("1/1000"), "any")
}

fn tied(case: &Case) -> bool {
    case.world.optimum(&case.r("r")).gap[1].is_zero()
}

fn without_tied(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let first: Vec<usize> = (0..world.n_states()).map(|s| world.rows(s).start).collect();
    let r = draw.reward_with_optimum("r", &world, &world.marked(&first));
    stated(world, r, number("1/100"), "any")
}

fn free(case: &Case) -> bool {
    case.chosen("perturbation") == "any"
}

fn without_free(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let mut p: Vec<Vec<Q>> = world.all_rows().iter().map(|row| row.p.clone()).collect();
    p[1] = p[0].clone();
    let world = world.moving(p);
    let (r, size, phi) = (draw.reward_with_tie("r", &world), size(draw), draw.potential("phi", &world));
    let kind = draw.pick("kind", &["shaping", "rewards of states"]);
    stated(world, r, size, kind).vector("phi", phi)
}

/// The changed reward, by the kind of change that is allowed.
fn changed(case: &Case) -> Vec<Q> {
    let (world, r, e) = (&case.world, case.r("r"), case.n("size"));
    match case.chosen("perturbation") {
        "any" => {
            let mut q = world.optimum(&r).q;
            q[1] += e;
            let best = |s: usize| q[world.rows(s)].iter().max().cloned().unwrap_or(Q::ZERO);
            let v: Vec<Q> = (0..world.n_states()).map(best).collect();
            (0..world.n_rows()).map(|row| &q[row] - &world.gamma * world.next(row, &v)).collect()
        }
        "shaping" => {
            let drift = world.drift(case.x("phi"));
            combination(&r, &(e / max_abs(&drift).max(Q::ONE)), &drift)
        }
        _ => {
            let phi = case.x("phi");
            let of_states: Vec<Q> = world.all_rows().iter().map(|row| phi[row.s].clone()).collect();
            combination(&r, &(e / max_abs(phi).max(Q::ONE)), &of_states)
        }
    }
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, new) = (&case.world, case.r("r"), changed(case));
    let gap = world.optimum(&new).gap;
    let optimal: Vec<usize> = world.rows(0).filter(|&row| gap[row].is_zero()).collect();
    Finding::is(optimal == [1], || format!("optimal in the first state are rows {optimal:?}, not row 1 alone")).and(
        Finding::at_most("size of the change", &max_abs(&minus(&new, &r)), &strength.constant(case.n("size").clone())),
    )
}
