//! Refuted: the worst-case regret of a truth under a proxy is that of the proxy under the truth.

use crate::prelude::*;

theorem! {
    /// # Normalised worst-case regret is symmetric
    ///
    /// ## Statement
    ///
    /// What its bounds by a symmetric distance might suggest and is not true: $\mathrm{NWCR}(R_1,R_2) =
    /// \mathrm{NWCR}(R_2,R_1)$ for all rewards that are not trivial. Both only lie between half the range distance and
    /// all of it.
    ///
    /// ## How it is checked
    ///
    /// In fractions, from the polygon of returns.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "worst-case-regret-is-symmetric",
    claim: "normalised worst-case regret does not change when truth and proxy change places",
    paper: "skalse2024starc", "not printed there; derived here",
    tags: ["regret"],
    kind: Exact, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [arms],
    hypotheses: {
        /// Neither reward is trivial.
        neither_is_trivial: Case::neither_is_trivial,
            Redundant("the claim is false where neither is trivial, so it needs no trivial instance");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    draw.related(world)
}

/// The proxy does not tell `b` from `c`, which are worst and best for the truth. The truth tells neither `a` from `b`
/// nor `c` from `d`, which are half of the proxy's range apart.
fn arms() -> Case {
    let world = World::bandit(&["a", "b", "c", "d"]);
    let (x, y) = (["0", "0", "1", "1"].map(number).to_vec(), ["0", "1", "1", "2"].map(number).to_vec());
    Case::new(world).reward("x", x).reward("y", y)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, x, y) = (&case.world, case.r("x"), case.r("y"));
    Finding::equal("regret there and back", &world.regret_share(&x, &y), &world.regret_share(&y, &x))
}
