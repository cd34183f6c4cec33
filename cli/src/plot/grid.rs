//! `plot grid`: optimal values and actions of one reward.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::base::Result;
use truenorth::solve::{Sense, Solver, Task};
use truenorth_show::answer::figures::ValueMap;

/// Optimal values and actions of one reward
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
    let mdp = model.mdp();
    let solver = Solver::new(mdp, args.drawing.solving.options())?;
    let solution = solver.optimise(&Task::new(&query.reward.expected(mdp), Sense::Max));
    let map = ValueMap {
        model: &model,
        kept: &(0..mdp.n_states()).collect::<Vec<_>>(),
        mdp,
        v: &solution.v,
        optimal: &solution.optimal,
        outlined: &vec![false; mdp.n_states()],
        title: format!("{}: {}", model.name(), query.text),
    };
    args.drawing.draw(&*map.picture(), solution.is_converged(), out)
}
