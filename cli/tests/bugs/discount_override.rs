//! A file with discount 1 under which some policies never end, rescued by another discount.

use std::process::Command;

use serde_json::Value;

/// The 4 by 3 grid of chances 0.8, 0.1, 0.1 with 3 a step lost.
const GRID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bugs/models/r05-four-by-three-undiscounted.mdp.json");

fn solve(more: &[&str]) -> (Option<i32>, Value) {
    let args = [&["solve", GRID, "--json"], more].concat();
    let out = Command::new(env!("CARGO_BIN_EXE_truenorth")).args(args).output().expect("the program starts");
    (out.status.code(), serde_json::from_slice(&out.stdout).expect("JSON"))
}

#[test]
fn the_override_comes_before_the_check() {
    let (code, refused) = solve(&[]);
    assert_eq!((code, &refused["error"]["code"]), (Some(3), &"gamma-one-endless".into()));
    let (code, answer) = solve(&["--gamma", "0.999999"]);
    assert_eq!(code, Some(0), "{answer}");
    // Undiscounted values, by value iteration elsewhere; so close to 1 they differ in the fourth digit after the point.
    let right = [85.182, 89.401, 93.151, 100.0, 81.432, 68.356, -100.0, 77.213, 73.463, 69.562, 47.389, 0.0];
    let end = |key: &str, s: usize| answer["v"][key][s].as_f64().expect("a number");
    for (s, right) in right.into_iter().enumerate() {
        assert!((end("lo", s) - right).abs() < 2e-3 && (end("hi", s) - right).abs() < 2e-3, "state {s}: {answer}");
    }
    let (code, _) = solve(&["--gamma", "0.99"]);
    assert_eq!(code, Some(0));
}
