//! `dev`: checks for those who work on the program.

use clap::Subcommand;

use super::EXIT_CODES;
use super::output::{Exit, Output};
use crate::base::{Code, Diag, Result};
use crate::io::gallery;
use crate::model::Model;
use crate::solve::{Options, Sense, Solver, Task};

/// Checks for developers
#[derive(clap::Args, Debug)]
#[command(before_help = "Examples:\n  truenorth dev gallery --check", after_help = EXIT_CODES)]
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
}

/// Known answers are met within this, relative to the larger of 1 and the answer.
const TOLERANCE: f64 = 1e-9;

pub fn run(args: Args) -> Result<Exit> {
    let Action::Gallery { check: _ } = args.action;
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
