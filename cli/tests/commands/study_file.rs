//! `study FILE`: the page about studies is true, answers are kept, and what is wrong is said where it stands.

use std::path::Path;

use serde_json::Value;

use crate::run::{folder, run, text};

const PAGE: &str = include_str!("../../../docs/studies.md");

/// The study on the page.
fn example() -> &'static str {
    PAGE.split("```toml\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("a study")
}

/// Runs it with `--json`; a study has no model of its own to name.
fn json(args: &[&str]) -> Value {
    let run = run(&[args, &["--json"]].concat());
    assert_eq!(run.code, 0, "{args:?}: {}", run.err);
    serde_json::from_str(&run.out).expect("JSON")
}

fn write(directory: &Path, study: &str) -> std::path::PathBuf {
    let path = directory.join("s.toml");
    std::fs::write(&path, study).expect("writable");
    path
}

#[test]
fn the_page_about_studies_is_true() {
    let dir = folder();
    let path = write(dir.path(), example());
    let plan = run(&["study", text(&path), "--plan"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    let lines: Vec<&str> = plan.out.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0], "truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.01*step'");
    assert_eq!(lines[4], "truenorth solve --gamma=0.9 --seed=2 gallery:garnet");
    assert!(!dir.path().join("s-study").exists(), "a plan runs nothing");

    let first = json(&["study", text(&path)]);
    assert_eq!(first["is_complete"], true);
    let analyses = first["analyses"].as_array().expect("a list");
    assert!(analyses.iter().all(|a| a["kept"] == false && a["ending"] == "answered"), "{analyses:?}");
    // The same answer as the command alone.
    let alone = json(&["compare", "gallery:frozenlake-4x4", "goal", "goal - 0.02*step"]);
    assert_eq!(analyses[1]["result"], alone);
    let page = std::fs::read_to_string(dir.path().join("s.html")).expect("a report");
    for words in [
        "How small a step cost is small enough?",
        "What a step cost does (x = 0.02)",
        "Random models (garnets, seed 2)",
        "<svg",
    ] {
        assert!(page.contains(words), "{words}");
    }

    let second = json(&["study", text(&path)]);
    let kept = second["analyses"].as_array().expect("a list");
    assert!(kept.iter().all(|a| a["kept"] == true));
    for (a, b) in analyses.iter().zip(kept) {
        assert_eq!(a["result"], b["result"]);
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("s.html")).expect("a report"), page);
    let fresh = json(&["study", text(&path), "--fresh"]);
    assert!(fresh["analyses"].as_array().expect("a list").iter().all(|a| a["kept"] == false));
}

#[test]
fn only_what_changed_is_worked_out_again() {
    let dir = folder();
    let path = write(dir.path(), example());
    json(&["study", text(&path)]);
    let changed = example().replace("x = [0.01, 0.02]", "x = [0.01, 0.03]");
    write(dir.path(), &changed);
    let again = json(&["study", text(&path)]);
    let kept: Vec<bool> = again["analyses"].as_array().expect("a list").iter().map(|a| a["kept"] == true).collect();
    assert_eq!(kept, [true, false, true, true, true]);
    // An answer that was tampered with or cut is worked out again.
    for file in std::fs::read_dir(dir.path().join("s-study")).expect("kept").flatten() {
        std::fs::write(file.path(), "{").expect("writable");
    }
    let mended = json(&["study", text(&path)]);
    assert!(mended["analyses"].as_array().expect("a list").iter().all(|a| a["kept"] == false));
}

#[test]
fn a_model_beside_the_study_is_read_and_its_change_noticed() {
    let dir = folder();
    let model = std::fs::read_to_string("../mdps/e1-tie.mdp.toml").expect("a gallery model");
    std::fs::write(dir.path().join("own.mdp.toml"), &model).expect("writable");
    let study =
        "format = \"truenorth-study/1\"\ntitle = \"t\"\n[[analysis]]\nrun = \"solve\"\nmodel = \"own.mdp.toml\"\n";
    let path = write(dir.path(), study);
    assert_eq!(json(&["study", text(&path)])["analyses"][0]["kept"], false);
    assert_eq!(json(&["study", text(&path)])["analyses"][0]["kept"], true);
    std::fs::write(dir.path().join("own.mdp.toml"), model + "\n# changed\n").expect("writable");
    assert_eq!(json(&["study", text(&path)])["analyses"][0]["kept"], false);
}

#[test]
fn a_failed_condition_and_a_limit_set_the_exit_code() {
    let dir = folder();
    let strict = example().replace("<=0.02", "<=-1");
    let path = write(dir.path(), &strict);
    let failed = run(&["study", text(&path)]);
    assert_eq!(failed.code, 1, "{}", failed.err);
    assert!(failed.out.contains("does not certainly hold in 1 analysis"), "{}", failed.out);
    let stopped = run(&["study", text(&path), "--time", "0", "--fresh", "--json"]);
    assert_eq!(stopped.code, 4, "{}", stopped.err);
    let value: Value = serde_json::from_str(&stopped.out).expect("JSON");
    assert_eq!((&value["is_complete"], &value["asked"]), (&false.into(), &5.into()));
}

#[test]
fn what_is_wrong_is_said_where_it_stands_and_before_anything_runs() {
    let dir = folder();
    let head = "format = \"truenorth-study/1\"\ntitle = \"t\"\n[[analysis]]\nrun = \"compare\"\n";
    for (study, code, says) in [
        (format!("{head}model = \"gallery:taxi\"\ntruth = \"task\"\n"), 3, "s.toml:4"),
        (format!("{head}modle = \"gallery:taxi\"\n"), 3, "did you mean `model`"),
        (format!("{head}json = true\n"), 3, "for the study to say"),
        (head.replace("compare", "bench"), 3, "a study cannot run `bench`"),
        (format!("{head}model = \"gallery:taxi\"\ntruth = \"task\"\nproxy = \"nothing\"\n"), 2, "nothing"),
        (format!("{head}metric = true\n"), 3, "true or false"),
        (format!("{head}model = []\n"), 3, "an empty list"),
        ("title = 3".into(), 3, "`format`"),
    ] {
        let path = write(dir.path(), &study);
        let refused = run(&["study", text(&path)]);
        assert_eq!(refused.code, code, "{study}\n{}", refused.err);
        assert!(refused.err.contains(says), "{study}\n{}", refused.err);
        assert!(!dir.path().join("s.html").exists());
    }
    for (args, says) in [
        (&["study", "starc-table", "--plan"][..], "belongs to a study file"),
        (&["study", "s.toml", "--environments", "3"], "belongs to the study `starc-table`"),
        (&["study", "nowhere.toml"], "there is no file nowhere.toml"),
    ] {
        let refused = run(args);
        assert!(matches!(refused.code, 2 | 3), "{args:?}");
        assert!(refused.err.contains(says), "{args:?}: {}", refused.err);
    }
}
