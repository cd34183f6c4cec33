//! Corners a first user finds: small, empty and extreme models, keys of each answer, sizes of pictures, streams.

use serde_json::Value;

use crate::run::{Run, folder, json, run, text};

const LAKE: &str = "gallery:frozenlake-4x4";
const HURRIED: &str = "goal - 0.05*step";

const ONE: &str = r#"format = "truenorth-mdp/1"
gamma = 0.9
states = 1
actions = 1
mu0 = "uniform"
p = [[[1]]]
[rewards]
one = { s = [1] }
zero = { s = [0] }
tiny = { s = [1e-90] }
huge = { s = [-1e90] }
"#;

/// An action masked, a state out of reach, an end.
const SMALL: &str = r#"format = "truenorth-mdp/1"
gamma = 0.9
states = ["a", "b", "end", "far"]
actions = ["x", "y"]
mu0 = "a"
terminal = ["end"]
transitions = [["a","x","b",1], ["a","y","end",1], ["b","x","a","1/3"], ["b","x","end","2/3"], ["far","x","a",1]]
[rewards]
one = { entries = [["a", "x", "*", 1]] }
zero = { entries = [] }
tiny = { entries = [["a", "x", "*", 1e-90], ["b", "*", "*", 3e-90]] }
huge = { entries = [["a", "x", "*", 1e90], ["b", "*", "*", -1e80]] }
"#;

/// Every state ends.
const ENDED: &str = r#"format = "truenorth-mdp/1"
gamma = 1
states = 2
actions = 1
mu0 = 0
terminal = [0, 1]
transitions = []
[rewards]
one = { entries = [["*", "*", "*", 0]] }
zero = { entries = [] }
tiny = { entries = [] }
huge = { entries = [] }
"#;

const WITHOUT_REWARDS: &str = r#"format = "truenorth-mdp/1"
gamma = 0.5
states = 2
actions = 1
mu0 = 0
p = [[[0, 1]], [[1, 0]]]
"#;

/// Answered, or refused in words: no bug, no number that is none, JSON as JSON.
fn is_sound(args: &[&str], run: &Run) {
    assert!([0, 1, 2, 3, 4].contains(&run.code), "{args:?} ended with {}: {}", run.code, run.err);
    assert!(!run.err.contains("panicked") && !run.err.contains("internal error"), "{args:?}: {}", run.err);
    for text in [&run.out, &run.err] {
        let is_broken = |word: &str| ["nan", "inf"].contains(&word.to_lowercase().as_str());
        let broken = text.split(|c: char| !c.is_alphanumeric()).find(|word| is_broken(word));
        assert_eq!(broken, None, "{args:?}: {text}");
    }
    if args.contains(&"--json") {
        serde_json::from_str::<Value>(&run.out).unwrap_or_else(|e| panic!("{args:?}: {e}: {}", run.out));
    }
}

#[test]
fn small_and_extreme_models_get_sound_answers() {
    let folder = folder();
    let rewards = ["one", "zero", "tiny", "huge"];
    for (name, model) in [("one", ONE), ("small", SMALL), ("ended", ENDED)] {
        let path = folder.path().join(format!("{name}.mdp.toml"));
        std::fs::write(&path, model).expect("writable");
        let path = text(&path);
        for truth in rewards {
            let mut jobs: Vec<Vec<&str>> =
                vec![vec!["solve", path, truth], vec!["occupancy", path, truth], vec!["solve", path, truth, "--q"]];
            for proxy in rewards {
                jobs.push(vec!["compare", path, truth, proxy]);
                jobs.push(vec!["regret", path, truth, proxy]);
                jobs.push(vec!["shape", path, truth, "--recover", proxy]);
            }
            for by in ["none", "val", "minimal", "epic"] {
                jobs.push(vec!["canon", path, truth, "--by", by]);
            }
            for mut job in jobs {
                let words = run(&job);
                is_sound(&job, &words);
                // The uniform form needs a discount below 1, and says so.
                let is_undefined = words.code == 2 && words.err.contains("not defined for gamma = 1");
                assert!(words.code == 0 || is_undefined, "{job:?}: {}", words.err);
                assert!(!words.out.contains("of 0 live") && !words.out.contains("the 0 live"), "{}", words.out);
                job.push("--json");
                is_sound(&job, &run(&job));
            }
        }
    }
}

#[test]
fn small_and_extreme_models_can_be_drawn() {
    let folder = folder();
    for (name, model) in [("one", ONE), ("small", SMALL), ("ended", ENDED)] {
        let path = folder.path().join(format!("{name}.mdp.toml"));
        std::fs::write(&path, model).expect("writable");
        let path = text(&path);
        let picture = folder.path().join("picture.svg");
        for job in [
            vec!["plot", "grid", path, "huge"],
            vec!["plot", "diff", path, "tiny", "huge"],
            vec!["plot", "polygon", path, "huge", "tiny"],
            vec!["plot", "occupancy", path, "one"],
            vec!["plot", "cliff", path, "one", "--vary", "one + x*huge", "0..1"],
        ] {
            let args = [job.as_slice(), &["-o", text(&picture)]].concat();
            is_sound(&args, &run(&args));
            if let Ok(drawn) = std::fs::read_to_string(&picture) {
                assert!(!drawn.contains("NaN") && !drawn.contains("inf\""), "{job:?}");
            }
        }
    }
}

#[test]
fn a_model_without_rewards_still_compares_constants() {
    let folder = folder();
    let path = folder.path().join("none.mdp.toml");
    std::fs::write(&path, WITHOUT_REWARDS).expect("writable");
    let refused = run(&["solve", text(&path)]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("[reward-unknown]"), "{}", refused.err);
    assert_eq!(json(&["compare", text(&path), "1", "2"])["same_order"], true);
    let endless = run(&["solve", text(&path), "1", "--gamma", "1"]);
    assert_eq!(endless.code, 3);
    assert!(endless.err.contains("[gamma-one-endless]"), "{}", endless.err);
}

#[test]
fn answers_have_the_keys_of_the_contract() {
    let jobs: [(&[&str], &[&str]); 6] = [
        (
            &["compare", LAKE, "goal", HURRIED],
            &[
                "same_order",
                "distances",
                "angle_degrees",
                "regret",
                "regret_reverse",
                "returns",
                "polygon",
                "policy",
                "shaping",
            ],
        ),
        (&["solve", LAKE], &["value_at_start", "v", "policy", "policy_value", "method", "sweeps", "outcome"]),
        (&["occupancy", LAKE], &["occ_sa", "occ_s", "sums_to"]),
        (&["canon", LAKE, "goal", "--by", "minimal-weighted"], &["canonical", "norm"]),
        (&["shape", LAKE, "goal", "--recover", "step"], &["recovered", "scale", "potential", "remainder"]),
        (&["regret", LAKE, "goal", "step"], &["regret"]),
    ];
    for (args, keys) in jobs {
        let answer = json(args);
        assert_eq!(answer["command"], args[0]);
        for key in keys {
            assert!(answer.get(key).is_some(), "{args:?}: no {key}");
        }
    }
    for words in ["gallery list", "doctor"] {
        let args: Vec<&str> = words.split(' ').chain(["--json"]).collect();
        let answer: Value = serde_json::from_str(&run(&args).out).expect("JSON");
        assert_eq!((&answer["schema"], &answer["command"]), (&"truenorth-result/1".into(), &words.into()));
    }
}

#[test]
fn errors_are_json_when_json_is_asked_for() {
    for (args, code, name) in [
        (vec!["solve", "absent.mdp.toml"], 3, "file-unreadable"),
        (vec!["solve", "gallery:absent"], 2, "model-unknown"),
        (vec!["solve", LAKE, "gaol"], 2, "reward-unknown"),
        (vec!["compare", LAKE, "goal", "((((("], 2, "expression"),
        (vec!["compare", LAKE, "goal", "1e400*goal"], 2, "expression"),
        (vec!["compare", LAKE, "goal", "step", "--metric", "starc"], 2, "metric-unknown"),
        (vec!["solve", LAKE, "--gamma", "1.5"], 2, "usage"),
        (vec!["solve", LAKE, "--tol", "0"], 2, "usage"),
        (vec!["compare", LAKE, "goal"], 2, "usage"),
        (vec!["slove"], 2, "usage"),
        (vec!["solve", LAKE, "--report", "absent/x.html"], 5, "output-unwritable"),
    ] {
        let plain = run(&args);
        assert_eq!((plain.code, plain.out.as_str()), (code, ""), "{args:?}: {}", plain.err);
        let with_json = [args.as_slice(), &["--json"]].concat();
        let answer = run(&with_json);
        assert_eq!(answer.code, code, "{args:?}");
        let value: Value = serde_json::from_str(&answer.out).expect("JSON");
        assert_eq!(value["error"]["code"], name, "{value}");
        assert!(value["error"]["message"].as_str().is_some_and(|m| !m.is_empty()), "{value}");
    }
}

#[test]
fn an_undecided_assertion_fails() {
    let answer = json(&["compare", LAKE, "goal", HURRIED]);
    let range = &answer["distances"]["starc-range"];
    let (lo, hi) = (range["lo"].as_f64().expect("lo"), range["hi"].as_f64().expect("hi"));
    assert!(lo < hi);
    let between = 0.5 * (lo + hi);
    for relation in ["<=", ">=", "<", ">", "==", "!="] {
        let run = run(&["compare", LAKE, "goal", HURRIED, "--assert", &format!("starc-range{relation}{between}")]);
        assert_eq!(run.code, 1, "{relation}");
        assert!(run.err.contains("between") && run.out.contains("Different tasks"), "{}", run.err);
    }
}

#[test]
fn a_result_goes_to_the_file_whole_or_not_at_all() {
    let folder = folder();
    let path = folder.path().join("answer.json");
    let good = run(&["solve", LAKE, "goal", "--json", "-o", text(&path)]);
    assert_eq!((good.code, good.out.as_str(), good.err.as_str()), (0, "", ""));
    let kept = std::fs::read_to_string(&path).expect("written");
    assert!(serde_json::from_str::<Value>(&kept).is_ok());
    assert_eq!(run(&["solve", LAKE, "gaol", "-o", text(&path)]).code, 2);
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), kept, "a refusal leaves the old file");
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1, "no temporary file is left");
    assert_eq!(run(&["solve", LAKE, "goal", "-o", text(folder.path())]).code, 5);
    let nowhere = run(&["solve", LAKE, "goal", "-o", text(&folder.path().join("no/answer.json"))]);
    assert!(nowhere.code == 5 && nowhere.err.contains("no such file or directory"), "{}", nowhere.err);
}

#[test]
fn a_picture_has_the_same_size_in_both_formats() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let (svg, png) = (at("a.svg"), at("a.png"));
    for path in [&svg, &png] {
        assert_eq!(run(&["plot", "polygon", LAKE, "goal", HURRIED, "-o", text(path)]).code, 0);
    }
    let drawn = std::fs::read_to_string(&svg).expect("picture");
    let side = |name: &str| -> f64 {
        let rest = drawn.split(&format!(" {name}=\"")).nth(1).expect(name);
        rest.split('"').next().and_then(|n| n.parse().ok()).expect(name)
    };
    let bytes = std::fs::read(&png).expect("picture");
    let number = |at: usize| f64::from(u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes")));
    let (across, down) = (number(16) / side("width"), number(20) / side("height"));
    assert!(across >= 1.0 && (across - down).abs() < 0.01, "{across} times as wide, {down} times as high");
}

#[test]
fn every_help_page_and_manual_page_is_there_and_hidden_commands_are_not() {
    let commands = [
        "compare",
        "regret",
        "solve",
        "occupancy",
        "canon",
        "shape",
        "plot",
        "convert",
        "gallery",
        "doctor",
        "completions",
        "man",
    ];
    let folder = folder();
    assert_eq!(run(&["man", "--dir", text(folder.path())]).code, 0);
    for command in commands {
        let help = run(&[command, "--help"]);
        assert_eq!((help.code, help.err.as_str()), (0, ""), "{command}");
        assert!(help.out.starts_with("Examples:") && help.out.contains("Exit codes:"), "{command}");
        assert!(folder.path().join(format!("truenorth-{command}.1")).exists(), "{command}");
        for shell in ["bash", "zsh", "fish"] {
            assert!(run(&["completions", shell]).out.contains(command), "{shell}: {command}");
        }
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]).out;
        assert!(
            !script.replace("/dev/", "").split(|c: char| !c.is_alphanumeric()).any(|w| w == "dev"),
            "{shell} offers a hidden command"
        );
    }
}

#[test]
fn a_broken_line_of_a_batch_says_where() {
    let folder = folder();
    let path = folder.path().join("pairs.jsonl");
    std::fs::write(&path, "\n  { \"model\": nonsense }\n").expect("writable");
    let run = run(&["compare", "--batch", text(&path)]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("pairs.jsonl:2:") && !run.err.contains("at line 1"), "{}", run.err);
}
