//! The minimal form has the least Euclidean norm of all rewards that differ by shaping and redistribution.

use crate::prelude::*;

theorem! {
    /// # The minimal form is the least of its class
    ///
    /// ## Statement
    ///
    /// For every finite MDP and every reward $R$, with $w(s,a) = 1/\sum_{s'} P(s'|s,a)^2$ and $b = r + \gamma P\Phi -
    /// \Phi$ of least $\sum w\,b^2$, the reward $c(s,a,s') = w(s,a)\,P(s'|s,a)\,b(s,a)$ differs from $R$ by shaping and
    /// S'-redistribution, and $\sum_{s,a,s'} c^2 \le \sum_{s,a,s'} x^2$ for every other such $x$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, against a drawn member of the class. The library's `minimal` is held against the formula.
    ///
    /// ## Known limits
    ///
    /// Up to four states.
    id: "unweighted-minimal-form-is-the-least-of-its-class",
    claim: "the minimal form has the least Euclidean norm in its class, and belongs to it",
    paper: "skalse2024starc", "definition 4 for the Euclidean norm; the formula is derived here",
    tags: ["canonical", "minimal"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [two_arms],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: Case::shapes_by_its_discount, Broken(without_same_discount);
        /// The redistribution has mean 0 over the next state.
        redistribution: Case::redistributes, Broken(without_redistribution);
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

/// A reward that is nothing but shaping of another discount, and so is taken to 0 by it.
fn without_same_discount(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    let phi = draw.potential("phi", &world);
    let discount = draw.number_of("discount of shaping", &["1", "1/2", "0"]);
    let r = table_scaled(&-Q::ONE, &world.discounted(discount.clone()).shaping(&phi));
    let d = world.nothing();
    Case::new(world).reward_sas("r", r).reward_sas("d", d).vector("phi", phi).number("discount of shaping", discount)
}

fn without_redistribution(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 2));
    draw.class_of_other_mean(world)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let form = world.form("minimal", &world.uniform(), &case.sas("r"));
    let other = case.classmate().concat();
    let squares = |x: &[Q]| dot(x, x);
    let bound = strength.constant(Q::ONE) * squares(&other);
    Finding::at_most("squares of the form", &squares(&form.concat()), &bound)
        .and(Finding::all_equal("class", &world.project(&world.expected(&form)), &world.project(&r)))
        .and(Lab::of(case).form_agrees("minimal", "r"))
}
