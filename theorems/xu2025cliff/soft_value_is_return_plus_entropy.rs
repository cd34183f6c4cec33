//! A soft value is the return of the soft policy plus its entropy at the temperature.

use crate::prelude::*;

theorem! {
    /// # A soft value is the return of the soft policy plus its entropy at the temperature
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward and every $\tau > 0$, $V_\tau = V^{\pi_\tau} + \tau H$ in every state,
    /// where $H(s)$ is the expected discounted entropy of the soft policy $\pi_\tau$ from $s$, itself included.
    ///
    /// ## How it is checked
    ///
    /// On intervals: soft values by the soft operator, return and entropy by that of the policy.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "soft-value-is-return-plus-entropy",
    claim: "a soft value is the return of its policy plus temperature times discounted entropy",
    paper: "xu2025cliff", "for its soft policies; as restated and derived here",
    tags: ["soft", "values"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [equal_rewards],
    hypotheses: {
        /// The policy is the soft one of that temperature.
        own_temperature: own_temperature, Broken(without_own_temperature);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "0", "3/4"]));
    let (r, tau) = (draw.reward("r", &world), draw.number_of("temperature", &["1", "2", "3"]));
    Case::new(world).reward("r", scaled(&number("1/4"), &r)).number("temperature", tau)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let tau = case.n("temperature").clone();
    case.number("temperature of the policy", tau)
}

fn equal_rewards() -> Case {
    let case = Case::new(World::two_loops("9/10")).reward("r", vec![Q::ONE; 2]);
    case.number("temperature", number("1/2")).number("temperature of the policy", number("1/2"))
}

fn own_temperature(case: &Case) -> bool {
    case.n("temperature") == case.n("temperature of the policy")
}

fn without_own_temperature(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let tau = case.n("temperature") / Q::from(4u8);
    case.number("temperature of the policy", tau)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, tau) = (&case.world, case.r("r"), case.n("temperature"));
    let (soft, policy) = (world.soft(&r, tau), world.soft(&r, case.n("temperature of the policy")));
    let rewards: Vec<Interval> = r.iter().map(real).collect();
    let surprise: Vec<Interval> = policy.log_pi.iter().map(|&x| -x).collect();
    let (paid, entropy) = (world.evaluate_within(&policy.pi, &rewards), world.evaluate_within(&policy.pi, &surprise));
    let both: Vec<Interval> = paid.iter().zip(&entropy).map(|(&v, &h)| v + real(tau) * h).collect();
    Finding::all_equal("soft value, and return plus entropy", &soft.v, &both)
}
