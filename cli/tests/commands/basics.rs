//! The other commands, the streams, and the help a mistyped word gets.

use std::io::Read;
use std::process::Stdio;

use dashu_ratio::RBig;

use crate::run::{folder, json, program, run, text, value};

const LAKE: &str = "gallery:frozenlake-4x4";

#[test]
fn alone_it_prints_three_jobs() {
    let run = run(&[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out.matches("  truenorth ").count(), 3);
}

#[test]
fn solve_has_the_keys_of_the_contract() {
    let a = json(&["solve", LAKE, "goal", "--q"]);
    assert!((value(&a["value_at_start"]) - 0.542_025_932_000_472_9).abs() < 1e-12);
    assert!((value(&a["policy_value"]) - 0.542_025_932_000_472_9).abs() < 1e-12);
    assert_eq!(a["v"]["lo"].as_array().map(Vec::len), Some(16));
    assert_eq!(a["policy"][0], serde_json::json!(["left"]));
    for key in ["q", "method", "sweeps", "outcome"] {
        assert!(!a[key].is_null(), "{key}");
    }
    let worst = json(&["solve", LAKE, "step", "--min"]);
    assert!(value(&worst["value_at_start"]) < 100.0);
    let by_sweeps = json(&["solve", LAKE, "goal", "--method", "vi"]);
    assert!((value(&by_sweeps["value_at_start"]) - value(&a["value_at_start"])).abs() < 1e-8);
    assert_eq!(by_sweeps["method"], "vi");
}

#[test]
fn a_method_that_does_not_round_gives_a_fraction() {
    // On ice that does not slip the goal is six steps away, paid on arrival: 2^-5.
    let plain = ["solve", "gallery:frozenlake-4x4-plain", "goal", "--gamma", "0.5", "--method", "exact"];
    let a = json(&plain);
    assert_eq!(a["exact"]["value_at_start"], "1/32");
    assert_eq!(
        a["value_at_start"],
        serde_json::json!({ "value": 0.03125, "lo": 0.03125, "hi": 0.03125, "grade": "exact" })
    );
    assert!(run(&plain).out.contains("1/32"));

    let a = json(&["solve", LAKE, "goal", "--method", "exact"]);
    let fraction: RBig = a["exact"]["value_at_start"].as_str().and_then(|f| f.parse().ok()).expect("a fraction");
    let end = |key: &str| a["value_at_start"][key].as_f64().expect("a number");
    let (lo, hi) = (end("lo"), end("hi"));
    assert!(lo.next_up() == hi && RBig::try_from(lo).unwrap() < fraction && fraction < RBig::try_from(hi).unwrap());
    // Where ties had to be told, another method knows the same fraction.
    let other = json(&["solve", LAKE, "goal"])["exact"]["value_at_start"].as_str().map(|f| f.parse::<RBig>());
    assert!(other.is_none_or(|other| other == Ok(fraction)));

    let large = run(&["solve", "gallery:garnet?states=1001", "--method", "exact"]);
    assert_eq!(large.code, 3);
    assert!(large.err.contains("too-large") && large.err.contains("at most 1000"), "{}", large.err);
}

#[test]
fn limits_end_with_bounds_and_exit_code_4() {
    let args = ["solve", "gallery:garnet?states=200&gamma=0.999", "truth", "--method", "vi", "--time", "0"];
    let a = json_with_code(&args, 4);
    let (lo, hi) = (a["value_at_start"]["lo"].as_f64(), a["value_at_start"]["hi"].as_f64());
    let true_value = value(&json(&["solve", "gallery:garnet?states=200&gamma=0.999", "truth"])["value_at_start"]);
    assert!(lo.is_some_and(|lo| lo <= true_value) && hi.is_some_and(|hi| true_value <= hi), "{lo:?} {hi:?}");
    assert_eq!(a["outcome"], "time-limit");
    let pair = ["compare", "gallery:garnet?states=300&gamma=0.99", "truth", "proxy"];
    let cut = json_with_code(&[&pair[..], &["--time", "0"]].concat(), 4);
    let (b, x) = (&cut["regret"]["worst_case"], value(&json(&pair)["regret"]["worst_case"]));
    assert!(b["lo"].as_f64().is_some_and(|lo| lo <= x) && b["hi"].as_f64().is_some_and(|hi| x <= hi), "{x}: {b}");
}

fn json_with_code(args: &[&str], code: i32) -> serde_json::Value {
    let run = run(&[args, &["--json"]].concat());
    assert_eq!(run.code, code, "{}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn occupancy_sums_to_the_horizon() {
    let a = json(&["occupancy", "gallery:boat-race", "laps"]);
    let total = a["sums_to"].as_f64().or_else(|| a["sums_to"]["value"].as_f64()).expect("sums_to");
    assert!((total - 20.0).abs() < 1e-9, "1 / (1 - 19/20)");
    assert!(a["occ_sa"].is_array() && a["occ_s"].is_array());
}

#[test]
fn canon_shape_and_regret_have_the_keys_of_the_contract() {
    let val = json(&["canon", LAKE, "goal", "--by", "val"]);
    for key in ["canonical", "norm", "potential"] {
        assert!(!val[key].is_null(), "{key}");
    }
    let recovered = json(&["shape", LAKE, "goal", "--recover", "shaped"]);
    assert_eq!(recovered["recovered"], true);
    assert!((recovered["scale"].as_f64().expect("scale") - 1.0).abs() < 1e-9);
    let answer = json(&["regret", LAKE, "goal", "progress", "--lp"]);
    let regret = &answer["regret"];
    let by_lp = answer["linear_program"].as_f64().expect("linear program");
    assert!((value(&regret["worst_case"]) - by_lp).abs() < 1e-7, "{by_lp}");
    value(&regret["worst_case_normalised"]);
    assert!(regret["proxy_optimal"]["worst"].is_object() && regret["witness"].is_object());
}

#[test]
fn a_potential_that_is_not_zero_at_the_end_is_refused() {
    let folder = folder();
    let phi = folder.path().join("phi.json");
    std::fs::write(&phi, "{\"phi\": {\"goal(3,3)\": 1}}").expect("writable");
    let refused = run(&["shape", LAKE, "goal", "--phi", text(&phi)]);
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("potential-at-end"), "{}", refused.err);
    std::fs::write(&phi, "{\"phi\": {\"start(0,0)\": 1}}").expect("writable");
    let shaped = folder.path().join("shaped.json");
    assert_eq!(run(&["shape", LAKE, "goal", "--phi", text(&phi), "--write", text(&shaped)]).code, 0);
    let a = json(&["compare", LAKE, "goal", text(&shaped)]);
    // What is written are the decimals of doubles: a shaping up to their rounding, which is said with its measure.
    assert!(a["same_order"] == true || value(&a["regret"]["worst_case_normalised"]) < 1e-9, "{a}");
    assert!((a["shaping"]["potential"][0].as_f64().expect("potential") - 1.0).abs() < 1e-9);
}

#[test]
fn conversion_keeps_the_hash() {
    let folder = folder();
    for name in ["frozenlake-8x8", "gambler", "e1-tie", "taxi"] {
        let mut from = format!("gallery:{name}");
        let hash = |model: &str| json(&["solve", model])["model"]["hash"].clone();
        let first = hash(&from);
        for extension in ["mdp.toml", "mdp.json", "npz", "mdp.toml"] {
            let to = folder.path().join(format!("{name}.{extension}"));
            let converted = run(&["convert", &from, text(&to), "-q"]);
            assert_eq!(converted.code, 0, "{}", converted.err);
            from = text(&to).to_owned();
            assert_eq!(hash(&from), first, "{from}");
        }
    }
}

#[test]
fn slips_get_the_nearest_word() {
    for (args, near) in [
        (vec!["compare", LAKE, "gaol", "step"], "`goal`"),
        (vec!["solve", "gallery:frozenlake-4x5", "goal"], "frozenlake-4x4"),
        (vec!["compare", LAKE, "goal", "step", "--metric", "starc-vla-l2"], "starc-val-l2"),
        (vec!["slove", LAKE], "solve"),
        (vec!["solve", LAKE, "--jsno"], "--json"),
        (vec!["canon", LAKE, "goal", "--by", "vall"], "val"),
    ] {
        let run = run(&args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.err);
        assert_eq!(run.out, "", "{args:?}");
        assert!(run.err.contains(near), "{args:?}: {}", run.err);
    }
}

#[test]
fn the_first_reward_is_said_on_stderr_and_q_silences_it() {
    let spoken = run(&["solve", LAKE]);
    assert!(spoken.err.contains("goal") && spoken.code == 0, "{}", spoken.err);
    assert_eq!(run(&["solve", LAKE, "-q"]).err, "");
}

#[test]
fn a_closed_pipe_is_success() {
    let mut child = program()
        .args(["gallery", "get", "taxi"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 16];
    let mut pipe = child.stdout.take().expect("piped");
    pipe.read_exact(&mut first).expect("some output");
    drop(pipe);
    let mut err = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
    assert_eq!(child.wait().expect("ends").code(), Some(0), "{err}");
    assert_eq!(err, "");
}

#[test]
fn every_gallery_model_can_be_compared() {
    let list = run(&["gallery", "list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list.out).expect("JSON");
    let models = list["models"].as_array().expect("models");
    assert!(models.len() >= 15);
    for model in models {
        let name = format!("gallery:{}", model["name"].as_str().expect("name"));
        let rewards = model["rewards"].as_array().expect("rewards");
        let reward = |i: usize| {
            let r = &rewards[i % rewards.len()];
            r.as_str().or_else(|| r["name"].as_str()).expect("reward").to_owned()
        };
        let run = run(&["compare", &name, &reward(0), &reward(1), "--metric", "all"]);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        let is_broken = |word: &str| ["NaN", "inf", "-inf", "\u{2212}inf"].contains(&word);
        assert!(!run.out.split_whitespace().any(is_broken), "{name}: {}", run.out);
    }
}

#[test]
fn shells_and_manual_are_served() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&["completions", shell]).out.contains("truenorth"), "{shell}");
    }
    assert!(run(&["man"]).out.contains(".TH"));
    let doctor = run(&["doctor"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    assert_eq!(run(&["dev", "gallery", "--check"]).code, 0);
}
