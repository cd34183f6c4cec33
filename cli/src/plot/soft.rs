//! `plot soft`: what a temperature costs, and how steady it makes the policy.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::analysis::soft::{TradeOff, soften};
use truenorth::base::Result;
use truenorth::model::Reachable;
use truenorth::solve::{Sense, Solver, Task};
use truenorth_show::answer::figures;

/// Where the temperatures end that are drawn if none are asked for, in units of the largest expected reward.
const DEFAULT: (f64, f64) = (1e-3, 10.0);

/// Return and sensitivity of entropy-regularised policies over the temperature
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// An expression over the model's rewards, or a file with a reward table; the first reward if left out
    reward: Option<String>,
    /// Lowest and highest temperature, A..B [default: 0.001 to 10 times the largest expected reward]
    #[arg(long, value_name = "RANGE", value_parser = temperatures)]
    temperature: Option<(f64, f64)>,
    /// Temperatures, at equal quotients
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(2..=1000))]
    points: u16,
    /// Mark the temperature that is enough if the reward may be wrong by E in every entry, and the policy may move by --tv
    #[arg(long, value_name = "E", requires = "tv", value_parser = shared::positive)]
    error: Option<f64>,
    /// How far the policy may move at any state, in total variation
    #[arg(long, value_name = "RHO", requires = "error", value_parser = shared::positive)]
    tv: Option<f64>,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.drawing.solving.options())?;
    let reward = part.reward(&model, &query.reward).expected(&part.mdp);
    let promise = match (args.error, args.tv) {
        (Some(error), Some(tv)) => Some(TradeOff::of(&solver, error, tv)?),
        _ => None,
    };
    let size = reward.r.iter().fold(0.0, |m: f64, r| m.max(r.abs()));
    let unit = if size > 0.0 { size } else { 1.0 };
    let (from, to) = args.temperature.unwrap_or((DEFAULT.0 * unit, DEFAULT.1 * unit));
    let optimum = solver.optimise(&Task::new(&reward, Sense::Max));
    let last = f64::from(args.points - 1);
    let temperatures: Vec<f64> = (0..args.points).map(|k| from * (to / from).powf(f64::from(k) / last)).collect();
    let points = soften(&solver, &reward, &optimum, &temperatures)?;
    let is_complete = optimum.is_converged() && points.iter().all(|p| p.is_complete);
    let picture = figures::soft(&points, optimum.at_start(&part.mdp), &query.text, promise.as_ref());
    args.drawing.draw(&picture, is_complete, out)
}

/// Reads `A..B` with `0 < A < B`.
fn temperatures(text: &str) -> Result<(f64, f64), String> {
    shared::range(text)
        .filter(|(a, _)| *a > 0.0)
        .ok_or_else(|| "temperatures are A..B with A above 0 and below B, such as 0.001..1".into())
}
