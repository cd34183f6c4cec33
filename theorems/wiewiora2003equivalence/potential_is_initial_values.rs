//! Shaping by a potential is the same as starting from it.

use crate::prelude::*;

theorem! {
    /// # Shaping by a potential is the same as starting from it
    ///
    /// ## Statement
    ///
    /// Two Q-learners are fed the same experience with the same learning rates. The first is paid $R + \gamma\Phi(s') -
    /// \Phi(s)$ and starts from $Q_0$; the second is paid $R$ and starts from $Q_0 + \Phi$. Then $Q'_t(s,a) = Q_t(s,a) +
    /// \Phi(s)$ at all times, and a policy that depends on differences of values within a state is the same for both.
    ///
    /// ## How it is checked
    ///
    /// Six steps of Q-learning in fractions along a drawn walk; the equality after each step, and the actions a rule
    /// chooses for both learners in every state. An ended state is worth 0 to the first learner and therefore $\Phi$ to
    /// the second.
    ///
    /// ## Known limits
    ///
    /// Tables only: a learner that cannot represent the potential cannot start from it.
    id: "potential-is-initial-values",
    claim: "a learner shaped by a potential behaves as one that starts from the potential",
    paper: "wiewiora2003equivalence", "the equivalence, as restated in the literature on shaping",
    tags: ["shaping", "learning"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// Ended states are worth their potential to the second learner.
        ends_keep_potential: |case| case.x("end") == case.x("phi"), Broken(without_ends_keep_potential);
        /// Both learners learn at the same rates.
        same_rates: |case| case.x("rates") == case.x("others"), Broken(without_same_rates);
        /// The potential stays as it is.
        potential_stays: |case| case.x("phi") == case.x("later"), Broken(without_potential_stays);
        /// The policy depends on differences of values within a state.
        of_advantages: |case| case.chosen("rule") == "greedy", Broken(without_of_advantages);
    }
}

const STEPS: usize = 6;

/// An instance in which what was named may be otherwise than the hypotheses have it.
fn drawn(draw: &mut Draw, broken: &str) -> Case {
    let world = match draw.below("ends", 2) {
        0 if broken != "end" => draw.world(Size::small().states(1, 3)),
        _ => draw.episodic((2, 4), 1, &["1/2", "1", "9/10"], false),
    };
    let walk = draw.walk("walk", &world, STEPS);
    let r = draw.reward_sas("r", &world);
    let start = draw.reward("start", &world);
    let phi = draw.potential("phi", &world);
    let rates: Vec<Q> = (0..STEPS).map(|i| draw.number_of(("rate", i), &["1", "1/2", "1/3", "1/10"])).collect();
    let mut change = |name: &'static str, x: &[Q]| match name == broken {
        true => x.iter().enumerate().map(|(i, x)| x + draw.number((name, i))).collect::<Vec<_>>(),
        false => x.to_vec(),
    };
    let (end, others, later) = (change("end", &phi), change("others", &rates), change("later", &phi));
    Case::new(world)
        .reward_sas("r", r)
        .reward("start", start)
        .indices("walk", &walk)
        .vector("phi", phi)
        .vector("end", end)
        .vector("later", later)
        .vector("rates", rates)
        .vector("others", others)
        .choice("rule", if broken == "rule" { "last action where all values are negative" } else { "greedy" })
}

fn instance(draw: &mut Draw) -> Case {
    drawn(draw, "")
}

fn without_ends_keep_potential(draw: &mut Draw) -> Case {
    drawn(draw, "end")
}

fn without_same_rates(draw: &mut Draw) -> Case {
    drawn(draw, "others")
}

fn without_potential_stays(draw: &mut Draw) -> Case {
    drawn(draw, "later")
}

fn without_of_advantages(draw: &mut Draw) -> Case {
    drawn(draw, "rule")
}

/// The row a learner plays in a state.
fn played(case: &Case, q: &[Q], s: usize) -> usize {
    let rows = case.world.rows(s);
    if case.chosen("rule") != "greedy" && rows.clone().all(|row| q[row] < Q::ZERO) {
        return rows.end - 1;
    }
    rows.clone().fold(rows.start, |best, row| if q[row] > q[best] { row } else { best })
}

/// One step of Q-learning.
fn learn(case: &Case, q: &mut [Q], (row, t): (usize, usize), paid: &Q, ended: &Q, rate: &Q) {
    let world = &case.world;
    let next = match world.terminal[t] {
        true => ended.clone(),
        false => world.rows(t).map(|row| q[row].clone()).max().expect("every state has an action"),
    };
    let error = paid + &world.gamma * next - &q[row];
    q[row] += rate * error;
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, r, phi, walk) = (&case.world, case.sas("r"), case.x("phi"), case.indices_of("walk"));
    let above = |q: &[Q]| (0..world.n_rows()).map(|row| &q[row] + &phi[world.row(row).s]).collect::<Vec<_>>();
    let mut shaped = case.r("start");
    let mut started = above(&shaped);
    for i in 0..STEPS {
        let (row, t) = (walk[i], world.row(walk[i + 1]).s);
        let s = world.row(row).s;
        if world.terminal[s] {
            continue;
        }
        // The potential that is taken away now was given on arrival, one step before.
        let now = if i == 0 { phi } else { case.x("later") };
        let term = &world.gamma * &case.x("later")[t] - &now[s];
        learn(case, &mut shaped, (row, t), &(&r[row][t] + term), &Q::ZERO, &case.x("rates")[i]);
        learn(case, &mut started, (row, t), &r[row][t], &case.x("end")[t], &case.x("others")[i]);
        let ahead = above(&shaped);
        let mut live = (0..world.n_rows()).filter(|&row| !world.terminal[world.row(row).s]);
        if let Some(row) = live.find(|&row| started[row] != ahead[row]) {
            return Finding::equal(&format!("Q of row {row} after step {i}"), &started[row], &ahead[row]);
        }
        if let Some(s) = (0..world.n_states()).find(|&s| played(case, &shaped, s) != played(case, &started, s)) {
            return Finding::Fails(format!("after step {i} the learners act differently in state {s}"));
        }
    }
    Finding::Holds
}
