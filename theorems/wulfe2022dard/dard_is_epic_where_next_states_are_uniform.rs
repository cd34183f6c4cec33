//! Where every action leads everywhere alike, DARD's form is EPIC's.

use crate::prelude::*;

theorem! {
    /// # DARD's form is EPIC's where next states are uniform
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every $P(\cdot|s,a)$ is uniform and every reward, DARD's form is EPIC's under
    /// uniform coverage. There it keeps the returns of all policies up to a constant.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on every transition and for every deterministic policy. The library's `dard` and `epic` are held
    /// against the formulas.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "dard-is-epic-where-next-states-are-uniform",
    claim: "DARD's form is EPIC's where every action leads everywhere alike",
    paper: "wulfe2022dard", "derived here from the two formulas",
    tags: ["canonical", "dard", "epic"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every action leads to every state with the same probability.
        uniform_next: uniform_next, Broken(without_uniform_next);
    }
}

fn rewarded(draw: &mut Draw, world: World) -> Case {
    let r = draw.reward_sas("r", &world);
    Case::new(world).reward_sas("r", r)
}

fn uniform(world: &World) -> Vec<Q> {
    vec![fraction(1, world.n_states() as u64); world.n_states()]
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let world = world.moving(vec![uniform(&world); world.n_rows()]);
    rewarded(draw, world)
}

fn uniform_next(case: &Case) -> bool {
    case.world.all_rows().iter().all(|row| row.p == uniform(&case.world))
}

fn without_uniform_next(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    rewarded(draw, world)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.sas("r"), case.world.uniform());
    let (dard, epic) = (world.form("dard", &pi, &r), world.form("epic", &pi, &r));
    let change = minus(&world.expected(&dard), &world.expected(&r));
    let shifts: Vec<Q> = world.policies().iter().map(|pi| world.j(pi, &change)).collect();
    let lab = Lab::of(case);
    Finding::all_equal("the two forms", &dard.concat(), &epic.concat())
        .and(Finding::all(shifts.iter().map(|shift| Finding::equal("shift of two policies", shift, &shifts[0]))))
        .and(lab.form_agrees("dard", "r"))
        .and(lab.form_agrees("epic", "r"))
}
