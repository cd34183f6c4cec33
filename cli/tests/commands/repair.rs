//! `repair`: the change it names mends, the proof it gives holds, and what is wrong is said.

use serde_json::Value;

use crate::run::{folder, json, run, text, value};

const TOMATOES: &str = "gallery:failures/tomato-watering";
const RACE: [&str; 6] = ["repair", "gallery:boat-race", "--truth", "laps", "--proxy", "tiles"];

/// Regret of the unluckiest proxy-optimal policy, as `regret` sees it.
fn regret(model: &str, truth: &str, proxy: &str) -> f64 {
    value(&json(&["regret", model, truth, proxy])["regret"]["proxy_optimal"]["worst"])
}

#[test]
fn the_coefficient_it_names_mends_and_the_breakpoint_does_not() {
    let a = json(&["repair", TOMATOES]);
    assert_eq!((&a["fine"], &a["mends"]), (&false.into(), &true.into()));
    assert_eq!(a["single"][0]["feature"], "bucket");
    let side = &a["single"][0]["negative"];
    // 23/128, by hand: watering for ever against the bucket.
    assert_eq!(value(&side["above"]), 23.0 / 128.0);
    let chosen = side["chosen"].as_f64().expect("a coefficient");
    assert!(chosen < -23.0 / 128.0);
    assert!(regret(TOMATOES, "truth", &format!("proxy - {}*bucket", -chosen)) < 1e-9);
    assert!(regret(TOMATOES, "truth", &format!("proxy - {}*bucket", 0.999 * 23.0 / 128.0)) > 1.0);
    assert!(a["single"][0]["positive"]["above"].is_null(), "a larger bucket does not help");
    assert_eq!(a["single"][1]["trivial"], true, "1 a step is a shaping where nothing ends");
    let words = run(&["repair", TOMATOES]).words();
    assert!(words.contains("Take off more than 23/128 of `bucket`"), "{words}");
}

#[test]
fn the_nearest_reward_is_a_file_that_mends() {
    let folder = folder();
    for norm in ["linf", "l2"] {
        let path = folder.path().join(format!("{norm}.json"));
        let a = json(&["repair", TOMATOES, "--norm", norm, "--reward", text(&path)]);
        let found = a["nearest"].as_array().expect("a list").iter().find(|n| n["norm"] == norm).expect("this norm");
        assert!(value(&found["distance"]) > 0.01);
        assert!(regret(TOMATOES, "truth", text(&path)) < 1e-9, "{norm}");
    }
}

#[test]
fn what_cannot_be_mended_is_proved() {
    let a = json(&[&RACE[..], &["--feature", "directional"]].concat());
    assert_eq!((&a["mends"], &a["joint"]["impossible"]), (&false.into(), &true.into()));
    let proof = &a["joint"]["proofs"][0];
    assert_eq!((&proof["holds"], &proof["exact"]), (&true.into(), &true.into()));
    // The mixture earns as much of the feature as the target, and no less of the proxy.
    let number = |v: &Value| v.as_f64().expect("a number");
    let mixture = proof["mixture"].as_array().expect("policies");
    let mixed =
        |of: &dyn Fn(&Value) -> f64| mixture.iter().map(|m| number(&m["weight"]) * of(&m["returns"])).sum::<f64>();
    let target = &proof["target"]["returns"];
    let feature = |r: &Value| number(&r["features"]["directional"]);
    assert!((mixed(&feature) - feature(target)).abs() < 1e-9);
    assert!(mixed(&|r| number(&r["proxy"])) >= number(&target["proxy"]) - 1e-9);
    let words = run(&[&RACE[..], &["--feature", "directional"]].concat()).words();
    assert!(words.contains("No coefficient of `directional` mends the proxy"), "{words}");
    // The truth itself does, however little of it.
    let a = json(&[&RACE[..], &["--feature", "laps"]].concat());
    assert_eq!(value(&a["single"][0]["positive"]["above"]), 0.0);
}

#[test]
fn nothing_to_mend_and_nothing_to_lose_are_said() {
    let fine = run(&["repair", "gallery:frozenlake-4x4", "--truth", "goal", "--proxy", "shaped"]);
    assert!(fine.code == 0 && fine.words().contains("Nothing to mend"), "{} {}", fine.out, fine.err);
    let nothing = json(&["repair", "gallery:frozenlake-4x4", "--truth", "0", "--proxy", "goal"]);
    assert_eq!((&nothing["truth_trivial"], &nothing["fine"]), (&true.into(), &true.into()));
    assert_eq!(run(&["repair", TOMATOES, "--assert", "fine==true", "-q"]).code, 1);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (args, code, says) in [
        (&["gallery:frozenlake-4x4"][..], 2, "no reward `truth`"),
        (&[TOMATOES, "--feature", "buckte"], 2, "did you mean `bucket`"),
        (&[TOMATOES, "--norm", "l3"], 2, "linf"),
        (&["no-such.mdp.toml"], 3, "no-such.mdp.toml"),
        (&[TOMATOES, "--reward", "/nowhere/at/all/r.json"], 5, "/nowhere/at/all"),
    ] {
        let refused = run(&[&["repair"], args].concat());
        assert_eq!(refused.code, code, "{args:?}: {}", refused.err);
        assert!(refused.err.contains(says), "{args:?}: {}", refused.err);
    }
}
