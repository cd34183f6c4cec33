//! KL of action choices and of occupancies differ by at most the horizon.

use crate::prelude::*;

theorem! {
    /// # KL of action choices and of occupancies differ by at most the horizon
    ///
    /// ## Statement
    ///
    /// For every MDP and all policies with $\pi \ll \pi_0$, with $A(\pi) = \mathbb{E}_{s \sim d_\pi}
    /// \mathrm{KL}(\pi(\cdot|s) \| \pi_0(\cdot|s))$ and $d_\pi$ normalised, $$A(\pi) \;\le\; \mathrm{KL}(\mu_\pi \|
    /// \mu_{\pi_0}) = A(\pi) + \mathrm{KL}(d_\pi \| d_{\pi_0}) \;\le\; \frac{A(\pi)}{1 - \gamma}.$$
    ///
    /// ## How it is checked
    ///
    /// On intervals. Where policies or state distributions agree, which is decided in fractions, equality is asked for
    /// instead.
    ///
    /// ## Known limits
    ///
    /// Up to three states. The upper constant is not claimed to be sharp.
    id: "action-kl-is-within-a-horizon-of-occupancy-kl",
    claim: "KL of occupancies is at least the mean KL of action choices and at most the horizon times it",
    paper: "laidlaw2023occupancy", "derived here: chain rule and data processing",
    tags: ["hacking", "kl", "occupancy"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// States are weighted as the policy visits them, not the reference.
        weighted_by_the_policy: by_the_policy, Broken(without_by_the_policy);
        /// Choices diverge from the reference's, not the other way round.
        from_the_reference: from_the_reference, Broken(without_from_the_reference);
        /// The horizon is that of the MDP.
        horizon_of_the_world: horizon_of_the_world, Broken(without_horizon_of_the_world);
        /// The reference plays what the policy plays.
        covered: covered, Redundant("without it all three terms are infinite wherever the policy goes");
    }
}

fn drawn(draw: &mut Draw, weights: &'static str, direction: &'static str) -> Case {
    let world = draw.world(Size::small().states(2, 3).gammas(&["1/2", "9/10", "19/20", "3/10"]));
    let (reference, pi) = (draw.mixed_policy("reference", &world), draw.mixed_policy("pi", &world));
    let case = Case::new(world).policy("reference", reference).policy("pi", pi);
    case.choice("states weighted by", weights).choice("direction", direction)
}

fn with_horizon(case: Case) -> Case {
    let gamma = case.world.gamma.clone();
    case.number("discount of horizon", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    with_horizon(drawn(draw, "policy", "policy from reference"))
}

fn by_the_policy(case: &Case) -> bool {
    case.chosen("states weighted by") == "policy"
}

fn without_by_the_policy(draw: &mut Draw) -> Case {
    with_horizon(drawn(draw, "reference", "policy from reference"))
}

fn from_the_reference(case: &Case) -> bool {
    case.chosen("direction") == "policy from reference"
}

fn without_from_the_reference(draw: &mut Draw) -> Case {
    with_horizon(drawn(draw, "policy", "reference from policy"))
}

fn horizon_of_the_world(case: &Case) -> bool {
    *case.n("discount of horizon") == case.world.gamma
}

fn without_horizon_of_the_world(draw: &mut Draw) -> Case {
    drawn(draw, "policy", "policy from reference").number("discount of horizon", Q::ZERO)
}

fn covered(case: &Case) -> bool {
    is_covered(case.pi("pi"), case.pi("reference"))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, pi, reference) = (&case.world, case.pi("pi"), case.pi("reference"));
    let (mu, nu) = (world.measure(pi), world.measure(reference));
    let (d, e) = (world.over_its_states(&mu), world.over_its_states(&nu));
    let weights = if by_the_policy(case) { &d } else { &e };
    let of_state = |s: usize| {
        let (p, q) = (&pi[world.rows(s)], &reference[world.rows(s)]);
        real(&weights[s]) * if from_the_reference(case) { kl(p, q) } else { kl(q, p) }
    };
    let actions = (0..world.n_states()).fold(Interval::point(0.0), |sum, s| sum + of_state(s));
    let whole = kl(&mu, &nu);
    let horizon = real(&(Q::ONE / (Q::ONE - case.n("discount of horizon"))));
    let lower = match d == e {
        true => Finding::equal("KL of choices and occupancies", &actions, &whole),
        false => Finding::at_most("KL of choices", &actions, &whole),
    };
    let upper = match mu == nu || world.gamma.is_zero() {
        true => Finding::Holds,
        false => Finding::at_most("KL of occupancies", &whole, &(horizon * actions)),
    };
    lower.and(upper).and(Finding::equal("chain rule", &whole, &(actions + kl(&d, &e))))
}
