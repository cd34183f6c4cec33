//! The return range is at least the largest advantage times the discount until its state is first seen.

use crate::prelude::*;

theorem! {
    /// # The return range is at least the largest advantage, discounted to its first chance
    ///
    /// ## Statement
    ///
    /// For every finite MDP, every reward $R$ and all policies $\pi$, $\pi'$, with $h = \min_s \mathbb{E}_{\pi'}
    /// \gamma^{\text{first visit of } s}$ and $c(R)$ the form of value-adjusted levelling by $\pi$, $h\,\max|c(R)| \le
    /// \rho(R)$. The constant 1 cannot be made larger: a policy that never plays the better of two arms. The policy
    /// that visits may be another than the one that levels: play it until the state is seen, then $\pi$ with or without
    /// the action of the largest advantage.
    ///
    /// ## How it is checked
    ///
    /// In fractions for two drawn policies. The library's `val` and return range are held against the formulas.
    ///
    /// ## Known limits
    ///
    /// Up to four states. With an unreachable state $h = 0$ and the bound is empty, but true.
    id: "return-range-is-at-least-h-times-val",
    claim: "the return range is at least the largest advantage, discounted to the first visit",
    paper: "skalse2024starc", "derived here: the constant of value-adjusted levelling in the maximum norm",
    tags: ["val", "returns"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [neglected_arm],
    hypotheses: {
        /// The norm is the largest entry.
        maximum_norm: maximum_norm, Broken(without_maximum_norm);
    }
}

fn drawn(draw: &mut Draw, size: Size) -> Case {
    let world = draw.world(size);
    let (r, pi, visiting) = (draw.reward("r", &world), draw.policy("pi", &world), draw.mixed_policy("visiting", &world));
    Case::new(world).reward("r", r).policy("pi", pi).policy("visiting", visiting)
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, Size::small()).choice("norm", "maximum")
}

fn neglected_arm() -> Case {
    let world = World::bandit(&["played", "better"]);
    let (r, pi) = (["0", "1"].map(number).to_vec(), ["1", "0"].map(number).to_vec());
    Case::new(world).reward("r", r).policy("pi", pi.clone()).policy("visiting", pi).choice("norm", "maximum")
}

fn maximum_norm(case: &Case) -> bool {
    case.chosen("norm") == "maximum"
}

fn without_maximum_norm(draw: &mut Draw) -> Case {
    // Every state is started in, its three actions add up, and later states add little to the range.
    drawn(draw, Size::small().states(1, 2).actions(3, 3).gammas(&["0", "3/10"]).whole()).choice("norm", "sum")
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let (world, r) = (&case.world, case.r("r"));
    let form = world.advantage(case.pi("pi"), &r);
    let size = if case.chosen("norm") == "sum" { l1(&form) } else { max_abs(&form) };
    let h = world.first_visits(case.pi("visiting")).into_iter().min().unwrap_or(Q::ZERO);
    let lab = Lab::of(case);
    Finding::at_most("h times the form and the range", &(h * size), &(strength.constant(Q::ONE) * world.range(&r)))
        .and(lab.range_agrees("r"))
        .and(lab.form_agrees("val", "r"))
}
