//! Soft values grow with the temperature, between the entropies of the two soft policies.

use crate::prelude::*;

theorem! {
    /// # Soft values grow with the temperature, between the entropies of the two soft policies
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward and all $0 < \tau < \tau'$: $0 \le (\tau' - \tau) H_\tau \le V_{\tau'} -
    /// V_\tau \le (\tau' - \tau) H_{\tau'}$ in every state, with $H_\tau$ the discounted entropy of the soft policy. So
    /// $V_\tau$ is non-decreasing and convex in $\tau$, with slope $H_\tau$. Equality where all rewards are equal.
    ///
    /// ## How it is checked
    ///
    /// On intervals, for two temperatures.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "soft-values-grow-with-temperature",
    claim: "soft values grow with the temperature at the rate of the discounted entropy of their policies",
    paper: "xu2025cliff", "for its soft policies; as restated and derived here",
    tags: ["soft", "values"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [equal_rewards],
    hypotheses: {
        /// The second temperature is higher.
        warmer: warmer, Broken(without_warmer);
        /// Each entropy is that of the soft policy of its own temperature.
        own_entropy: own_entropy, Broken(without_own_entropy);
    }
}

fn drawn(draw: &mut Draw, factor: &str) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "0", "3/4"]));
    let mut r = draw.reward("r", &world);
    // Rewards that are all equal would make the two sides equal.
    r[0] = &r[1] + draw.nonzero("difference");
    let tau = draw.number_of("temperature", &["1", "2", "3"]);
    stated(world, scaled(&number("1/4"), &r), &tau, &(number(factor) * &tau))
}

fn stated(world: World, r: Vec<Q>, tau: &Q, other: &Q) -> Case {
    Case::new(world).reward("r", r).number("temperature", tau.clone()).number("other temperature", other.clone())
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "3/2").choice("entropies", "own")
}

fn equal_rewards() -> Case {
    stated(World::two_loops("9/10"), vec![Q::ONE; 2], &Q::ONE, &Q::from(2u8)).choice("entropies", "own")
}

fn warmer(case: &Case) -> bool {
    case.n("other temperature") > case.n("temperature")
}

fn without_warmer(draw: &mut Draw) -> Case {
    drawn(draw, "1/2").choice("entropies", "own")
}

fn own_entropy(case: &Case) -> bool {
    case.chosen("entropies") == "own"
}

fn without_own_entropy(draw: &mut Draw) -> Case {
    drawn(draw, "3/2").choice("entropies", "exchanged")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, tau, other) = (&case.world, case.r("r"), case.n("temperature"), case.n("other temperature"));
    let (x, y) = (world.soft(&r, tau), world.soft(&r, other));
    let entropy = |soft: &Soft| {
        let surprise: Vec<Interval> = soft.log_pi.iter().map(|&x| -x).collect();
        world.evaluate_within(&soft.pi, &surprise)
    };
    let (colder, hotter) = match own_entropy(case) {
        true => (entropy(&x), entropy(&y)),
        false => (entropy(&y), entropy(&x)),
    };
    let step = real(&(other - tau));
    Finding::all((0..world.n_states()).flat_map(|s| {
        let grown = y.v[s] - x.v[s];
        [
            Finding::at_most("slope times the colder entropy", &(step * colder[s]), &grown),
            Finding::at_most("growth", &grown, &strength.bound(step * hotter[s])),
            Finding::at_most("nothing and the growth", &Interval::point(0.0), &grown),
        ]
    }))
}
