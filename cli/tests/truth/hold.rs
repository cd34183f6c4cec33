//! Holds answers of the program against the truth, and collects what is false.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::truth::num::{Q, Span, abs, int, power, q};
use crate::truth::open::known;

/// Where the numbers of a model came from.
#[derive(Clone, Copy, PartialEq)]
pub enum Input {
    /// Text: every number is exact, and every question of a small model is decided.
    Text,
    /// Doubles: a decision may be undecided within their rounding.
    Doubles,
}

/// What was found about one answer.
pub struct Held<'a> {
    /// The answer.
    pub json: &'a Value,
    pub input: Input,
    /// One line a fault: its kind, then what is wrong.
    pub faults: Vec<(String, String)>,
}

impl<'a> Held<'a> {
    pub fn new(json: &'a Value, input: Input) -> Self {
        Held { json, input, faults: Vec::new() }
    }

    /// The value at a path of keys and places, dots between them.
    pub fn at(&self, path: &str) -> &'a Value {
        path.split('.').fold(self.json, |value, key| match key.parse::<usize>() {
            Ok(place) if value.is_array() => &value[place],
            _ => &value[key],
        })
    }

    pub fn fault(&mut self, kind: impl Into<String>, what: impl Into<String>) {
        self.faults.push((kind.into(), what.into()));
    }

    /// Fails with a kind unless it holds.
    pub fn holds(&mut self, kind: &str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.fault(kind, what());
        }
    }

    /// A yes or no must be right; undecided only from doubles, and with a reason.
    pub fn decision(&mut self, path: &str, right: bool) {
        let found = self.at(path);
        match found.as_bool() {
            Some(found) if found == right => {}
            Some(found) => self.fault(format!("{path} is false"), format!("{path} = {found}, right is {right}")),
            None if !found.is_null() => self.fault(format!("{path} is no decision"), format!("{path} = {found}")),
            None => {
                let why = self.at(&format!("{path}_why")).as_str().unwrap_or("");
                if why.is_empty() {
                    self.fault(format!("{path} is null without a why"), format!("right is {right}"));
                } else if self.input == Input::Text {
                    self.fault(format!("{path} is undecided"), format!("{why}; right is {right}"));
                }
            }
        }
    }

    /// The value lies in its bounds, the truth as well, the bounds are close, and the grade is deserved. Close is a millionth
    /// of the truth, or 1e-12 of `scale`.
    pub fn bounded(&mut self, path: &str, truth: &Span, scale: &Q) {
        let found = self.at(path);
        let number = |key: &str| found[key].as_f64();
        let (Some(value), Some(lo), Some(hi)) = (number("value"), number("lo"), number("hi")) else {
            // What the rounding of the inputs leaves open is not defined, with a reason.
            if self.input == Input::Doubles && found.is_null() && self.at("undefined")[path].is_string() {
                return;
            }
            return self
                .fault(format!("{path} is no number"), format!("{path} = {found}, right is {:e}", truth.near()));
        };
        if !(lo <= value && value <= hi) {
            self.fault(format!("{path}: value outside its own bounds"), found.to_string());
        }
        // Infinite bounds are true and say nothing.
        if !lo.is_finite() || !hi.is_finite() {
            return self.fault(format!("{path} is unbounded"), found.to_string());
        }
        let (lo, hi) = (q(lo), q(hi));
        // Bounds of that grade do not count the rounding of the last few sums.
        let size = if abs(&truth.lo) > abs(&truth.hi) { abs(&truth.lo) } else { abs(&truth.hi) };
        let rounding = match found["grade"].as_str() {
            Some("bounded") => &size * power(2, -44) + scale * power(2, -54),
            _ => Q::ZERO,
        };
        let (lo, hi) = (lo - &rounding, hi + &rounding);
        if lo > truth.hi || hi < truth.lo {
            let off = if lo > truth.hi { &lo - &truth.hi } else { &truth.lo - &hi };
            let what =
                format!("{path} = {found}, right is {:e}, missed by {:e}", truth.near(), crate::truth::num::near(&off));
            return self.fault(format!("{path} misses the truth"), what);
        }
        let width = &hi - &lo;
        let grade = found["grade"].as_str().unwrap_or("");
        if grade == "exact" {
            let (lo, hi) = (found["lo"].as_f64().unwrap_or(0.0), found["hi"].as_f64().unwrap_or(0.0));
            let is_near = if lo == hi { truth.lo == truth.hi && q(lo) == truth.lo } else { lo.next_up() == hi };
            self.holds(&format!("{path} is not exact"), is_near, || format!("{found}, right is {:e}", truth.near()));
        }
        let is_close = width <= &size * power(10, -6) || width <= scale * power(10, -12) + power(10, -300);
        if self.input == Input::Text && !is_close {
            self.fault(format!("{path} says too little"), format!("{found}, right is {:e}", truth.near()));
        }
    }

    /// A plain number, or the value of a bounded one, is the truth to rounding.
    pub fn number(&mut self, path: &str, truth: &Span, scale: &Q) {
        let found = self.at(path);
        if found.is_object() {
            return self.bounded(path, truth, scale);
        }
        let Some(value) = found.as_f64() else {
            return self.fault(format!("{path} is no number"), format!("{path} = {found}"));
        };
        let slack = (abs(&truth.lo) + scale) * power(10, -9);
        let value = q(value);
        if self.input == Input::Text && (value < &truth.lo - &slack || value > &truth.hi + &slack) {
            self.fault(format!("{path} is wrong"), format!("{path} = {found}, right is {:e}", truth.near()));
        }
    }
}

/// All that was found about many answers: of each kind of fault how often, and the smallest example.
#[derive(Default)]
pub struct Report {
    pub answers: usize,
    kinds: BTreeMap<String, (usize, usize, String)>,
}

impl Report {
    /// Takes in the faults of one answer about a model of some size.
    pub fn add(&mut self, size: usize, model: &str, command: &str, faults: Vec<(String, String)>) {
        self.answers += 1;
        for (kind, what) in faults {
            // TRUTH_LIST=1 lists every fault, not only the smallest of a kind.
            if std::env::var_os("TRUTH_LIST").is_some() {
                eprintln!("{kind}\t{what}\t{command}");
            }
            let example = || format!("{what}\n    {command}\n    {}", model.trim_end());
            let entry = self.kinds.entry(kind).or_insert_with(|| (0, usize::MAX, String::new()));
            entry.0 += 1;
            if size < entry.1 {
                (entry.1, entry.2) = (size, example());
            }
        }
    }

    /// The sum of two.
    pub fn join(mut self, other: Report) -> Report {
        self.answers += other.answers;
        for (kind, (times, size, example)) in other.kinds {
            let entry = self.kinds.entry(kind).or_insert_with(|| (0, usize::MAX, String::new()));
            entry.0 += times;
            if size < entry.1 {
                (entry.1, entry.2) = (size, example);
            }
        }
        self
    }

    /// Fails with all that was found and is not known to be open.
    pub fn expect_nothing(&self, what: &str, at_least: usize) {
        assert!(self.answers >= at_least, "{what}: only {} answers were held against the truth", self.answers);
        let is_new = |(kind, (times, ..)): &(&String, &(usize, usize, String))| *times > known(what, kind);
        let new: Vec<_> = self.kinds.iter().filter(is_new).collect();
        if new.is_empty() {
            return;
        }
        let mut text = format!("{what}: {} answers, {} kinds of fault\n", self.answers, new.len());
        for (kind, (times, _, example)) in new {
            text.push_str(&format!("* {times} x {kind}\n    {example}\n"));
        }
        panic!("{text}");
    }
}

/// What a run left behind.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program.
pub fn run(args: &[&str]) -> Run {
    let out = Command::new(env!("CARGO_BIN_EXE_truenorth"))
        .args(args)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    Run {
        code: out.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&out.stdout).into_owned(),
        err: String::from_utf8_lossy(&out.stderr).into_owned(),
    }
}

/// Runs it with `--json`; a code other than 0 or an answer that is not JSON is a fault.
pub fn ask(args: &[&str]) -> Result<Value, (String, String)> {
    let mut all = args.to_vec();
    all.push("--json");
    let run = run(&all);
    let command = args[0];
    if run.code != 0 {
        let first = run.err.lines().next().unwrap_or("").to_owned();
        return Err((format!("{command} ends with {}: {first}", run.code), run.err));
    }
    serde_json::from_str(&run.out).map_err(|e| (format!("{command} prints no JSON"), e.to_string()))
}

/// A file in a folder, written.
pub fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a temporary file");
    path.to_str().expect("temporary paths are text").to_owned()
}

/// `h max |r|`, the largest return that could be.
pub fn largest_return(gamma: &Q, r: &[Q]) -> Q {
    let size = crate::truth::pair::linf(r);
    let horizon = if *gamma == Q::ONE { int(20) } else { Q::ONE / (Q::ONE - gamma) };
    size * horizon
}

/// The number a decimal with an exponent is.
pub fn parse(text: &str) -> Q {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (front, back) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: dashu_int::IBig = format!("{front}{back}").parse().expect("digits");
    Q::from(whole) * power(10, exponent.parse::<i32>().expect("an exponent") - back.len() as i32)
}
