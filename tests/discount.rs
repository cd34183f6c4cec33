//! Discounts at which the optimal policy changes: closed forms, a dense grid, and fractions.

use crate::common::cases;
use crate::common::draw::{Case, Kind, cases_of, reward};
use crate::common::exact::{Exact, Q, q};
use proptest::prelude::*;
use truenorth::analysis::discount::{Ladder, Method, ladder};
use truenorth::base::Grade;
use truenorth::io::{self, gallery};
use truenorth::model::{Model, Reachable};
use truenorth::solve::Options;

fn model(name: &str) -> Model {
    Model::build(gallery::read(name).unwrap()).unwrap()
}

fn toml(text: &str) -> Model {
    let text = format!("format = \"truenorth-mdp/1\"\n{text}");
    Model::build(io::read_raw_text("test.mdp.toml", &text, io::format_by_id("toml").unwrap()).unwrap()).unwrap()
}

fn of(model: &Model, reward: &str, range: (f64, f64)) -> Ladder {
    let reward = &model.rewards().iter().find(|(name, _)| name == reward).unwrap().1;
    let part = Reachable::of(model);
    ladder(&part.mdp, &part.reward(model, reward), None, range, Options::default()).unwrap()
}

/// In `s0`, `quit` ends at once and pays `now`; `go` pays the three rewards on its way: its advantage is
/// `later[0] - now + g later[1] + g^2 later[2]`.
fn parabola(now: f64, later: [f64; 3]) -> Model {
    let [x, y, z] = later;
    toml(&format!(
        r#"
gamma = 0.5
states = ["s0", "s1", "s2", "end"]
actions = ["quit", "go"]
mu0 = "s0"
terminal = ["end"]
transitions = [["s0", "quit", "end", 1], ["s0", "go", "s1", 1], ["s1", "go", "s2", 1], ["s2", "go", "end", 1]]
[rewards.r]
entries = [["s0", "quit", "end", {now:?}], ["s0", "go", "s1", {x:?}], ["s1", "go", "s2", {y:?}], ["s2", "go", "end", {z:?}]]
"#
    ))
}

#[test]
fn the_loop_gives_way_to_the_cycle_at_the_golden_discount() {
    let found = of(&model("e6-discount-cliff"), "reward", (0.0, 1.0));
    assert_eq!(found.method, Method::Pencil);
    assert!(found.is_complete);
    assert_eq!(found.switches.len(), 1);
    let gamma = found.switches[0].gamma;
    // The root of g^2 - 3 g + 1 lies between the bounds: the sign changes there in fractions.
    let sign = |x: f64| q(x) * q(x) - q(3.0) * q(x) + q(1.0);
    assert!(sign(gamma.lo) > q(0.0) && sign(gamma.hi) < q(0.0));
    assert!(gamma.hi <= gamma.lo.next_up() && (gamma.value - 0.381966).abs() < 1e-6);
    let blackwell = found.blackwell.unwrap();
    assert_eq!((blackwell.gamma, blackwell.certified_to), (gamma, 1.0));
    let radius = found.radius.unwrap();
    assert!((radius.radius.value - (0.4 - gamma.value)).abs() < 1e-15 && radius.above.is_none());
}

#[test]
fn the_far_end_of_the_corridor_wins_from_nine_tenths_on() {
    let found = of(&model("chain-discount"), "both", (0.5, 1.0));
    // 0.6561 is a double next to (9/10)^4, so the switch of the start is next to 9/10.
    let at = |state: usize| found.switches.iter().find(|x| x.state == state).unwrap().gamma;
    let near = |state: usize, truth: f64| assert!((at(state).value - truth).abs() < 1e-15, "{state}: {:?}", at(state));
    near(2, 0.9);
    near(3, 0.6561f64.sqrt());
    near(1, 0.6561f64.powf(1.0 / 6.0));
    assert_eq!(found.blackwell.as_ref().unwrap().gamma, at(1));
}

#[test]
fn a_rational_switch_is_found_exactly() {
    // 15 now against 16 a step later: worth the wait from 15/16 on.
    let found = of(&parabola(15.0, [0.0, 16.0, 0.0]), "r", (0.0, 1.0));
    assert_eq!(found.switches.len(), 1);
    let gamma = found.switches[0].gamma;
    assert_eq!((gamma.lo, gamma.hi, gamma.grade), (0.9375, 0.9375, Grade::Exact));
    // The switch is outside a range that ends there.
    assert!(of(&parabola(15.0, [0.0, 16.0, 0.0]), "r", (0.0, 0.9375)).switches.is_empty());
    let above = of(&parabola(15.0, [0.0, 16.0, 0.0]), "r", (0.9375, 1.0));
    assert!(above.switches.is_empty() && above.rungs.len() == 1);
    assert_eq!(above.rungs[0].policy, found.rungs[1].policy);
}

#[test]
fn a_policy_may_be_optimal_on_two_stretches() {
    // -16 (g - 1/4)(g - 3/4): to go is best between.
    let found = of(&parabola(0.0, [-3.0, 16.0, -16.0]), "r", (0.0, 1.0));
    let places: Vec<f64> = found.switches.iter().map(|x| x.gamma.value).collect();
    assert_eq!(places, [0.25, 0.75]);
    assert_eq!(found.rungs[0].policy, found.rungs[2].policy);
    assert_ne!(found.rungs[0].policy, found.rungs[1].policy);
    assert_eq!(found.blackwell.unwrap().gamma.value, 0.75);
    let radius = found.radius.unwrap();
    assert_eq!((radius.below.unwrap().value, radius.above.unwrap().value, radius.radius.value), (0.25, 0.75, 0.25));
}

#[test]
fn close_switches_do_not_hide_from_each_other() {
    // -(g - 1/2)(g - 1/2 - d) with d = 2^-20, scaled by 2^21.
    let found = of(&parabola(0.0, [-524_289.0, 2_097_154.0, -2_097_152.0]), "r", (0.0, 1.0));
    let d = 2f64.powi(-20);
    let places: Vec<f64> = found.switches.iter().map(|x| x.gamma.value).collect();
    assert_eq!(places, [0.5, 0.5 + d]);
    // A thousand discounts in a row show nothing of the stretch between.
    let hit = (1..1000).map(|k| f64::from(k) / 1000.0).filter(|g| (0.5..=0.5 + d).contains(g)).count();
    assert_eq!(hit, 1, "the first switch itself, where both tie");
}

#[test]
fn a_touch_is_no_switch() {
    // -4 (g - 1/2)^2.
    let found = of(&parabola(0.0, [-1.0, 4.0, -4.0]), "r", (0.0, 1.0));
    assert!(found.switches.is_empty() && found.rungs.len() == 1);
    assert_eq!(found.touches.len(), 1);
    assert_eq!((found.touches[0].gamma.value, found.touches[0].gamma.grade), (0.5, Grade::Exact));
    // All optimal policies are the same only above it.
    assert_eq!(found.blackwell.unwrap().gamma.value, 0.5);
    assert_eq!(found.radius.unwrap().radius.value, 0.0, "the model stands at the touch");
}

#[test]
fn ties_of_the_next_reward_are_broken_by_the_one_after() {
    // Both actions pay nothing now; at 0 they tie, and right above the second order decides.
    for (later, goes) in [([0.0, 1.0, -8.0], true), ([0.0, -1.0, 8.0], false), ([0.0, 0.0, 1.0], true)] {
        let found = of(&parabola(0.0, later), "r", (0.0, 1.0));
        let model = parabola(0.0, later);
        let name = model.mdp().actions().name(model.mdp().action(found.rungs[0].policy[0])).into_owned();
        assert_eq!(name == "go", goes, "{later:?}");
        let expected = if later[2].abs() == 8.0 { vec![0.125] } else { Vec::new() };
        assert_eq!(found.switches.iter().map(|x| x.gamma.value).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn structural_ties_are_no_switches() {
    // The second action is the first one under another name; the third one adds the same probabilities up in another
    // order, so that it differs by a rounding.
    let model = toml(
        r#"
gamma = 0.9
states = ["s0", "x", "y", "z"]
actions = ["a", "b", "c"]
mu0 = "s0"
transitions = [
  ["s0", "a", "x", 0.1], ["s0", "a", "y", 0.2], ["s0", "a", "z", 0.7],
  ["s0", "b", "x", 0.1], ["s0", "b", "y", 0.2], ["s0", "b", "z", 0.7],
  ["s0", "c", "x", 0.3], ["s0", "c", "z", 0.7],
  ["x", "a", "s0", 1], ["y", "a", "s0", 1], ["z", "a", "z", 1],
]
[rewards.r]
s = [0, 1, 1, 0.5]
"#,
    );
    let found = of(&model, "r", (0.0, 1.0));
    assert!(found.switches.is_empty() && found.touches.is_empty(), "{:?}", found.switches);
    assert_eq!(found.always_tied.len(), 2);
}

#[test]
fn frozen_lake_is_walked_to_the_end() {
    let found = of(&model("frozenlake-4x4"), "goal", (0.5, 0.999));
    assert!(found.is_complete && found.method == Method::Pencil);
    // At discounts between, another method agrees with each rung.
    let model = model("frozenlake-4x4");
    for rung in &found.rungs {
        let mid = rung.from.value + (rung.to.value - rung.from.value) / 2.0;
        assert_optimal(&model, &rung.policy, mid).unwrap();
    }
}

#[test]
fn large_models_are_bracketed() {
    // Many copies of the loop and the cycle, all with one switch.
    let copies = 170;
    let mut transitions = String::new();
    for i in 0..copies {
        let [a, b, c] = [3 * i, 3 * i + 1, 3 * i + 2];
        transitions.push_str(&format!("[{a}, 0, {a}, 1], [{a}, 1, {b}, 1], [{b}, 0, {c}, 1], [{c}, 0, {a}, 1],"));
    }
    let mut pay = String::from("[\"*\", \"*\", \"*\", 0],");
    for i in 0..copies {
        pay.push_str(&format!("[{0}, 0, {0}, 1], [{1}, 0, {2}, 4],", 3 * i, 3 * i + 1, 3 * i + 2));
    }
    let n = 3 * copies;
    let model = toml(&format!(
        "gamma = 0.4\nstates = {n}\nactions = 2\nmu0 = \"uniform\"\ntransitions = [{transitions}]\n[rewards.r]\nentries = [{pay}]"
    ));
    let found = of(&model, "r", (0.0, 0.9));
    assert_eq!(found.method, Method::Bisection);
    assert_eq!(found.switches.len(), copies);
    let root = (3.0 - 5f64.sqrt()) / 2.0;
    assert!(found.switches.iter().all(|x| x.gamma.contains(root) && x.gamma.width() <= 1e-6));
    assert!(found.blackwell.is_none());
}

/// Whether a policy is optimal at a discount, in fractions.
fn assert_optimal(model: &Model, policy: &[usize], gamma: f64) -> Result<(), String> {
    let gaps = gaps(model, gamma);
    match policy.iter().all(|&row| gaps[row].as_ref().is_some_and(Q::is_zero)) {
        true => Ok(()),
        false => Err(format!("the policy is not optimal at {gamma}")),
    }
}

/// What each row lacks at a discount, of the first reward.
fn gaps(model: &Model, gamma: f64) -> Vec<Option<Q>> {
    let part = Reachable::of(model);
    let mut exact = Exact::new(&part.mdp);
    exact.gamma = q(gamma);
    let r = exact.expected(&part.reward(model, reward(model, 0)));
    exact.optimum(&r, true, None).gap
}

fn every_rung_is_optimal_and_nothing_is_missed(case: &Case) -> Result<(), String> {
    let model = case.model();
    let part = Reachable::of(&model);
    let found = ladder(&part.mdp, &part.reward(&model, reward(&model, 0)), None, (0.0, 1.0), Options::default());
    let found = found.map_err(|e| e.to_string())?;
    require!(found.method == Method::Pencil && found.is_complete, "not complete");
    let terminal = |row: usize| part.mdp.is_terminal(part.mdp.state(row));
    let mut near_tied = Q::ZERO;
    for rung in &found.rungs {
        // Stretches as short as a rounding have no double inside.
        let (lo, hi) = (rung.from.hi, rung.to.lo);
        for k in 0..8 {
            let gamma = lo + (hi - lo) * (f64::from(k) + 0.5) / 8.0;
            if !(lo < gamma && gamma < hi && gamma < 1.0 - 1e-6) {
                continue;
            }
            let gaps = gaps(&model, gamma);
            for &row in rung.policy.iter().filter(|&&row| !terminal(row)) {
                let gap = gaps[row].clone().unwrap_or(Q::ZERO);
                // Rows that tie up to rounding may differ by that much.
                require!(gap <= q(1e-9), "the policy of {rung:?} lacks {} at {gamma}", gap.to_f64().value());
                near_tied = near_tied.max(gap);
            }
        }
    }
    for pair in found.rungs.windows(2) {
        let (lo, hi) = (pair[1].from.hi, pair[1].to.lo.min(1.0 - 1e-6));
        if hi - lo < 1e-6 {
            continue;
        }
        let gaps = gaps(&model, lo + (hi - lo) / 3.0);
        let left = pair[0].policy.iter().any(|&row| gaps[row].as_ref().is_some_and(|gap| *gap > near_tied));
        require!(left, "the policy before {:?} is optimal after it", pair[1].from);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn ladders_hold_in_fractions(case in cases_of(Kind {
        max_states: 5,
        max_actions: 3,
        gammas: &[0.5],
        scales: &[1.0],
        ..Kind::ANY
    })) {
        crate::common::lab::hold(every_rung_is_optimal_and_nothing_is_missed(&case))?;
    }
}
