//! What a policy earns more than the reference policy is its occupancy times the levelled reward.

use crate::prelude::*;

theorem! {
    /// # Differences of returns are occupancy times the levelled reward
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and all policies $\pi$, $\pi'$: $J_R(\pi') - J_R(\pi) = \langle
    /// \eta^{\pi'}, A^\pi_R \rangle$, with $\eta^{\pi'}(s,a)$ the discounted occupancy of $\pi'$ from the start and
    /// $A^\pi_R$ the form that value-adjusted levelling by $\pi$ gives $R$.
    ///
    /// ## How it is checked
    ///
    /// In fractions for two drawn policies. Then the library's occupancy times the library's `val` encloses the
    /// difference of returns against the uniform policy.
    ///
    /// ## Known limits
    ///
    /// Up to four states; no terminal states.
    id: "return-differences-are-occupancy-times-val",
    claim: "a policy's gain over the reference policy is its occupancy times the levelled reward",
    paper: "skalse2024starc", "derived here: the performance difference identity for value-adjusted levelling",
    tags: ["canonical", "val", "occupancy"],
    kind: Bounds, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The occupancy is that of the policy which is compared with the reference.
        visits_of_the_new: visits_of_the_new, Broken(without_visits_of_the_new);
    }
}

fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let (r, pi, new) = (draw.reward("r", &world), draw.policy("pi", &world), draw.policy("new", &world));
    Case::new(world).reward("r", r).policy("pi", pi).policy("new", new)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let new = case.pi("new").to_vec();
    case.policy("visiting", new)
}

fn visits_of_the_new(case: &Case) -> bool {
    case.pi("visiting") == case.pi("new")
}

/// The occupancy of the reference policy: what importance weights of old data stand for.
fn without_visits_of_the_new(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let old = case.pi("pi").to_vec();
    case.policy("visiting", old)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, new) = (&case.world, case.r("r"), case.pi("new"));
    let gain = world.j(new, &r) - world.j(case.pi("pi"), &r);
    let felt = dot(&world.occupancy(case.pi("visiting")), &world.advantage(case.pi("pi"), &r));
    let lab = Lab::of(case);
    // Its bounds count that the library reads the policy in doubles.
    let (occupancy, _) = lab.occupancy(new);
    let form = lab.canonical("val", "r");
    let zero = Interval::point(0.0);
    let library = occupancy.iter().zip(&form).fold(zero, |sum, (visits, form)| sum + *visits * form[0]);
    let uniform = lab.world().uniform();
    let exact = lab.world().j(new, &lab.r("r")) - lab.world().j(&uniform, &lab.r("r"));
    Finding::equal("gain and occupancy times advantage", &gain, &felt)
        .and(Finding::equal("library's occupancy times val and gain over uniform", &library, &real(&exact)))
}
