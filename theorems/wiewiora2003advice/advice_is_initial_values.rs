//! Look-ahead advice is the same as starting from the advice, for learners on their policy.

use crate::prelude::*;

theorem! {
    /// # Look-ahead advice is the same as starting from the advice
    ///
    /// ## Statement
    ///
    /// Two learners are fed the same experience $(s, a, r, s', a')$ with the same learning rates and learn on-policy from $a'$.
    /// The first is paid $R + \gamma\Phi(s',a') - \Phi(s,a)$ and starts from $Q_0$; the second is paid $R$ and starts from $Q_0 +
    /// \Phi$. Then $Q'_t = Q_t + \Phi$ at all times, so they act alike if the first acts by $Q + \Phi$.
    ///
    /// ## How it is checked
    ///
    /// In fractions along a drawn walk of six steps; the equality after each step.
    ///
    /// ## Known limits
    ///
    /// Tables only.
    id: "advice-is-initial-values",
    claim: "a learner on its policy with look-ahead advice behaves as one that starts from the advice",
    paper: "wiewiora2003advice", "look-ahead advice as initial values, as restated in the literature on shaping",
    tags: ["shaping", "advice", "learning"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Values are learned from the action taken next, not from the best one.
        on_policy: |case| case.chosen("learned from") == "action taken next", Broken(without_on_policy);
        /// Both learners learn at the same rates.
        same_rates: |case| case.x("rates") == case.x("others"), Broken(without_same_rates);
        /// The advice is discounted as the MDP is.
        same_discount: |case| *case.n("discount of advice") == case.world.gamma, Broken(without_same_discount);
    }
}

const STEPS: usize = 6;

fn drawn(draw: &mut Draw, from: &'static str, same_rates: bool, discount: Option<Q>) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let walk = draw.walk("walk", &world, STEPS);
    let (r, start, advice) = (draw.reward("r", &world), draw.reward("start", &world), draw.reward("advice", &world));
    let mut rates = |name: &str| (0..STEPS).map(|i| draw.number_of((name, i), &["1", "1/2", "1/3"])).collect::<Vec<_>>();
    let first = rates("rate");
    let others = if same_rates { first.clone() } else { rates("other rate") };
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    Case::new(world)
        .reward("r", r)
        .reward("start", start)
        .reward("advice", advice)
        .indices("walk", &walk)
        .vector("rates", first)
        .vector("others", others)
        .number("discount of advice", gamma)
        .choice("learned from", from)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "action taken next", true, None)
}

fn without_on_policy(draw: &mut Draw) -> Case {
    drawn(draw, "best action", true, None)
}

fn without_same_rates(draw: &mut Draw) -> Case {
    drawn(draw, "action taken next", false, None)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["1", "1/3"]);
    drawn(draw, "action taken next", true, Some(other))
}

/// One step of learning: the value after the step of the row left.
fn learned(case: &Case, q: &[Q], (row, next): (usize, usize), paid: &Q, rate: &Q) -> Q {
    let world = &case.world;
    let ahead = match case.chosen("learned from") {
        "best action" => world.rows(world.row(next).s).map(|row| &q[row]).max().expect("every state has an action"),
        _ => &q[next],
    };
    &q[row] + rate * (paid + &world.gamma * ahead - &q[row])
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (r, phi, walk) = (case.r("r"), case.r("advice"), case.indices_of("walk"));
    let mut advised = case.r("start");
    let mut started = plus(&advised, &phi);
    Finding::all((0..STEPS).map(|i| {
        let (row, next) = (walk[i], walk[i + 1]);
        let paid = &r[row] + case.n("discount of advice") * &phi[next] - &phi[row];
        advised[row] = learned(case, &advised, (row, next), &paid, &case.x("rates")[i]);
        started[row] = learned(case, &started, (row, next), &r[row], &case.x("others")[i]);
        Finding::all_equal("Q started from the advice", &started, &plus(&advised, &phi))
    }))
}
