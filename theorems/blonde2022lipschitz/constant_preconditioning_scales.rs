//! Scaling a reward by a constant scales its slopes, gaps and radii alike.

use crate::prelude::*;

theorem! {
    /// # Scaling a reward by a constant scales its slopes, gaps and radii alike
    ///
    /// ## Statement
    ///
    /// For every MDP, reward $r$ and constant $\kappa > 0$: $V^*_{\kappa r} = \kappa V^*_r$, optimal actions are the same, and
    /// all gaps and the stability radius $\min_{s,a}\mathrm{gap}(s,a)/\|c_{sa}\|_1$ of the optimal policy are multiplied by
    /// $\kappa$, where $\langle c_{sa}, r\rangle = A^\pi_r(s,a)$. So a smaller slope is no greater robustness of the policy.
    ///
    /// ## How it is checked
    ///
    /// In fractions; $\|c_{sa}\|_1 = 1 + \|(\gamma P_{sa} - e_s)(I - \gamma P_\pi)^{-1}\|_1$. Optimal policies are unique by
    /// construction. The factor is listed for each state.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "constant-preconditioning-scales",
    claim: "a constant factor on the reward multiplies values, gaps and the stability radius by itself",
    paper: "blonde2022lipschitz", "preconditioning by a constant, derived here",
    tags: ["stability", "Lipschitz"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The factor is the same in every state.
        is_constant: |case| case.x("kappa").windows(2).all(|pair| pair[0] == pair[1]), Broken(without_is_constant);
        /// The factor is positive.
        is_positive: |case| case.x("kappa").iter().all(|kappa| *kappa > Q::ZERO), Broken(without_is_positive);
    }
}

fn drawn(draw: &mut Draw, kappa: impl Fn(&mut Draw, usize) -> Q) -> Case {
    let world = draw.world(Size::small());
    let target = draw.choice("target", &world);
    let optimal: Vec<bool> = (0..world.n_rows()).map(|row| target.contains(&row)).collect();
    let r = draw.reward_with_optimum("r", &world, &optimal);
    let kappa = (0..world.n_states()).map(|s| kappa(draw, s)).collect();
    Case::new(world).reward("r", r).vector("kappa", kappa)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, |draw, _| draw.positive("kappa"))
}

fn without_is_constant(draw: &mut Draw) -> Case {
    drawn(draw, |draw, s| draw.positive(("kappa", s)))
}

fn without_is_positive(draw: &mut Draw) -> Case {
    drawn(draw, |draw, _| -draw.positive("kappa"))
}

/// The largest change of single rewards under which the policy stays optimal.
fn radius(world: &World, r: &[Q], chosen: &[usize]) -> Option<Q> {
    let pi = world.pure(chosen);
    let advantage = world.advantage(&pi, r);
    let norm = |row: usize| {
        let mut ahead = scaled(&world.gamma, &world.row(row).p);
        ahead[world.row(row).s] -= Q::ONE;
        Q::ONE + l1(&world.visits_from(&pi, &ahead))
    };
    let others = (0..world.n_rows()).filter(|row| !chosen.contains(row));
    others.map(|row| -&advantage[row] / norm(row)).min()
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, kappa) = (&case.world, case.r("r"), case.x("kappa"));
    let weighted: Vec<Q> = (0..world.n_rows()).map(|row| &kappa[world.row(row).s] * &r[row]).collect();
    let (before, after) = (world.optimum(&r), world.optimum(&weighted));
    let radii = (radius(world, &r, &before.choice), radius(world, &weighted, &after.choice));
    let (Some(near), Some(far)) = radii else {
        return Finding::Vacuous;
    };
    Finding::all([
        Finding::is(before.optimal() == after.optimal(), || "other actions are optimal".into()),
        Finding::all_equal("V*", &after.v, &scaled(&kappa[0], &before.v)),
        Finding::all_equal("gap", &after.gap, &scaled(&kappa[0], &before.gap)),
        Finding::equal("radius", &far, &(&kappa[0] * near)),
    ])
}
