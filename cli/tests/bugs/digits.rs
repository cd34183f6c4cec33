//! Numbers with more digits than a double holds are still the numbers written: `b` is 1 and 1e-20 where `a` is 1, and `c` is
//! `2 b - a`.

use std::path::Path;

use serde_json::{Value, json as object};

use crate::run::{folder, json, run, text};

fn model() -> String {
    file("beyond-doubles")
}

/// Only the start counts, and doubles see no difference between its actions.
fn far() -> String {
    file("beyond-doubles-at-discount-0")
}

fn file(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bugs/models").join(format!("{name}.mdp.json"));
    file.to_str().expect("paths are text").to_owned()
}

/// Whether the bounds of a number contain another.
fn contains(found: &Value, right: f64) -> bool {
    let end = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("no {key} in {found}"));
    end("lo") <= right && right <= end("hi")
}

#[test]
fn what_doubles_cancel_is_not_zero() {
    let m = model();
    let answer = json(&["compare", &m, "b", "a - b"]);
    assert_eq!((&answer["same_order"], &answer["opposite_order"]), (&object!(false), &object!(true)));
    for id in ["starc-range", "starc-val-l2", "starc-minimal-weighted-l2"] {
        assert!(contains(&answer["distances"][id], 2.0), "{id}: {}", answer["distances"][id]);
    }
    let angle = &answer["angle_degrees"];
    assert!(angle.is_null() && answer["undefined"]["angle_degrees"].is_string() || contains(angle, 180.0), "{angle}");
    assert_eq!(run(&["compare", &m, "b", "a - b", "--assert", "starc-val-l2<=1.1"]).code, 1);
}

#[test]
fn a_return_counts_what_doubles_cancel() {
    let answer = json(&["hack", &model(), "--truth", "b", "--proxy", "a - b", "--points", "0"]);
    // Half of -1e-20, per step.
    assert!(contains(&answer["returns"]["reference"]["proxy"], -5e-21), "{}", answer["returns"]);
    assert!(contains(&answer["sigma"]["canonical"]["proxy"], 5e-21), "{}", answer["sigma"]);
    assert!(contains(&answer["flags"]["effect"]["proxy"], 0.5), "{}", answer["flags"]);
}

#[test]
fn groups_are_those_of_compare() {
    let m = model();
    let answer = json(&["matrix", &m, "b", "c"]);
    assert_eq!(answer["same_task"], object!([["b", "c"]]), "{answer}");
    assert_eq!(json(&["compare", &m, "b", "c"])["same_order"], true);
    // A form that is 0 in doubles is close to every other.
    let far = far();
    assert_eq!(json(&["compare", &far, "a", "b"])["same_order"], true);
    assert_eq!(json(&["matrix", &far, "a", "b"])["same_task"], object!([["a", "b"]]));
}

#[test]
fn the_error_of_a_form_counts_its_last_digits() {
    let answer = json(&["canon", &model(), "b", "--by", "val"]);
    let error = answer["error"].as_f64().expect("a number");
    for (a, right) in [5e-21, -5e-21].into_iter().enumerate() {
        let found = answer["canonical"][0][a].as_f64().expect("a number");
        assert!((found - right).abs() <= error * (1.0 + 1e-12), "{found}, right is {right}, off by {error}");
    }
}

#[test]
fn the_checker_reads_what_is_written() {
    let (folder, m) = (folder(), model());
    for pair in [["a", "b"], ["b", "a"], ["b", "c"], ["b", "a - b"]] {
        let file = folder.path().join("proof.json");
        let made = run(&["compare", &m, pair[0], pair[1], "--certificate", text(&file)]);
        assert_eq!(made.code, 0, "{pair:?}: {}", made.err);
        let checked = run(&["cert", "check", text(&file), "--model", &m]);
        assert_eq!(checked.code, 0, "{pair:?}: {}{}", checked.out, checked.err);
    }
}

#[test]
fn a_linear_program_without_an_end_leaves_the_answer() {
    let answer = json(&["regret", &model(), "b", "c", "--lp"]);
    assert!(answer["linear_program"].is_number() || answer["linear_program_why"].is_string(), "{answer}");
    assert_eq!(answer["regret"]["worst_case"]["value"], 0.0);
}
