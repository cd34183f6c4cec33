//! Every command at almost no time, against its finished answer: a decision is the same or none, bounds meet, and no verdict is
//! printed that the finished answer does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::hold::run;

/// Models with a truth and a proxy.
const MODELS: [[&str; 3]; 3] = [
    ["gallery:frozenlake-4x4", "goal", "goal-0.05*step"],
    ["gallery:cliffwalking", "task", "timid"],
    ["gallery:taxi", "task", "pickup_bonus"],
];

const TIMES: [&str; 3] = ["0s", "1ms", "20ms"];

/// What an answer is given to be called finished; what takes longer is held against the bounds it has by then.
const LONG: &str = "10s";

/// The questions: MODEL, TRUTH and PROXY stand for those of the model.
const QUESTIONS: &[&str] = &[
    "compare MODEL TRUTH PROXY",
    "regret MODEL TRUTH PROXY",
    "stability MODEL TRUTH",
    "stability MODEL TRUTH --vary gamma 0.5..0.9",
    "stability MODEL TRUTH --temperature 0.5",
    "hack MODEL --truth TRUTH --proxy PROXY",
    "hack MODEL --truth TRUTH --proxy PROXY --points 0 --goodhart",
    "repair MODEL --truth TRUTH --proxy PROXY",
    "matrix MODEL TRUTH PROXY step",
    "solve MODEL TRUTH --q",
    "occupancy MODEL PROXY",
    "shape MODEL TRUTH --recover PROXY",
    "shape MODEL TRUTH --with optimal-value",
    "shape MODEL TRUTH --bonus 0.01*step",
];

const PICTURES: &[&str] = &[
    "plot grid MODEL TRUTH",
    "plot diff MODEL TRUTH PROXY",
    "plot polygon MODEL TRUTH PROXY",
    "plot occupancy MODEL TRUTH",
    "plot sweep MODEL TRUTH --sweep TRUTH+x*step 0:1:5",
    "plot cliff MODEL TRUTH --vary TRUTH-x*step 0..0.1",
    "plot radius MODEL TRUTH",
    "plot gamma MODEL TRUTH",
    "plot soft MODEL TRUTH",
    "plot frontier MODEL TRUTH PROXY",
    "plot goodhart MODEL TRUTH PROXY",
    "plot matrix MODEL TRUTH PROXY step",
];

/// Verdicts in words.
const PHRASES: [&str; 11] = [
    "same task:",
    "are the same task",
    "opposite tasks",
    "different tasks:",
    "nothing is lost",
    "nothing to mend",
    "cannot mend",
    "earns the same",
    "earn the same",
    "ends at its peak",
    "throughout",
];

/// Keys that say how far the work went, not what is true.
const PROGRESS: [&str; 9] = [
    "complete",
    "is_complete",
    "polygon_truncated",
    "ties_are_proved",
    "finds_every_switch",
    "all_targets",
    "may_be_lower",
    "certified",
    "kept",
];

/// Lists of whatever was found: their places mean nothing between two runs.
const FOUND: [&str; 14] = [
    "polygon",
    "points",
    "frontier",
    "frontier_kl",
    "frontier_action_kl",
    "switches",
    "touches",
    "policies",
    "merges",
    "nearest",
    "steps",
    "endings",
    "critical",
    "witness",
];

/// Keys below which the numbers belong to whichever of several policies was found, not to the question.
const OF_A_POLICY: [&str; 9] =
    ["policy_value", "maximiser", "check", "stop", "chosen", "deterministic_witness", "look_ahead", "joint", "shaped"];

fn filled(question: &str, model: &[&str; 3]) -> Vec<String> {
    let of = |word: &str| {
        let (name, truth, proxy) = (model[0], model[1], model[2]);
        match word {
            "MODEL" => name.to_owned(),
            "PROXY" => proxy.to_owned(),
            word => word.replace("TRUTH", truth),
        }
    };
    question.split(' ').map(of).collect()
}

/// An answer in JSON and in words.
struct Answer {
    code: i32,
    json: Value,
    text: String,
}

fn answer(question: &[String], time: &str, folder: &Path, name: &str) -> Result<Answer, String> {
    let path = |ending: &str| folder.join(format!("{name}.{ending}")).to_str().expect("a path").to_owned();
    let (json, text) = (path("json"), path("txt"));
    let mut args: Vec<&str> = question.iter().map(String::as_str).collect();
    args.extend(["--time", time, "--json", "-q", "-o", &json, "--report", &text]);
    let run = run(&args);
    if run.code != 0 && run.code != 4 {
        return Err(format!("exit {}: {}", run.code, run.err));
    }
    let read = |path: &str| std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"));
    let json = serde_json::from_str(&read(&json)?).map_err(|e| e.to_string())?;
    Ok(Answer { code: run.code, json, text: read(&text)? })
}

/// Ends of a bounded number; what is missing is infinite.
fn ends(x: &Value) -> Option<(f64, f64)> {
    let object = x.as_object()?;
    let is_bounded = object.contains_key("lo") && object.contains_key("hi") && object.contains_key("grade");
    let end = |key: &str, none: f64| object[key].as_f64().unwrap_or(none);
    is_bounded.then(|| (end("lo", f64::NEG_INFINITY), end("hi", f64::INFINITY)))
}

/// All that a cut answer says and a finished one contradicts.
fn contradictions(path: &str, cut: &Value, done: &Value, found: &mut Vec<String>) {
    let mut say = |what: String| found.push(format!("{path}: {what}"));
    if let (Some(a), Some(b)) = (ends(cut), ends(done)) {
        // Both hold, so they meet.
        if a.0 > b.1 || b.0 > a.1 {
            say(format!("{cut} and {done}"));
        }
        return;
    }
    match (cut, done) {
        (Value::Bool(a), Value::Bool(b)) if a != b => say(format!("{a}, right is {b}")),
        (Value::Object(a), Value::Object(b)) => objects(path, a, b, found),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                contradictions(&format!("{path}.{i}"), a, b, found);
            }
        }
        _ => {}
    }
}

type Object = serde_json::Map<String, Value>;

fn objects(path: &str, cut: &Object, done: &Object, found: &mut Vec<String>) {
    // Where another policy is judged, and the answer says so, its numbers are its own.
    let other_policy = path.is_empty() && cut.get("divergence").is_some() && cut.get("policy") != done.get("policy");
    // Bounds of a whole list.
    if let (Some(a), Some(b)) = (lists(cut), lists(done)) {
        for i in 0..a.0.len().min(b.0.len()) {
            if a.0[i] > b.1[i] || b.0[i] > a.1[i] {
                found.push(format!("{path}.{i}: [{}, {}] and [{}, {}]", a.0[i], a.1[i], b.0[i], b.1[i]));
            }
        }
        return;
    }
    for (key, a) in cut {
        let Some(b) = done.get(key) else { continue };
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match key.as_str() {
            key if PROGRESS.contains(&key) || FOUND.contains(&key) || OF_A_POLICY.contains(&key) => {}
            "divergence" | "bound" | "flags" if other_policy => {}
            "returns" if other_policy => {
                contradictions(&format!("{path}.reference"), &a["reference"], &b["reference"], found)
            }
            // Certain members only: of a finished list, a part.
            "same_task" | "trivial" | "changed" => claims(&path, a, b, found),
            // Plain numbers with an error a row beside them.
            "distance" | "regret" if a.is_array() => {
                let errors = |of: &Object| of.get(&format!("{key}_error")).cloned().unwrap_or_default();
                tables(&path, (a, &errors(cut)), (b, &errors(done)), found);
            }
            // Every action that may be optimal.
            "policy" if path == "policy" => possible(&path, a, b, found),
            _ => contradictions(&path, a, b, found),
        }
    }
}

/// The ends of `{ lo: [..], hi: [..] }`, nested lists one after the other.
fn lists(of: &Object) -> Option<(Vec<f64>, Vec<f64>)> {
    fn flat(x: &Value, none: f64, into: &mut Vec<f64>) {
        match x {
            Value::Array(all) => all.iter().for_each(|x| flat(x, none, into)),
            x => into.push(x.as_f64().unwrap_or(none)),
        }
    }
    let (lo, hi) = (of.get("lo")?, of.get("hi")?);
    if !lo.is_array() || !hi.is_array() {
        return None;
    }
    let (mut a, mut b) = (Vec::new(), Vec::new());
    flat(lo, f64::NEG_INFINITY, &mut a);
    flat(hi, f64::INFINITY, &mut b);
    Some((a, b))
}

fn claims(path: &str, cut: &Value, done: &Value, found: &mut Vec<String>) {
    let (Some(cut), Some(done)) = (cut.as_array(), done.as_array()) else { return };
    let inside = |part: &Value, whole: &Value| match (part, whole) {
        (Value::Array(part), Value::Array(whole)) => part.iter().all(|x| whole.contains(x)),
        (part, whole) => part == whole,
    };
    for x in cut.iter().filter(|x| !done.iter().any(|y| inside(x, y))) {
        found.push(format!("{path}: {x} is claimed, right is {done:?}"));
    }
}

fn possible(path: &str, cut: &Value, done: &Value, found: &mut Vec<String>) {
    let (Some(cut), Some(done)) = (cut.as_array(), done.as_array()) else { return };
    for (s, (a, b)) in cut.iter().zip(done).enumerate() {
        let (Some(a), Some(b)) = (a.as_array(), b.as_array()) else { continue };
        for x in b.iter().filter(|x| !a.contains(x)) {
            found.push(format!("{path}.{s}: {x} is ruled out, and is optimal"));
        }
    }
}

fn tables(path: &str, (a, a_error): (&Value, &Value), (b, b_error): (&Value, &Value), found: &mut Vec<String>) {
    for i in 0..a.as_array().map_or(0, Vec::len) {
        let error = a_error[i].as_f64().unwrap_or(f64::INFINITY) + b_error[i].as_f64().unwrap_or(f64::INFINITY);
        for j in 0..a[i].as_array().map_or(0, Vec::len) {
            if let (Some(x), Some(y)) = (a[i][j].as_f64(), b[i][j].as_f64())
                && (x - y).abs() > error * (1.0 + 1e-9)
            {
                found.push(format!("{path}.{i}.{j}: {x} and {y}, off by more than {error}"));
            }
        }
    }
}

/// Paragraphs that begin with a mark, their numbers left out.
fn verdicts(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for paragraph in text.split("\n\n") {
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if paragraph.starts_with(['\u{2713}', '\u{2717}']) {
            all.insert(paragraph.chars().filter(|c| !c.is_ascii_digit() && !['.', ','].contains(c)).collect());
        }
    }
    all
}

fn phrases(text: &str) -> BTreeSet<&'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    PHRASES.into_iter().filter(|phrase| text.contains(phrase)).collect()
}

/// What is said too early.
fn said(cut: &str, done: &str, found: &mut Vec<String>) {
    let (cut_verdicts, done_verdicts) = (verdicts(cut), verdicts(done));
    found.extend(
        cut_verdicts.difference(&done_verdicts).map(|v| format!("the verdict `{v}`, finished: {done_verdicts:?}")),
    );
    found.extend(phrases(cut).difference(&phrases(done)).map(|p| format!("the words `{p}`")));
}

/// One question about one model at all times.
fn question(model: &[&str; 3], question: &str, folder: &Path) -> Vec<String> {
    let args = filled(question, model);
    let name = args.join("_").replace(['/', ':', '*', ' '], "-");
    let done = match answer(&args, LONG, folder, &name) {
        Ok(done) => done,
        Err(what) => return vec![format!("{}: {what}", args.join(" "))],
    };
    let mut all = Vec::new();
    for time in TIMES {
        let mut found = Vec::new();
        match answer(&args, time, folder, &format!("{name}{time}")) {
            Err(what) => found.push(what),
            Ok(cut) => {
                contradictions("", &cut.json, &done.json, &mut found);
                // Where the reference is itself cut short, its words prove nothing.
                if done.code == 0 {
                    said(&cut.text, &done.text, &mut found);
                }
            }
        }
        all.extend(found.into_iter().map(|what| format!("{} --time {time}\n    {what}", args.join(" "))));
    }
    all
}

/// One picture: its words.
fn picture(model: &[&str; 3], question: &str, folder: &Path) -> Vec<String> {
    let args = filled(question, model);
    let name = args.join("_").replace(['/', ':', '*', ' '], "-");
    let drawn = |time: &str| -> Result<(String, String), String> {
        let file = folder.join(format!("{name}{time}.svg")).to_str().expect("a path").to_owned();
        let mut all: Vec<&str> = args.iter().map(String::as_str).collect();
        all.extend(["--time", time, "-o", &file]);
        let run = run(&all);
        match run.code {
            0 => {}
            4 if run.err.contains("limit") => {}
            code => return Err(format!("exit {code}: {}", run.err)),
        }
        let svg = std::fs::read_to_string(&file).unwrap_or_default();
        let words: Vec<&str> = svg.split('>').filter_map(|part| part.split('<').next()).collect();
        Ok((words.join(" "), run.err))
    };
    let done = match drawn(LONG) {
        Ok((done, _)) => done,
        Err(what) => return vec![format!("{}: {what}", args.join(" "))],
    };
    let mut all = Vec::new();
    for time in TIMES {
        let mut found = Vec::new();
        match drawn(time) {
            Err(what) => found.push(what),
            Ok((cut, _)) => found.extend(phrases(&cut).difference(&phrases(&done)).map(|p| format!("the words `{p}`"))),
        }
        all.extend(found.into_iter().map(|what| format!("{} --time {time}\n    {what}", args.join(" "))));
    }
    all
}

#[test]
fn a_limit_says_only_what_is_proved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let questions: Vec<(&[&str; 3], &str, bool)> = MODELS
        .iter()
        .flat_map(|model| QUESTIONS.iter().map(move |q| (model, *q, false)))
        // Pictures of the two smaller ones.
        .chain(MODELS[..2].iter().flat_map(|model| PICTURES.iter().map(move |q| (model, *q, true))))
        .collect();
    let mut found: Vec<String> = questions
        .par_iter()
        .flat_map_iter(|(model, q, is_picture)| match is_picture {
            true => picture(model, q, folder.path()),
            false => question(model, q, folder.path()),
        })
        .collect();
    found.sort();
    let list = found.iter().map(|what| format!("* {what}\n")).collect::<String>();
    assert!(found.is_empty(), "{} statements of unfinished work are not true:\n{list}", found.len());
}

/// A study that was cut short does not say what its finished pages do not.
#[test]
fn a_study_cut_short_says_only_what_is_proved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let study = |time: &str| {
        let file = folder.path().join(format!("s{time}.toml"));
        let text = "format = \"truenorth-study/1\"\n[models]\ntaxi = \"gallery:taxi\"\n[[analysis]]\nrun = \"compare\"\n\
                    model = \"taxi\"\ntruth = \"task\"\nproxy = \"pickup_bonus\"\n";
        std::fs::write(&file, text).expect("a temporary file");
        let report = folder.path().join(format!("s{time}.md"));
        let path = |path: &Path| path.to_str().expect("a path").to_owned();
        let run = run(&["study", &path(&file), "--time", time, "--report", &path(&report), "-q"]);
        assert!(run.code == 0 || run.code == 4, "exit {}: {}", run.code, run.err);
        std::fs::read_to_string(&report).unwrap_or_default()
    };
    let done = phrases(&study("60s")).into_iter().collect::<Vec<_>>();
    for time in TIMES {
        let cut = study(time);
        let early: Vec<_> = phrases(&cut).into_iter().filter(|phrase| !done.contains(phrase)).collect();
        assert!(early.is_empty(), "--time {time}: {early:?}");
    }
}

/// Commands that take `--time`, by asking the program.
#[test]
fn no_command_with_a_limit_is_left_out() {
    let commands = |help: &str| -> Vec<String> {
        let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        names.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    };
    let mut timed: BTreeMap<String, bool> = BTreeMap::new();
    for command in commands(&run(&["--help"]).out) {
        let help = run(&[&command, "--help"]).out;
        let parts = commands(&help);
        for part in &parts {
            let help = run(&[&command, part, "--help"]).out;
            timed.insert(format!("{command} {part}"), help.contains("--time <"));
        }
        if parts.is_empty() {
            timed.insert(command, help.contains("--time <"));
        }
    }
    let asked: Vec<&str> = QUESTIONS.iter().chain(PICTURES).copied().collect();
    for (command, _) in timed.iter().filter(|(command, timed)| **timed && *command != "study") {
        let is_asked = asked.iter().any(|question| question.starts_with(&format!("{command} ")));
        assert!(is_asked, "`{command}` takes --time, and no question here runs it");
    }
    assert!(timed.values().filter(|timed| **timed).count() >= 20, "{timed:?}");
}
