//! A wrong model misjudges best values by its errors over one less the discount.

use crate::prelude::*;

theorem! {
    /// # A wrong model misjudges values by its errors over one less the discount
    ///
    /// ## Statement
    ///
    /// For all models $(P, r)$, $(P', r')$ with one discount, let $e_r = \max|r - r'|$, $e_P = \max_{s,a}\|P_{sa} -
    /// P'_{sa}\|_1$, $B = (e_r + \gamma e_P\,\mathrm{osc}(V)/2)/(1-\gamma)$. Then $|V^\pi_{r,P} - V^\pi_{r',P'}| \le B$ for
    /// every policy with $V = V^\pi_{r,P}$, and $|V^*_{r,P} - V^*_{r',P'}| \le B$ with $V = V^*_{r,P}$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for a drawn stochastic policy and for the optima. The constant 1 is sharp: a shift of the reward by a
    /// constant attains it.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "simulation-bound",
    claim: "values in a wrong model are off by at most the errors of reward and transitions over one less the discount",
    paper: "kearns2002polynomial", "simulation lemma; with the oscillation of values, derived here",
    tags: ["stability", "model error"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [shifted],
    hypotheses: {
        /// Both models have one discount.
        same_discount: |case| *case.n("other discount") == case.world.gamma, Broken(without_same_discount);
        /// The error of transitions is that of the worst pair, not of the first.
        worst_pair: |case| case.chosen("error of transitions") == "worst pair", Broken(without_worst_pair);
    }
}

fn shifted() -> Case {
    let world = World::moves("9/10", &[("a", "stay", "a"), ("a", "go", "b"), ("b", "stay", "b"), ("b", "go", "a")]);
    let (r, pi) = (vec![Q::ZERO; 4], world.uniform());
    let moves = world.all_rows().iter().flat_map(|row| row.p.clone()).collect();
    finished(world, [r, vec![Q::ONE; 4]], pi, moves, None, "worst pair")
}

fn finished(world: World, r: [Vec<Q>; 2], pi: Vec<Q>, moves: Vec<Q>, discount: Option<Q>, worst: &'static str) -> Case {
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    let [r, other] = r;
    let case = Case::new(world).reward("r", r).reward("r2", other).policy("pi", pi).vector("moves", moves);
    case.number("other discount", gamma).choice("error of transitions", worst)
}

fn drawn(draw: &mut Draw, discount: Option<Q>, worst: &'static str) -> Case {
    let world = draw.world(Size::small());
    let r = draw.reward("r", &world);
    let other = match draw.below("same reward", 2) {
        0 => r.clone(),
        _ => draw.reward("r2", &world),
    };
    let pi = draw.policy("pi", &world);
    let n = world.n_states();
    let moves = world.all_rows().iter().flat_map(|row| draw.distribution("p2", (row.s, row.a), n, row.s)).collect();
    finished(world, [r, other], pi, moves, discount, worst)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, None, "worst pair")
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["1/4", "4/5"]);
    drawn(draw, Some(other), "worst pair")
}

fn without_worst_pair(draw: &mut Draw) -> Case {
    drawn(draw, None, "first pair")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r, other, pi) = (&case.world, case.r("r"), case.r("r2"), case.pi("pi"));
    let moves: Vec<Vec<Q>> = case.x("moves").chunks(world.n_states()).map(<[Q]>::to_vec).collect();
    let errors = world.all_rows().iter().zip(&moves).map(|(row, p)| l1(&minus(&row.p, p)));
    let e_p = match case.chosen("error of transitions") {
        "worst pair" => errors.max(),
        _ => errors.into_iter().next(),
    };
    let (e_r, e_p) = (max_abs(&minus(&r, &other)), e_p.unwrap_or(Q::ZERO));
    let second = world.moving(moves).discounted(case.n("other discount").clone());
    let bound = |v: &[Q]| {
        let osc = v.iter().max().expect("a state") - v.iter().min().expect("a state");
        strength.constant(Q::ONE) * (&e_r + &world.gamma * &e_p * osc / Q::from(2u8)) / (Q::ONE - &world.gamma)
    };
    let (v, best) = (world.evaluate(pi, &r), world.optimum(&r).v);
    let (off, best_off) = (minus(&v, &second.evaluate(pi, &other)), minus(&best, &second.optimum(&other).v));
    Finding::at_most("error of the policy's value", &max_abs(&off), &bound(&v))
        .and(Finding::at_most("error of the best value", &max_abs(&best_off), &bound(&best)))
}
