//! `shape` from outside: potentials without a file, bonuses, advice, potentials in time.

use std::path::{Path, PathBuf};

use serde_json::{Value, json as object};

use crate::run::{folder, json, run, text, value};

const LAKE: &str = "gallery:frozenlake-4x4";
const PLAIN: &str = "gallery:frozenlake-4x4-plain";

fn write(folder: &Path, name: &str, content: &Value) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content.to_string()).expect("writable");
    path
}

#[test]
fn potentials_without_a_file_say_how_far_to_look() {
    let a = json(&["shape", LAKE, "goal", "--with", "optimal-value"]);
    assert_eq!(a["look_ahead"]["shaped"]["enough"], 1);
    assert!(a["look_ahead"]["plain"]["enough"].as_u64().is_none_or(|h| h > 1));
    let v = json(&["solve", LAKE, "goal"]);
    assert!((a["potential"][0].as_f64().expect("a number") - value(&v["value_at_start"])).abs() < 1e-12);
    let told = run(&["shape", PLAIN, "goal", "--with", "distance"]);
    assert!(told.words().contains("must look 1 step ahead under the shaped reward, 6 steps"), "{}", told.out);
    let folder = folder();
    let shaped = folder.path().join("shaped.json");
    assert_eq!(run(&["shape", LAKE, "goal", "--with", "distance:start(0,0)", "--write", text(&shaped)]).code, 0);
    // What is written are the decimals of doubles: a shaping up to their rounding.
    let a = json(&["compare", LAKE, "goal", text(&shaped)]);
    assert!(a["same_order"] == true || value(&a["regret"]["worst_case_normalised"]) < 1e-9, "{a}");
    let slip = run(&["shape", LAKE, "goal", "--with", "distance:strat(0,0)"]);
    assert!(slip.code == 3 && slip.err.contains("start(0,0)"), "{}", slip.err);
    assert_eq!(run(&["shape", LAKE, "goal", "--with", "heuristic"]).code, 2);
    assert_eq!(run(&["shape", LAKE, "goal"]).code, 2);
    assert_eq!(run(&["shape", LAKE, "0*goal", "--with", "distance"]).code, 2, "nothing pays, so there is no goal");
}

#[test]
fn potentials_at_the_end_are_refused_or_taken_for_0() {
    let folder = folder();
    let phi = write(folder.path(), "phi.json", &object!({ "phi": { "goal(3,3)": 1, "start(0,0)": 2 } }));
    let refused = run(&["shape", LAKE, "goal", "--phi", text(&phi)]);
    assert!(refused.code == 3 && refused.err.contains("--zero-at-end"), "{}", refused.err);
    let a = json(&["shape", LAKE, "goal", "--phi", text(&phi), "--zero-at-end", "--horizon"]);
    assert_eq!((&a["potential"][15], &a["potential"][0]), (&object!(0.0), &object!(2.0)));
    assert!(a["look_ahead"]["plain"]["steps"].is_array());
    let bare = json(&["shape", LAKE, "goal", "--phi", text(&phi), "--zero-at-end"]);
    assert!(bare["look_ahead"].is_null() && bare["shaped"] == a["shaped"]);
}

#[test]
fn bonuses_are_tested() {
    let a = json(&["shape", LAKE, "goal", "--bonus", "shaped - goal"]);
    assert_eq!(a["is_shaping"], true);
    // Of a difference of two rewards single transitions are known in doubles only.
    assert_ne!(a["on_every_transition"], false, "{}", a["on_every_transition_why"]);
    assert_eq!(json(&["shape", LAKE, "goal", "--bonus", "shaped"])["on_every_transition"], false);
    let recovered = json(&["shape", LAKE, "goal", "--recover", "shaped"]);
    for s in 0..16 {
        let [x, y] = [&a, &recovered].map(|a| a["potential"][s].as_f64().expect("a number"));
        assert!((x - y).abs() < 1e-9, "state {s}: {x}, not {y}");
    }
    let a = json(&["shape", LAKE, "goal", "--bonus", "-0.05*step", "--decay"]);
    assert_eq!(a["is_shaping"], false);
    let c = json(&["regret", LAKE, "goal", "goal - 0.05*step"]);
    for key in ["worst_case", "worst_case_normalised"] {
        assert!((value(&a["regret"][key]) - value(&c["regret"][key])).abs() < 1e-9, "{key}");
    }
    let below = value(&a["fading"]["harmless_below"]);
    assert!(0.0 < below && below < 0.4, "{below}");
    assert!(a["rest"].is_array() && !a["share"].is_null() && a["walks"].is_null(), "the lake is slippery");
    let told = run(&["shape", LAKE, "goal", "--bonus", "-0.05*step", "--decay"]);
    assert!(told.words().contains("Not a shaping") && told.words().contains("92 %"), "{}", told.out);
    let walks = json(&["shape", PLAIN, "goal", "--bonus", "progress"])["walks"].clone();
    assert!(walks[0]["closed"] == true || walks[1]["closed"] == true, "{walks}");
    assert!(value(&walks[0]["sum"]) > value(&walks[1]["sum"]));
}

#[test]
fn advice_and_potentials_in_time_are_followed() {
    let folder = folder();
    let model = "gallery:bandit-3";
    let size = json(&["solve", model])["model"].clone();
    let (n, m) = (size["n_states"].as_u64().expect("S") as usize, size["n_actions"].as_u64().expect("A") as usize);
    let zero = object!(vec![vec![0.0; m]; n]);
    let none = write(folder.path(), "none.json", &zero);
    let a = json(&["shape", model, "x", "--advice", text(&none)]);
    assert_eq!(
        (&a["alone"]["wrong"], &a["corrected"]["wrong"], &a["look"]),
        (&object!([]), &object!([]), &object!("ahead"))
    );
    let short = write(folder.path(), "short.json", &object!([[0.0]]));
    assert_eq!(run(&["shape", LAKE, "goal", "--advice", text(&short)]).code, 3);
    assert_eq!(run(&["shape", LAKE, "goal", "--phi", text(&none), "--look", "back"]).code, 2);
    // Against the wind: what is best is advised against most.
    let lake: Vec<Vec<f64>> = (0..16).map(|s| vec![if s == 14 { 1.0 } else { 0.0 }, 0.0, 0.0, 0.0]).collect();
    let lake = write(folder.path(), "lake.json", &object!({ "advice": lake }));
    for (look, right) in [("ahead", "corrected"), ("back", "alone")] {
        let a = json(&["shape", LAKE, "goal", "--advice", text(&lake), "--look", look]);
        assert_eq!(a[right]["wrong"], object!([]), "{look}");
        assert_eq!(value(&a[right]["worst"]), 0.0);
    }

    let table = |x: f64| -> Vec<f64> {
        (0..16).map(|s| if [5, 7, 11, 12, 15].contains(&s) { 0.0 } else { x * s as f64 }).collect()
    };
    let falling = write(folder.path(), "falling.json", &object!([table(0.3), table(0.2), table(0.1)]));
    let a = json(&["shape", LAKE, "goal", "--dynamic", text(&falling)]);
    assert!(a["consistent_residual"].as_f64().is_some_and(|x| x < 1e-9));
    assert!(value(&a["collected"]["most"]) > 0.0 && value(&a["regret"]["worst"]) >= 0.0);
    let still = write(folder.path(), "still.json", &object!({ "phi": [table(0.3)] }));
    let told = run(&["shape", LAKE, "goal", "--dynamic", text(&still)]);
    assert!(told.words().contains("Both ways of paying it move all returns alike"), "{} {}", told.out, told.err);
    let empty = write(folder.path(), "empty.json", &object!([]));
    assert_eq!(run(&["shape", LAKE, "goal", "--dynamic", text(&empty)]).code, 3);
}
