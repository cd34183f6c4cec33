//! `plot polygon`: every policy's return under two rewards.

use super::{Drawing, Pair};
use crate::analysis::compare::Request;
use crate::base::{Code, Diag, Result};
use crate::cli::output::{Exit, Output};
use crate::show::answer::figures;

/// All pairs of returns, with the worst case and both optima
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pair: Pair,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let c = args.pair.compare(&args.drawing, Request::default().max_vertices, out)?;
    match &c.polygon {
        Some(polygon) => args.drawing.draw(&figures::polygon(&c, polygon), c.is_converged(), out),
        None => Diag::new(Code::Plot, "the comparison has no polygon").err(),
    }
}
