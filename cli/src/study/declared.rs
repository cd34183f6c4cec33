//! A study that a file declares: runs its analyses, keeps what is finished, writes one report.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::CommandFactory;

use super::kept::{Folder, Kept, key};
use super::plan::{self, Step};
use crate::output::{self, Answer, Exit, Output};
use crate::{Cli, analyse, control, diagnose, progress};
use truenorth::base::{Code, Diag, Result};
use truenorth::io;
use truenorth::solve::Limits;
use truenorth_show::answer::study::declared::{Declared, Ending, Finished};

/// How a study file is run.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Study")]
pub struct FileArgs {
    /// Work everything out again, whatever was kept of earlier runs
    #[arg(long)]
    fresh: bool,
    /// Print the command lines the study stands for, and run none
    #[arg(long)]
    plan: bool,
}

impl FileArgs {
    /// A flag of these that was used.
    pub fn given(&self) -> Option<&'static str> {
        [("--fresh", self.fresh), ("--plan", self.plan)].into_iter().find_map(|(flag, given)| given.then_some(flag))
    }
}

pub fn run(path: &Path, args: &FileArgs, limits: &Limits, out: &mut Output) -> Result<Exit> {
    let study = io::study_file::read(path)?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let steps = plan::steps(&study, directory)?;
    if args.plan {
        let lines: String = steps.iter().map(|step| step.line() + "\n").collect();
        return out.text(&lines);
    }
    let report = add_report(path, out)?;
    let folder = Folder::of(path);
    folder.make()?;
    let done = progress::count(steps.len(), "analyses");
    let mut finished = Vec::new();
    for step in &steps {
        if limits.reached().is_some() {
            break;
        }
        let key = key(step)?;
        let kept = if args.fresh { None } else { folder.find(&key) };
        let (is_kept, found) = match kept {
            Some(kept) => (true, kept),
            None => {
                let (kept, exit) =
                    answered(step, key, limits, out.verbose).map_err(|diag| placed(diag, &study, step))?;
                if exit == Exit::LimitReached {
                    // Bounds that a limit left wide are shown, and worked out again the next time.
                    finished.push(shown(step, kept, false, Ending::LimitReached));
                    continue;
                }
                folder.keep(&kept)?;
                (false, kept)
            }
        };
        let ending = if found.has_failed { Ending::AssertionFailed } else { Ending::Answered };
        finished.push(shown(step, found, is_kept, ending));
        done.fetch_add(1, Ordering::Relaxed);
    }
    out.begin_answer();
    let declared = Declared {
        title: study.title.clone(),
        description: study.description.clone(),
        file: path.display().to_string(),
        report,
        asked: steps.len(),
        finished,
    };
    let has_failed = declared.finished.iter().any(|f| f.ending == Ending::AssertionFailed);
    let mut answer = Answer::new(declared.json(), declared.document(), declared.is_complete());
    answer.report = Some(declared.report());
    match out.answer(answer)? {
        exit if exit != Exit::AssertionFailed && has_failed => Ok(Exit::AssertionFailed),
        exit => Ok(exit),
    }
}

/// The report of the study, `FILE.html` unless the command line names others.
fn add_report(path: &Path, out: &mut Output) -> Result<String> {
    if !out.wants_reports() {
        let page: PathBuf = path.with_extension("html");
        let exporter = output::exporter(&page)?;
        out.reports.push((page, exporter));
    }
    let names: Vec<String> = out.reports.iter().map(|(path, _)| path.display().to_string()).collect();
    Ok(names.join(", "))
}

/// Runs one step as the program would, and keeps its answer instead of printing it.
fn answered(step: &Step, key: String, limits: &Limits, verbose: bool) -> Result<(Kept, Exit)> {
    let program = std::iter::once("truenorth".to_owned());
    let mut line: Vec<String> = program.chain(step.args.iter().cloned()).collect();
    // What is left of the study's time, unless the analysis has a limit of its own.
    if let Some(deadline) = limits.deadline
        && takes_time(&step.args)
    {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        line.insert(2, format!("--time={}", left.as_secs_f64()));
    }
    let cli = Cli::read(line).map_err(|error| Box::new(diagnose::diag_of(&error)))?;
    let typed = step.line();
    let (exit, out) = match cli.command {
        Some(command) => analyse(command, |out| out.keep_answer(typed.clone(), verbose))?,
        None => return Diag::new(Code::Usage, "an empty command line").err(),
    };
    let Some(answer) = out.into_kept() else {
        return Diag::new(Code::Usage, format!("`{typed}` prints no answer a report could carry"))
            .help("leave out the flags that change what it prints")
            .err();
    };
    let kept = Kept {
        key,
        line: typed,
        json: answer.json,
        document: answer.report.unwrap_or(answer.document),
        has_failed: exit == Exit::AssertionFailed,
    };
    Ok((kept, exit))
}

/// Whether a command has a limit on time that is not set.
fn takes_time(args: &[String]) -> bool {
    let cli = Cli::command();
    let known = args
        .first()
        .and_then(|run| cli.find_subcommand(run))
        .is_some_and(|command| command.get_arguments().any(|arg| arg.get_long() == Some("time")));
    known && !args.iter().any(|arg| arg == "--time" || arg.starts_with("--time="))
}

/// A refusal with the analysis it belongs to.
fn placed(mut diag: Box<Diag>, study: &io::StudyFile, step: &Step) -> Box<Diag> {
    control::enter(control::Phase::Answering);
    match diag.place {
        Some(_) => diag.message = format!("`{}`: {}", step.title, diag.message),
        None => {
            diag.message = format!("`{}`: {}", step.line(), diag.message);
            diag.place = Some(study.source.place(step.at));
        }
    }
    diag
}

fn shown(step: &Step, kept: Kept, is_kept: bool, ending: Ending) -> Finished {
    Finished {
        title: step.title.clone(),
        note: step.note.clone(),
        line: step.line(),
        json: kept.json,
        document: kept.document,
        ending,
        is_kept,
    }
}
