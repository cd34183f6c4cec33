//! A soft policy moves at most by the hyperbolic tangent of the change of the reward.

use crate::prelude::*;

theorem! {
    /// # A soft policy moves at most by the hyperbolic tangent of the change of the reward
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, all rewards $r, r'$ with $e = \|r - r'\|_\infty$ and every temperature $\tau > 0$,
    /// in every state $\|\pi_\tau - \pi'_\tau\|_1 \le 2 \tanh(e / (2 \tau (1 - \gamma))) \le e / (\tau (1 - \gamma))$, logarithms
    /// of probabilities differ by at most $2 e / (\tau (1 - \gamma))$, and $KL \le e^2 / (2 \tau^2 (1 - \gamma)^2)$. The
    /// first is attained on a fork whose two futures move apart.
    ///
    /// ## How it is checked
    ///
    /// Soft policies are enclosed by one soft backup on intervals.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "soft-policy-follows-the-reward",
    claim: "a soft policy moves at most by the change of the reward over the temperature, times the horizon",
    paper: "xu2025cliff", "Proposition 4.7, sharpened here to the hyperbolic tangent",
    tags: ["soft", "stability"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [fork],
    hypotheses: {
        /// The bound has the discount of the MDP.
        discount_counts: discount_counts, Broken(without_discount_counts);
        /// The bound has the temperature of the policies.
        temperature_counts: temperature_counts, Broken(without_temperature_counts);
        /// The change of the reward is measured by its largest entry.
        sup_norm: sup_norm, Broken(without_sup_norm);
    }
}

fn stated(world: World, r: Vec<Q>, other: Vec<Q>, tau: Q) -> Case {
    Case::new(world).reward("r", r).reward("other", other).number("temperature", tau)
}

fn bounded(case: Case, gamma: Q, tau: Q, norm: &'static str) -> Case {
    case.number("discount of the bound", gamma).number("temperature of the bound", tau).choice("norm", norm)
}

fn drawn(draw: &mut Draw, spiked: bool) -> Case {
    let world = draw.world(Size::small().states(1, 3).gammas(&["1/2", "0", "3/4", "9/10"]));
    let r = scaled(&number("1/4"), &draw.reward("r", &world));
    let d = if spiked { draw.spike("change", &world) } else { draw.direction("change", &world) };
    let (tau, size) = (draw.number_of("temperature", &["1", "2", "1/2"]), draw.number_of("size", &["1", "1/10", "1/2"]));
    let other = combination(&r, &size, &d);
    stated(world, r, other, tau)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw, false);
    let (gamma, tau) = (case.world.gamma.clone(), case.n("temperature").clone());
    bounded(case, gamma, tau, "sup")
}

fn fork() -> Case {
    let world = World::fork("9/10");
    let apart = [("s0", "h", "1/20"), ("s1", "stay", "1/20"), ("s0", "k", "-1/20"), ("s2", "stay", "-1/20")];
    let r = world.over_rows(&apart);
    let other = scaled(&-Q::ONE, &r);
    bounded(stated(world, r, other, Q::ONE), number("9/10"), Q::ONE, "sup")
}

fn discount_counts(case: &Case) -> bool {
    *case.n("discount of the bound") == case.world.gamma
}

/// Two sides of a fork, where what follows counts.
fn without_discount_counts(draw: &mut Draw) -> Case {
    let world = World::fork("0").discounted(draw.number_of("gamma", &["1/2", "9/10", "3/4"]));
    let r = draw.direction("change", &world);
    let (other, tau) = (scaled(&-Q::ONE, &r), draw.number_of("temperature", &["1", "2"]));
    bounded(stated(world, r, other, tau.clone()), Q::ZERO, tau, "sup")
}

fn temperature_counts(case: &Case) -> bool {
    case.n("temperature of the bound") == case.n("temperature")
}

fn without_temperature_counts(draw: &mut Draw) -> Case {
    let case = drawn(draw, false);
    let (gamma, tau) = (case.world.gamma.clone(), case.n("temperature") * Q::from(10u8));
    bounded(case, gamma, tau, "sup")
}

fn sup_norm(case: &Case) -> bool {
    case.chosen("norm") == "sup"
}

fn without_sup_norm(draw: &mut Draw) -> Case {
    let case = drawn(draw, true);
    let (gamma, tau) = (case.world.gamma.clone(), case.n("temperature").clone());
    bounded(case, gamma, tau, "average")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other, tau) = (&case.world, case.r("r"), case.r("other"), case.n("temperature"));
    let (x, y) = (world.soft(&r, tau), world.soft(&other, tau));
    let change = minus(&r, &other);
    let e = match case.chosen("norm") {
        "sup" => max_abs(&change),
        _ => l1(&change) / Q::from(change.len() as u64),
    };
    let w = e / (case.n("temperature of the bound") * (Q::ONE - case.n("discount of the bound")));
    let most = strength.bound(real(&(&w / Q::from(2u8))).tanh().scale(2.0));
    let ratios: Vec<Interval> = x.log_pi.iter().zip(&y.log_pi).map(|(&x, &y)| x - y).collect();
    let in_state = |s: usize| {
        let rows = world.rows(s);
        let terms = x.pi[rows.clone()].iter().zip(&ratios[rows.clone()]);
        let kl = terms.fold(Interval::point(0.0), |sum, (&p, &ratio)| sum + p * ratio);
        Finding::all([
            Finding::at_most("l1 distance", &l1_between(&x.pi[rows.clone()], &y.pi[rows]), &most),
            Finding::at_most("relative entropy", &kl, &real(&(w.sqr() / Q::from(2u8)))),
        ])
    };
    let log = Finding::at_most(
        "logarithm of a ratio",
        &greatest(ratios.iter().map(|x| x.abs())),
        &real(&(&w * Q::from(2u8))),
    );
    Finding::all((0..world.n_states()).map(in_state).chain([log]))
}
