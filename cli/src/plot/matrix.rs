//! `plot matrix`: a number for every pair of rewards, in the order of a tree.

use clap::ValueEnum;

use super::Drawing;
use crate::matrix::Chosen;
use crate::output::{Exit, Output};
use crate::shared::ModelArgs;
use truenorth::analysis::distance::Metric;
use truenorth::analysis::matrix::{RegretKind, Request, matrix};
use truenorth::base::Result;
use truenorth_show::answer::figures::{self, Pairs};

/// Distances or regrets of all pairs of rewards as a heat map, with their tree and what is the same task
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    chosen: Chosen,
    /// The distance: an id such as starc-val-l2 [default: starc-range up to 32 rewards, starc-minimal-weighted-l2 beyond]
    #[arg(long, value_name = "ID")]
    metric: Option<String>,
    /// What is drawn of a pair; the order and the tree are those of distances
    #[arg(long, value_name = "WHAT", default_value = "distance")]
    of: Of,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// The distance
    Distance,
    /// What optimising one costs under the other, as a share of its return range
    Regret,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let metric = args.metric.as_deref().map(Metric::parse).transpose()?;
    let model = args.model.load(out)?;
    let rewards = args.chosen.load(&model, out)?;
    let (regret, pairs) = match args.of {
        Of::Distance => (None, Pairs::Distance),
        Of::Regret => (Some(RegretKind::ProxyOptimal), Pairs::Regret),
    };
    let request = Request { metric, regret, options: args.drawing.solving.options(), ..Request::default() };
    let found = matrix(&model, rewards, &request)?;
    args.drawing.draw(&figures::matrix(&found, pairs), found.is_complete, out)
}
