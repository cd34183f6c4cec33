//! Shaping, S'-redistribution and positive scaling keep the order of all policies.

use crate::prelude::*;

theorem! {
    /// # Shaping, redistribution and positive scaling keep the order of all policies
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$, potential $\Phi$, $c > 0$ and every $D(s,a,s')$ with $\sum_{s'}
    /// P(s'|s,a) D(s,a,s') = 0$, the reward $R' = c\,(R + \gamma\Phi(s') - \Phi(s) + D)$ has $J_{R'}(\pi) =
    /// c\,(J_R(\pi) - \mathbb{E}_{\mu_0}\Phi)$ for every policy, so it orders all policies as $R$ does.
    ///
    /// ## How it is checked
    ///
    /// In fractions: the returns of every deterministic and of a drawn stochastic policy, and the order of all
    /// stochastic policies from the convex hull of the returns.
    ///
    /// ## Known limits
    ///
    /// Stationary policies on up to four states.
    id: "shaping-redistribution-and-scale-keep-order",
    claim: "shaping, redistribution over next states and positive scaling keep the order of all policies",
    paper: "skalse2023misspecification", "the order theorem, sufficiency, as restated by the STARC paper",
    tags: ["shaping", "order"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [loop_or_leave],
    hypotheses: {
        /// The shaping term uses the discount of the MDP.
        same_discount: Case::shapes_by_its_discount, Broken(without_same_discount);
        /// The redistribution has mean 0 over the next state.
        redistribution: Case::redistributes, Broken(without_redistribution);
        /// The scale is positive.
        positive_scale: positive_scale, Broken(without_positive_scale);
    }
}

fn scaled_up(draw: &mut Draw, case: Case) -> Case {
    let pi = draw.policy("pi", &case.world);
    case.policy("pi", pi).number("scale", draw.positive("scale"))
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class(world);
    scaled_up(draw, case)
}

/// Two states that can be circled for ever; one pays on arrival what the other pays on leaving.
fn loop_or_leave() -> Case {
    let world = World::moves("1/2", &[("a", "go", "b"), ("a", "stay", "a"), ("b", "go", "a"), ("b", "stay", "b")]);
    let r = world.over_rows(&[("a", "stay", "1"), ("b", "go", "2")]);
    let mut d = vec![vec![Q::ZERO; 2]; 4];
    d[0][0] = number("7");
    let phi = world.over_states(&[("a", "3"), ("b", "-1")]);
    let pi = world.uniform();
    Case::new(world)
        .reward("r", r)
        .reward_sas("d", d)
        .vector("phi", phi)
        .policy("pi", pi)
        .number("discount of shaping", number("1/2"))
        .number("scale", number("3"))
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class_of_other_discount(world);
    scaled_up(draw, case)
}

fn without_redistribution(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class_of_other_mean(world);
    scaled_up(draw, case)
}

fn positive_scale(case: &Case) -> bool {
    *case.n("scale") > Q::ZERO
}

fn without_positive_scale(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let case = draw.class(world);
    let pi = draw.policy("pi", &case.world);
    case.policy("pi", pi).number("scale", draw.number_of("negative scale", &["0", "-1", "-2"]))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, c, r) = (&case.world, case.n("scale"), case.r("r"));
    let other = scaled(c, &world.expected(&case.classmate()));
    let shift = dot(&world.mu0, case.x("phi"));
    let policies = world.policies().into_iter().chain([case.pi("pi").to_vec()]);
    let returns = policies.map(|pi| {
        Finding::equal("J' and c (J - E Phi)", &world.j(&pi, &other), &(c * (world.j(&pi, &r) - &shift)))
    });
    Finding::all(returns)
        .and(Finding::is(world.same_order(&r, &other), || "some policies change their order".into()))
}
