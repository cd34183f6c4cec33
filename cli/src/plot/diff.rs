//! `plot diff`: what two rewards want, side by side.

use super::{Drawing, Pair};
use crate::output::{Exit, Output};
use truenorth::base::Result;
use truenorth_show::answer::figures;

/// Two maps side by side, states without a common best action outlined
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pair: Pair,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let c = args.pair.compare(args.drawing.solving.options(), 0, out)?;
    args.drawing.draw(&*figures::diff(&c), c.is_converged(), out)
}
