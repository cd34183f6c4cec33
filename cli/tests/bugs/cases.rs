//! Small models on which something false was once said, with what is right: fractions, closed forms, enumeration.

use std::path::Path;

use serde_json::Value;

use crate::run::{Run, folder, json, run, text};

/// A model beside this file.
fn model(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bugs/models").join(format!("{name}.mdp.json"));
    file.to_str().expect("paths are text").to_owned()
}

/// The value at a path of keys and places.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| match key.parse::<usize>() {
        Ok(place) if value.is_array() => &value[place],
        _ => &value[key],
    })
}

/// Holds the bounds of a number against its right value, known to `digits` decimal places: they contain it, and are a
/// millionth of it wide at most.
fn holds(answer: &Value, path: &str, right: f64, digits: i32) {
    let found = at(answer, path);
    let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{path}: no {key} in {found}"));
    let (value, lo, hi) = (number("value"), number("lo"), number("hi"));
    let known = if digits == EXACT { 1e-15 * right.abs() } else { 10f64.powi(-digits) };
    assert!(lo <= value && value <= hi, "{path}: {found}");
    assert!(lo <= right + known && right - known <= hi, "{path}: {found}, right is {right}");
    assert!(hi - lo <= 1e-6 * right.abs() + 1e-9, "{path} says too little: {found}, right is {right}");
}

/// The right value is a double next to the true one.
const EXACT: i32 = 0;

/// What a command prints for people.
fn words(args: &[&str]) -> Run {
    let run = run(args);
    assert_eq!(run.code, 0, "{args:?}: {}", run.err);
    run
}

fn decided(answer: &Value, path: &str, right: bool) {
    assert_eq!(*at(answer, path), right, "{path}");
}

#[test]
fn rewards_that_differ_by_1e_10_are_different_tasks() {
    let m = model("different-by-1e-10");
    let answer = json(&["compare", &m, "a", "b"]);
    decided(&answer, "same_order", false);
    decided(&answer, "shaping.recovered", false);
    // Level 0 of the proxy: 2 (e + e) / (1 + e).
    let e = 1e-10;
    let worst = 4.0 * e / (1.0 + e);
    let found = &answer["regret"]["worst_case"];
    assert!(found["lo"].as_f64() > Some(worst * (1.0 - 1e-6)), "{found}");
    assert!(found["hi"].as_f64() < Some(worst * (1.0 + 1e-6)), "{found}");
    says_none_of(&words(&["compare", &m, "a", "b"]), &["same task:"]);
    let asserted =
        ["compare", &m, "a", "b", "--assert", "same_order==false", "--assert", "worst_case_normalised<=1e-9"];
    assert_eq!(run(&asserted).code, 0);
    assert_eq!(run(&["compare", &m, "a", "b", "--assert", "same_order==true"]).code, 1);
}

#[test]
fn a_gap_of_one_beside_two_to_the_60_is_one() {
    let answer = json(&["stability", &model("gap-one-beside-2-to-60"), "a"]);
    holds(&answer, "gap_min", 1.0, EXACT);
    holds(&answer, "radius.linf", 0.5, EXACT);
    assert_eq!(answer["ties"], serde_json::json!([]));
}

#[test]
fn a_form_of_1e_9_has_a_direction() {
    let m = model("val-form-of-1e-9");
    let answer = json(&["compare", &m, "a", "b", "--metric", "all"]);
    // Directions (-1, 2, -1) and (-4, -1, 5): cosine -3 / sqrt(6 * 42).
    let right = (2.0 + 6.0 / 252f64.sqrt()).sqrt();
    assert!((right - 1.542_065).abs() < 1e-6);
    for id in ["starc-val-l2", "starc-minimal-l2", "starc-minimal-weighted-l2", "starc-val-wl2"] {
        holds(&answer, &format!("distances.{id}"), right, 12);
    }
    // In l1: 1/4 (-1, 2, -1) and 1/10 (-4, -1, 5).
    holds(&answer, "distances.starc-val-l1", 0.15 + 0.6 + 0.75, 12);
}

#[test]
fn an_optimum_near_gamma_one_is_unique() {
    let answer = json(&["regret", &model("unique-optimum-near-gamma-one"), "a", "b"]);
    for key in ["best", "worst"] {
        holds(&answer, &format!("regret.proxy_optimal.{key}"), 100_115.03, 2);
    }
}

#[test]
fn a_certificate_claims_what_is_proved() {
    let folder = folder();
    let file = folder.path().join("proof.json");
    let run = run(&["compare", &model("range-distance-of-1e87"), "a", "b", "--certificate", text(&file)]);
    assert_eq!(run.code, 0, "{}", run.err);
    let checked = crate::run::run(&["cert", "check", text(&file), "--model", &model("range-distance-of-1e87")]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
}

#[test]
fn a_regret_of_1e_13_is_the_whole_range() {
    let answer = json(&["compare", &model("regret-of-1e-13"), "a", "b"]);
    holds(&answer, "regret.proxy_optimal.best_normalised", 1.0, EXACT);
    holds(&answer, "regret.proxy_optimal.worst_normalised", 1.0, EXACT);
}

#[test]
fn the_error_of_a_minimal_form_is_counted() {
    let answer = json(&["canon", &model("minimal-form-of-one-twentieth"), "r", "--by", "minimal"]);
    let error = answer["error"].as_f64().expect("an error");
    for (s, a, right) in [(0, 0, -0.05), (0, 1, 0.05), (1, 0, 0.05), (1, 1, -0.05)] {
        let entry = at(&answer, &format!("canonical.{s}.{a}.0")).as_f64().expect("an entry");
        // The double next to 1/20 is off by 3e-18.
        assert!((entry - right).abs() <= error + 1e-17, "{entry} is off by more than {error:e}");
    }
    assert!(error < 1e-9, "{error:e} says too little");
}

#[test]
fn choices_inside_a_terminal_state_are_no_visits() {
    let m = model("choices-inside-a-terminal-state");
    let answer = json(&["hack", &m, "--truth", "a", "--proxy", "b", "--goodhart"]);
    let curves = at(&answer, "goodhart.curves").as_array().expect("curves").clone();
    let steepest = curves.iter().find(|c| c["path"] == "steepest").expect("a steepest path");
    let peak = &steepest["points"][steepest["peak"].as_u64().expect("a place") as usize];
    holds(peak, "truth", 2.0 / 7.0, EXACT);
    let folder = folder();
    let (picture, data) = (folder.path().join("g.svg"), folder.path().join("g.csv"));
    words(&["plot", "goodhart", &m, "a", "b", "--path", "steepest", "-o", text(&picture), "--csv", text(&data)]);
    let data = std::fs::read_to_string(data).expect("data");
    let peak = data.lines().find(|line| line.starts_with("peak,")).expect("a peak");
    let truth: f64 = peak.split(',').nth(3).and_then(|x| x.parse().ok()).expect("a number");
    assert!((truth - 2.0 / 7.0).abs() < 1e-9, "{peak}");
}

#[test]
fn a_reward_that_any_rise_mends_is_at_distance_zero() {
    // b + e a orders as a does for every e > 0.
    let answer = json(&["repair", &model("nearest-in-l2-is-zero"), "--truth", "a", "--proxy", "b"]);
    for nearest in answer["nearest"].as_array().expect("two norms") {
        assert_eq!(nearest["distance"]["lo"], 0.0, "{nearest}");
        assert!(nearest["distance"]["hi"].as_f64() <= Some(1e-6), "{nearest}");
    }
}

#[test]
fn at_gamma_zero_only_the_start_counts() {
    let m = model("gamma-zero-only-start-counts");
    let answer = json(&["compare", &m, "a", "c"]);
    decided(&answer, "same_order", true);
    holds(&answer, "angle_degrees", 0.0, EXACT);
    holds(&answer, "shaping.remainder", 0.0, EXACT);
    let scale = answer["shaping"]["scale"].as_f64().or(answer["shaping"]["scale"]["value"].as_f64());
    assert_eq!(scale, Some(1.0));
    assert_eq!(json(&["matrix", &m, "a", "c"])["same_task"], serde_json::json!([["a", "c"]]));
    let answer = json(&["compare", &m, "a", "b"]);
    decided(&answer, "same_order", false);
    holds(&answer, "angle_degrees", 180.0, EXACT);
}

#[test]
fn padding_of_a_terminal_state_changes_nothing() {
    let (two, six) = (model("terminal-state-of-2-actions"), model("terminal-state-of-6-actions"));
    let [x, y] = [&two, &six].map(|m| json(&["compare", m, "a", "b", "--metric", "starc-minimal-l2"]));
    for path in
        ["distances.starc-minimal-weighted-l2", "distances.starc-minimal-l2", "angle_degrees", "shaping.remainder"]
    {
        let (a, b) = (at(&x, path)["value"].as_f64(), at(&y, path)["value"].as_f64());
        let (a, b) = (a.expect("a number"), b.expect("a number"));
        assert!((a - b).abs() <= 1e-12 * a.abs(), "{path}: {a} and {b}");
    }
    let [x, y] = [&two, &six].map(|m| {
        let found = json(&["shape", m, "a", "--recover", "b"])["scale"].clone();
        found.as_f64().or(found["value"].as_f64()).expect("a scale")
    });
    assert!((x - y).abs() <= 1e-12 * x.abs(), "scale {x} and {y}");
}

#[test]
fn a_soft_value_of_nothing_ends_well() {
    let m = model("soft-value-of-zero-reward");
    let answer = json(&["stability", &m, "z", "--temperature", "1"]);
    assert!(answer["soft"][0]["value_at_start"]["lo"].as_f64() <= Some(0.0));
    // One action for ever at 1: the soft value is the value, 2.
    holds(&json(&["stability", &m, "y", "--temperature", "1"]), "soft.0.value_at_start", 2.0, EXACT);
}

#[test]
fn a_uniform_start_over_three_states_is_a_third_each() {
    let answer = json(&["solve", &model("uniform-start-over-three"), "a", "--method", "exact"]);
    assert_eq!(at(&answer, "exact.value_at_start"), "1/3");
    assert_eq!(at(&answer, "value_at_start.grade"), "exact");
}

#[test]
fn a_sparse_reward_on_five_states_is_worth_three_fifths() {
    let answer = json(&["solve", &model("sparse-five"), "r"]);
    holds(&answer, "value_at_start", 0.6, EXACT);
    assert_eq!(answer["policy"], serde_json::json!([["a1"], ["a0", "a1"], ["a0", "a1"], ["a0", "a1"], ["a0", "a1"]]));
}

#[test]
fn zero_and_a_constant_are_one_task() {
    let m = model("zero-and-constant");
    for (reward, right) in [("zero", 0.0), ("one", 20.0)] {
        let answer = json(&["solve", &m, reward]);
        holds(&answer, "value_at_start", right, EXACT);
        assert!(
            answer["policy"]
                .as_array()
                .expect("states")
                .iter()
                .all(|actions| actions.as_array().map(Vec::len) == Some(2))
        );
    }
    decided(&json(&["compare", &m, "zero", "one"]), "same_order", true);
    decided(&json(&["compare", &m, "zero", "r"]), "same_order", false);
    assert_eq!(json(&["matrix", &m, "zero", "one", "r"])["same_task"], serde_json::json!([["zero", "one"]]));
    let answer = json(&["repair", &m, "--truth", "r", "--proxy", "zero"]);
    for nearest in answer["nearest"].as_array().expect("two norms") {
        assert_eq!(nearest["distance"]["lo"], 0.0, "{nearest}");
        assert!(nearest["distance"]["hi"].as_f64() <= Some(1e-6), "{nearest}");
    }
}

#[test]
fn another_discount_rescues_a_file_without_one() {
    let m = model("four-by-three-undiscounted");
    let answer = json(&["solve", &m, "utility", "--gamma", "0.99"]);
    // Value iteration over the file itself; the start is the corner r2c0.
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&m).expect("the file")).expect("JSON");
    let names: Vec<&str> = file["states"].as_array().expect("states").iter().filter_map(Value::as_str).collect();
    let place = |name: &Value| names.iter().position(|n| Some(*n) == name.as_str()).expect("a state");
    let pay: Vec<f64> =
        at(&file, "rewards.utility.s").as_array().expect("pay").iter().filter_map(Value::as_f64).collect();
    let mut moves: Vec<(usize, String, usize, f64)> = Vec::new();
    for t in file["transitions"].as_array().expect("transitions") {
        let p = match &t[3] {
            Value::String(text) => {
                let (n, d) = text.split_once('/').expect("a quotient");
                n.parse::<f64>().expect("whole") / d.parse::<f64>().expect("whole")
            }
            number => number.as_f64().expect("a number"),
        };
        moves.push((place(&t[0]), t[1].to_string(), place(&t[2]), p));
    }
    let mut v = vec![0.0; names.len()];
    for _ in 0..5_000 {
        let mut q: std::collections::BTreeMap<(usize, &str), f64> = std::collections::BTreeMap::new();
        for (s, a, t, p) in &moves {
            *q.entry((*s, a)).or_insert(pay[*s]) += 0.99 * p * v[*t];
        }
        v.fill(f64::NEG_INFINITY);
        v[names.len() - 1] = 0.0;
        q.iter().for_each(|((s, _), &x)| v[*s] = f64::max(v[*s], x));
    }
    holds(&answer, "value_at_start", v[place(&"r2c0".into())], 9);
}

#[test]
fn a_sure_six_costs_two_point_four() {
    let m = model("safe-or-risky");
    holds(&json(&["solve", &m, "pay"]), "value_at_start", 8.4, EXACT);
    holds(&json(&["solve", &m, "pay", "--min"]), "value_at_start", 6.0, EXACT);
    let answer = json(&["compare", &m, "pay", "safe_pay"]);
    for path in ["worst_case", "proxy_optimal.best", "proxy_optimal.worst"] {
        holds(&answer, &format!("regret.{path}"), 2.4, EXACT);
    }
    holds(&answer, "regret.worst_case_normalised", 1.0, EXACT);
    holds(&json(&["stability", &m, "pay"]), "radius.linf", 0.8, EXACT);
    let answer = json(&["stability", &m, "pay", "--vary", "gamma", "0..1"]);
    assert_eq!(answer["switches"].as_array().map(Vec::len), Some(1));
    holds(&answer, "switches.0.gamma", 5.0 / 7.4, EXACT);
    let answer = json(&["repair", &m, "--truth", "pay", "--proxy", "safe_pay"]);
    holds(&answer, "nearest.0.distance", 2.0, EXACT);
    holds(&answer, "nearest.1.distance", 6.0 / 2.68f64.sqrt(), EXACT);
}

#[test]
fn a_stockout_counted_twice_costs_a_hundredth() {
    let m = model("bicycle-inventory");
    let v = |reward: &str| {
        let answer = json(&["solve", &m, reward]);
        let list = |key: &str| -> Vec<f64> {
            answer["v"][key].as_array().expect("v").iter().filter_map(Value::as_f64).collect()
        };
        (list("lo"), list("hi"), answer["policy"][0].clone())
    };
    let (lo, hi, first) = v("meant");
    let right = [-43.595716, -37.971194, -37.328573, -38.971194, -38.328573, -39.328573];
    assert!((0..6).all(|s| lo[s] <= right[s] + 1e-6 && hi[s] >= right[s] - 1e-6 && hi[s] - lo[s] < 1e-6), "{lo:?}");
    assert_eq!(first, serde_json::json!(["buy2"]));
    let (lo, hi, first) = v("coded");
    let right = [-34.894940, -27.661045];
    assert!((0..2).all(|s| lo[s] <= right[s] + 1e-6 && hi[s] >= right[s] - 1e-6), "{lo:?}");
    assert_eq!(first, serde_json::json!(["buy1"]));
    let answer = json(&["compare", &m, "meant", "coded"]);
    holds(&answer, "regret.proxy_optimal.worst", 0.575264530, 8);
    holds(&answer, "regret.worst_case_normalised", 0.048125425, 8);
}

#[test]
fn a_machine_is_overhauled_from_a_discount_on() {
    let m = model("machine-discounted-cost");
    let answer = json(&["solve", &m, "cost", "--min"]);
    let right = [14948.5546, 16261.6365, 18635.4728, 19453.6992];
    let list =
        |key: &str| -> Vec<f64> { answer["v"][key].as_array().expect("v").iter().filter_map(Value::as_f64).collect() };
    let (lo, hi) = (list("lo"), list("hi"));
    assert!((0..4).all(|s| lo[s] <= right[s] + 1e-4 && hi[s] >= right[s] - 1e-4 && hi[s] - lo[s] < 1e-3), "{lo:?}");
    assert_eq!(answer["policy"], serde_json::json!([["nothing"], ["nothing"], ["overhaul"], ["replace"]]));
    let answer = json(&["stability", &m, "gain", "--vary", "gamma", "0..1"]);
    holds(&answer, "radius.l1", 786.9934, 4);
    holds(&answer, "gap_min", 818.2263, 3);
    assert_eq!(answer["switches"].as_array().map(Vec::len), Some(1));
    holds(&answer, "switches.0.gamma", 0.27828287, 8);
}

#[test]
fn waiting_pays_from_a_discount_on() {
    let m = model("loiter-before-success");
    let answer = json(&["solve", &m, "paid"]);
    holds(&answer, "value_at_start", 200.0, EXACT);
    assert_eq!(answer["policy"][0], serde_json::json!(["wait"]));
    let answer = json(&["stability", &m, "paid", "--vary", "gamma", "0..0.99"]);
    assert_eq!(answer["switches"].as_array().map(Vec::len), Some(1));
    holds(&answer, "switches.0.gamma", 0.98, EXACT);
    holds(&json(&["hack", &m, "--truth", "meant", "--proxy", "paid"]), "correlation.raw", 0.9998, 4);
    let answer = json(&["repair", &m, "--truth", "meant", "--proxy", "paid"]);
    holds(&answer, "nearest.0.distance", 100.0 / 101.0, EXACT);
    let printed = words(&["repair", &m, "--truth", "meant", "--proxy", "paid", "--feature", "meant"]).words();
    assert!(!printed.contains("327.999"), "{printed}");
}

#[test]
fn a_fee_per_lot_coded_once() {
    let m = model("two-lots-small");
    let answer = json(&["compare", &m, "two_lots", "one_lot_bug"]);
    holds(&answer, "regret.proxy_optimal.worst", 1.869016302, 8);
    let cut = run(&["repair", &m, "--truth", "two_lots", "--proxy", "one_lot_bug", "--time", "1ms"]);
    assert!(!cut.words().contains("too many optimal policies"), "{}", cut.words());
    assert!(cut.code == 0 || cut.code == 4, "{}", cut.err);
    assert!(cut.code == 0 || cut.err.contains("limit") || cut.words().contains("limit"), "{}{}", cut.out, cut.err);
}

#[test]
fn left_and_right_tie_at_one_half() {
    let m = model("left-or-right");
    let q = |gamma: &str| {
        let answer = json(&["solve", &m, "r", "--q", "--gamma", gamma]);
        let of = |a: usize| ["lo", "hi"].map(|key| answer["q"][key][0][a].as_f64().expect("a number"));
        (of(0), of(1), answer["policy"][0].clone())
    };
    let near = |[lo, hi]: [f64; 2], right: f64| lo <= right + 1e-6 && right - 1e-6 <= hi && hi - lo < 1e-6;
    let (left, right, best) = q("9/10");
    assert!(near(left, 8.673684) && near(right, 9.473684), "{left:?} {right:?}");
    assert_eq!(best, serde_json::json!(["right"]));
    let (left, right, best) = q("1/2");
    assert!(near(left, 4.0 / 3.0) && near(right, 4.0 / 3.0), "{left:?} {right:?}");
    assert_eq!(best, serde_json::json!(["left", "right"]));
    let (left, right, best) = q("0");
    assert!(near(left, 1.0) && near(right, 0.0), "{left:?} {right:?}");
    assert_eq!(best, serde_json::json!(["left"]));
    let answer = json(&["stability", &m, "r", "--vary", "gamma", "0..1"]);
    assert_eq!(answer["switches"].as_array().map(Vec::len), Some(1));
    holds(&answer, "switches.0.gamma", 0.5, EXACT);
}

#[test]
fn a_half_and_half_student_earns_what_the_chain_says() {
    let policy = model("student-chain").replace(".mdp.json", ".policy.json");
    let answer = json(&["hack", &model("student-chain"), "--truth", "r", "--proxy", "r", "--policy", &policy]);
    // Normalised returns: (1 - gamma) V(s1).
    holds(&answer, "returns.policy.truth", -1.22555411 / 2.0, 8);
}

#[test]
fn paid_here_or_there_is_one_task() {
    let m = model("paid-here-or-there");
    let answer = json(&["compare", &m, "here", "there", "--metric", "starc-none-l2"]);
    decided(&answer, "same_order", true);
    decided(&answer, "shaping.recovered", true);
    let scale = &answer["shaping"]["scale"];
    let scale = scale.as_f64().or(scale["value"].as_f64()).expect("a scale");
    assert!((scale - 10.0 / 9.0).abs() < 1e-12, "{scale}");
    for (s, right) in [3.0, -1.0, 0.0, 2.0, 5.0].iter().enumerate() {
        let phi = at(&answer, &format!("shaping.potential.{s}"));
        let phi = phi.as_f64().or(phi["value"].as_f64()).expect("a potential");
        assert!((phi - right * 10.0 / 9.0).abs() < 1e-9, "state {s}: {phi}");
    }
    assert!(at(&answer, "distances.starc-none-l2.lo").as_f64() > Some(0.01));
}

/// An answer cut short: exit 4, or a finished one; what it prints for people, and the JSON.
fn cut(args: &[&str]) -> (Run, Value) {
    let words = run(args);
    let with_json: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
    let run = run(&with_json);
    for run in [&words, &run] {
        assert!(run.code == 4 || run.code == 0, "{args:?} ends with {}: {}", run.code, run.err);
    }
    let json = serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{args:?}: {e}: {}", run.out));
    (words, json)
}

/// No sentence that leaves the question open counts.
fn says_none_of(run: &Run, phrases: &[&str]) {
    let words = run.words().to_lowercase();
    let sentences = words.split(". ").filter(|sentence| !sentence.contains("undecided"));
    for (sentence, phrase) in sentences.flat_map(|sentence| phrases.iter().map(move |phrase| (sentence, phrase))) {
        assert!(!sentence.contains(&phrase.to_lowercase()), "`{phrase}` in {words}");
    }
}

#[test]
fn a_limit_does_not_mend_the_lake() {
    let base =
        ["repair", "gallery:frozenlake-4x4", "--truth", "goal", "--proxy", "goal-0.05*step", "--feature", "step"];
    let (words, answer) = cut(&[&base[..], &["--time", "0s"]].concat());
    says_none_of(&words, &["nothing to mend", "cannot mend", "\u{2713}"]);
    assert_ne!(answer["fine"], true, "{answer}");
    assert_ne!(answer["mends"], false, "{answer}");
}

#[test]
fn a_limit_does_not_give_up_on_taxi() {
    for time in ["0s", "1ms"] {
        let base = ["repair", "gallery:taxi", "--truth", "task", "--proxy", "pickup_bonus"];
        let (words, answer) = cut(&[&base[..], &["--time", time]].concat());
        says_none_of(&words, &["cannot mend", "nothing to mend", "earns the same", "earn the same"]);
        let singles = answer["single"].as_array().or(answer["singles"].as_array()).cloned().unwrap_or_default();
        assert!(singles.iter().all(|single| single["trivial"] != true), "{singles:?}");
        assert_ne!(answer["fine"], true, "{answer}");
        assert_ne!(answer["mends"], false, "{answer}");
    }
}

#[test]
fn a_limit_does_not_make_two_rewards_one_task() {
    for time in ["0s", "1ms"] {
        let (words, answer) = cut(&["compare", "gallery:taxi", "task", "pickup_bonus", "--time", time]);
        says_none_of(&words, &["same task:", "nothing is lost", "\u{2713}"]);
        assert_ne!(answer["same_order"], true);
        assert_ne!(at(&answer, "shaping.recovered"), true);
        for (path, right) in
            [("regret.worst_case", 208.745), ("regret.proxy_optimal.worst", 106.33), ("distances.starc-range", 0.21875)]
        {
            let found = at(&answer, path);
            let (lo, hi) = (found["lo"].as_f64(), found["hi"].as_f64());
            assert!(lo <= Some(right + 0.005), "{path}: {found}");
            assert!(hi.is_none() || hi >= Some(right - 0.005), "{path}: {found}");
        }
    }
}

#[test]
fn a_limit_does_not_make_all_policies_alike() {
    let (words, answer) = cut(&["matrix", "gallery:taxi", "--time", "0s"]);
    says_none_of(&words, &["earns the same", "earn the same", "\u{2713}"]);
    assert_eq!(answer["trivial"], serde_json::json!([]));
    assert_eq!(answer["same_task"], serde_json::json!([]));
}

#[test]
fn a_limit_states_a_worst_case_as_a_bound() {
    let (words, answer) = cut(&["regret", "gallery:taxi", "task", "pickup_bonus", "--time", "0s"]);
    says_none_of(&words, &["in the worst case 26.3"]);
    let found = at(&answer, "regret.worst_case");
    assert!(found["lo"].as_f64() <= Some(208.75) && (found["hi"].is_null() || found["hi"].as_f64() >= Some(208.74)));
}

#[test]
fn a_limit_does_not_end_a_path_at_its_peak() {
    let base = ["hack", "gallery:taxi", "--truth", "task", "--proxy", "pickup_bonus", "--goodhart", "--time"];
    for time in ["0s", "20ms"] {
        let run = run(&[&base[..], &[time]].concat());
        assert_eq!(run.code, 4, "{}", run.err);
        says_none_of(&run, &["ends at its peak"]);
    }
}
