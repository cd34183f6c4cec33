//! The least reward under all shaping, in the P-weighted norm, is the projection off all shaping.

use crate::prelude::*;

theorem! {
    /// # The weighted minimal form is the projection
    ///
    /// ## Statement
    ///
    /// For every finite MDP and every reward with expectation $r(s,a)$, the element of least $\sum_{s,a,s'} P(s'|s,a)
    /// x(s,a,s')^2$ among all that differ from it by shaping and S'-redistribution is $M r$, constant in $s'$, with $M$
    /// the projection orthogonal to all $\gamma P\Phi - \Phi$. In particular $\sum (M r)^2 \le \sum (r + \gamma P\Phi -
    /// \Phi)^2$ for every $\Phi$.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the inequality for a drawn potential, orthogonality to the shaping of every state, and that the
    /// form differs from the reward by shaping. The library's `minimal-weighted` is held against the projection.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "weighted-minimal-form-is-the-projection",
    claim: "the least reward of a class in the P-weighted norm is the projection off all shaping",
    paper: "skalse2024starc", "definition 4 for the P-weighted Euclidean norm; the formula is derived here",
    tags: ["canonical", "minimal", "projection"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: Case::shapes_by_its_discount, Broken(without_same_discount);
    }
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    draw.class(world)
}

/// Arms that are minimal already.
fn two_arms() -> Case {
    let world = World::bandit(&["a", "b"]);
    let (r, d) = (["1", "-1"].map(number).to_vec(), world.nothing());
    Case::new(world)
        .reward("r", r)
        .reward_sas("d", d)
        .vector("phi", vec![Q::ZERO])
        .number("discount of shaping", Q::ZERO)
}

/// A reward that the wrong shaping cancels but for a part.
fn without_same_discount(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3));
    let mut case = draw.class_of_other_discount(world);
    let shaping = case.world.discounted(case.n("discount of shaping").clone()).shaping(case.x("phi"));
    let rest = draw.number_of("rest", &["0", "1/10"]);
    let r = table_scaled(&-Q::ONE, &shaping);
    let r = table(&r, &rest, &case.sas("r"));
    case.rewards.retain(|(name, _)| *name != "r");
    case.reward_sas("r", r)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let (least, other) = (world.project(&r), world.expected(&case.classmate()));
    let removed = minus(&r, &least);
    let orthogonal = (0..world.n_states()).map(|s| {
        let mut unit = vec![Q::ZERO; world.n_states()];
        unit[s] = Q::ONE;
        Finding::equal("form times shaping", &dot(&least, &world.drift(&unit)), &Q::ZERO)
    });
    let in_class = world.drift(&world.nearest_potential(&removed, &vec![Q::ONE; removed.len()]));
    let bound = dot(&other, &other);
    Finding::at_most("squares of the form", &dot(&least, &least), &(strength.constant(Q::ONE) * bound))
        .and(Finding::all(orthogonal))
        .and(Finding::all_equal("what was removed and a shaping", &removed, &in_class))
        .and(Lab::of(case).form_agrees("minimal-weighted", "r"))
}
