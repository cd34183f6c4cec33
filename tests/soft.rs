//! Soft policies: closed forms, differences, a plain fixed point, the limit of temperature zero.

use crate::common::cases;
use crate::common::draw::{Case, Kind, cases_of, reward};
use proptest::prelude::*;
use truenorth::analysis::soft::{LocalConstant, Softened, TradeOff, limit, soften};
use truenorth::base::Code;
use truenorth::io;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Model, Policy, Reachable};
use truenorth::solve::{Options, Sense, Solver, Task};

fn toml(text: &str) -> Model {
    let text = format!("format = \"truenorth-mdp/1\"\n{text}");
    Model::build(io::read_raw_text("test.mdp.toml", &text, io::format_by_id("toml").unwrap()).unwrap()).unwrap()
}

/// Soft policies of the first reward of a model.
fn soft(model: &Model, temperatures: &[f64]) -> Vec<Softened> {
    let mdp = model.mdp();
    let solver = Solver::new(mdp, Options::default()).unwrap();
    of(&solver, &reward(model, 0).expected(mdp), temperatures)
}

fn of(solver: &Solver<'_>, reward: &ExpectedReward, temperatures: &[f64]) -> Vec<Softened> {
    let optimum = solver.optimise(&Task::new(reward, Sense::Max));
    soften(solver, reward, &optimum, temperatures).unwrap()
}

fn local(soft: &Softened) -> (f64, usize, &[f64]) {
    match &soft.lipschitz_local {
        LocalConstant::Value { constant, state, direction } => (constant.value, *state, direction),
        LocalConstant::LeftOut(why) => panic!("{why}"),
    }
}

/// `s0` goes to one of two states that pay 1 for ever.
const TWO_WAYS: &str = r#"
gamma = 0.9
states = ["s0", "s1", "s2"]
actions = ["h", "k"]
mu0 = "s0"
transitions = [["s0", "h", "s1", 1], ["s0", "k", "s2", 1], ["s1", "h", "s1", 1], ["s2", "h", "s2", 1]]
[rewards.r]
s = [0, 1, 1]
"#;

#[test]
fn the_worst_constant_is_attained_where_two_futures_tie() {
    let found = &soft(&toml(TWO_WAYS), &[0.1])[0];
    let (constant, state, direction) = local(found);
    assert!((constant - 100.0).abs() < 1e-9 && state == 0, "{constant}");
    assert!(found.lipschitz_worst.contains(100.0) && found.lipschitz_worst.width() < 1e-10);
    // All of one way up, all of the other down.
    assert_eq!((direction[0], direction[2]), (direction[2], direction[0]));
    assert_eq!((direction[1], direction[3]), (-direction[0], -direction[2]));
    assert!((found.tv_bound(0.001) - 0.05f64.tanh()).abs() < 1e-12);
}

#[test]
fn equal_rewards_attain_the_bias() {
    // One state, three actions, all paying 2: V = (2 + tau log 3) / (1 - gamma).
    let model = toml(
        "gamma = 0.75\nstates = 1\nactions = 3\nmu0 = \"uniform\"\np = [[[1], [1], [1]]]\n[rewards.r]\nsa = [[2, 2, 2]]",
    );
    for found in soft(&model, &[1e-6, 0.5, 40.0]) {
        let tau = found.temperature;
        let truth = (2.0 + tau * 3f64.ln()) / 0.25;
        assert!(found.value_at_start.lo <= truth.next_up() && truth.next_down() <= found.value_at_start.hi);
        assert!(found.value_at_start.width() < 1e-12 * truth);
        assert!(found.policy_return.contains(8.0) && found.loss.lo == 0.0 && found.loss.hi < 1e-12);
        assert!((found.loss_bound.value - tau * 3f64.ln() / 0.25).abs() <= 1e-14 * tau.max(1.0) * 8.0);
    }
}

#[test]
fn no_choice_is_no_bias() {
    // A second action elsewhere does not count where nobody has a choice.
    let model = toml("gamma = 0.5\nstates = 1\nactions = 1\nmu0 = \"uniform\"\np = [[[1]]]\n[rewards.r]\nsa = [[3]]");
    let found = &soft(&model, &[0.3])[0];
    assert_eq!(found.loss_bound.value, 0.0);
    assert!(found.value_at_start.contains(6.0));
}

/// One way leads to a state with two tied actions, the other to a state with one.
const MORE_AHEAD: &str = r#"
gamma = 0.9
states = ["s0", "two", "one", "end"]
actions = ["a", "b"]
mu0 = "s0"
terminal = ["end"]
transitions = [
  ["s0", "a", "two", 1], ["s0", "b", "one", 1],
  ["two", "a", "end", 1], ["two", "b", "end", 1], ["one", "a", "end", 1],
]
[rewards.r]
entries = [["*", "*", "*", 1]]
"#;

#[test]
fn the_limit_favours_what_keeps_choices_open() {
    let model = toml(MORE_AHEAD);
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let r = reward(&model, 0).expected(model.mdp());
    let optimum = solver.optimise(&Task::new(&r, Sense::Max));
    let found = limit(&solver, &optimum);
    let truth = 2f64.powf(0.9) / (1.0 + 2f64.powf(0.9));
    assert!((found.policy.prob(0, 0) - truth).abs() < 1e-14 && (truth - 0.65109).abs() < 1e-5);
    assert!(found.differs_from_uniform.is_yes());
    let cold = &soft(&model, &[1e-3])[0];
    assert!((cold.soft.policy.prob(0, 0) - truth).abs() < 1e-9, "not one half");
    // Two tied actions with nothing behind them are played alike.
    let even = toml(TWO_WAYS);
    let solver = Solver::new(even.mdp(), Options::default()).unwrap();
    let r = reward(&even, 0).expected(even.mdp());
    assert!(limit(&solver, &solver.optimise(&Task::new(&r, Sense::Max))).differs_from_uniform.is_no());
}

#[test]
fn a_promise_names_its_temperature_and_cost() {
    let model = toml(TWO_WAYS);
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let promise = TradeOff::of(&solver, 0.02, 0.1).unwrap();
    assert!((promise.temperature.value - 1.0).abs() < 1e-12);
    assert!((promise.cost.value - 10.0 * 2f64.ln()).abs() < 1e-11);
    // It is kept: the policy of any reward within the error moves by less.
    let r = reward(&model, 0).expected(model.mdp());
    let tau = promise.temperature.value;
    let plain = &of(&solver, &r, &[tau])[0];
    let (_, state, direction) = local(plain);
    let moved = &of(&solver, &r.plus(0.02, &ExpectedReward::exact(direction.to_vec())), &[tau])[0];
    let tv = moves(model.mdp(), &plain.soft.policy, &moved.soft.policy, state) / 2.0;
    assert!(tv <= 0.1 && tv > 0.09, "{tv}");
    assert!(plain.tv_bound(0.02) >= tv);
    for (error, tv) in [(0.0, 0.1), (f64::INFINITY, 0.1), (0.1, 0.0), (0.1, 1.5)] {
        assert_eq!(TradeOff::of(&solver, error, tv).unwrap_err().code, Code::BadNumber);
    }
}

#[test]
fn temperatures_that_cannot_be_meant_are_refused() {
    let model = toml(TWO_WAYS);
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let r = reward(&model, 0).expected(model.mdp());
    let optimum = solver.optimise(&Task::new(&r, Sense::Max));
    for tau in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        assert_eq!(soften(&solver, &r, &optimum, &[tau]).unwrap_err().code, Code::BadNumber);
    }
}

/// `sum_a |x(a|s) - y(a|s)|`.
fn moves(mdp: &Mdp, x: &Policy, y: &Policy, s: usize) -> f64 {
    mdp.rows(s).map(|row| (x.prob(s, row) - y.prob(s, row)).abs()).sum()
}

/// Soft value iteration, as plainly as it can be written.
fn iterated(mdp: &Mdp, r: &[f64], tau: f64) -> Vec<f64> {
    let mut v = vec![0.0; mdp.n_states()];
    for _ in 0..4_000 {
        let next = |s: usize| {
            let q: Vec<f64> = mdp.rows(s).map(|row| r[row] + mdp.gamma() * mdp.backup(row, &v)).collect();
            let best = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            best + tau * q.iter().map(|x| ((x - best) / tau).exp()).sum::<f64>().ln()
        };
        v = (0..v.len()).map(|s| if mdp.is_terminal(s) { 0.0 } else { next(s) }).collect();
    }
    v
}

fn bounds_and_constants_hold(case: &mut Case) -> Result<(), String> {
    let model = case.model();
    let part = Reachable::of(&model);
    let mdp = &*part.mdp;
    let solver = Solver::new(mdp, Options::default()).map_err(|e| e.to_string())?;
    let r = part.reward(&model, reward(&model, 0)).expected(mdp);
    let best = solver.optimise(&Task::new(&r, Sense::Max));
    for tau in [0.01, 0.3] {
        let found = &of(&solver, &r, &[tau])[0];
        let v = iterated(mdp, &r.r, tau);
        let size = 1e-11 * (1.0 + solver.scale(&r));
        for s in 0..v.len() {
            let (lo, hi) = (found.soft.lo[s], found.soft.hi[s]);
            require!(lo <= v[s] + size && v[s] - size <= hi && hi - lo <= 20.0 * size, "{lo} {} {hi} at {s}", v[s]);
            require!(best.lo[s] <= hi && lo <= best.hi[s] + found.loss_bound.value, "bias at {s}");
        }
        require!(found.loss.lo <= found.loss_bound.value, "loss {:?}", found.loss);
        let LocalConstant::Value { constant, state, direction } = &found.lipschitz_local else {
            return Err("left out".into());
        };
        require!(constant.lo <= found.lipschitz_worst.hi, "local above worst");
        // Central differences along the direction attain the constant, and along others they stay below.
        let step = 1e-4 * tau * (1.0 - mdp.gamma());
        let slope = |direction: &[f64], s: usize| {
            let d = ExpectedReward::exact(direction.to_vec());
            let [up, down] = [step, -step].map(|h| of(&solver, &r.plus(h, &d), &[tau]).swap_remove(0).soft.policy);
            moves(mdp, &up, &down, s) / (2.0 * step)
        };
        let along = slope(direction, *state);
        let room = 1e-4 * constant.value + 1e-4;
        require!((along - constant.value).abs() <= room, "slope {along}, constant {constant:?}");
        for _ in 0..6 {
            let signs: Vec<f64> = (0..mdp.n_rows()).map(|_| if case.tape.unit() < 0.5 { -1.0 } else { 1.0 }).collect();
            for s in 0..mdp.n_states() {
                let slope = slope(&signs, s);
                require!(slope <= constant.value + room, "slope {slope} above {constant:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn soft_values_and_constants(mut case in cases_of(Kind {
        max_states: 4,
        max_actions: 3,
        gammas: &[0.0, 0.5, 0.9],
        scales: &[1.0],
        terminals: false,
        ..Kind::ANY
    })) {
        crate::common::lab::hold(bounds_and_constants_hold(&mut case))?;
    }
}
