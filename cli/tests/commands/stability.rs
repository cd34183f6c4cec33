//! `stability` from outside.

use std::fs;

use crate::run::{json, run};

fn value(x: &serde_json::Value) -> f64 {
    x["value"].as_f64().expect("a bounded number")
}

#[test]
fn the_radius_comes_with_every_norm_and_the_critical_pair() {
    let found = json(&["stability", "gallery:e2-tight-low", "reward"]);
    assert_eq!(found["command"], "stability");
    for norm in ["linf", "l1", "l2", "l1_sas", "l2_sas"] {
        assert!(value(&found["radius"][norm]) > 0.0, "{norm}");
        assert_eq!(found["radius"][norm]["grade"], "certified");
    }
    assert!((value(&found["radius"]["linf"]) - 5e-5).abs() < 1e-15);
    assert!((value(&found["set_radius"]) - 5e-5).abs() < 1e-15);
    assert!((value(&found["gap_min"]) - 1e-3).abs() < 1e-15);
    assert_eq!(found["critical"], serde_json::json!({ "state": "s0", "action": "k", "instead_of": "h" }));
    assert_eq!(found["ties"], serde_json::json!([]));
    assert!(value(&found["angular_radius_degrees"]) > 0.0);
    // Only one state has a choice.
    assert!(value(&found["radius_by_state"][0]) > 0.0 && found["radius_by_state"][1].is_null());
}

#[test]
fn people_read_the_verdict_first() {
    let found = run(&["stability", "gallery:e2-tight-low", "reward"]);
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(found.out.contains("best action in s0 from h to k"), "{}", found.out);
    let tie = run(&["stability", "gallery:e5-outcome-tree", "outcome"]);
    assert!(tie.out.contains("x and y are equally good"), "{}", tie.out);
    let trivial = run(&["stability", "gallery:e1-tie", "train"]);
    assert!(trivial.out.contains("prefers nothing"), "{}", trivial.out);
}

#[test]
fn the_witness_is_a_reward_with_another_best_action() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flipped.json");
    let file = file.to_str().unwrap();
    let found = json(&["stability", "gallery:e2-tight-low", "reward", "--witness", file]);
    let size = found["witness"]["size"].as_f64().unwrap();
    assert!((size / value(&found["radius"]["linf"]) - 1.001).abs() < 1e-9);
    let before = json(&["solve", "gallery:e2-tight-low", "reward"]);
    let after = json(&["solve", "gallery:e2-tight-low", file]);
    assert_eq!(before["policy"][0], serde_json::json!(["h"]));
    assert_eq!(after["policy"][0], serde_json::json!(["k"]));
    // The reward in the result is the one in the file.
    let written: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(written, found["witness"]["reward"]);
}

#[test]
fn families_and_components_have_their_own_radii() {
    let found =
        json(&["stability", "gallery:frozenlake-4x4", "goal - 0.05*step", "--family", "step", "--family", "goal"]);
    let doubled = json(&["stability", "gallery:e2-tight-low", "2*reward", "--component", "reward"]);
    let component = &doubled["components"][0];
    assert_eq!(component["coefficient"], 2.0);
    assert!((value(&component["radius"]["linf"]) - 5e-5).abs() < 1e-15);
    assert!((value(&doubled["radius"]["linf"]) - 1e-4).abs() < 1e-15);
    let family = &found["family"]["radius"];
    assert!(value(&family["linf"]) <= value(&family["l2"]) && value(&family["l2"]) <= value(&family["l1"]));
    let theta: Vec<f64> = found["family"]["theta"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    // At the nearest coefficients the optimum ties, just beyond it has moved.
    let policy = |by: f64| {
        let reward = format!("goal - 0.05*step + {}*step + {}*goal", by * theta[0], by * theta[1]);
        json(&["solve", "gallery:frozenlake-4x4", &reward.replace("+ -", "- ")])["policy"].clone()
    };
    assert_eq!(policy(0.99), policy(0.0));
    assert_ne!(policy(1.01), policy(0.0));
}

#[test]
fn a_policy_is_made_optimal_by_the_reward_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (policy, reward) = (path("policy.json"), path("taught.json"));
    fs::write(&policy, r#"["k", "stay", "stay"]"#).unwrap();
    let asked = ["stability", "gallery:e2-tight-low", "reward", "--make-optimal", &policy, "--margin", "0.5"];
    let found = json(&[&asked[..], &["--nearest", &reward]].concat());
    let distance = &found["make_optimal"]["distance"];
    // The direction has size 20: a gap of 1/1000 to close and 1/2 to open.
    assert!((value(&distance["linf"]) - 0.501 / 20.0).abs() < 1e-7, "{distance}");
    let solved = json(&["solve", "gallery:e2-tight-low", &reward]);
    assert_eq!(solved["policy"][0], serde_json::json!(["k"]));
    let stable = json(&["stability", "gallery:e2-tight-low", &reward]);
    assert!((value(&stable["gap_min"]) - 0.5).abs() < 1e-7);
}

#[test]
fn what_makes_no_sense_is_refused_with_help() {
    let folder = tempfile::tempdir().unwrap();
    let mixed = folder.path().join("mixed.json");
    fs::write(&mixed, "[[0.5, 0.5, 0], [0, 0, 1], [0, 0, 1]]").unwrap();
    let cases = [
        (vec!["reward", "--component", "witnes"], 2, "no component"),
        (vec!["reward", "--family", "nothing"], 2, "nothing"),
        (vec!["reward", "--make-optimal", mixed.to_str().unwrap()], 3, "mixes actions"),
        (vec!["reward", "--margin", "-1"], 2, "margin"),
        (vec!["reward", "--nearest", "x.json"], 2, "make-optimal"),
    ];
    for (args, code, words) in cases {
        let all = [&["stability", "gallery:e2-tight-low"][..], &args].concat();
        let found = run(&all);
        assert_eq!(found.code, code, "{args:?}: {} {}", found.out, found.err);
        assert!(found.err.contains(words), "{args:?}: {}", found.err);
    }
}

#[test]
fn states_that_are_never_reached_are_left_out_and_said_so() {
    let found = run(&["stability", "gallery:e1-tie", "train", "--mu0", "s1"]);
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(found.out.contains("No state that can be reached has a choice"), "{}", found.out);
    assert!(found.out.contains("2 states cannot be reached"), "{}", found.out);
    let found = json(&["stability", "gallery:e1-tie", "train", "--mu0", "s1"]);
    assert!(found["radius"]["linf"].is_null() && found["reason"] == "no-choice", "{found}");
}
