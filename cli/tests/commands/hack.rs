//! `hack`: the keys of the contract, and the right words where there is little to say.

use serde_json::Value;

use crate::run::{folder, json, run, text, value};

/// A room with a button, and what follows from pressing it. Rewards stand in `entries`.
fn model(extra: &str, rewards: &str) -> String {
    format!(
        r#"
format = "truenorth-mdp/1"
name = "button"
gamma = "1/2"
states = ["room", "hall", "attic"]
actions = ["wait", "press"]
mu0 = "room"
transitions = [
  ["room", "wait", "room", 1], ["room", "press", "hall", 1],
  ["hall", "wait", "hall", 1], ["hall", "press", "room", 1],
  ["attic", "wait", "room", 1], ["attic", "press", "hall", 1],
]
{extra}
[rewards.truth]
s = [0, 1, 0]
{rewards}
"#
    )
}

/// The answer about a model with these proxies, as JSON and as text.
fn answer(rewards: &str, flags: &[&str]) -> (Value, String) {
    let folder = folder();
    let path = folder.path().join("button.mdp.toml");
    std::fs::write(&path, model("", rewards)).expect("writable");
    let args = [&["hack", text(&path), "--proxy", "proxy", "--truth", "truth"], flags].concat();
    (json(&args), run(&args).words())
}

#[test]
fn it_has_the_keys_of_the_contract() {
    let a = json(&["hack", "gallery:dirt-sensor", "--proxy", "proxy", "--truth", "truth"]);
    for key in ["raw", "canonical"] {
        value(&a["correlation"][key]);
    }
    for key in ["truth", "proxy"] {
        value(&a["sigma"][key]);
        value(&a["returns"]["reference"][key]);
        value(&a["returns"]["policy"][key]);
    }
    for key in ["chi2", "chi2_state", "kl", "tv", "action_kl"] {
        value(&a["divergence"][key]);
    }
    assert!(a["divergence"]["kl_reverse"].is_null(), "the policy never plays what the reference does");
    assert!(a["undefined"]["divergence.kl_reverse"].as_str().is_some_and(|why| why.starts_with("infinite")));
    let rise = value(&a["returns"]["policy"]["truth"]) - value(&a["returns"]["reference"]["truth"]);
    for bound in [&a["bound"], &a["bound"]["canonical"]] {
        assert!(value(&bound["theorem_5_1"]) <= value(&bound["sharp"]) && value(&bound["sharp"]) <= rise);
    }
    let flags = ["correlated_proxy", "hacking", "hacking_and_proxy_up", "proxy_optimal_hacks"];
    flags.iter().for_each(|flag| assert_eq!(a["flags"][flag], true, "{flag}"));
    let m = &a["maximiser"];
    assert!(m["weight"].as_f64().expect("weight") > value(&m["critical_weight"]) && m["is_reference"] == true);
    let canonical = &m["canonical"];
    assert!(canonical["gap"].as_f64().expect("gap") < 1e-9 && canonical["is_reference"] == false);
    assert!(value(&canonical["j_truth"]) > value(&a["returns"]["reference"]["truth"]), "it does better than it was");
    for family in ["frontier", "frontier_kl", "frontier_action_kl"] {
        assert_eq!(a[family].as_array().map(Vec::len), Some(25), "{family}");
    }
    for key in ["eta", "weight", "chi2", "j_proxy", "j_truth", "bound", "gap"] {
        assert!(a["frontier"][3][key].is_number(), "{key}");
    }
    assert_eq!(a["hackable"]["all_policies"], true);
    let words = run(&["hack", "gallery:dirt-sensor", "--proxy", "proxy", "--truth", "truth"]).out;
    assert!(words.contains("Reward hacking: the proxy correlates with the truth"), "{words}");
    let asked = ["hack", "gallery:dirt-sensor", "--proxy", "proxy", "--truth", "truth", "--assert", "hacking==false"];
    assert_eq!(run(&asked).code, 1);
}

#[test]
fn a_proxy_of_the_same_task_is_no_hacking() {
    let (a, words) = answer("[rewards.proxy]\ns = [1, 3, 0]", &[]);
    assert!((value(&a["correlation"]["canonical"]) - 1.0).abs() < 1e-9);
    assert_eq!(a["flags"]["hacking"], false);
    assert!(words.contains("No hacking") && words.contains("the same up to scale"), "{words}");
    assert_eq!(a["unreachable"], serde_json::json!(["attic"]));
    assert!(words.contains("Never reached") && a["maximiser"]["canonical"]["policy"][2].is_null());
}

#[test]
fn a_tie_is_told_with_both_ends() {
    // Paid for pressing anywhere: in the hall that leads back, and waiting there pays the same.
    let proxy = "[rewards.proxy]\nsa = [[1, 1], [1, 1], [0, 0]]";
    let (a, words) = answer(proxy, &[]);
    assert!(a["correlation"]["raw"].is_null() && words.contains("the proxy does not vary"), "{words}");
    assert_eq!(a["proxy_optimal"]["tied_states"], 2);
    assert!(value(&a["proxy_optimal"]["worst"]) < value(&a["proxy_optimal"]["best"]));
    assert!(words.contains("some of them earn less than the reference in truth, some do not"), "{words}");
}

#[test]
fn a_truth_that_does_not_vary_correlates_with_nothing() {
    let rewards = "[rewards.proxy]\ns = [0, 1, 0]\n[rewards.nothing]\ns = [2, 2, 2]";
    let (a, words) = answer(rewards, &[]);
    assert!(!a["correlation"]["raw"].is_null() && words.contains("No hacking"), "{words}");
    let folder = folder();
    let path = folder.path().join("button.mdp.toml");
    std::fs::write(&path, model("", rewards)).expect("writable");
    let a = json(&["hack", text(&path), "--proxy", "proxy", "--truth", "nothing"]);
    assert!(a["correlation"]["raw"].is_null() && a["flags"]["hacking"] == false);
    assert!(a["undefined"]["correlation.raw"].as_str().is_some_and(|why| why.contains("true reward does not vary")));
}

#[test]
fn a_policy_off_the_support_is_promised_nothing() {
    let folder = folder();
    let [path, waits, presses] = ["m.mdp.toml", "waits.json", "presses.json"].map(|name| folder.path().join(name));
    std::fs::write(&path, model("", "[rewards.proxy]\ns = [0, 1, 0]")).expect("writable");
    std::fs::write(&waits, r#"[[1, 0], [1, 0], [1, 0]]"#).expect("writable");
    std::fs::write(&presses, r#"["press", "wait", "wait"]"#).expect("writable");
    let both = ["--reference", text(&waits), "--policy", text(&presses)];
    let base = ["hack", text(&path), "--proxy", "proxy", "--truth", "truth"];
    let a = json(&[&base[..], &both].concat());
    assert!(a["divergence"]["chi2"].is_null() && a["bound"]["sharp"].is_null());
    assert_eq!(value(&a["divergence"]["tv"]), 0.5 + 0.5, "all of its visits are elsewhere, for it presses at once");
    let why = a["undefined"]["divergence.chi2"].as_str().expect("a reason");
    assert!(why.contains("press") && why.contains("room"), "{why}");
    let words = run(&[&base[..], &both].concat()).out;
    assert!(words.contains("infinite"), "{words}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let base = ["hack", "gallery:frozenlake-4x4", "--proxy", "progress", "--truth", "goal"];
    for (flags, code, words) in [
        (&["--reference", "sofd:1"][..], 2, "soft:TAU"),
        (&["--reference", "soft:-1"], 2, "temperature"),
        (&["--reference", "soft:x"], 2, "above 0"),
        (&["--reference", "no-such.json"], 3, "no-such.json"),
        (&["--policy", "no-such.json"], 3, "no-such.json"),
        (&["--angle", "10"], 2, "--goodhart"),
        (&["--goodhart", "--angle", "-7"], 3, "angle"),
        (&["--ensemble", "nothing"], 2, "nothing"),
        (&["--points", "1001"], 2, "points"),
    ] {
        let refused = run(&[&base[..], flags].concat());
        assert!([2, 3].contains(&refused.code), "{flags:?}: {}", refused.err);
        assert_eq!(refused.code, code, "{flags:?}: {}", refused.err);
        assert!(refused.err.contains(words), "{flags:?}: {}", refused.err);
    }
    let endless = run(&["hack", "gallery:gambler", "--proxy", "win", "--truth", "win", "--gamma", "1"]);
    assert!(endless.code == 3 || endless.code == 2, "{}", endless.err);
}

#[test]
fn curves_and_ensembles_come_on_request() {
    let args = ["hack", "gallery:dirt-sensor", "--proxy", "proxy", "--truth", "truth", "--points", "0", "--goodhart"];
    let a = json(&[&args[..], &["--angle", "20", "--ensemble", "truth"]].concat());
    assert!(a["frontier"].is_null() && !a["goodhart"]["curves"].as_array().expect("curves").is_empty());
    assert_eq!(a["ensemble"]["hull"]["inside"], true, "the truth is a member");
    let soft =
        json(&["hack", "gallery:dirt-sensor", "--proxy", "proxy", "--truth", "truth", "--reference", "soft:0.1"]);
    assert!(value(&soft["returns"]["reference"]["truth"]) > value(&a["returns"]["reference"]["truth"]));
}

#[test]
fn a_limit_leaves_bounds() {
    let lake = ["hack", "gallery:garnet?states=300&gamma=0.99", "--proxy", "proxy", "--truth", "truth"];
    let cut = run(&[&lake[..], &["--time", "0", "--json"]].concat());
    assert_eq!(cut.code, 4, "{}", cut.err);
    let a: Value = serde_json::from_str(&cut.out).expect("JSON");
    assert!(a["maximiser"]["weight"].is_number() || a["undefined"]["maximiser"].is_string());
}
