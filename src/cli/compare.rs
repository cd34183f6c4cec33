//! `compare`: not written yet.

use super::EXIT_CODES;
use super::output::{Exit, Output};
use super::shared::{AnswerArgs, ModelArgs, SolveArgs};
use crate::base::{Code, Diag, Result};

/// Compare two rewards (not written yet)
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.05*step'",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// What is meant: an expression or a file with a reward table
    truth: String,
    /// What is optimised instead
    proxy: String,
    #[command(flatten)]
    solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let _ = (args.model.load(out)?, args.truth, args.proxy, args.solving.options());
    Diag::new(Code::Usage, "`compare` is not written yet").err()
}
