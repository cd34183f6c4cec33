//! `compare`: how far apart two rewards are, what optimising one costs under the other, where and why.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::EXIT_CODES;
use super::diagnose;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelChanges, SolveArgs};
use crate::analysis::compare::{Query, Request, SweepSpec, compare};
use crate::analysis::distance::Metric;
use crate::base::{Code, Diag, Result, Source};
use crate::io;
use crate::model::Model;
use crate::show::answer;
use crate::show::report::Block;

/// Compare two rewards: same task or not, how far apart, what optimising one costs under the other
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.05*step'
  truenorth compare gallery:frozenlake-4x4 goal shaped --report look.html
  truenorth compare my.mdp.toml truth learned.json --metric all --json
  truenorth compare my.mdp.toml truth proxy --assert 'starc-range<=0.1'
  truenorth compare --batch pairs.jsonl > results.jsonl",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// A file (.mdp.toml, .mdp.json, .npz) or gallery:NAME
    #[arg(required_unless_present = "batch")]
    model: Option<String>,
    /// What is meant: an expression over the model's rewards, or a file with a reward table
    #[arg(required_unless_present = "batch")]
    truth: Option<String>,
    /// What is optimised instead
    #[arg(required_unless_present = "batch", allow_hyphen_values = true)]
    proxy: Option<String>,
    #[command(flatten)]
    changes: ModelChanges,
    /// Compare one pair a line of FILE (- for the standard input): {"model": OBJECT or NAME, "truth": REWARD, "proxy":
    /// REWARD}; one result object a line, in order, without polygon and sweep
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "gamma", "mu0", "seed", "report", "assert", "sweep"])]
    batch: Option<PathBuf>,
    /// Another distance: an id such as starc-val-l2, or `all` (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Distances")]
    metric: Vec<String>,
    /// Reference policy of VAL, in place of the uniform one
    #[arg(long, value_name = "FILE", help_heading = "Distances")]
    reference: Option<PathBuf>,
    /// Vary a coefficient of the proxy: an expression in x, and from:to:points
    #[arg(long, num_args = 2, value_names = ["EXPR", "RANGE"], allow_hyphen_values = true)]
    sweep: Vec<String>,
    #[command(flatten)]
    solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let metrics = metrics(&args.metric)?;
    let request = Request { metrics, options: args.solving.options(), ..Request::default() };
    if let Some(path) = &args.batch {
        let request = Request { max_vertices: 0, auto_sweep: false, ..request };
        return batch(path, args.reference.as_deref(), &request, out);
    }
    let (Some(model), Some(truth), Some(proxy)) = (&args.model, &args.truth, &args.proxy) else {
        return Diag::new(Code::Usage, "nothing to compare").expected("a model and two rewards, or --batch FILE").err();
    };
    let model = args.changes.load(model, out)?;
    let truth = shared::reward(&model, truth, out)?;
    let proxy = shared::reward(&model, proxy, out)?;
    let sweep = match args.sweep.as_slice() {
        [expression, range] => Some(SweepSpec::parse(&model, expression, range)?),
        _ => None,
    };
    let reference = args.reference.as_deref().map(|path| shared::policy(&model, path)).transpose()?;
    let request = Request { sweep, reference, ..request };
    let comparison = compare(&model, truth, proxy, &request)?;
    let figures = match out.wants_figures() {
        true => answer::figures::of_comparison(&comparison).map_err(shared::not_drawn)?,
        false => Vec::new(),
    };
    let mut document = answer::compare::document(&comparison, figures);
    if out.wants_figures() {
        let made = format!("truenorth {}, model hash {}", env!("CARGO_PKG_VERSION"), model.hash());
        let again = vec![Block::code(command_line()), Block::paragraph(made)];
        document = document.block(Block::details("How to get this page again", again));
    }
    let is_complete = comparison.is_converged();
    out.answer(Answer::new(answer::compare::json(&comparison), document, is_complete))
}

/// The distances always printed, then those asked for.
fn metrics(asked: &[String]) -> Result<Vec<Metric>> {
    let mut metrics = Metric::defaults();
    for id in asked {
        let more = if id == "all" { Metric::all() } else { vec![Metric::parse(id)?] };
        for metric in more {
            if !metrics.iter().any(|known| known.to_string() == metric.to_string()) {
                metrics.push(metric);
            }
        }
    }
    Ok(metrics)
}

/// How to get this page again.
fn command_line() -> String {
    let quote = |arg: String| match arg.chars().all(|c| c.is_ascii_alphanumeric() || "-_=:./,+@%?&".contains(c)) {
        true if !arg.is_empty() && !arg.contains(['?', '&']) => arg,
        _ => format!("'{}'", arg.replace('\'', r"'\''")),
    };
    let args = std::env::args_os().skip(1).map(|a| quote(a.to_string_lossy().into_owned()));
    std::iter::once("truenorth".to_owned()).chain(args).collect::<Vec<_>>().join(" ")
}

/// One line of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    model: &'a RawValue,
    #[serde(borrow)]
    truth: Option<&'a RawValue>,
    #[serde(borrow)]
    proxy: Option<&'a RawValue>,
}

/// Answers a file of pairs. A line that is refused gets an object with its error, and the program ends with that
/// error's exit code after the last line.
fn batch(path: &Path, reference: Option<&Path>, request: &Request, out: &mut Output) -> Result<Exit> {
    let name = path.display().to_string();
    let reader: Box<dyn BufRead> = match name.as_str() {
        "-" => Box::new(std::io::stdin().lock()),
        _ => match File::open(path) {
            Ok(file) => Box::new(BufReader::with_capacity(1 << 20, file)),
            Err(e) => {
                return Diag::new(Code::FileUnreadable, format!("cannot open {name}: {}", io::text::reason(&e)))
                    .expected("a file with one JSON object a line")
                    .err();
            }
        },
    };
    let mut stream = out.stream();
    let mut worst: Option<Box<Diag>> = None;
    let mut exit = Exit::Answered;
    for (i, line) in reader.split(b'\n').enumerate() {
        let place = format!("{name}:{}", i + 1);
        let answered = match line {
            Err(e) => Diag::new(Code::FileUnreadable, format!("cannot read {place}: {}", io::text::reason(&e))).err(),
            Ok(bytes) => match String::from_utf8(bytes) {
                Err(_) => Diag::new(Code::FileNotUtf8, format!("{place} is not UTF-8")).err(),
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => batch_line(&place, &text, reference, request),
            },
        };
        let value = match answered {
            Ok((value, is_complete)) => {
                if !is_complete && exit == Exit::Answered {
                    exit = Exit::LimitReached;
                }
                value
            }
            Err(diag) => {
                let mut value = diagnose::object(&diag);
                if let Value::Object(map) = &mut value {
                    map.insert("input_line".into(), json!(i + 1));
                }
                worst.get_or_insert(diag);
                value
            }
        };
        if !stream.line(&value.to_string())? {
            break;
        }
    }
    stream.finish()?;
    match worst {
        None => Ok(exit),
        Some(diag) => Err(diag),
    }
}

fn batch_line(place: &str, text: &str, reference: Option<&Path>, request: &Request) -> Result<(Value, bool)> {
    let refuse = |e: serde_json::Error| {
        // The parser sees one line and would call it the first.
        let said = e.to_string();
        let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
        Diag::new(Code::Syntax, format!("{place}:{}: {what}", e.column()))
            .expected(r#"{"model": {...} or "gallery:NAME", "truth": "...", "proxy": "..."}"#)
            .help("compact every model to one line")
    };
    let line: Line<'_> = serde_json::from_str(text).map_err(|e| Box::new(refuse(e)))?;
    let raw = match serde_json::from_str::<String>(line.model.get()) {
        Ok(name) => shared::read_raw(&name, None)?,
        Err(_) => io::read_raw_text(place, line.model.get(), io::format_by_id("json")?)?,
    };
    let model = Model::build(raw)?;
    let reward = |raw: Option<&RawValue>, default: &str| -> Result<Query> {
        let Some(raw) = raw else { return Query::of(&model, default) };
        if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
            return Query::of(&model, &text);
        }
        let text = io::Text::new(&format!("{place}, {default}"), raw.get());
        let file = io::reward_file::from_json(&text)?;
        let source: &Source = &file.source;
        let (reward, _) = model.reward_from(source, default, &file.reward)?;
        Ok(Query { text: default.to_owned(), linear: None, reward })
    };
    let (truth, proxy) = (reward(line.truth, "truth")?, reward(line.proxy, "proxy")?);
    let reference = reference.map(|path| shared::policy(&model, path)).transpose()?;
    let comparison = compare(&model, truth, proxy, &Request { reference, ..request.clone() })?;
    Ok((answer::compare::json(&comparison), comparison.is_converged()))
}
