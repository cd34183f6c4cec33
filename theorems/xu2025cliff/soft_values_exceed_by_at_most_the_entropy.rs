//! Soft values are above optimal ones by at most the largest entropy over the horizon.

use crate::prelude::*;

theorem! {
    /// # Soft values are above optimal ones by at most the largest entropy over the horizon
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every reward and every temperature $\tau > 0$, the fixed point of $V(s) = \tau \ln
    /// \sum_a \exp((r + \gamma P V)(s,a) / \tau)$ satisfies $V^* \le V_\tau \le V^* + \tau \ln |A| / (1 - \gamma)$ with $|A|$
    /// the largest number of actions of a state. Equality on the right where all rewards are equal.
    ///
    /// ## How it is checked
    ///
    /// $V_\tau$ is enclosed by one soft backup on intervals, $V^*$ is a fraction. The library's bounds on $V^*$ are held
    /// against it, too.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "soft-values-exceed-by-at-most-the-entropy",
    claim: "entropy-regularised values are above optimal ones by at most temperature times log actions times horizon",
    paper: "xu2025cliff", "for its soft policies; as restated and derived here",
    tags: ["soft", "values"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [equal_rewards],
    hypotheses: {
        /// Logarithms are natural, as the exponentials are.
        natural: natural, Broken(without_natural);
        /// The most actions of any state are counted.
        all_actions: all_actions, Broken(without_all_actions);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "9/10", "0", "3/4"]));
    let (r, tau) = (draw.reward("r", &world), draw.number_of("temperature", &["1", "2", "3"]));
    Case::new(world).reward("r", scaled(&number("1/4"), &r)).number("temperature", tau)
}

fn stated(case: Case, log: &'static str, actions: usize) -> Case {
    case.choice("logarithm", log).number("actions counted", Q::from(actions as u64))
}

fn most_actions(world: &World) -> usize {
    (0..world.n_states()).map(|s| world.rows(s).len()).max().unwrap_or(1)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let n = most_actions(&case.world);
    stated(case, "natural", n)
}

fn equal_rewards() -> Case {
    let case = Case::new(World::two_loops("9/10")).reward("r", vec![Q::ONE; 2]).number("temperature", number("1/2"));
    stated(case, "natural", 2)
}

fn natural(case: &Case) -> bool {
    case.chosen("logarithm") == "natural"
}

fn without_natural(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let n = most_actions(&case.world);
    stated(case, "decadic", n)
}

fn all_actions(case: &Case) -> bool {
    *case.n("actions counted") == Q::from(most_actions(&case.world) as u64)
}

fn without_all_actions(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let n = most_actions(&case.world);
    stated(case, "natural", n - 1)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, tau) = (&case.world, case.r("r"), case.n("temperature"));
    let (soft, optimum) = (world.soft(&r, tau), world.optimum(&r));
    let ln = real(case.n("actions counted")).ln();
    let log = match case.chosen("logarithm") {
        "natural" => ln,
        _ => ln.checked_div(Interval::point(10.0).ln()).expect("ln 10 is positive"),
    };
    let most = strength.bound(real(&(tau / (Q::ONE - &world.gamma))) * log);
    let bounds = soft.v.iter().zip(&optimum.v).map(|(soft, v)| {
        let v = real(v);
        Finding::at_most("V* and the soft value", &v, soft).and(Finding::at_most("soft value", soft, &(v + most)))
    });
    Finding::all(bounds.chain([Lab::of(case).optimum_holds("r")]))
}
