//! `cert` and `--certificate` from outside.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use truenorth::verify::cert::sealed;

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_truenorth"))
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "140")
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (out.status.code().unwrap_or(-1), text(out.stdout), text(out.stderr))
}

const LAKE: &str = "gallery:frozenlake-4x4";
const PROXY: &str = "goal - 0.05*step";

#[test]
fn what_a_command_certifies_is_accepted_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("policy.json"), format!("[{}]", vec!["0"; 16].join(", "))).expect("written");
    let cases: &[(&[&str], &[&str])] = &[
        (&["solve", LAKE, PROXY], &["value", "optimal-actions"]),
        (&["solve", LAKE, "--min", "--gamma", "0.9"], &["value", "optimal-actions"]),
        (&["solve", "gallery:garnet?states=30", "--seed", "4"], &["value", "optimal-actions"]),
        (&["occupancy", LAKE, PROXY], &["policy-value"]),
        (&["regret", LAKE, "goal", PROXY], &["worst-case-regret"]),
        (&["compare", LAKE, "goal", PROXY], &["starc-range", "starc-val", "worst-case-regret"]),
        (&["compare", LAKE, "goal", "shaped"], &["starc-range", "starc-val", "same-order", "worst-case-regret"]),
    ];
    for (args, kinds) in cases {
        let all = [*args, &["--certificate", "out.json", "-q"]].concat();
        let (code, _, err) = run(at, &all);
        assert_eq!(code, 0, "{args:?}: {err}");
        let (code, out, err) = run(at, &["cert", "check", "out.json", "--json"]);
        assert_eq!(code, 0, "{args:?}: {err}");
        let answer: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!((&answer["accepted"], &answer["command"]), (&true.into(), &"cert check".into()));
        let claims = answer["claims"].as_array().expect("claims");
        assert_eq!(claims.iter().map(|claim| claim["kind"].as_str().expect("a kind")).collect::<Vec<_>>(), *kinds);
        assert!(claims.iter().all(|claim| claim["proven"] == true));
        let (code, out, _) = run(at, &["cert", "show", "out.json"]);
        assert!(code == 0 && out.contains("truenorth") && !out.contains("proven"), "{out}");
    }
    let (code, out, _) =
        run(at, &["occupancy", LAKE, "--policy", "policy.json", "--certificate", "out.json", "--json"]);
    assert!(code == 0 && out.starts_with('{'));
    let (code, out, _) = run(at, &["cert", "check", "out.json"]);
    assert!(code == 0 && out.contains("Accepted: all 4 claims are proven") && out.contains("earns"), "{out}");
}

#[test]
fn exit_codes_tell_a_failed_proof_from_a_refused_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    assert_eq!(run(at, &["solve", LAKE, "goal", "--certificate", "c.json", "-q"]).0, 0);
    let text = fs::read_to_string(at.join("c.json")).expect("written");
    let narrowed = sealed(&text.replacen("\"lo\": 0.54", "\"lo\": 0.55", 1));
    assert_ne!(narrowed, text);
    fs::write(at.join("narrow.json"), narrowed).expect("written");
    let (code, out, _) = run(at, &["cert", "check", "narrow.json"]);
    assert!(code == 1 && out.contains("Rejected: 1 of 2 claims") && out.contains("the witness proves"), "{code} {out}");
    fs::write(at.join("damaged.json"), text.replacen("\"lo\": 0.54", "\"lo\": 0.55", 1)).expect("written");
    let (code, _, err) = run(at, &["cert", "check", "damaged.json"]);
    assert!(code == 3 && err.contains("[certificate-damaged]"), "{err}");
    let (code, _, err) = run(at, &["cert", "check", "c.json", "--model", "gallery:forest"]);
    assert!(code == 3 && err.contains("[certificate-model]"), "{err}");
    assert_eq!(run(at, &["cert", "check", "c.json", "--model", LAKE]).0, 0);
    assert_eq!(run(at, &["cert", "check", "absent.json"]).0, 3);
    assert_eq!(run(at, &["cert", "show", "damaged.json"]).0, 3);
}

#[test]
fn a_model_file_travels_with_its_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    assert_eq!(run(at, &["gallery", "get", "forest", "-o", "wood.npz"]).0, 0);
    assert_eq!(run(at, &["gallery", "get", "forest", "-o", "wood.mdp.json"]).0, 0);
    assert_eq!(run(at, &["solve", "wood.npz", "--certificate", "c.json", "-q"]).0, 0);
    // The same numbers in every format.
    for model in ["wood.npz", "wood.mdp.json", "gallery:forest"] {
        let (code, _, err) = run(at, &["cert", "check", "c.json", "--model", model]);
        assert_eq!(code, 0, "{model}: {err}");
    }
}

#[test]
fn what_cannot_be_certified_is_refused_or_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("r.json"), format!("{{\"s\": [{}]}}", vec!["1"; 16].join(", "))).expect("written");
    let (code, _, err) = run(at, &["solve", LAKE, "r.json", "--certificate", "c.json"]);
    assert!(code == 2 && err.contains("[no-certificate]") && err.contains("put the table under `rewards`"), "{err}");
    assert!(!at.join("c.json").exists());
    let (code, _, err) = run(at, &["compare", LAKE, "goal", PROXY, "--certificate", "c.json"]);
    assert!(code == 0 && err.contains("starc-minimal-weighted-l2 is not in the certificate"), "{err}");
}

#[test]
fn what_is_refused_exits_with_3_and_a_name_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    assert_eq!(run(at, &["gallery", "get", "forest", "-o", "wood.mdp.toml"]).0, 0);
    assert_eq!(run(at, &["solve", "wood.mdp.toml", "income", "--certificate", "c.json", "-q"]).0, 0);
    let text = fs::read_to_string(at.join("c.json")).expect("written");
    let write = |name: &str, old: &str, new: &str| {
        let changed = sealed(&text.replacen(old, new, 1));
        assert_ne!(changed, text, "{old}");
        fs::write(at.join(name), changed).expect("written");
    };
    let argument = "\"argument\": \"wood.mdp.toml\"";
    for (i, other) in ["gallery:absent", "gallery:", "gallery:garnet?states=no", "absent.mdp.toml", "wood", ""]
        .into_iter()
        .enumerate()
    {
        let name = format!("{i}.json");
        write(&name, argument, &format!("\"argument\": \"{other}\""));
        let (code, _, err) = run(at, &["cert", "check", &name]);
        assert_eq!(code, 3, "{other}: {err}");
        // A model named on the command line is looked at in its place.
        assert_eq!(run(at, &["cert", "check", &name, "--model", "wood.mdp.toml"]).0, 0, "{other}");
    }
    // The name is no part of the hash.
    write("named.json", "\"name\": \"forest\"", "\"name\": \"the moon\"");
    let (code, out, _) = run(at, &["cert", "check", "named.json", "--json"]);
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &answer["model"]["name"]), (0, &"forest".into()), "{answer}");
    assert_eq!(answer["model"]["said"]["name"], "the moon");
    assert!(!run(at, &["cert", "check", "named.json"]).1.contains("moon"));
    let (_, out, _) = run(at, &["cert", "show", "named.json", "--json"]);
    let shown: Value = serde_json::from_str(&out).expect("JSON");
    assert!(shown["model"]["name"].is_null(), "nothing was read that would give it a name: {shown}");
    // The model that was checked is the one that is shown.
    write("moved.json", argument, "\"argument\": \"elsewhere.mdp.toml\"");
    let (code, out, _) = run(at, &["cert", "check", "moved.json", "--model", "wood.mdp.toml"]);
    assert!(code == 0 && out.contains("wood.mdp.toml") && !out.contains("elsewhere"), "{out}");
}

#[test]
fn what_the_checker_would_not_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    assert_eq!(run(at, &["solve", "gallery:forest", "income", "--certificate", "c.json", "-q"]).0, 0);
    let text = fs::read_to_string(at.join("c.json")).expect("written");
    for (name, new) in [
        // Long enough for 1/(1 - 0.9), so that a checker that used it would accept.
        ("horizon", "\"horizon\": [10, 10, 10], \"hash\""),
        ("unknown", "\"note\": \"approved\", \"hash\""),
    ] {
        fs::write(at.join("x.json"), sealed(&text.replacen("\"hash\"", new, 1))).expect("written");
        let (code, _, err) = run(at, &["cert", "check", "x.json"]);
        assert!(code == 3 && err.contains("[field-unknown]"), "{name}: {code} {err}");
    }
}
