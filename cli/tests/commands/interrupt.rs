//! Ctrl-C: a solve stops with its bounds, a second one ends the program, and reading ends at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{folder, json, text, value};

/// Value iteration needs more sweeps for this than anybody waits for.
const ENDLESS: [&str; 7] = [
    "solve",
    "gallery:garnet?states=1000&actions=4&branching=1&gamma=0.999999999",
    "truth",
    "--method",
    "vi",
    "--tol",
    "1e-15",
];
/// What a busy machine may need for what takes a millisecond.
const A_MOMENT: Duration = Duration::from_millis(500);
/// An answer after this is no answer to an interrupt.
const AT_LAST: Duration = Duration::from_secs(30);

/// The program as a terminal starts it: these tests may themselves run where interrupts are ignored, which is inherited
/// and would be respected.
fn program() -> Command {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    // Hangup, interrupt, terminate: signals 1, 2 and 15.
    let mut command = match ignored & 0b100_0000_0000_0011 {
        0 => Command::new(env!("CARGO_BIN_EXE_truenorth")),
        _ => Command::new("env"),
    };
    if ignored & 0b100_0000_0000_0011 != 0 {
        command.arg("--default-signal").arg(env!("CARGO_BIN_EXE_truenorth"));
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().expect("kill starts").success());
}

/// Waits, but not for ever.
fn ended(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            return status;
        }
        if start.elapsed() > AT_LAST {
            child.kill().expect("a child can be killed");
            panic!("the program did not heed the signal");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Starts an endless solve with `-v` and returns when it is under way.
fn endless(more: &[&str]) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = program().args(ENDLESS).args(["-v", "--json"]).args(more).spawn().expect("the program starts");
    let mut err = BufReader::new(child.stderr.take().expect("stderr"));
    let mut line = String::new();
    while !line.contains("transitions") {
        line.clear();
        assert!(err.read_line(&mut line).expect("text on stderr") > 0, "it ended while reading");
    }
    std::thread::sleep(A_MOMENT);
    (child, err)
}

fn rest(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).expect("text");
    text
}

#[test]
fn an_interrupted_solve_prints_its_bounds() {
    for name in ["-INT", "-TERM"] {
        let (mut child, err) = endless(&[]);
        signal(&child, name);
        let mut out = child.stdout.take().expect("stdout");
        let all = std::thread::spawn(move || rest(&mut out));
        let said = rest(err);
        assert_eq!(ended(&mut child).code(), Some(4), "{said}");
        let answer: Value = serde_json::from_str(&all.join().expect("read")).expect("one whole object");
        assert_eq!(answer["outcome"], "interrupted");
        assert!(said.contains("interrupted; stopping") && said.contains("found so far"), "{said}");
        // Policy iteration gets there.
        let truth = value(&json(&["solve", ENDLESS[1], "truth", "--method", "pi"])["value_at_start"]);
        for key in ["value_at_start", "policy_value"] {
            value(&answer[key]);
        }
        let (lo, hi) = (&answer["value_at_start"]["lo"], &answer["value_at_start"]["hi"]);
        assert!(lo.as_f64().is_some_and(|lo| lo <= truth) && hi.as_f64().is_some_and(|hi| truth <= hi), "{lo} {hi}");
    }
}

#[test]
fn a_second_interrupt_ends_at_once_and_leaves_no_half_file() {
    let folder = folder();
    let report = folder.path().join("look.md");
    // Nobody reads the answer, which is larger than a pipe: after the first interrupt the program hangs in writing.
    let (mut child, _err) = endless(&["--q", "--report", text(&report)]);
    signal(&child, "-INT");
    std::thread::sleep(2 * A_MOMENT);
    assert_eq!(child.try_wait().expect("a child can be asked"), None, "the answer fits into a pipe");
    signal(&child, "-INT");
    assert_eq!(ended(&mut child).code(), Some(130));
    for entry in std::fs::read_dir(folder.path()).expect("folder") {
        let name = entry.expect("entry").file_name();
        assert!(!name.to_string_lossy().starts_with(".truenorth-"), "{name:?} is left behind");
    }
}

#[test]
fn two_signals_in_a_moment_are_one_request() {
    let (mut child, err) = endless(&[]);
    let mut out = child.stdout.take().expect("stdout");
    let all = std::thread::spawn(move || rest(&mut out));
    let id = child.id().to_string();
    // One command sends both.
    let both = format!("kill -INT {id}; kill -INT {id} 2>/dev/null; true");
    assert!(Command::new("sh").args(["-c", &both]).status().expect("a shell").success());
    assert_eq!(ended(&mut child).code(), Some(4), "{}", rest(err));
    assert!(serde_json::from_str::<Value>(&all.join().expect("read")).is_ok());
}

#[test]
fn reading_ends_at_once() {
    let folder = folder();
    let pipe = folder.path().join("model.mdp.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts").success());
    let mut child = program().args(["solve", text(&pipe)]).spawn().expect("the program starts");
    std::thread::sleep(A_MOMENT);
    assert_eq!(child.try_wait().expect("a child can be asked"), None, "it waits for a model");
    signal(&child, "-INT");
    let status = ended(&mut child);
    // On a very busy machine the signal comes before the program can put the exit code on it.
    assert!(status.code() == Some(130) || status.signal() == Some(2), "{status:?}");
    assert_eq!(rest(child.stdout.take().expect("stdout")), "");
}

#[test]
fn a_batch_answers_line_by_line_and_stops_between_lines() {
    let mut child =
        program().args(["compare", "--batch", "-"]).stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut lines = child.stdin.take().expect("stdin");
    let mut out = BufReader::new(child.stdout.take().expect("stdout"));
    let mut answer = String::new();
    for proxy in ["goal", "step"] {
        writeln!(lines, r#"{{"model": "gallery:frozenlake-4x4", "truth": "goal", "proxy": "{proxy}"}}"#).expect("sent");
        lines.flush().expect("sent");
        answer.clear();
        // The answer comes although the next line has not been written.
        out.read_line(&mut answer).expect("an answer");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["same_order"], proxy == "goal");
    }
    signal(&child, "-INT");
    assert_eq!(ended(&mut child).code(), Some(4));
    assert_eq!(rest(out), "");
    drop(lines);
}
