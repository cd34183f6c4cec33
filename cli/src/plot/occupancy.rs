//! `plot occupancy`: where a policy is, or where it is more than another one.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::base::Result;
use truenorth::model::{Model, Policy};
use truenorth::solve::{Sense, Solver, Task};
use truenorth_show::answer::figures::Visits;
use truenorth_show::plot::OccupancyScale;

/// Discounted visits of a policy, or where they differ from those of another one
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Of the policy that is optimal for this reward
    #[arg(conflicts_with = "policy")]
    reward: Option<String>,
    /// Of this policy: a policy file or `uniform`
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// Less the visits of a policy that is optimal for this reward
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    minus: Option<String>,
    /// Less the visits of this policy: a policy file or `uniform`
    #[arg(long, value_name = "POLICY", conflicts_with = "minus")]
    minus_policy: Option<String>,
    /// Colours on a logarithmic scale
    #[arg(long, conflicts_with_all = ["minus", "minus_policy"])]
    log: bool,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

/// A policy with its name, and whether it was found to the end.
struct Named {
    policy: Policy,
    name: String,
    is_complete: bool,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let solver = Solver::new(model.mdp(), args.drawing.solving.options())?;
    let this = match &args.policy {
        Some(text) => given(&model, text)?,
        None => optimal(&model, &solver, args.reward.as_deref(), out)?,
    };
    let that = match (&args.minus_policy, &args.minus) {
        (Some(text), _) => Some(given(&model, text)?),
        (None, Some(reward)) => Some(optimal(&model, &solver, Some(reward), out)?),
        (None, None) => None,
    };
    let mut occ_s = solver.occupancy(&this.policy).occ_s;
    let Some(that) = that else {
        let scale = if args.log { OccupancyScale::Log } else { OccupancyScale::Linear };
        let title = format!("{}: where a policy {} is", model.name(), this.name);
        let visits = Visits { model: &model, occ_s: &occ_s, title, scale, sides: None };
        return args.drawing.draw(&*visits.picture(), this.is_complete, out);
    };
    occ_s.iter_mut().zip(solver.occupancy(&that.policy).occ_s).for_each(|(x, y)| *x -= y);
    let visits = Visits {
        model: &model,
        occ_s: &occ_s,
        title: format!("{}: where two policies are", model.name()),
        scale: OccupancyScale::Difference,
        sides: Some([this.name, that.name]),
    };
    args.drawing.draw(&*visits.picture(), this.is_complete && that.is_complete, out)
}

fn given(model: &Model, text: &str) -> Result<Named> {
    Ok(Named { policy: shared::fixed_policy(model, text)?, name: format!("of {text}"), is_complete: true })
}

fn optimal(model: &Model, solver: &Solver<'_>, reward: Option<&str>, out: &Output) -> Result<Named> {
    let query = shared::reward_or_first(model, reward, out)?;
    let solution = solver.optimise(&Task::new(&query.reward.expected(model.mdp()), Sense::Max));
    let (name, is_complete) = (format!("optimal for {}", query.text), solution.is_converged());
    Ok(Named { policy: Policy::Deterministic(solution.policy), name, is_complete })
}
