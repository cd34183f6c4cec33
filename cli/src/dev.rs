//! `dev`: checks for those who work on the program.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::output::{Exit, Output};
use super::{EXIT_CODES, theorem};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::{gallery, write_atomic};
use truenorth::model::Model;
use truenorth::solve::{Options, Sense, Solver, Task};

/// Checks for developers
#[derive(clap::Args, Debug)]
#[command(before_help = "Examples:\n  truenorth dev gallery --check\n  truenorth dev docs --check", after_help = EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Solve every gallery model and compare with the known answers in its file
    Gallery {
        /// Compare (the only thing to do so far)
        #[arg(long, required = true)]
        check: bool,
    },
    /// Check every theorem and write the catalogue and its counterexamples, from the root of the project
    Docs {
        /// Write nothing; exit code 5 if a committed file is not what would be written
        #[arg(long)]
        check: bool,
    },
}

/// Known answers are met within this, relative to the larger of 1 and the answer.
const TOLERANCE: f64 = 1e-9;

pub fn run(args: Args) -> Result<Exit> {
    match args.action {
        Action::Gallery { check: _ } => gallery(),
        Action::Docs { check } => docs(check),
    }
}

/// Generated files, written or compared. A file in their folders that nothing generates is stale too.
fn docs(check: bool) -> Result<Exit> {
    let files = theorem::catalogue()?;
    let is_ours = |path: &Path| files.iter().any(|(known, _)| known == path);
    let mut stale: Vec<PathBuf> = Vec::new();
    for folder in ["docs/theorems", "mdps/counterexamples"] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let paths = entries.flatten().map(|entry| Path::new(folder).join(entry.file_name()));
        stale.extend(paths.filter(|path| !is_ours(path)));
    }
    for (path, bytes) in files.iter().filter(|(path, bytes)| std::fs::read(path).ok().as_ref() != Some(bytes)) {
        if !check {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|e| unwritable(folder, &e))?;
            }
            write_atomic(path, bytes)?;
            continue;
        }
        stale.push(path.clone());
    }
    if !check {
        for path in &stale {
            std::fs::remove_file(path).map_err(|e| unwritable(path, &e))?;
        }
        return Output::plain().text(&format!("{} files\n", files.len()));
    }
    match stale.first() {
        None => Output::plain().text(&format!("{} files are up to date\n", files.len())),
        Some(first) => Diag::new(Code::Numerical, format!("{} files are stale: {}", stale.len(), first.display()))
            .help("truenorth dev docs")
            .err(),
    }
}

fn unwritable(path: &Path, e: &std::io::Error) -> Box<Diag> {
    Box::new(Diag::new(Code::OutputUnwritable, format!("cannot change {}: {e}", path.display())))
}

fn gallery() -> Result<Exit> {
    let mut lines = String::new();
    let mut misses = Vec::new();
    for name in gallery::GALLERY.iter().map(|entry| entry.name) {
        let (answers, found) = check(&Model::build(gallery::read(name)?)?)?;
        lines.push_str(&format!("{name}: {answers} known answers, {} missed\n", found.len()));
        misses.extend(found.into_iter().map(|miss| format!("{name}: {miss}")));
    }
    match misses.first() {
        None => Output::plain().text(&lines),
        Some(first) => Diag::new(Code::Numerical, format!("{} known answers are missed: {first}", misses.len())).err(),
    }
}

/// Number of known answers, and those that are missed.
fn check(model: &Model) -> Result<(usize, Vec<String>)> {
    let mdp = model.mdp();
    let solver = Solver::new(mdp, Options::default())?;
    let (mut answers, mut misses) = (0, Vec::new());
    for expected in model.expected() {
        // `Model::build` checked that the reward exists.
        let Some((_, reward)) = model.rewards().iter().find(|(name, _)| *name == expected.reward) else { continue };
        let reward = reward.expected(mdp);
        let solution = solver.optimise(&Task::new(&reward, Sense::Max));
        let mut compare = |what: &str, wanted: f64, lo: f64, hi: f64| {
            answers += 1;
            let slack = TOLERANCE * wanted.abs().max(1.0);
            if !(lo - slack <= wanted && wanted <= hi + slack && hi - lo <= slack) {
                misses.push(format!("{} of {}: {wanted}, found {lo} to {hi}", what, expected.reward));
            }
        };
        if let Some(wanted) = expected.value_at_start {
            let found = solution.at_start(mdp);
            compare("value at start", wanted, found.lo, found.hi);
        }
        for (s, &wanted) in expected.v.iter().flatten().enumerate() {
            compare(&format!("value of {}", mdp.states().name(s)), wanted, solution.lo[s], solution.hi[s]);
        }
    }
    Ok((answers, misses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_answer_of_the_gallery_is_met() {
        let mut total = 0;
        for entry in gallery::GALLERY {
            let (answers, misses) = check(&Model::build(gallery::read(entry.name).unwrap()).unwrap()).unwrap();
            assert_eq!(misses, Vec::<String>::new(), "{}", entry.name);
            total += answers;
        }
        assert!(total > 100, "only {total} known answers were read");
    }
}
