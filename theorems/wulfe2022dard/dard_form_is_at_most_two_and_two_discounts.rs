//! DARD's form is at most 2 + 2 gamma times as large as the reward.

use crate::prelude::*;

theorem! {
    /// # DARD's form is at most $2 + 2\gamma$ times the reward
    ///
    /// ## Statement
    ///
    /// For every finite MDP in which every state offers every action and every reward with $|R| \le b$ on all
    /// transitions, possible or not, $|C_{DARD}(R)| \le (2 + 2\gamma)\,b$. The constant cannot be made smaller.
    ///
    /// ## How it is checked
    ///
    /// In fractions. The library's `dard` is held against the formula.
    ///
    /// ## Known limits
    ///
    /// Up to three states.
    id: "dard-form-is-at-most-two-and-two-discounts",
    claim: "DARD's form is at most 2 + 2 gamma times as large as the reward",
    paper: "wulfe2022dard", "derived here from the formula",
    tags: ["canonical", "dard"],
    kind: Bounds, expected: Held, sharp: true,
    instance: instance, predicate: predicate,
    by_hand: [all_terms_agree],
    hypotheses: {
        /// The bound holds on impossible transitions too.
        bounded_everywhere: bounded_everywhere, Broken(without_bound_everywhere);
    }
}

fn bounded(case: Case, b: Q) -> Case {
    case.number("b", b)
}

fn instance(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(1, 3));
    let r = draw.reward_sas("r", &world);
    let b = max_abs(&r.concat());
    bounded(Case::new(world).reward_sas("r", r), b)
}

/// All four terms of the form have their largest size and the same sign on the way from `s` to `t`.
fn all_terms_agree() -> Case {
    let world = World::moves("1/2", &[("s", "go", "s"), ("t", "go", "v"), ("v", "go", "v")]);
    let r = [["-1", "1", "-1"], ["0", "0", "1"], ["0", "0", "0"]];
    let r = r.map(|row| row.map(number).to_vec()).to_vec();
    bounded(Case::new(world).reward_sas("r", r), Q::ONE)
}

fn bounded_everywhere(case: &Case) -> bool {
    max_abs(&case.sas("r").concat()) <= *case.n("b")
}

/// The bound is that of the transitions which can happen, and others pay ten times as much.
fn without_bound_everywhere(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).certain());
    let mut r = draw.reward_sas("r", &world);
    for (r, row) in r.iter_mut().zip(world.all_rows()) {
        let impossible = r.iter_mut().zip(&row.p).filter(|(_, p)| p.is_zero());
        impossible.for_each(|(r, _)| *r *= Q::from(10u8));
    }
    let possible = |row: usize| r[row].iter().zip(&world.row(row).p).filter(|(_, p)| !p.is_zero()).map(|(r, _)| abs(r));
    let b = (0..world.n_rows()).flat_map(possible).max().unwrap_or(Q::ZERO);
    bounded(Case::new(world).reward_sas("r", r), b)
}

fn predicate(case: &Case, strength: Strength) -> Finding {
    let world = &case.world;
    let form = world.form("dard", &world.uniform(), &case.sas("r")).concat();
    let bound = strength.constant(Q::from(2u8) * (Q::ONE + &world.gamma)) * case.n("b");
    Finding::at_most("largest entry and bound", &max_abs(&form), &bound).and(Lab::of(case).form_agrees("dard", "r"))
}
