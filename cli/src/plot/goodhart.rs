//! `plot goodhart`: proxy and true return while the proxy is optimised.

use clap::ValueEnum;

use super::{Drawing, Pair};
use crate::output::{Exit, Output};
use crate::shared;
use truenorth::analysis::goodhart::{self, Curve, Goodhart, Request};
use truenorth::analysis::hacking::Reference;
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::{Code, Diag, Result};
use truenorth::model::{Policy, Reachable};
use truenorth::solve::Solver;
use truenorth_show::answer::figures;

/// Truth along a path of rising proxy, its peak, what is lost behind it, and where to stop
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pair: Pair,
    /// Where the path begins: `uniform`, `soft:TAU` or a policy file
    #[arg(long, value_name = "POLICY", default_value = "uniform")]
    reference: String,
    /// The path
    #[arg(long, value_name = "PATH", default_value = "steepest")]
    path: Path,
    /// Stop for every truth within so many degrees of the proxy [default: the angle to the truth]
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true)]
    angle: Option<f64>,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

/// A path from the reference to the optimum of the proxy.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Path {
    /// Straight up in the space of occupancies
    Steepest,
    /// Soft optima of the proxy less a temperature times the KL from the reference, the temperature falling
    Soft,
    /// The best for the proxy of n tries of the reference, taken for the law that tries are drawn from
    BestOfN,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.pair.model.load(out)?;
    let truth = shared::reward(&model, &args.pair.truth, out)?;
    let proxy = shared::reward(&model, &args.pair.proxy, out)?;
    let reference = shared::described_policy(&model, &args.reference)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.drawing.solving.options())?;
    let range = |query: &truenorth::analysis::compare::Query| {
        ReturnRange::of(&solver, part.reward(&model, &query.reward).expected(&part.mdp))
    };
    let (meant, optimised) = (range(&truth), range(&proxy));
    let reference = match reference {
        Reference::Given(policy) => Reference::Given(part.policy(&model, &policy)),
        other => other,
    };
    let start = reference.policy(&solver, &meant.reward);
    let (found, curve) = follow(&solver, [&meant, &optimised], start, args.path, args.angle)?;
    args.drawing.draw(&figures::goodhart(&curve, found.allowed_angle), !solver.is_out_of_time(), out)
}

/// The curve of one path, or why there is none.
pub(super) fn follow(
    solver: &Solver<'_>,
    [truth, proxy]: [&ReturnRange; 2],
    start: Policy,
    path: Path,
    angle_degrees: Option<f64>,
) -> Result<(Goodhart, Curve)> {
    let path = match path {
        Path::Steepest => goodhart::Path::Steepest,
        Path::Soft => goodhart::Path::Soft,
        Path::BestOfN => goodhart::Path::BestOfN,
    };
    let request = Request { paths: vec![path], angle_degrees, ..Request::from(start) };
    let refuse = |why: &str| Diag::new(Code::Plot, format!("there is no path to draw: {why}")).err();
    match goodhart::goodhart(solver, truth, proxy, &request)? {
        Err(why) => refuse(why),
        Ok(mut found) => match (found.curves.pop(), found.left_out.first()) {
            (Some(curve), _) => Ok((found, curve)),
            (None, Some((_, why))) => refuse(why),
            (None, None) => refuse("none was found"),
        },
    }
}
