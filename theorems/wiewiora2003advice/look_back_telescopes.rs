//! Look-back advice telescopes.

use crate::prelude::*;

theorem! {
    /// # Look-back advice telescopes
    ///
    /// ## Statement
    ///
    /// Advice is paid as $F_t = \Phi(s_t,a_t) - \gamma^{-1}\Phi(s_{t-1},a_{t-1})$. Along every walk and for every $T$,
    /// $\sum_{t=1}^T \gamma^t F_t = \gamma^T\Phi(s_T,a_T) - \Phi(s_0,a_0)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions along a drawn walk of up to six steps, after every step.
    ///
    /// ## Known limits
    ///
    /// The sum along one walk; what learners make of it is not checked.
    id: "look-back-advice-telescopes",
    claim: "look-back advice sums to the advice of the last pair less that of the first",
    paper: "wiewiora2003advice", "look-back advice; the sum is derived here",
    tags: ["shaping", "advice"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The advice is discounted as the sum is.
        same_discount: |case| *case.n("discount of advice") == case.world.gamma, Broken(without_same_discount);
        /// What is taken back is the advice of the pair just left.
        of_the_pair_left: |case| case.chosen("taken back") == "pair left", Broken(without_of_the_pair_left);
    }
}

fn walked(draw: &mut Draw, discount: Option<Q>, back: &'static str) -> Case {
    let world = draw.world(Size::small().gammas(&["1/2", "9/10", "3/10", "2/3"]));
    let steps = draw.between("steps", 1, 6);
    let walk = draw.walk("walk", &world, steps);
    let advice = draw.reward("advice", &world);
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    let case = Case::new(world).reward("advice", advice).indices("walk", &walk);
    case.number("discount of advice", gamma).choice("taken back", back)
}

fn instance(draw: &mut Draw) -> Case {
    walked(draw, None, "pair left")
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let other = draw.number_of("other", &["1", "1/3"]);
    walked(draw, Some(other), "pair left")
}

fn without_of_the_pair_left(draw: &mut Draw) -> Case {
    walked(draw, None, "first action of the state left")
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, phi, walk) = (&case.world, case.r("advice"), case.indices_of("walk"));
    let back = |row: usize| match case.chosen("taken back") {
        "pair left" => &phi[row],
        _ => &phi[world.rows(world.row(row).s).start],
    };
    let term = |w: &[usize]| &phi[w[1]] - back(w[0]) / case.n("discount of advice");
    // The first step has no pair before it.
    let terms: Vec<Q> = [Q::ZERO].into_iter().chain(walk.windows(2).map(term)).collect();
    Finding::all((1..walk.len()).map(|t| {
        let sum = discounted_sum(&world.gamma, &terms[..=t]);
        let ends = power(&world.gamma, t) * &phi[walk[t]] - &phi[walk[0]];
        Finding::equal("sum of advice and difference of its ends", &sum, &ends)
    }))
}
