//! Soft values move no more than the reward, times the horizon.

use crate::prelude::*;

theorem! {
    /// # Soft values move no more than the reward, times the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, all rewards $r, r'$ with $D = r' - r$ and every temperature $\tau > 0$, $\min D \le
    /// (1 - \gamma)(V'_\tau(s) - V_\tau(s)) \le \max D$ in every state, and so $\|V_\tau - V'_\tau\|_\infty \le \|D\|_\infty
    /// / (1 - \gamma)$. Equality where $D$ is constant.
    ///
    /// ## How it is checked
    ///
    /// On intervals.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "soft-values-follow-the-reward",
    claim: "entropy-regularised values move at most by the change of the reward over one less the discount",
    paper: "xu2025cliff", "a step of Proposition 4.7",
    tags: ["soft", "stability", "values"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [raised_by_a_constant],
    hypotheses: {
        /// Both are taken at one temperature.
        one_temperature: one_temperature, Broken(without_one_temperature);
        /// Both rewards have the same discount.
        same_discount: same_discount, Broken(without_same_discount);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "0", "3/4"]));
    let r = scaled(&number("1/4"), &draw.reward("r", &world));
    // Two entries move in different ways, so neither end is attained.
    let mut d = draw.direction("change", &world);
    (d[0], d[1]) = (Q::ONE, -Q::ONE);
    let (size, tau) = (draw.number_of("size", &["1", "1/10"]), draw.number_of("temperature", &["1", "2", "1/2"]));
    let other = combination(&r, &size, &d);
    Case::new(world).reward("r", r).reward("other", other).number("temperature", tau)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (tau, gamma) = (case.n("temperature").clone(), case.world.gamma.clone());
    case.number("temperature of the other", tau).number("discount of the other", gamma)
}

fn raised_by_a_constant() -> Case {
    let case = Case::new(World::two_loops("9/10")).reward("r", vec![Q::ZERO; 2]).reward("other", vec![Q::ONE; 2]);
    let case = case.number("temperature", Q::ONE).number("temperature of the other", Q::ONE);
    case.number("discount of the other", number("9/10"))
}

fn one_temperature(case: &Case) -> bool {
    case.n("temperature") == case.n("temperature of the other")
}

fn without_one_temperature(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (tau, gamma) = (case.n("temperature") * Q::from(5u8), case.world.gamma.clone());
    case.number("temperature of the other", tau).number("discount of the other", gamma)
}

fn same_discount(case: &Case) -> bool {
    *case.n("discount of the other") == case.world.gamma
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (tau, gamma) = (case.n("temperature").clone(), draw.number_of("discount of the other", &["0", "19/20"]));
    case.number("temperature of the other", tau).number("discount of the other", gamma)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other) = (&case.world, case.r("r"), case.r("other"));
    let before = world.soft(&r, case.n("temperature")).v;
    let there = world.discounted(case.n("discount of the other").clone());
    let after = there.soft(&other, case.n("temperature of the other")).v;
    let (change, horizon) = (minus(&other, &r), Q::ONE / (Q::ONE - &world.gamma));
    let least = change.iter().min().cloned().unwrap_or(Q::ZERO) * &horizon;
    let most = strength.constant(change.iter().max().cloned().unwrap_or(Q::ZERO)) * &horizon;
    Finding::all(before.iter().zip(&after).flat_map(|(&x, &y)| {
        let moved = y - x;
        [
            Finding::at_most("least movement", &real(&least), &moved),
            Finding::at_most("largest movement", &moved, &real(&most)),
        ]
    }))
}
