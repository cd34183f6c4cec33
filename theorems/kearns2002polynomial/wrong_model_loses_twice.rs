//! Planning in a wrong model loses at most twice the simulation bound.

use crate::prelude::*;

theorem! {
    /// # Planning in a wrong model loses at most twice the simulation bound
    ///
    /// ## Statement
    ///
    /// For all models $(P, r)$, $(P', r')$ with one discount and every policy $\pi'$ that is optimal in the second,
    /// $V^*_{r,P} - V^{\pi'}_{r,P} \le 2(e_r + \gamma e_P\,\mathrm{osc}(V^*_{r',P'})/2)/(1-\gamma)$, with $e_r = \max|r - r'|$ and
    /// $e_P = \max\|P_{sa} - P'_{sa}\|_1$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for every deterministic policy that is optimal in the second model. The constant 2 is sharp: a tie in
    /// the second model, of which the first likes one arm by twice the error.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "wrong-model-loses-twice",
    claim: "a policy that is optimal in a wrong model loses at most twice what the model misjudges",
    paper: "kearns2002polynomial", "consequence of the simulation lemma, derived here",
    tags: ["stability", "model error"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [tie],
    hypotheses: {
        /// The policy is optimal in the second model.
        optimal_there: optimal_there, Broken(without_optimal_there);
    }
}

fn other_model(case: &Case) -> World {
    case.world.moving(case.x("moves").chunks(case.world.n_states()).map(<[Q]>::to_vec).collect())
}

fn tie() -> Case {
    let world = World::bandit(&["bad", "good"]);
    let (r, pi) = (world.over_rows(&[("prompt", "good", "2")]), world.playing(&[("prompt", "bad")]));
    let moves = vec![Q::ONE; 2];
    Case::new(world).reward("r", r).reward("r2", vec![Q::ONE; 2]).policy("pi", pi).vector("moves", moves)
}

fn drawn(draw: &mut Draw, plans: bool) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let (r, n) = (draw.reward("r", &world), world.n_states());
    let other = match draw.below("same reward", 2) {
        0 => r.clone(),
        _ => draw.reward("r2", &world),
    };
    let moves = match draw.below("same moves", 2) {
        0 => world.all_rows().iter().flat_map(|row| row.p.clone()).collect(),
        _ => world.all_rows().iter().flat_map(|row| draw.distribution("p2", (row.s, row.a), n, row.s)).collect(),
    };
    let any = draw.choice("pi", &world);
    let case = Case::new(world).reward("r", r).reward("r2", other).vector("moves", moves);
    let chosen = if plans { other_model(&case).optimum(&case.r("r2")).choice } else { any };
    let pi = case.world.pure(&chosen);
    case.policy("pi", pi)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true)
}

fn optimal_there(case: &Case) -> bool {
    let gap = other_model(case).optimum(&case.r("r2")).gap;
    gap.iter().zip(case.pi("pi")).all(|(gap, pi)| gap.is_zero() || pi.is_zero())
}

fn without_optimal_there(draw: &mut Draw) -> Case {
    drawn(draw, false)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, second) = (&case.world, case.r("r"), other_model(case));
    let other = case.r("r2");
    let e_r = max_abs(&minus(&r, &other));
    let errors = world.all_rows().iter().zip(second.all_rows()).map(|(x, y)| l1(&minus(&x.p, &y.p)));
    let e_p = errors.max().unwrap_or(Q::ZERO);
    let v = second.optimum(&other).v;
    let osc = v.iter().max().expect("a state") - v.iter().min().expect("a state");
    let error = (e_r + &world.gamma * e_p * osc / Q::from(2u8)) / (Q::ONE - &world.gamma);
    let loss = minus(&world.optimum(&r).v, &world.evaluate(case.pi("pi"), &r));
    Finding::at_most("loss", &max_abs(&loss), &(strength.constant(Q::from(2u8)) * error))
}
