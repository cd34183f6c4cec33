//! Chi-squared of a sequence of independent tokens multiplies.

use crate::prelude::*;

theorem! {
    /// # Chi-squared of a sequence of independent tokens multiplies
    ///
    /// ## Statement
    ///
    /// For all distributions $p_1, p_2$ and $q_1, q_2$ of two tokens, each drawn without regard to the other, with
    /// $p_i \ll q_i$: $$1 + \chi^2(p_1 \otimes p_2 \| q_1 \otimes q_2) = (1 + \chi^2(p_1 \| q_1))\,(1 + \chi^2(p_2 \|
    /// q_2)).$$ So the divergence of responses grows with their length faster than the sum over tokens.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on the distribution of all pairs of tokens.
    ///
    /// ## Known limits
    ///
    /// Two tokens of up to three values; more follow by induction.
    id: "divergence-of-sequences-multiplies",
    claim: "one plus the chi-squared divergence of independent tokens is the product over tokens",
    paper: "laidlaw2025correlated", "derived here: what changes at token level",
    tags: ["hacking", "chi2"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The second token of the policy does not depend on the first.
        independent: independent, Broken(without_independent);
        /// Divergences are multiplied with one added, not added.
        multiplied: multiplied, Broken(without_multiplied);
    }
}

/// `first pi` and `first q` over tokens; the second token of the policy may depend on whether the first was the first
/// value.
fn drawn(draw: &mut Draw, rule: &'static str, is_free: bool) -> Case {
    let world = draw.world(Size::small().states(1, 1).gammas(&["0"]));
    let (p1, q1) = (draw.policy("first pi", &world), draw.mixed_policy("first q", &world));
    let (p2, q2) = (draw.policy("second pi", &world), draw.mixed_policy("second q", &world));
    let after = if is_free { draw.policy("second pi after", &world) } else { p2.clone() };
    Case::new(world)
        .policy("first pi", p1)
        .policy("first q", q1)
        .policy("second pi", p2)
        .policy("second pi after the first value", after)
        .policy("second q", q2)
        .choice("rule", rule)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "multiplied", false)
}

fn independent(case: &Case) -> bool {
    case.pi("second pi") == case.pi("second pi after the first value")
}

fn without_independent(draw: &mut Draw) -> Case {
    drawn(draw, "multiplied", true)
}

fn multiplied(case: &Case) -> bool {
    case.chosen("rule") == "multiplied"
}

fn without_multiplied(draw: &mut Draw) -> Case {
    drawn(draw, "added", false)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let [p1, q1, p2, q2] = ["first pi", "first q", "second pi", "second q"].map(|name| case.pi(name));
    let joint = |first: &[Q], second: &dyn Fn(usize) -> Vec<Q>| -> Vec<Q> {
        first.iter().enumerate().flat_map(|(i, x)| scaled(x, &second(i))).collect()
    };
    let second = |i: usize| if i == 0 { case.pi("second pi after the first value").to_vec() } else { p2.to_vec() };
    let whole = chi2(&joint(p1, &second), &joint(q1, &|_| q2.to_vec()));
    let (a, b) = (chi2(p1, q1), chi2(p2, q2));
    let parts = match multiplied(case) {
        true => (Q::ONE + a) * (Q::ONE + b) - Q::ONE,
        false => a + b,
    };
    Finding::equal("divergence of pairs and of tokens", &whole, &parts)
}
