//! Top floor: the command line.
//!
//! Owns: flags, help, streams, exit codes, one file for each command.
//! May use: everything below; nothing may use it.
//! Must not: compute or word results; a command loads, calls, and hands a finished answer to [`Output`].
//! To add one: a new file with an `Args` and a `run`, and one line in `Command` and in `dispatch`.

mod assert;
mod batch;
mod bench;
mod canon;
mod catalogue;
mod cert;
mod compare;
mod completions;
mod control;
mod convert;
mod dev;
mod diagnose;
mod doctor;
mod gallery;
mod hack;
mod man;
mod matrix;
mod memory;
mod minus;
mod occupancy;
mod output;
mod plot;
mod progress;
mod regret;
mod repair;
mod shape;
mod shared;
mod solve;
mod stability;
mod stdout;
mod study;
mod theorem;
mod theorem_words;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use output::{Answer, Exit, Output};
use truenorth::base::{Code, Diag, Result};

/// Closes every help page.
const EXIT_CODES: &str = "\
Exit codes:
  0   answered
  1   answered, and an asserted condition is false or not certain
  2   the command line makes no sense
  3   a file or a value in it is refused
  4   a limit was reached; the bounds printed hold
  5   the machine failed: disk, memory, permissions, arithmetic
  70  internal error
  130 interrupted (Ctrl-C) with nothing to print: before solving, or twice";

/// The command line.
#[derive(Parser, Debug)]
#[command(
    name = "truenorth",
    version,
    about = "How far is the reward you wrote from the reward you meant, and what will optimising it cost you?",
    before_help = "\
Examples:
  truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.05*step'
  truenorth regret my.mdp.toml truth proxy --assert 'worst_case_normalised<=0.1'
  truenorth solve gallery:frozenlake-4x4 goal --json",
    after_help = EXIT_CODES,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    Compare(compare::Args),
    Regret(regret::Args),
    Stability(stability::Args),
    Hack(hack::Args),
    Repair(repair::Args),
    Matrix(matrix::Args),
    Solve(solve::Args),
    Occupancy(occupancy::Args),
    Canon(canon::Args),
    Shape(shape::Args),
    Study(study::Args),
    Theorem(theorem::Args),
    Cert(cert::Args),
    Plot(plot::Args),
    Convert(convert::Args),
    Gallery(gallery::Args),
    Bench(bench::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
    #[command(hide = true)]
    Dev(dev::Args),
}

impl Cli {
    /// Reads a command line, in which a reward may begin with a minus.
    pub(crate) fn read<T: Into<OsString>>(args: impl IntoIterator<Item = T>) -> Result<Self, clap::Error> {
        Cli::try_parse_from(minus::set_apart(args.into_iter().map(Into::into).collect()))
    }
}

/// What `truenorth` alone says.
const JOBS: &str = "\
Compare two rewards: same task or not, how far apart, what changes
  truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.05*step'

Bound what optimising a proxy can cost
  truenorth regret gallery:frozenlake-4x4 goal 'goal - 0.05*step'

Mend a proxy with the smallest change that does
  truenorth repair gallery:failures/tomato-watering --truth truth --proxy proxy
";

/// Runs the program on the arguments of the process, which may have been started without a standard output.
pub fn main(stdout_is_closed: bool) -> ExitCode {
    if stdout_is_closed {
        stdout::close();
    }
    control::listen();
    ExitCode::from(run(std::env::args_os()))
}

/// Runs one command line, the name of the program first, and returns the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    std::panic::set_hook(Box::new(diagnose::apologise));
    catch_unwind(AssertUnwindSafe(|| answer(args.into_iter().collect()))).unwrap_or(diagnose::INTERNAL)
}

fn answer(args: Vec<OsString>) -> u8 {
    let wants_json = args.iter().skip(1).take_while(|arg| *arg != "--").any(|arg| arg == "--json");
    control::reset(wants_json);
    let cli = match Cli::read(args) {
        Ok(cli) => cli,
        Err(error) => return diagnose::command_line(&error, wants_json),
    };
    match dispatch(cli.command) {
        Ok(exit) => exit.code(),
        Err(diag) => diagnose::refuse(&diag, wants_json),
    }
}

fn dispatch(command: Option<Command>) -> Result<Exit> {
    let Some(command) = command else {
        return Output::plain().text(JOBS);
    };
    match command {
        Command::Study(args) => {
            let mut out = args.answer.output()?;
            study::run(args, &mut out)
        }
        Command::Theorem(args) => theorem::run(args),
        Command::Cert(args) => cert::run(args),
        Command::Plot(args) => {
            let mut out = args.output();
            args.solving().prepare()?;
            plot::run(args, &mut out)
        }
        Command::Convert(args) => {
            let mut out = args.remarks.output();
            convert::run(args, &mut out)
        }
        Command::Gallery(args) => gallery::run(args),
        Command::Bench(args) => {
            let mut out = args.streams.output();
            bench::run(&args, &mut out)
        }
        Command::Doctor(args) => {
            let mut out = args.answer.output()?;
            doctor::run(args, &mut out)
        }
        Command::Completions(args) => completions::run(args, &mut Output::plain()),
        Command::Man(args) => man::run(args, &mut Output::plain()),
        Command::Dev(args) => dev::run(args),
        analysis => analyse(analysis, |_| {}).map(|(exit, _)| exit),
    }
}

/// Runs a command that answers a question about a model; `set` may change where the answer goes.
fn analyse(command: Command, set: impl FnOnce(&mut Output)) -> Result<(Exit, Output)> {
    macro_rules! answer {
        ($command:ident, $args:ident) => {{
            let mut out = $args.answer.output()?;
            set(&mut out);
            $args.solving.prepare()?;
            $command::run($args, &mut out).map(|exit| (exit, out))
        }};
    }
    match command {
        Command::Compare(args) => answer!(compare, args),
        Command::Regret(args) => answer!(regret, args),
        Command::Solve(args) => answer!(solve, args),
        Command::Occupancy(args) => answer!(occupancy, args),
        Command::Shape(args) => answer!(shape, args),
        Command::Repair(args) => answer!(repair, args),
        Command::Matrix(args) => answer!(matrix, args),
        Command::Stability(args) => answer!(stability, args),
        Command::Hack(args) => answer!(hack, args),
        Command::Canon(args) => {
            let mut out = args.answer.output()?;
            set(&mut out);
            canon::run(args, &mut out).map(|exit| (exit, out))
        }
        _ => Diag::new(Code::Usage, "this command asks nothing about a model").err(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples_first_and_exit_codes_last() {
        for command in Cli::command().get_subcommands_mut() {
            let name = command.get_name().to_owned();
            let help = command.render_long_help().to_string();
            assert!(help.trim_start().starts_with("Examples:\n"), "{name}: {help}");
            assert!(help.trim_end().contains("70  internal error"), "{name}: {help}");
            assert!(command.get_about().is_some(), "{name} says nothing about itself");
        }
    }
}
