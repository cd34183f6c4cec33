//! False: as the temperature falls a soft policy becomes uniform over optimal actions.

use crate::prelude::*;

theorem! {
    /// # False: as the temperature falls a soft policy becomes uniform over optimal actions
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and every reward, $\pi_\tau(\cdot|s)$ tends to the uniform distribution over $A^*(s;
    /// r)$ as $\tau \to 0$. It is false for $\gamma > 0$: optimal actions that leave more choices are preferred.
    ///
    /// ## How it is checked
    ///
    /// On intervals at temperature 1/1000, with a tolerance of one tenth. Two tied actions, of which one leaves a further tie
    /// and the other does not, have probabilities 0.651 and 0.349 at discount 0.9, at every temperature.
    ///
    /// ## Known limits
    ///
    /// The limit is that of `zero-temperature-keeps-most-entropy`.
    id: "zero-temperature-is-uniform",
    claim: "as the temperature falls a soft policy becomes the uniform choice among optimal actions",
    paper: "xu2025cliff", "a reading of its soft policies beside Proposition 2.10, refuted here",
    tags: ["soft", "ties", "refuted"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_futures],
    hypotheses: {
        /// The temperature is low.
        cold: cold, Redundant("the counterexample has the same probabilities at every temperature");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "3/4"]));
    let r = draw.reward_with_tie("r", &world);
    Case::new(world).reward("r", r).number("temperature", number("1/1000"))
}

fn two_futures() -> Case {
    let moves =
        [("s", "x", "free"), ("s", "y", "bound"), ("free", "x", "end"), ("free", "y", "end"), ("bound", "x", "end"), ("end", "x", "end")];
    let world = World::moves("9/10", &moves);
    Case::new(world).reward("r", vec![Q::ZERO; 6]).number("temperature", number("1/1000"))
}

fn cold(case: &Case) -> bool {
    *case.n("temperature") <= number("1/1000")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let (gap, soft) = (world.optimum(&r).gap, world.soft(&r, case.n("temperature")));
    let optimal = (0..world.n_rows()).filter(|&row| gap[row].is_zero());
    Finding::all(optimal.map(|row| {
        let ties = world.rows(world.row(row).s).filter(|&row| gap[row].is_zero()).count() as u64;
        let away = (soft.pi[row] - real(&fraction(1, ties))).abs();
        Finding::at_most("distance from the uniform choice", &away, &real(&number("1/10")))
    }))
}
