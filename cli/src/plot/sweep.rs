//! `plot sweep`: the true return at points along a family of proxies.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::analysis::compare::{Request, SweepSpec, compare};
use truenorth::base::{Code, Diag, Result};
use truenorth_show::answer::figures;

/// True return at points along a family of proxies, with the largest drop marked
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// What is meant
    truth: String,
    /// Expression in x, and from:to:points
    #[arg(long, num_args = 2, value_names = ["EXPR", "RANGE"], required = true, allow_hyphen_values = true)]
    sweep: Vec<String>,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let truth = shared::reward(&model, &args.truth, out)?;
    let [expression, range] = args.sweep.as_slice() else {
        return Diag::new(Code::Usage, "--sweep takes an expression and a range").err();
    };
    let request = Request {
        sweep: Some(SweepSpec::parse(&model, expression, range)?),
        max_vertices: 0,
        metrics: Vec::new(),
        options: args.drawing.solving.options(),
        ..Request::default()
    };
    let c = compare(&model, truth.clone(), truth, &request)?;
    match &c.sweep {
        Some(sweep) => args.drawing.draw(&figures::sweep(&c.truth.text, sweep), c.is_converged(), out),
        None => Diag::new(Code::Plot, "the comparison has no sweep").err(),
    }
}
