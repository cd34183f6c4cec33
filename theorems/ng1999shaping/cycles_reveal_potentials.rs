//! On certain transitions a term is a potential's exactly if its cycles agree.

use crate::prelude::*;

theorem! {
    /// # On certain transitions a term is a potential's exactly if its cycles agree
    ///
    /// ## Statement
    ///
    /// For every deterministic, strongly connected MDP and every $F(s,a)$: there is a $\Phi$ with $F(s,a) =
    /// \gamma\Phi(s') - \Phi(s)$ for all moves if and only if, for every state, all closed walks $s_0, \dots, s_n = s_0$
    /// through it give the same $\Phi(s_0) = \sum_i \gamma^i F_i / (\gamma^n - 1)$.
    ///
    /// ## How it is checked
    ///
    /// Closed walks of up to $|S|$ moves, which are enough, are listed; whether a potential exists is decided by least
    /// squares, in fractions.
    ///
    /// ## Known limits
    ///
    /// Discounts below 1, up to four states. With discount 1 the test is that all cycles sum to 0.
    id: "cycles-reveal-potentials",
    claim: "a term on certain moves is a potential's exactly if all cycles through a state name one potential",
    paper: "ng1999shaping", "cycle test, derived here",
    tags: ["shaping", "deterministic"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Every state leads to every other.
        strongly_connected: strongly_connected, Broken(without_strongly_connected);
        /// Walks are discounted as the term is.
        same_discount: |case| *case.n("discount of walks") == case.world.gamma, Broken(without_same_discount);
    }
}

fn term(draw: &mut Draw, world: World, discount: Option<Q>) -> Case {
    let phi = draw.potential("phi", &world);
    let mut f = world.drift(&phi);
    if draw.below("changed", 2) == 1 {
        f[draw.below("row", world.n_rows())] += draw.nonzero("change");
    }
    let gamma = discount.unwrap_or_else(|| world.gamma.clone());
    Case::new(world).reward("f", f).number("discount of walks", gamma)
}

/// First actions go round.
fn round(draw: &mut Draw) -> World {
    let world = draw.world(Size::small().certain().gammas(&["1/2", "9/10", "3/10", "2/3"]));
    let n = world.n_states();
    let turned = |row: &Row| match row.a {
        0 => (0..n).map(|t| Q::from(u8::from(t == (row.s + 1) % n))).collect(),
        _ => row.p.clone(),
    };
    world.moving(world.all_rows().iter().map(turned).collect())
}

fn instance(draw: &mut Draw) -> Case {
    let world = round(draw);
    term(draw, world, None)
}

fn next_state(world: &World, row: usize) -> usize {
    world.row(row).p.iter().position(|p| *p == Q::ONE).expect("transitions are certain")
}

fn strongly_connected(case: &Case) -> bool {
    let n = case.world.n_states();
    (0..n).all(|s| {
        let only = (0..n).map(|t| Q::from(u8::from(t == s))).collect();
        case.world.clone().starting(only).is_whole()
    })
}

fn without_strongly_connected(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small().states(2, 3).certain().gammas(&["1/2", "9/10", "3/10"]));
    term(draw, world, None)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let world = round(draw);
    let other = draw.number_of("other", &["1/4", "3/4"]);
    term(draw, world, Some(other))
}

/// Discounted sums and lengths of all closed walks through a state.
fn closed_walks(world: &World, f: &[Q], gamma: &Q, s: usize) -> Vec<(Q, usize)> {
    let mut closed = Vec::new();
    let mut open = vec![(s, Q::ZERO)];
    for n in 1..=world.n_states() {
        let far = power(gamma, n - 1);
        open = open
            .iter()
            .flat_map(|(t, sum)| world.rows(*t).map(|row| (next_state(world, row), sum + &far * &f[row])).collect::<Vec<_>>())
            .collect();
        closed.extend(open.iter().filter(|(t, _)| *t == s).map(|(_, sum)| (sum.clone(), n)));
    }
    closed
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, f, gamma) = (&case.world, case.r("f"), case.n("discount of walks"));
    let is_potential = world.project(&f).iter().all(Q::is_zero);
    let agrees = |s: usize| {
        let named = closed_walks(world, &f, gamma, s).into_iter().map(|(sum, n)| sum / (power(gamma, n) - Q::ONE));
        let named: Vec<Q> = named.collect();
        named.windows(2).all(|w| w[0] == w[1])
    };
    let agree = (0..world.n_states()).all(agrees);
    Finding::is(agree == is_potential, || match agree {
        true => "cycles agree and there is no potential".into(),
        false => "cycles disagree and there is a potential".into(),
    })
}
