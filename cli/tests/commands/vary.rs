//! `stability --vary`, `--temperature` and `--metric` from outside.

use serde_json::Value;

use crate::run::{folder, json, run, text, value};

fn near(b: &Value, x: f64) {
    assert!((value(b) - x).abs() < 1e-9, "{b} is not {x}");
}

#[test]
fn the_discount_is_walked_from_end_to_end() {
    let found = json(&["stability", "gallery:e6-discount-cliff", "--vary", "gamma", "0..1"]);
    let switches = found["switches"].as_array().expect("a list");
    assert_eq!(switches.len(), 1);
    near(&switches[0]["gamma"], (3.0 - 5f64.sqrt()) / 2.0);
    assert_eq!(
        (&switches[0]["state"], &switches[0]["from"], &switches[0]["to"]),
        (&"s0".into(), &"stay".into(), &"go".into())
    );
    assert_eq!(found["vary"]["finds_every_switch"], true);
    assert_eq!(found["vary"]["policies"].as_array().expect("a list").len(), 2);
    near(&found["vary"]["blackwell"]["gamma"], (3.0 - 5f64.sqrt()) / 2.0);
    let words = run(&["stability", "gallery:e6-discount-cliff", "--vary", "gamma", "0..1"]);
    assert_eq!(words.code, 0, "{}", words.err);
    for part in ["switches once between gamma 0 and 1", "0.381966011", "Blackwell"] {
        assert!(words.out.contains(part), "{part}: {}", words.out);
    }
}

#[test]
fn the_true_return_is_followed() {
    let args = ["stability", "gallery:chain-discount", "both", "--vary", "gamma", "1/2..19/20", "--truth", "far"];
    let found = json(&args);
    let policies = found["vary"]["policies"].as_array().expect("a list");
    // The start turns to the far end at 9/10; below that its policy never gets there.
    let ends: Vec<f64> = policies.iter().map(|p| value(&p["true_return"][1])).collect();
    assert_eq!(ends[0], 0.0);
    assert!((ends[ends.len() - 1] - 0.95f64.powi(5)).abs() < 1e-12);
}

#[test]
fn coefficients_are_varied_with_exact_breakpoints() {
    let args = ["stability", "gallery:frozenlake-4x4", "--vary", "goal - x*step", "0.001..0.1", "--truth", "goal"];
    let found = json(&args);
    let points = found["vary"]["breakpoints"].as_array().expect("a list");
    assert!(!points.is_empty());
    // The drop lies between a step cost of 0.01 and 0.02.
    let earned = |p: &Value| value(&p["true_return"]["best"]);
    let pieces = found["vary"]["policies"].as_array().expect("a list");
    let at = |x: f64| {
        let covers = |p: &&Value| value(&p["from"]) < x && x < value(&p["to"]);
        earned(pieces.iter().find(covers).expect("a piece"))
    };
    assert!(at(0.01) > 0.5 && at(0.02) < 0.1, "{} {}", at(0.01), at(0.02));
    assert!(!found["switches"].as_array().expect("a list").is_empty());
}

#[test]
fn ranges_that_make_no_sense_are_refused() {
    for (what, range) in [
        ("gamma", "0.9"),
        ("gamma", "0.9..0.5"),
        ("gamma", "0.5..1.5"),
        ("gamma", "-1..0.5"),
        ("gamma", "a..b"),
        ("goal", "0..1"),
        ("goal - x*step", "1..0"),
    ] {
        let found = run(&["stability", "gallery:frozenlake-4x4", "goal", "--vary", what, range]);
        assert_eq!(found.code, 2, "{what} {range}: {}", found.err);
        assert!(found.err.contains("expected"), "{}", found.err);
    }
    assert_eq!(run(&["stability", "gallery:frozenlake-4x4", "goal", "--truth", "goal"]).code, 2);
}

#[test]
fn soft_policies_say_what_they_cost() {
    let args = ["stability", "gallery:e1-tie", "train", "--temperature", "0.1", "--temperature", "0.01"];
    let found = json(&args);
    let soft = found["soft"].as_array().expect("a list");
    assert_eq!(soft.len(), 2);
    near(&soft[0]["lipschitz_local"], 100.0);
    near(&soft[0]["lipschitz_worst"], 100.0);
    near(&soft[0]["value_at_start"], 9.0 + 0.1 * 2f64.ln());
    near(&soft[0]["return"], 9.0);
    assert_eq!(soft[0]["policy"][0][0], 0.5);
    let promise = json(&["stability", "gallery:e1-tie", "train", "--error", "0.02", "--tv", "0.1"]);
    near(&promise["soft_promise"]["temperature"], 1.0);
    near(&promise["soft_promise"]["cost"], 10.0 * 2f64.ln());
    assert!(promise["soft"][0]["tv_bound"].as_f64().expect("a number") <= 0.1);
    for bad in [
        &["--temperature", "0"][..],
        &["--temperature", "x"],
        &["--tv", "0.1"],
        &["--error", "1"],
        &["--error", "1", "--tv", "2"],
    ] {
        let found = run(&[&["stability", "gallery:e1-tie", "train"], bad].concat());
        assert!([2, 3].contains(&found.code), "{bad:?}: {}", found.err);
    }
}

#[test]
fn metrics_come_by_name_or_file() {
    let found = json(&["stability", "gallery:frozenlake-4x4", "goal", "--metric", "grid"]);
    assert!(value(&found["smooth"]["value"]["constant"]) > 0.0);
    assert!(value(&found["smooth"]["kernel"]["constant"]) >= 1.0);
    let folder = folder();
    let path = folder.path().join("line.toml");
    std::fs::write(&path, "line = [0, 1, 3]\n").expect("written");
    let found = json(&["stability", "gallery:e1-tie", "true", "--metric", text(&path)]);
    // 9 to 10 over 1, 10 to -40 over 2.
    near(&found["smooth"]["value"]["constant"], 25.0);
    assert!(found["smooth"]["value_bound"].is_null() && found["smooth"]["no_bound_because"].is_string());
    for wrong in ["line = [0, 1]", "line = [0, 0, 1]", "lines = [0]", "", "line = [0, 1, 2]\npoints = [[0], [1], [2]]"]
    {
        std::fs::write(&path, wrong).expect("written");
        assert_eq!(run(&["stability", "gallery:e1-tie", "true", "--metric", text(&path)]).code, 3, "{wrong}");
    }
    assert_eq!(run(&["stability", "gallery:e1-tie", "true", "--metric", "grid"]).code, 3);
}
