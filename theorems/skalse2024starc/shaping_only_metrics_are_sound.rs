//! Refuted: a small distance between forms that only remove shaping bounds the regret.

use crate::prelude::*;

theorem! {
    /// # Distances that only remove shaping are sound
    ///
    /// ## Statement
    ///
    /// What one would like to be true and is not: for $d$ the Euclidean distance of normalised EPIC forms, of forms
    /// shaped by a value or to least norm, or of the rewards themselves, there is a $U$ with $\mathrm{NWCR}(R_1,R_2)
    /// \le U\,d(R_1,R_2)$ for all rewards of an MDP.
    ///
    /// ## How it is checked
    ///
    /// The constant that is offered is part of the instance. With $D$ of mean 0 over next states, $R_1 = r + k D$ and
    /// $R_2 = -r + k D$ order policies oppositely and come together as $k$ grows, whatever $U$. The distance is an
    /// interval, the regret a fraction.
    ///
    /// ## Known limits
    ///
    /// One counterexample beats one constant; that all are beaten is a theorem of its own.
    id: "shaping-only-metrics-are-sound",
    claim: "a distance of forms that only remove shaping bounds the worst-case regret",
    paper: "skalse2024starc", "shown false there for metrics like EPIC; the counterexample is derived here",
    tags: ["regret", "distance", "epic"],
    kind: Bounds, expected: Refuted, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [redistributed_opposites],
    hypotheses: {
        /// Every state is reachable.
        reachable: Case::is_whole, Redundant("the claim is false where every state is reachable, so also elsewhere");
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).whole());
    let (x, y) = (draw.reward_sas("x", &world), draw.reward_sas("y", &world));
    let form = draw.pick("form", &["epic", "val-potential", "minimal-potential", "none"]);
    let constant = draw.number_of("U", &["1", "10", "100"]);
    Case::new(world).reward_sas("x", x).reward_sas("y", y).number("U", constant).choice("form", form)
}

/// A coin decides the next state. Action `a` is better for one reward and worse for the other; both pay a thousand
/// times more for the coin.
fn redistributed_opposites() -> Case {
    let coin = |s, a| [(s, a, "heads", "1/2"), (s, a, "tails", "1/2")];
    let rows = [coin("heads", "a"), coin("heads", "b"), coin("tails", "a"), coin("tails", "b")];
    let world = World::list("1/2", &rows.concat());
    let noise = ["10000", "-10000"].map(number);
    let paid = |extra: &str| vec![&noise[0] + number(extra), &noise[1] + number(extra)];
    let rewards = |a: &str| vec![paid(a), paid("0"), paid("0"), paid("0")];
    Case::new(world)
        .reward_sas("x", rewards("1"))
        .reward_sas("y", rewards("-1"))
        .number("U", number("1000"))
        .choice("form", "epic")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, canon) = (&case.world, case.chosen("form"));
    let form = |name: &str| world.form(canon, &world.uniform(), &case.sas(name)).concat();
    let share = world.regret_share(&case.r("x"), &case.r("y"));
    let bound = real(case.n("U")) * chord(&form("x"), &form("y"));
    Finding::at_most("regret and U times distance", &real(&share), &bound)
}
