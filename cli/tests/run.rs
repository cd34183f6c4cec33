//! How the tests call the program.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left behind.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The answer without the line breaks that fit it to a terminal.
    pub fn words(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The program, in a terminal of 100 columns without colour.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_truenorth"));
    command.env("COLUMNS", "100").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs it on arguments.
pub fn run(args: &[&str]) -> Run {
    let out = program().args(args).output().expect("the program starts");
    Run {
        code: out.status.code().unwrap_or(-1),
        out: String::from_utf8(out.stdout).expect("text on stdout"),
        err: String::from_utf8(out.stderr).expect("text on stderr"),
    }
}

/// Runs it with `--json` and reads the answer.
pub fn json(args: &[&str]) -> Value {
    let mut all = args.to_vec();
    all.push("--json");
    let run = run(&all);
    assert_eq!(run.code, 0, "{args:?}: {}", run.err);
    assert_eq!(run.out.matches('\n').count(), 1, "one object, one line");
    let value: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(value["schema"], "truenorth-result/1");
    for key in ["name", "n_states", "n_actions", "gamma", "hash"] {
        assert!(!value["model"][key].is_null(), "model.{key}");
    }
    value
}

/// The value of a bounded number, after a look at its bounds.
pub fn value(b: &Value) -> f64 {
    let number = |key: &str| b[key].as_f64().unwrap_or_else(|| panic!("no {key} in {b}"));
    assert!(number("lo") <= number("value") && number("value") <= number("hi"), "{b}");
    assert!(["exact", "certified", "bounded"].contains(&b["grade"].as_str().expect("grade")), "{b}");
    number("value")
}

/// A folder for one test.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary directory")
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}
