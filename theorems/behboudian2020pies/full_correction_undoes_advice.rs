//! Correcting learned advice in full leaves nothing of it.

use crate::prelude::*;

theorem! {
    /// # Correcting learned advice in full leaves nothing of it
    ///
    /// ## Statement
    ///
    /// With $\Phi = Q^\pi_{-R^+}$ learned on the policy followed, $Q^\pi_{R+F} + \Phi = Q^\pi_R$: acting by the corrected values
    /// is acting as if there had been no advice, whatever $R^+$ is.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the values of a drawn policy, and the policy on which a learner with corrected values settles, held
    /// against the one without advice.
    ///
    /// ## Known limits
    ///
    /// The fixed point of both learners; on the way there the advice may still help.
    id: "full-correction-undoes-advice",
    claim: "values corrected by the learned advice are those without any advice",
    paper: "behboudian2020pies", "the price of the correction, derived here",
    tags: ["shaping", "advice"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The correction is complete.
        fully_corrected: |case| *case.n("correction") == Q::ONE, Broken(without_fully_corrected);
    }
}

fn drawn(draw: &mut Draw, correction: Q) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, advice) = (draw.reward("r", &world), draw.reward("advice", &world));
    let pi = draw.policy("pi", &world);
    Case::new(world).reward("r", r).reward("advice", advice).policy("pi", pi).number("correction", correction)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, Q::ONE)
}

fn without_fully_corrected(draw: &mut Draw) -> Case {
    let correction = draw.number_of("correction", &["0", "1/2"]);
    drawn(draw, correction)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, pi) = (&case.world, case.r("r"), case.pi("pi"));
    let against = scaled(&-Q::ONE, &case.r("advice"));
    let corrected = |pi: &[Q]| {
        let phi = world.evaluate_pairs(pi, &against);
        combination(&world.advised(pi, &r, &phi), case.n("correction"), &phi)
    };
    let plain = |pi: &[Q]| world.q_of(&r, &world.evaluate(pi, &r));
    let (with, without) = (world.settled(corrected), world.settled(plain));
    Finding::all_equal("corrected Q", &corrected(pi), &plain(pi))
        .and(Finding::is(with == without, || format!("settles on rows {with:?}, without advice on {without:?}")))
}
