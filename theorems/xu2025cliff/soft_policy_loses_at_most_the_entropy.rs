//! A soft policy loses at most the largest entropy at the temperature, over the horizon.

use crate::prelude::*;

theorem! {
    /// # A soft policy loses at most the largest entropy at the temperature, over the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward and every $\tau > 0$, the return of the soft policy without its entropy
    /// satisfies $V^* - V^{\pi_\tau} \le \tau H \le \tau \ln |A| / (1 - \gamma)$ in every state, with $H$ the discounted
    /// entropy of the policy and $|A|$ the largest number of actions of a state.
    ///
    /// ## How it is checked
    ///
    /// On intervals: the soft policy by one soft backup, its return and entropy by one backup of the policy.
    ///
    /// ## Known limits
    ///
    /// Up to three states. Neither constant is the best one.
    id: "soft-policy-loses-at-most-the-entropy",
    claim: "playing softly costs at most temperature times discounted entropy",
    paper: "xu2025cliff", "for its soft policies; as restated and derived here",
    tags: ["soft", "regret"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The bound has the temperature of the policy.
        own_temperature: own_temperature, Broken(without_own_temperature);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "0", "3/4"]));
    let (r, tau) = (draw.reward("r", &world), draw.number_of("temperature", &["1", "2", "1/2"]));
    Case::new(world).reward("r", r).number("temperature", tau)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let tau = case.n("temperature").clone();
    case.number("temperature of the bound", tau)
}

fn own_temperature(case: &Case) -> bool {
    case.n("temperature of the bound") == case.n("temperature")
}

fn without_own_temperature(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let tau = case.n("temperature") / Q::from(20u8);
    case.number("temperature of the bound", tau)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, tau) = (&case.world, case.r("r"), case.n("temperature of the bound"));
    let (soft, v) = (world.soft(&r, case.n("temperature")), world.optimum(&r).v);
    let surprise: Vec<Interval> = soft.log_pi.iter().map(|&x| -x).collect();
    let paid = world.evaluate_within(&soft.pi, &r.iter().map(real).collect::<Vec<_>>());
    let entropy = world.evaluate_within(&soft.pi, &surprise);
    let actions = (0..world.n_states()).map(|s| world.rows(s).len()).max().unwrap_or(1);
    let most = real(&(tau / (Q::ONE - &world.gamma))) * Interval::point(actions as f64).ln();
    Finding::all((0..world.n_states()).flat_map(|s| {
        let cost = real(tau) * entropy[s];
        [
            Finding::at_most("loss of the soft policy", &(real(&v[s]) - paid[s]), &cost),
            Finding::at_most("loss of the soft policy", &(real(&v[s]) - paid[s]), &most),
        ]
    }))
}
