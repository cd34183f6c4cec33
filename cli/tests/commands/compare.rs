//! The main job: `compare`, one pair and many.

use serde_json::{Value, json as object};

use crate::run::{folder, json, program, run, text, value};

const LAKE: &str = "gallery:frozenlake-4x4";
const HURRIED: &str = "goal - 0.05*step";

#[test]
fn the_first_minute_in_words() {
    let run = run(&["compare", LAKE, "goal", HURRIED]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for words in [
        "Different tasks",
        "0.0439 of 0.5420",
        "92 %",
        "hole 95.1 %, goal 4.9 %",
        "9 of 11 live states",
        "the cliff is at x = 0.01645579: the true return falls from 0.5201 to 0.1467",
        "starc-range",
        "starc-val-l2",
        "starc-minimal-weighted-l2",
    ] {
        assert!(run.words().contains(words), "{words}:\n{}", run.out);
    }
}

#[test]
fn the_first_minute_in_json() {
    let a = json(&["compare", LAKE, "goal", HURRIED]);
    assert_eq!(a["command"], "compare");
    assert_eq!(a["same_order"], false);
    let close = |x: f64, y: f64, tolerance: f64| assert!((x - y).abs() < tolerance, "{x} is not {y}");
    close(value(&a["returns"]["truth"]["max"]), 0.542_025_932_000_472_9, 1e-12);
    let optimal = &a["regret"]["proxy_optimal"];
    close(value(&optimal["worst_return"]), 0.043_860_690_587_226, 1e-12);
    close(value(&optimal["worst_normalised"]), 0.919, 1e-3);
    assert!(value(&optimal["best"]) <= value(&optimal["worst"]) && value(&optimal["best_normalised"]) <= 1.0);
    let nwcr = value(&a["regret"]["worst_case_normalised"]);
    let range = value(&a["distances"]["starc-range"]);
    assert!(nwcr <= range + 1e-9 && range <= 2.0 * nwcr + 1e-9);
    assert!(value(&a["regret_reverse"]["worst_case"]) > 0.0 && a["regret"]["lambda"].is_number());
    assert!(a["regret"]["witness"]["better"]["policy"].as_array().is_some_and(|p| p.len() == 16));
    assert_eq!(a["policy"]["live_states"], 11);
    assert_eq!(a["policy"]["changed"].as_array().map(Vec::len), Some(9));
    let half = value(&a["angle_degrees"]).to_radians() / 2.0;
    close(value(&a["distances"]["starc-minimal-weighted-l2"]), 2.0 * half.sin(), 1e-9);
    assert_eq!(a["shaping"]["recovered"], false);
    assert!(value(&a["shaping"]["remainder"]) > 0.9);
    let cliff = &a["along"]["cliff"];
    close(value(&cliff["x"]), 0.016_455_79, 1e-8);
    close(value(&cliff["before"]), 0.5201, 5e-5);
    close(value(&cliff["after"]), 0.1467, 5e-5);
    let corners: Vec<(f64, f64)> = a["polygon"]
        .as_array()
        .expect("polygon")
        .iter()
        .map(|p| (p[0].as_f64().expect("x"), p[1].as_f64().expect("y")))
        .collect();
    let twice_area: f64 = (0..corners.len())
        .map(|i| {
            let ((x, y), (u, v)) = (corners[i], corners[(i + 1) % corners.len()]);
            x * v - y * u
        })
        .sum();
    assert!(twice_area > 0.0, "counter-clockwise");
}

#[test]
fn a_shaped_reward_is_the_same_task_and_its_potential_is_printed() {
    let words = run(&["compare", LAKE, "goal", "shaped"]);
    assert!(words.out.contains("Same task") && words.out.contains("Recovered potential"), "{}", words.out);
    let a = json(&["compare", LAKE, "goal", "3*shaped"]);
    assert_eq!((&a["same_order"], &a["shaping"]["recovered"]), (&Value::Bool(true), &Value::Bool(true)));
    let close = |x: f64, y: f64| assert!((x - y).abs() < 1e-9, "{x} is not {y}");
    close(a["shaping"]["scale"].as_f64().expect("scale"), 3.0);
    // The file says Phi = -(distance to the goal) / 10; the start is 6 steps away.
    close(a["shaping"]["potential"][0].as_f64().expect("potential"), -1.8);
    close(value(&a["regret"]["worst_case"]), 0.0);
}

#[test]
fn every_metric_has_an_entry_and_its_own_id() {
    let a = json(&["compare", "gallery:frozenlake-4x4-plain", "goal", "progress", "--metric", "all"]);
    let distances = a["distances"].as_object().expect("distances");
    assert_eq!(distances.len(), 3 + 9 * 6 * 6);
    let reads: Vec<&str> = a["reads_impossible"].as_array().expect("list").iter().filter_map(Value::as_str).collect();
    for (id, does) in [
        ("epic", true),
        ("starc-epic-wl2", true),
        ("starc-none-l2", true),
        ("starc-none-wl2", false),
        ("starc-val-l2", false),
    ] {
        assert_eq!(reads.contains(&id), does, "{id}");
    }
    for (id, d) in distances {
        assert!(!d.is_null(), "{id} is undefined: {}", a["undefined"][id]);
        value(d);
    }
}

#[test]
fn assertions_decide_the_exit_code() {
    let with = |expression: &str| run(&["compare", LAKE, "goal", HURRIED, "--assert", expression]).code;
    assert_eq!(with("starc-range<=1.3"), 0);
    assert_eq!(with("starc-range<=0.1"), 1);
    assert_eq!(with("same_order==false"), 0);
    assert_eq!(with("regret.worst_case_normalised<0.5"), 1);
    assert_eq!(with("no_such_key<1"), 2);
    assert_eq!(with("starc-range"), 2);
}

#[test]
fn unreachable_states_are_named_and_left_out() {
    let a = json(&["compare", "gallery:taxi", "task", "pickup_bonus"]);
    assert_eq!(a["unreachable"].as_array().map(Vec::len), Some(96));
    assert!(run(&["compare", "gallery:taxi", "task", "no_penalty"]).out.contains("No policy reaches"));
}

#[test]
fn trivial_rewards_have_outcomes_in_words() {
    let no_choice = run(&["compare", "gallery:e1-tie", "true", "train"]);
    assert_eq!(no_choice.code, 0);
    assert!(no_choice.out.contains("proxy pays all policies the same"), "{}", no_choice.out);
    let a = json(&["compare", "gallery:e1-tie", "true", "train"]);
    assert!((value(&a["regret"]["worst_case_normalised"]) - 1.0).abs() < 1e-12);
    assert!(a["angle_degrees"].is_null());
    let both = json(&["compare", "gallery:e1-tie", "train", "0*true"]);
    assert_eq!(both["same_order"], true);
    let opposite = run(&["compare", LAKE, "goal", "-goal"]);
    assert!(opposite.out.contains("Opposite tasks"), "{}", opposite.out);
}

#[test]
fn batches_answer_in_order_and_go_on_after_a_broken_line() {
    let folder = folder();
    let path = folder.path().join("pairs.jsonl");
    let inline = object!({
        "format": "truenorth-mdp/1", "gamma": 0.5, "states": 2, "actions": 2, "mu0": "uniform",
        "p": [[[1, 0], [0, 1]], [[1, 0], [0, 1]]],
        "rewards": { "truth": { "sa": [[0, 1], [2, 0]] }, "proxy": { "sa": [[0, 2], [4, 0]] } }
    });
    let lines = [
        object!({ "model": "gallery:bandit-3", "truth": "x", "proxy": "y" }).to_string(),
        String::new(),
        "{ broken".into(),
        object!({ "model": inline }).to_string(),
        object!({ "model": inline, "truth": "truth", "proxy": { "s": [1, 0] } }).to_string(),
    ];
    std::fs::write(&path, lines.join("\n")).expect("writable");
    let run = run(&["compare", "--batch", text(&path)]);
    assert_eq!(run.code, 3, "{}", run.err);
    let answers: Vec<Value> = run.out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["model"]["name"], "bandit-3");
    assert_eq!((&answers[1]["error"]["code"], &answers[1]["input_line"]), (&object!("syntax"), &object!(3)));
    assert_eq!(answers[2]["same_order"], true);
    assert_eq!(answers[3]["same_order"], false);
    assert!(answers[2]["polygon"].is_null(), "batches leave the polygon out");
}

#[test]
fn reports_stand_alone() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let (html, md, tex) = (at("look.html"), at("look.md"), at("look.tex"));
    let args = [
        "compare",
        LAKE,
        "goal",
        HURRIED,
        "-q",
        "--report",
        text(&html),
        "--report",
        text(&md),
        "--report",
        text(&tex),
    ];
    assert_eq!(run(&args).code, 0);
    let page = std::fs::read_to_string(&html).expect("report");
    assert_eq!(page.matches("<svg").count(), 3, "maps, polygon, cliff");
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("class=\"tn-changed\""), "changed states are outlined");
    assert!(std::fs::read_to_string(&md).expect("report").contains("look-figures/01-policy-maps.svg"));
    assert!(at("look-figures/01-policy-maps.svg").exists());
    assert!(std::fs::read_to_string(&tex).expect("report").contains("\\begin{document}"));
    let nowhere = folder.path().join("no/such/folder/look.html");
    assert_eq!(run(&["compare", LAKE, "goal", "step", "--report", text(&nowhere)]).code, 5);
    assert_eq!(run(&["compare", LAKE, "goal", "step", "--report", "look.docx"]).code, 2);
}

#[test]
fn the_same_command_gives_the_same_bytes() {
    let once = || program().args(["compare", LAKE, "goal", "progress", "--metric", "all", "--json"]).output();
    assert_eq!(once().expect("runs").stdout, once().expect("runs").stdout);
}
