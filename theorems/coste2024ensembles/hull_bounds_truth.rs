//! The least of an ensemble's rewards bounds the truth from below if the truth is a mixture of them.

use crate::prelude::*;

theorem! {
    /// # The least of an ensemble bounds the truth from below if the truth is a mixture of it
    ///
    /// ## Statement
    ///
    /// For all rewards $R_1, \dots, R_k$ and every policy, $\mathbb{E}_\pi[\min_i R_i] \le \min_i J_{R_i}(\pi)$. If the true
    /// reward is a mixture $\sum_i w_i R_i$, $w \ge 0$, $\sum w_i = 1$, then $\mathbb{E}_\pi[\min_i R_i] \le J(\pi)$ for the
    /// truth; so the best worst-case value is a promise its policy keeps.
    ///
    /// ## How it is checked
    ///
    /// In fractions, on three members over a drawn world, for a drawn policy and the one that is optimal for the least
    /// member. The constant 1 is sharp: a member that is least everywhere may be the truth.
    ///
    /// ## Known limits
    ///
    /// Returns are nonnegative where sharpness is looked for.
    id: "hull-bounds-truth",
    claim: "the return of an ensemble's least reward is at most that of any mixture of its members",
    paper: "coste2024ensembles", "worst-case optimisation, derived here",
    tags: ["hacking", "ensemble"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [same],
    hypotheses: {
        /// The weights of the truth are not negative.
        weights_not_negative: |case| case.x("weights").iter().all(|w| *w >= Q::ZERO), Broken(without_weights_not_negative);
        /// The weights of the truth sum to 1.
        weights_sum_to_one: |case| mean(case.x("weights")) == fraction(1, 3), Broken(without_weights_sum_to_one);
        /// Nothing but the members is in the truth: all of them share no error.
        no_shared_error: |case| case.x("error").iter().all(Q::is_zero), Broken(without_no_shared_error);
    }
}

const MEMBERS: [&str; 3] = ["r1", "r2", "r3"];

/// Three copies of one reward.
fn same() -> Case {
    let world = World::bandit(&["left", "right"]);
    let pi = world.uniform();
    let case = MEMBERS.iter().fold(Case::new(world), |case, name| case.reward(name, vec![Q::ONE; 2]));
    case.policy("pi", pi).vector("weights", vec![fraction(1, 3); 3]).vector("error", vec![Q::ZERO; 2])
}

fn drawn(draw: &mut Draw, weights: Vec<Q>, is_wrong: bool) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let rewards: Vec<_> = MEMBERS.iter().map(|name| draw.reward(name, &world)).collect();
    let error = if is_wrong { draw.reward("error", &world) } else { vec![Q::ZERO; world.n_rows()] };
    let pi = draw.policy("pi", &world);
    let case = MEMBERS.iter().zip(rewards).fold(Case::new(world), |case, (name, r)| case.reward(name, r));
    case.policy("pi", pi).vector("weights", weights).vector("error", error)
}

fn instance(draw: &mut Draw) -> Case {
    let weights = draw.distribution("weights", (0, 0), 3, 0);
    drawn(draw, weights, false)
}

fn without_weights_not_negative(draw: &mut Draw) -> Case {
    let more = draw.positive("more");
    drawn(draw, vec![Q::ONE + &more, -more, Q::ZERO], false)
}

fn without_weights_sum_to_one(draw: &mut Draw) -> Case {
    let weights = (0..3).map(|i| draw.number_of(("weight", i), &["0", "1/3", "1"])).collect();
    drawn(draw, weights, false)
}

fn without_no_shared_error(draw: &mut Draw) -> Case {
    let weights = draw.distribution("weights", (0, 0), 3, 0);
    drawn(draw, weights, true)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let world = &case.world;
    let members: Vec<Vec<Q>> = MEMBERS.iter().map(|name| case.r(name)).collect();
    let least = |row: usize| members.iter().map(|r| r[row].clone()).min().expect("there are members");
    let least: Vec<Q> = (0..world.n_rows()).map(least).collect();
    let truth = members.iter().zip(case.x("weights")).fold(case.x("error").to_vec(), |sum, (r, w)| combination(&sum, w, r));
    let careful = world.pure(&world.optimum(&least).choice);
    Finding::all([case.pi("pi"), &careful].into_iter().flat_map(|pi| {
        let promised = world.j(pi, &least);
        let each = members.iter().map(|r| world.j(pi, r)).min().expect("there are members");
        let kept = strength.constant(Q::ONE) * world.j(pi, &truth);
        [
            Finding::at_most("J of the least and least J", &promised, &each),
            Finding::at_most("J of the least and J of the truth", &promised, &kept),
        ]
    }))
}
