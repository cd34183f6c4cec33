//! Advantage vectors of unplayed pairs have norm at least 2.

use crate::prelude::*;

theorem! {
    /// # Advantage vectors of unplayed pairs have norm at least 2
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$, every deterministic policy $\pi$ and every pair with $a \ne \pi(s)$,
    /// $\|c_{sa}\|_1 \ge 2$. Equality where transitions do not depend on the action.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for all unplayed pairs of a drawn policy. A played pair has the vector 0.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "advantage-vectors-are-at-least-two",
    claim: "changing a reward by e moves some advantage of an unplayed action by at least 2 e",
    paper: "ng2000irl", "derived here for their cone of rewards",
    tags: ["stability", "radius"],
    kind: Exact, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_loops],
    hypotheses: {
        /// The pair is not one of the policy.
        unplayed: unplayed, Broken(without_unplayed);
    }
}

fn drawn(draw: &mut Draw, pairs: &'static str) -> Case {
    let world = draw.world(Size::small());
    let choice = draw.choice("pi", &world);
    let pi = world.pure(&choice);
    Case::new(world).policy("pi", pi).choice("pairs", pairs)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "unplayed")
}

fn two_loops() -> Case {
    let world = World::two_loops("9/10");
    let pi = world.playing(&[("s", "y")]);
    Case::new(world).policy("pi", pi).choice("pairs", "unplayed")
}

fn unplayed(case: &Case) -> bool {
    case.chosen("pairs") == "unplayed"
}

fn without_unplayed(draw: &mut Draw) -> Case {
    drawn(draw, "played")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, pi) = (&case.world, case.pi("pi"));
    let of_kind = (0..world.n_rows()).filter(|&row| pi[row].is_zero() == (case.chosen("pairs") == "unplayed"));
    let least = Q::from(2u8) / strength.constant(Q::ONE);
    Finding::all(of_kind.map(|row| Finding::at_most("2 and the norm", &least, &l1(&world.advantage_vector(pi, row)))))
}
