//! A softmax moves at most by the hyperbolic tangent of the spread of the change.

use crate::prelude::*;

theorem! {
    /// # A softmax moves at most by the hyperbolic tangent of the spread of the change
    ///
    /// ## Statement
    ///
    /// For all logits $x, y \in \mathbb{R}^A$ and every $\tau > 0$ let $p, q$ be their softmax at temperature $\tau$ and $w =
    /// \mathrm{osc}(x - y) / \tau$. Then $\|p - q\|_1 \le 2 \tanh(w/4)$, $|\ln p_a - \ln q_a| \le w$ and $KL(p, q) \le w^2 / 8$.
    /// The first is attained by two actions on both sides of a tie.
    ///
    /// ## How it is checked
    ///
    /// On intervals with outward rounding.
    ///
    /// ## Known limits
    ///
    /// Two to four actions.
    id: "softmax-moves-with-the-spread",
    claim: "two softmax distributions differ by at most 2 tanh(w/4), where w is the spread of the logits' difference",
    paper: "xu2025cliff", "Lemma C.2, sharpened here from w/2 to 2 tanh(w/4)",
    tags: ["soft", "stability"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [across_a_tie],
    hypotheses: {
        /// The spread is divided by the temperature.
        temperature_counts: temperature_counts, Broken(without_temperature_counts);
        /// Both are taken at one temperature.
        one_temperature: one_temperature, Broken(without_one_temperature);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 1).actions(2, 4).gammas(&["0"]));
    let (x, mut y) = (draw.reward("x", &world), draw.reward("y", &world));
    // The two must differ by more than a constant.
    y[0] = &x[0] + &y[1] - &x[1] + draw.nonzero("spread");
    Case::new(world).reward("x", x).reward("y", y)
}

fn stated(case: Case, of_x: Q, of_y: Q, of_bound: Q) -> Case {
    case.number("temperature of x", of_x).number("temperature of y", of_y).number("temperature of the bound", of_bound)
}

fn tau(draw: &mut Draw) -> Q {
    draw.number_of("temperature", &["1", "2", "1/2"])
}

fn instance(draw: &mut Draw) -> Case {
    let (case, tau) = (drawn(draw), tau(draw));
    stated(case, tau.clone(), tau.clone(), tau)
}

fn across_a_tie() -> Case {
    let world = World::bandit(&["a", "b"]);
    let (x, y) = (world.over_rows(&[("prompt", "a", "1")]), world.over_rows(&[("prompt", "b", "1")]));
    stated(Case::new(world).reward("x", x).reward("y", y), Q::ONE, Q::ONE, Q::ONE)
}

fn temperature_counts(case: &Case) -> bool {
    case.n("temperature of the bound") == case.n("temperature of x")
}

fn without_temperature_counts(draw: &mut Draw) -> Case {
    let (case, tau) = (drawn(draw), tau(draw));
    let double = Q::from(2u8) * &tau;
    stated(case, tau.clone(), tau, double)
}

fn one_temperature(case: &Case) -> bool {
    case.n("temperature of x") == case.n("temperature of y")
}

fn without_one_temperature(draw: &mut Draw) -> Case {
    let (case, tau) = (drawn(draw), tau(draw));
    let double = Q::from(2u8) * &tau;
    stated(case, tau.clone(), double, tau)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let log = |name: &str, tau: &str| {
        let x: Vec<Interval> = case.r(name).iter().map(real).collect();
        log_softmax(&x, real(case.n(tau)))
    };
    let (log_p, log_q) = (log("x", "temperature of x"), log("y", "temperature of y"));
    let of = |log: &[Interval]| log.iter().map(|x| x.exp()).collect::<Vec<_>>();
    let (p, q) = (of(&log_p), of(&log_q));
    let change = minus(&case.r("x"), &case.r("y"));
    let ends = (change.iter().min().cloned().unwrap_or(Q::ZERO), change.iter().max().cloned().unwrap_or(Q::ZERO));
    let w = (ends.1 - ends.0) / case.n("temperature of the bound");
    let most = strength.bound(real(&(&w / Q::from(4u8))).tanh().scale(2.0));
    let ratios: Vec<Interval> = log_p.iter().zip(&log_q).map(|(&x, &y)| x - y).collect();
    let kl = p.iter().zip(&ratios).fold(Interval::point(0.0), |sum, (&p, &ratio)| sum + p * ratio);
    Finding::all([
        Finding::at_most("l1 distance", &l1_between(&p, &q), &most),
        Finding::at_most("logarithm of a ratio", &greatest(ratios.iter().map(|x| x.abs())), &real(&w)),
        Finding::at_most("relative entropy", &kl, &real(&(w.sqr() / Q::from(8u8)))),
    ])
}
