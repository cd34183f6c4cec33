//! `plot`: not written yet.

use super::EXIT_CODES;
use super::output::{Exit, Output};
use super::shared::{ModelArgs, StreamArgs};
use crate::base::{Code, Diag, Result};

/// Draw a picture (not written yet)
#[derive(clap::Args, Debug)]
#[command(before_help = "Examples:\n  truenorth plot gallery:frozenlake-4x4", after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    pub(super) streams: StreamArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let _ = args.model.load(out)?;
    Diag::new(Code::Usage, "`plot` is not written yet").err()
}
