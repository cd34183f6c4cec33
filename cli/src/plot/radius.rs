//! `plot radius`: how large an error of the reward changes the best action, state by state.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::analysis::stability::{Optimum, by_state};
use truenorth::base::Result;
use truenorth::model::Reachable;
use truenorth::solve::Solver;
use truenorth_show::answer::figures::RadiusMap;

/// How large an error of the reward changes the best action, state by state, and which action takes over
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// An expression over the model's rewards, or a file with a reward table; the first reward if left out
    reward: Option<String>,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.drawing.solving.options())?;
    let reward = part.reward(&model, &query.reward);
    let optimum = Optimum::of(&solver, &reward.expected(&part.mdp));
    let radii = by_state(&solver, &optimum, &solver.shifts(&optimum.rows));
    let map = RadiusMap {
        model: &model,
        kept: &part.kept,
        mdp: &part.mdp,
        optimum: &optimum,
        radii: &radii,
        reward: &query.text,
    };
    args.drawing.draw(&*map.picture(), optimum.is_complete && !solver.is_out_of_time(), out)
}
