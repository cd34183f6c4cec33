//! Arguments that mean what they say: rewards that begin with a minus, policies by name, another discount and start.

use serde_json::Value;

use crate::run::{folder, json, run, text, value};

const LAKE: &str = "gallery:frozenlake-4x4";

#[test]
fn a_reward_that_begins_with_a_minus_is_no_flag() {
    // -0.05*step pays -1/20 a step; its worst value is that of never ending, so bounds tell it from step itself.
    let least = value(&json(&["solve", LAKE, "0 - step", "--min"])["value_at_start"]);
    assert!(least < -1.0);
    for written in ["-step", "-1*step", "-(step)", "-step + 0*goal"] {
        let found = value(&json(&["solve", LAKE, written, "--min"])["value_at_start"]);
        assert!((found - least).abs() < 1e-9, "{written}: {found}");
    }
    let folder = folder();
    let picture = folder.path().join("p.svg");
    let picture = text(&picture);
    let jobs: [&[&str]; 18] = [
        &["compare", LAKE, "-goal", "-step"],
        &["regret", LAKE, "-goal", "-step"],
        &["canon", LAKE, "-step", "--by", "val"],
        &["shape", LAKE, "-step", "--recover", "-goal"],
        &["shape", LAKE, "-step", "--bonus", "-goal"],
        &["stability", LAKE, "-step"],
        &["occupancy", LAKE, "-step"],
        &["hack", LAKE, "--truth", "-step", "--proxy", "-goal", "--ensemble", "-step", "--points", "0"],
        &["repair", LAKE, "--truth", "-step", "--proxy", "-goal", "--feature", "-step"],
        &["matrix", LAKE, "goal", "-goal", "-2*goal", "--metric", "starc-val-l2"],
        &["matrix", LAKE, "-goal", "--regret", "none", "-2*goal", "-1"],
        &["plot", "grid", LAKE, "-step", "-o", picture],
        &["plot", "polygon", LAKE, "-step", "-goal", "-o", picture],
        &["plot", "diff", LAKE, "-step", "-goal", "-o", picture],
        &["plot", "occupancy", LAKE, "-step", "--minus", "-goal", "-o", picture],
        &["plot", "radius", LAKE, "-step", "-o", picture],
        &["plot", "matrix", LAKE, "-step", "-goal", "goal", "-o", picture],
        &["plot", "cliff", LAKE, "-goal", "--vary", "-goal - x*step", "0..0.1", "-o", picture],
    ];
    for job in jobs {
        let run = run(job);
        assert_eq!(run.code, 0, "{job:?}: {}", run.err);
    }
    let answer = json(&["matrix", LAKE, "goal", "-goal", "-2*goal"]);
    let distance = |i: usize, j: usize| answer["distance"][i][j].as_f64().expect("a number");
    assert_eq!(answer["rewards"][1], "-goal", "{answer}");
    assert!((distance(0, 1) - 2.0).abs() < 1e-9 && distance(1, 2).abs() < 1e-9, "opposite, and alike");
    // Flags behind a reward are flags, and a slip among them is still one.
    assert_eq!(run(&["solve", LAKE, "-goal", "-q", "--json"]).code, 0);
    assert_eq!(run(&["solve", LAKE, "-q"]).code, 0);
    assert_eq!(run(&["matrix", LAKE, "-q"]).code, 0);
    let slip = run(&["solve", LAKE, "goal", "--tme", "10s"]);
    assert!(slip.code == 2 && slip.err.contains("--time"), "{}", slip.err);
}

/// Left pays and goes on, right ends.
const COIN: &str = r#"format = "truenorth-mdp/1"
gamma = 0.5
states = ["on", "end"]
actions = ["left", "right"]
mu0 = "on"
terminal = ["end"]
transitions = [["on","left","on",1], ["on","right","end",1]]
[rewards]
pay = { entries = [["on", "left", "*", 1]] }
"#;

#[test]
fn policies_have_names_everywhere() {
    let folder = folder();
    let path = folder.path().join("coin.mdp.toml");
    std::fs::write(&path, COIN).expect("writable");
    let path = text(&path);
    let file = folder.path().join("uniform.json");
    std::fs::write(&file, "[[0.5, 0.5], [0.5, 0.5]]").expect("writable");
    for policy in ["uniform", text(&file)] {
        // Visits v = 1 + v/4: each step goes on with 1/2, discounted by 1/2.
        let visits = json(&["occupancy", path, "--policy", policy]);
        let found = visits["occ_s"][0].as_f64().expect("a number");
        assert!((found - 4.0 / 3.0).abs() < 1e-12, "{policy}: {found}");
        for job in [
            vec!["compare", path, "pay", "2*pay", "--reference", policy],
            vec!["matrix", path, "pay", "2*pay", "--metric", "starc-val-l2", "--reference", policy],
            vec!["canon", path, "pay", "--by", "val", "--reference", policy],
            vec!["hack", path, "--truth", "pay", "--proxy", "pay", "--policy", policy, "--reference", policy],
        ] {
            let run = run(&job);
            assert_eq!(run.code, 0, "{job:?}: {}", run.err);
        }
    }
    // At temperature 1 the soft value is V = log(exp(1 + V/2) + 1), and left has probability exp(1 + V/2 - V).
    let mut v = 0.0f64;
    (0..200).for_each(|_| v = ((1.0 + 0.5 * v).exp() + 1.0).ln());
    let left = (1.0 - 0.5 * v).exp();
    let soft = json(&["occupancy", path, "pay", "--policy", "soft:1"]);
    let found = soft["occ_s"][0].as_f64().expect("a number");
    assert!((found - 1.0 / (1.0 - 0.5 * left)).abs() < 1e-6, "{found}");
    for (job, word) in [
        (vec!["occupancy", path, "pay", "--policy", "uniform"], "every reward"),
        (vec!["canon", path, "pay", "--by", "val", "--reference", "soft:1"], "no reward"),
        (vec!["occupancy", path, "--policy", "unifrom"], "uniform"),
        (vec!["occupancy", path, "--policy", "soft:0"], "temperature"),
    ] {
        let refused = run(&job);
        assert!(refused.code == 2 && refused.err.contains(word), "{job:?}: {}", refused.err);
    }
}

/// Two steps round and round, so that discount 1 has no meaning.
const ROUND: &str = r#"format = "truenorth-mdp/1"
gamma = 1
states = ["a", "b"]
actions = ["x"]
mu0 = "a"
transitions = [["a","x","b",1], ["b","x","a",1]]
[rewards]
r = { s = [1, 0] }
[expected]
value_at_start = 99
"#;

#[test]
fn another_discount_rescues_a_model_that_has_none_of_its_own() {
    let folder = folder();
    let path = folder.path().join("round.mdp.toml");
    std::fs::write(&path, ROUND).expect("writable");
    let path = text(&path);
    let refused = run(&["solve", path]);
    assert!(refused.code == 3 && refused.err.contains("[gamma-one-endless]"), "{}", refused.err);
    // 1 + 1/4 + 1/16 + ... = 4/3 from a, half of that from b.
    let a = value(&json(&["solve", path, "--gamma", "1/2"])["value_at_start"]);
    let b = value(&json(&["solve", path, "--gamma", "0.5", "--mu0", "b"])["value_at_start"]);
    assert!((a - 4.0 / 3.0).abs() < 1e-9 && (b - 2.0 / 3.0).abs() < 1e-9, "{a} {b}");
    let still = run(&["solve", path, "--gamma", "1"]);
    assert!(still.code == 3 && still.err.contains("--gamma"), "{}", still.err);
    let certificate = folder.path().join("c.json");
    let made = run(&["solve", path, "--gamma", "0.5", "--certificate", text(&certificate), "-q"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(run(&["cert", "check", text(&certificate)]).code, 0);
    // A discount that is none stays a mistake of the file.
    let broken = folder.path().join("broken.mdp.toml");
    std::fs::write(&broken, ROUND.replace("gamma = 1", "gamma = 1.5")).expect("writable");
    let broken = run(&["solve", text(&broken), "--gamma", "0.5"]);
    assert!(broken.code == 3 && broken.err.contains("[gamma-range]"), "{}", broken.err);
}

#[test]
fn a_state_without_an_action_is_named() {
    let folder = folder();
    let round = ROUND.replace("gamma = 1", "gamma = 0.5");
    let dense = round.replace(r#"transitions = [["a","x","b",1], ["b","x","a",1]]"#, "p = [[[0, 1]], [\"null\"]]");
    let listed = round.replace(r#", ["b","x","a",1]"#, "");
    let more = round.replace(r#", ["b","x","a",1]"#, r#", ["a","x","a",0]"#);
    for (i, model) in [dense, listed, more].iter().enumerate() {
        let path = folder.path().join(format!("{i}.mdp.toml"));
        std::fs::write(&path, model).expect("writable");
        let refused = run(&["solve", text(&path), "--json"]);
        let answer: Value = serde_json::from_str(&refused.out).expect("JSON");
        assert_eq!((refused.code, &answer["error"]["code"]), (3, &"state-without-action".into()), "{answer}");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("`b`")), "{answer}");
    }
}

/// Actions of its own in each state, an end, wildcards and a default.
const RAGGED: &str = r#"format = "truenorth-mdp/1"
gamma = 0.9
states = ["a", "b", "end"]
actions = ["x", "y"]
mu0 = "a"
terminal = ["end"]
transitions = [["a","x","b",1], ["a","y","end",1], ["b","x","a","1/3"], ["b","x","end","2/3"]]
[rewards]
step = { entries = [["*", "*", "*", -0.1]] }
most = { entries = [["a", "x", "*", 1]], default = 2 }
pairs = { sa = [[1, 2], [3, "null"], ["null", "null"]] }
into = { entries = [["*", "*", "end", 1]] }
"#;

#[test]
fn a_converted_model_is_read_without_a_warning_and_says_the_same() {
    let folder = folder();
    let first = folder.path().join("first.mdp.toml");
    std::fs::write(&first, RAGGED).expect("writable");
    let names = ["1.npz", "2.mdp.json", "3.npz", "4.mdp.toml", "5.mdp.json"];
    let mut from = first.clone();
    for name in names {
        let to = folder.path().join(name);
        let made = run(&["convert", text(&from), text(&to)]);
        assert_eq!((made.code, made.err.as_str()), (0, ""), "{name}");
        for reward in ["step", "most", "pairs", "into"] {
            let (old, new) = (run(&["solve", text(&first), reward]), run(&["solve", text(&to), reward]));
            assert_eq!((new.code, new.err.as_str()), (0, ""), "{name} {reward}");
            let numbers = |out: &str| {
                out.lines().filter(|line| line.contains("certified")).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(numbers(&old.out), numbers(&new.out), "{name} {reward}");
        }
        from = to;
    }
    // A reward that says it pays where episodes have ended is still warned of.
    let wrong = folder.path().join("wrong.mdp.toml");
    std::fs::write(&wrong, RAGGED.replace(r#"["*", "*", "end", 1]"#, r#"["end", "*", "*", 1]"#)).expect("writable");
    let to = folder.path().join("wrong.npz");
    assert!(run(&["convert", text(&wrong), text(&to)]).err.contains("pays in the terminal state"));
    assert!(run(&["solve", text(&to), "into"]).err.contains("pays in the terminal state"));
}
