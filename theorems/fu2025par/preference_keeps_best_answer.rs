//! Preference as reward keeps the best answer of a prompt.

use crate::prelude::*;

theorem! {
    /// # Preference as reward keeps the best answer of a prompt
    ///
    /// ## Statement
    ///
    /// For all rewards of the answers to a prompt and all reference rewards $c_1, \dots, c_M$, the reward $\frac1M\sum_m
    /// \sigma(r - c_m)$ lies in $(0,1)$ and orders the answers as $r$ does. So the best answers, and the best of any $n$, stay.
    ///
    /// ## How it is checked
    ///
    /// On intervals rounded outwards, for all pairs of drawn answers.
    ///
    /// ## Known limits
    ///
    /// Answers one by one; see the theorem on mixtures for what is not kept.
    id: "preference-keeps-best-answer",
    claim: "the mean preference over references orders the answers to a prompt as the reward does",
    paper: "fu2025par", "preference as reward; monotonicity derived here",
    tags: ["hacking", "preference"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// All answers are compared with the same references.
        same_references: same_references, Broken(without_same_references);
    }
}

const ANSWERS: usize = 4;
const REFERENCES: usize = 2;

/// References of all answers one after the other.
fn drawn(draw: &mut Draw, same: bool) -> Case {
    let world = World::bandit(&["a", "b", "c", "d"]);
    let r = draw.reward("r", &world);
    let reference = |i: usize| draw.number(("reference", if same { i % REFERENCES } else { i }));
    let references = (0..ANSWERS * REFERENCES).map(reference).collect();
    Case::new(world).reward("r", r).vector("references", references)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, true)
}

fn same_references(case: &Case) -> bool {
    case.x("references").chunks(REFERENCES).all(|list| *list == case.x("references")[..REFERENCES])
}

fn without_same_references(draw: &mut Draw) -> Case {
    drawn(draw, false)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let r = case.r("r");
    let preferred: Vec<Interval> =
        r.iter().zip(case.x("references").chunks(REFERENCES)).map(|(r, list)| preference(r, list)).collect();
    let pairs = (0..ANSWERS).flat_map(|i| (0..ANSWERS).map(move |j| (i, j))).filter(|&(i, j)| r[i] < r[j]);
    let inside = preferred.iter().map(|p| {
        Finding::less("0 and preference", &Interval::point(0.0), p).and(Finding::less("preference and 1", p, &Interval::point(1.0)))
    });
    Finding::all(inside)
        .and(Finding::all(pairs.map(|(i, j)| Finding::less("preference of the lesser answer", &preferred[i], &preferred[j]))))
}
