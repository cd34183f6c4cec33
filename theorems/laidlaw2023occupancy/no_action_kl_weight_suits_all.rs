//! A bound on the KL of action choices can be too weak for one reference and too strong for another.

use crate::prelude::*;

theorem! {
    /// # No bound on the KL of action choices suits every reference
    ///
    /// ## Statement
    ///
    /// For all $\epsilon, \delta \in (0, 1)$ and $c > 0$ there is an MDP with rewards in $[0, 1]$ and normalised
    /// returns such that (1) some $\pi$, $\pi_0$ have mean KL of action choices at most $\epsilon$ and $|J(\pi) -
    /// J(\pi_0)| \ge 1 - \delta$, and (2) for another reference, mean KL up to $c$ changes the return by at most
    /// $\delta$.
    ///
    /// ## How it is checked
    ///
    /// The MDP is built: one state pays 1 and is left for a worthless one with probability $q$. Its return falls in
    /// $q$, and so does the KL from the eager reference of (2) below that reference's $q$, so one policy decides (2):
    /// the one that gains exactly $\delta$.
    ///
    /// ## Known limits
    ///
    /// Stationary policies.
    id: "no-action-kl-weight-suits-all",
    claim: "small KL of action choices can cost everything, and large KL nothing, in one MDP",
    paper: "laidlaw2023occupancy", "Proposition 3.1",
    tags: ["hacking", "kl", "occupancy"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The second half is about another reference than the first.
        another_reference: another_reference, Broken(without_another_reference);
    }
}

fn drawn(draw: &mut Draw, second: &'static str) -> Case {
    let (epsilon, delta) =
        (draw.number_of("epsilon", &["1/10", "1/100", "1/1000"]), draw.number_of("delta", &["1/2", "1/4", "1/10"]));
    let c = draw.number_of("c", &["1", "2", "5"]);
    // Time on the scale of the horizon: leave after 4 / delta of it, or after delta / 4.
    let slow = &delta / Q::from(4u8);
    let gamma = Q::ONE - &epsilon * &slow * &slow * &slow / Q::from(16u8);
    let world = World::moves("0", &[("paid", "stay", "paid"), ("paid", "leave", "over"), ("over", "stay", "over")]);
    let r = world.over_rows(&[("paid", "stay", "1"), ("paid", "leave", "1")]);
    Case::new(world.discounted(gamma))
        .reward("r", r)
        .number("epsilon", epsilon)
        .number("delta", delta)
        .number("c", c)
        .choice("second reference", second)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "another")
}

fn another_reference(case: &Case) -> bool {
    case.chosen("second reference") == "another"
}

fn without_another_reference(draw: &mut Draw) -> Case {
    drawn(draw, "the same")
}

/// The policy that leaves with probability `q`, its normalised return and its KL from the one that leaves with `q0`.
fn leaving(case: &Case, q: &Q, q0: &Q) -> (Q, Interval) {
    let world = &case.world;
    let mut pi = world.uniform();
    pi[world.row_named("paid", "leave")] = q.clone();
    pi[world.row_named("paid", "stay")] = Q::ONE - q;
    let mu = world.measure(&pi);
    let visits = world.over_its_states(&mu);
    let choice = |q: &Q| [Q::ONE - q, q.clone()];
    (dot(&mu, &case.r("r")), real(&visits[world.state("paid")]) * kl(&choice(q), &choice(q0)))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (epsilon, delta, c) = (case.n("epsilon"), case.n("delta"), case.n("c"));
    let step = Q::ONE - &case.world.gamma;
    let four = Q::from(4u8);
    let (late, soon) = (&step * delta / &four, &step * &four / delta);
    let (kept, _) = leaving(case, &late, &late);
    let (lost, cost) = leaving(case, &soon, &late);
    let first = Finding::at_most("least difference", &(Q::ONE - delta), &(&kept - &lost))
        .and(Finding::at_most("KL of choices", &cost, &real(epsilon)));
    // Staying 1 in e^(c / delta) times, rounded up to a power of 2, makes every gain of delta dear.
    let halvings = (case.n("c") / delta).to_f64().value() * 2.0 + 2.0;
    let eager = match another_reference(case) {
        true => Q::ONE - Q::ONE / (0..halvings.ceil() as usize).fold(Q::ONE, |x, _| x * Q::from(2u8)),
        false => late,
    };
    let (poor, _) = leaving(case, &eager, &eager);
    let (least, most) = (&poor - delta, &poor + delta);
    let second = match most < Q::ONE {
        // h / (h + gamma q) is the return of q.
        true => {
            let q = &step * (Q::ONE / &most - Q::ONE) / &case.world.gamma;
            Finding::less("what a gain of delta may cost", &real(c), &leaving(case, &q, &eager).1)
        }
        false => Finding::Holds,
    };
    first.and(second).and(Finding::is(least <= Q::ZERO, || format!("the return can fall by more than {delta}")))
}
