//! `shape`: puts a potential on a reward, or finds the potential between two.

use std::path::PathBuf;

use clap::ArgGroup;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use crate::analysis::canon::Context;
use crate::analysis::compare::Query;
use crate::analysis::returns::ReturnRange;
use crate::analysis::shaping;
use crate::base::{Offset, Result};
use crate::io::{self, write_atomic};
use crate::model::{Model, Policy, Reachable};
use crate::show::answer::shape::{Recovered, Shaped, table};
use crate::solve::Solver;

/// Shape a reward with a potential, or recover scale and potential between two rewards
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth shape gallery:frozenlake-4x4 goal --recover shaped
  truenorth shape my.mdp.toml goal --phi potential.json --write shaped.json
  truenorth compare my.mdp.toml goal shaped.json",
    after_help = EXIT_CODES,
    group = ArgGroup::new("task").required(true).args(["phi", "recover"])
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Reward, such as 'goal - 0.05*step', or a file with a reward table
    reward: String,
    /// Put on the potential in FILE: a list of numbers, one a state, or a table state -> number
    #[arg(long, value_name = "FILE")]
    phi: Option<PathBuf>,
    /// Find scale and potential that lead to this reward
    #[arg(long, value_name = "REWARD")]
    recover: Option<String>,
    /// With --phi: write the shaped reward as a JSON table that other commands take as a reward
    #[arg(long, value_name = "FILE", requires = "phi", conflicts_with = "recover")]
    write: Option<PathBuf>,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let first = shared::reward(&model, &args.reward, out)?;
    if let Some(other) = &args.recover {
        return recover(&args, &model, &first, &shared::reward(&model, other, out)?, out);
    }
    let Some(path) = &args.phi else {
        // The group of flags is required, so one of the two is there.
        return Ok(Exit::Answered);
    };
    let file = io::potential_file::read(path)?;
    let phi = file.resolve(model.mdp().states())?;
    let after = shaping::apply(model.mdp(), &first.reward, &phi).map_err(|diag| match diag.place {
        Some(_) => diag,
        None => Box::new(diag.at(&file.source, Offset::NONE)),
    })?;
    if let Some(path) = &args.write {
        write_atomic(path, format!("{}\n", table(model.mdp(), &after)).as_bytes())?;
    }
    let shaped = Shaped { model: &model, text: &first.text, before: &first.reward, after: &after, phi: &phi };
    out.answer(Answer::new(shaped.json(), shaped.document(), true))
}

fn recover(args: &Args, model: &Model, first: &Query, other: &Query, out: &mut Output) -> Result<Exit> {
    let part = Reachable::of(model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let (x, y) = (part.reward(model, &first.reward), part.reward(model, &other.reward));
    let range_x = ReturnRange::of(&solver, x.expected(&part.mdp));
    let range_y = ReturnRange::of(&solver, y.expected(&part.mdp));
    let reference = Policy::uniform(&part.mdp);
    let context = Context { solver: &solver, reference: &reference };
    let recovery = shaping::recover(&context, (&x, &range_x), (&y, &range_y))?;
    let solutions = [&range_x.best, &range_x.worst, &range_y.best, &range_y.worst];
    let is_complete = solutions.iter().all(|s| s.is_converged());
    out.begin_answer();
    let found =
        Recovered { model, mdp: &part.mdp, kept: &part.kept, from: &first.text, to: &other.text, recovery: &recovery };
    out.answer(Answer::new(found.json(), found.document(), is_complete))
}
