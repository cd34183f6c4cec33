//! A potential that changes with time telescopes if what is given on arrival is taken on departure.

use crate::prelude::*;

theorem! {
    /// # A potential that changes with time telescopes
    ///
    /// ## Statement
    ///
    /// For every sequence of potentials $\Phi_t$ and every walk, with $F_t = \gamma\Phi_{t+1}(s_{t+1}) - \Phi_t(s_t)$ the
    /// shaped return of the first $N$ steps is the original plus $\gamma^N\Phi_N(s_N) - \Phi_0(s_0)$.
    ///
    /// ## How it is checked
    ///
    /// In fractions along a drawn walk of up to six steps, with a drawn table of potentials for each time. The tables read on
    /// arrival are listed apart from those read on departure.
    ///
    /// ## Known limits
    ///
    /// Single walks; no games of several agents.
    id: "dynamic-potentials-telescope",
    claim: "shaping by a potential that changes with time adds only the ends of a walk",
    paper: "devlin2012dynamic", "dynamic shaping, as restated in the literature on shaping",
    tags: ["shaping", "dynamic"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The potential given on arrival is the one taken on departure.
        arrival_is_departure: arrival_is_departure, Broken(without_arrival_is_departure);
        /// The term is paid on every transition.
        paid_everywhere: |case| case.x("paid").iter().all(|paid| *paid == Q::ONE), Broken(without_paid_everywhere);
        /// The term is discounted as the return is.
        same_discount: |case| *case.n("discount of shaping") == case.world.gamma, Broken(without_same_discount);
    }
}

const STEPS: usize = 6;

/// Tables of all times one after the other: entry `t S + s` is the potential of state `s` at time `t`.
fn drawn(draw: &mut Draw) -> Case {
    let world = draw.world(Size::small());
    let n = world.n_states();
    let steps = draw.between("steps", 1, STEPS);
    let walk = draw.walk("walk", &world, steps);
    let r = draw.reward("r", &world);
    let tables = draw.numbers("table", (steps + 1) * n);
    Case::new(world).reward("r", r).indices("walk", &walk).vector("departure", tables)
}

fn finished(case: Case, arrival: Vec<Q>, paid: Option<Vec<Q>>, discount: Option<Q>) -> Case {
    let gamma = discount.unwrap_or_else(|| case.world.gamma.clone());
    let steps = case.x("walk").len() - 1;
    let paid = paid.unwrap_or_else(|| vec![Q::ONE; steps]);
    case.vector("arrival", arrival).vector("paid", paid).number("discount of shaping", gamma)
}

fn instance(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let arrival = case.x("departure").to_vec();
    finished(case, arrival, None, None)
}

fn arrival_is_departure(case: &Case) -> bool {
    let n = case.world.n_states();
    case.x("arrival")[n..] == case.x("departure")[n..]
}

/// Both terms are read from the table of the time of departure.
fn without_arrival_is_departure(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let (n, tables) = (case.world.n_states(), case.x("departure"));
    let arrival = [&tables[..n], &tables[..tables.len() - n]].concat();
    finished(case, arrival, None, None)
}

fn without_paid_everywhere(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let arrival = case.x("departure").to_vec();
    let paid = (1..case.x("walk").len()).map(|t| draw.number_of(("paid", t), &["1", "0"])).collect();
    finished(case, arrival, Some(paid), None)
}

fn without_same_discount(draw: &mut Draw) -> Case {
    let case = drawn(draw);
    let arrival = case.x("departure").to_vec();
    let other = draw.number_of("other", &["1", "1/3"]);
    finished(case, arrival, None, Some(other))
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, walk) = (&case.world, case.r("r"), case.indices_of("walk"));
    let (n, last) = (world.n_states(), walk.len() - 1);
    let s = |t: usize| world.row(walk[t]).s;
    let departure = |t: usize| &case.x("departure")[t * n + s(t)];
    let term = |t: usize| {
        (case.n("discount of shaping") * &case.x("arrival")[(t + 1) * n + s(t + 1)] - departure(t)) * &case.x("paid")[t]
    };
    let plain: Vec<Q> = (0..last).map(|t| r[walk[t]].clone()).collect();
    let shaped: Vec<Q> = (0..last).map(|t| &plain[t] + term(t)).collect();
    let ends = power(&world.gamma, last) * departure(last) - departure(0);
    let (plain, shaped) = (discounted_sum(&world.gamma, &plain), discounted_sum(&world.gamma, &shaped));
    Finding::equal("shaped return", &shaped, &(plain + ends))
}
