//! Every command at almost no time, against its finished answer: a decision is the same or none, bounds meet, and no verdict is
//! printed that the finished answer does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::truth::contradict::contradictions;
use crate::truth::hold::run;

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

/// Paragraphs that begin with a mark, their numbers left out, and whether these are bounds.
fn verdicts(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for paragraph in text.split("\n\n") {
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        let paragraph = paragraph.replace(" at least", "").replace(" at most", "");
        if paragraph.starts_with(['\u{2713}', '\u{2717}']) {
            all.insert(paragraph.chars().filter(|c| !c.is_ascii_digit() && !['.', ','].contains(c)).collect());
        }
    }
    all
}

/// Verdicts among the sentences that do not leave it open.
fn phrases(text: &str) -> BTreeSet<&'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let sentences: Vec<&str> = text.split(". ").filter(|sentence| !sentence.contains("undecided")).collect();
    PHRASES.into_iter().filter(|phrase| sentences.iter().any(|sentence| sentence.contains(phrase))).collect()
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
        let text = "format = \"truenorth-study/1\"\ntitle = \"Taxi\"\n[models]\ntaxi = \"gallery:taxi\"\n[[analysis]]\nrun = \"compare\"\n\
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
