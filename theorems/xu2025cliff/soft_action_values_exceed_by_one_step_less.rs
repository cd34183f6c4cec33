//! Soft action values exceed optimal ones by one step less than soft values do.

use crate::prelude::*;

theorem! {
    /// # Soft action values exceed optimal ones by one step less than soft values do
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward and every temperature $\tau > 0$, $Q^* \le Q_\tau \le Q^* + \gamma \tau
    /// \ln |A| / (1 - \gamma)$ with $|A|$ the largest number of actions of a state: the entropy of the first choice is not part
    /// of $Q_\tau = r + \gamma P V_\tau$. Equality on the right where all rewards are equal.
    ///
    /// ## How it is checked
    ///
    /// $Q_\tau$ is enclosed by one soft backup on intervals, $Q^*$ is a fraction.
    ///
    /// ## Known limits
    ///
    /// Up to three states; discounts above 0.
    id: "soft-action-values-exceed-by-one-step-less",
    claim: "entropy-regularised action values exceed optimal ones by at most the discounted bound of the values",
    paper: "xu2025cliff", "for its soft policies; as restated and derived here",
    tags: ["soft", "values"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [equal_rewards],
    hypotheses: {
        /// The bound is discounted once more, with the discount of the MDP.
        discounted_once: discounted_once, Broken(without_discounted_once);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "3/4"]));
    let (r, tau) = (draw.reward("r", &world), draw.number_of("temperature", &["1", "2", "3"]));
    Case::new(world).reward("r", scaled(&number("1/4"), &r)).number("temperature", tau)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.clone();
    case.number("discount of the first step", gamma)
}

fn equal_rewards() -> Case {
    let case = Case::new(World::two_loops("9/10")).reward("r", vec![Q::ONE; 2]).number("temperature", number("1/2"));
    case.number("discount of the first step", number("9/10"))
}

fn discounted_once(case: &Case) -> bool {
    *case.n("discount of the first step") == case.world.gamma
}

fn without_discounted_once(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let gamma = case.world.gamma.sqr();
    case.number("discount of the first step", gamma)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, tau) = (&case.world, case.r("r"), case.n("temperature"));
    let (soft, optimum) = (world.soft(&r, tau), world.optimum(&r));
    let factor = case.n("discount of the first step") * tau / (Q::ONE - &world.gamma);
    let actions = (0..world.n_states()).map(|s| world.rows(s).len()).max().unwrap_or(1);
    let most = strength.bound(real(&factor) * Interval::point(actions as f64).ln());
    Finding::all(soft.q.iter().zip(&optimum.q).map(|(soft, q)| {
        let q = real(q);
        Finding::at_most("Q* and its soft value", &q, soft).and(Finding::at_most("soft value", soft, &(q + most)))
    }))
}
