//! `stability`: how much a reward may be off before the best policy changes.
//!
//! Owns: the arguments of the command; every further question is a group of flags in a file of its own.
//! May use: everything below.
//! Must not: compute or word results.
//! To add one: a file with a group of flags and a function that adds to a [`Part`], and one line in `Args` and `run`.

mod soft;
mod vary;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use crate::analysis::stability::Optimum;
use crate::base::Result;
use crate::model::reward::ExpectedReward;
use crate::model::{Model, Reachable, Reward};
use crate::show::answer::stability::{Part, Stability};
use crate::solve::Solver;

/// Say how far the reward may move before the best policy changes, where it breaks first, and which actions tie
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth stability gallery:frozenlake-4x4
  truenorth stability gallery:e2-tight-low reward
  truenorth stability gallery:e6-discount-cliff --vary gamma 0..1
  truenorth stability gallery:frozenlake-4x4 --vary 'goal - x*step' 0..0.1 --truth goal
  truenorth stability gallery:e1-tie --temperature 0.1 --temperature 0.01
  truenorth stability my.mdp.toml 'goal - 0.05*step' --json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Reward, such as 'goal - 0.05*step', or a file with a reward table [default: the first of the model]
    reward: Option<String>,
    #[command(flatten)]
    vary: vary::VaryArgs,
    #[command(flatten)]
    soft: soft::SoftArgs,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

/// What every question of this command is about.
pub struct Asked<'a> {
    model: &'a Model,
    part: &'a Reachable,
    solver: &'a Solver<'a>,
    /// The reward as typed.
    text: &'a str,
    /// On the reachable part.
    reward: &'a Reward,
    /// The same over rows.
    expected: &'a ExpectedReward,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let reward = part.reward(&model, &query.reward);
    let expected = reward.expected(&part.mdp);
    let optimum = Optimum::of(&solver, &reward, &expected);
    let found = Stability { model: &model, mdp: &part.mdp, kept: &part.kept, reward: &query.text, optimum: &optimum };
    let mut answer = Part { json: found.json(), document: found.document(), is_complete: optimum.is_complete };
    let asked =
        Asked { model: &model, part: &part, solver: &solver, text: &query.text, reward: &reward, expected: &expected };
    args.vary.add(&asked, &mut answer, out)?;
    args.soft.add(&asked, &mut answer)?;
    answer.is_complete &= !solver.is_out_of_time();
    out.begin_answer();
    out.answer(Answer::new(answer.json, answer.document, answer.is_complete))
}
