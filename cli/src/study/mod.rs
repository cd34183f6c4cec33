//! `study`: one question asked of many models, or many questions that a file declares.
//!
//! Owns: the arguments, the plan of a study file as command lines, what is kept of finished analyses.
//! May use: everything below, and the other commands through `analyse`.
//! Must not: compute or word results; an analysis is a command that exists.
//! To add one: a study of its own kind is a file here and a name in [`STUDIES`]; a command that studies may run is a word
//! in `plan::RUNS`.

mod declared;
mod kept;
mod plan;
mod starc_table;

pub use plan::RUNS;

use std::path::Path;
use std::time::{Duration, Instant};

use super::EXIT_CODES;
use super::control;
use super::output::{Exit, Output};
use super::shared::{self, AnswerArgs};
use truenorth::base::{Code, Diag, Result};
use truenorth::solve::Limits;

/// Studies by name.
const STUDIES: [&str; 1] = ["starc-table"];

/// Run a study: the analyses that a file declares, or one question asked of many drawn models
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth study my-study.toml
  truenorth study my-study.toml --plan
  truenorth study my-study.toml --report paper.tex --time 10m
  truenorth study starc-table --environments 20 --seed 7
  truenorth study starc-table --report table.md --csv table.csv --plot table.svg",
    long_about = "Run a study: the analyses that a file declares, or one question asked of many drawn models

FILE.toml or FILE.json: names models and rewards (or families of rewards), and asks analyses about them: any of compare,
regret, solve, occupancy, canon, shape, stability, hack, matrix and repair, with the arguments of that command as keys. A list
where the command takes one value asks once for each. All answers go into one report, FILE.html unless --report says
otherwise. Finished analyses are kept in FILE-study beside the file: a study that was stopped goes on where it was, and only what
changed is worked out again. docs/studies.md has every field.

starc-table: the tabular experiment of the STARC paper. Correlates every distance with the regret of optimal policies and
with exact worst-case regret, over random models of 32 states and 4 actions, 8 pairs of rewards on each, and 16 steps
on the way from the first reward of a pair to the second. Every correlation has an interval that counts environments, not
comparisons, as independent.",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// A study file (.toml or .json), or starc-table
    #[arg(value_name = "STUDY")]
    study: String,
    #[command(flatten)]
    file: declared::FileArgs,
    #[command(flatten)]
    table: starc_table::TableArgs,
    /// Threads; the result does not depend on their number [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024), help_heading = "Study")]
    threads: Option<u64>,
    /// Stop after this long with what is done so far: seconds, or 500ms, 10s, 2m, 1h
    #[arg(long, value_name = "TIME", value_parser = shared::duration, help_heading = "Study")]
    time: Option<Duration>,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let limits = Limits {
        deadline: args.time.and_then(|time| Instant::now().checked_add(time)),
        stop: Some(&control::STOP),
        ..Limits::default()
    };
    // Both are at most their range, far below the largest index.
    let threads = args.threads.map(|threads| threads as usize);
    let is_table = STUDIES.contains(&args.study.as_str());
    let foreign = if is_table { args.file.given() } else { args.table.given() };
    if let Some(flag) = foreign {
        let belongs = if is_table { "a study file" } else { "the study `starc-table`" };
        return Diag::new(Code::Usage, format!("{flag} belongs to {belongs}")).help(format!("leave {flag} out")).err();
    }
    if is_table {
        return starc_table::run(&args.table, threads, limits, out);
    }
    let path = Path::new(&args.study);
    if path.extension().is_none() {
        return Diag::new(Code::Usage, format!("there is no study `{}`", args.study))
            .expected(format!("{}, or the path of a study file", STUDIES.join(", ")))
            .nearest(&args.study, STUDIES)
            .err();
    }
    shared::threads(threads)?;
    declared::run(path, &args.file, &limits, out)
}
