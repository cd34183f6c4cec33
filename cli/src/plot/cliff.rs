//! `plot cliff`: the true return along a family of proxies, piece by piece.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::analysis::family::{Family, FamilySpec, Request};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::{Code, Diag, Result};
use truenorth::model::Reachable;
use truenorth::solve::Solver;
use truenorth_show::answer::figures;

/// True return of what is optimal along a family of proxies: every exact breakpoint, which actions are best in which
/// piece, and the largest drop
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// What is meant
    truth: String,
    /// What is optimised, an expression in x, and the range of x: A..B
    #[arg(long, num_args = 2, value_names = ["EXPR", "RANGE"], required = true, allow_hyphen_values = true)]
    vary: Vec<String>,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let truth = shared::reward(&model, &args.truth, out)?;
    let [expression, range] = args.vary.as_slice() else {
        return Diag::new(Code::Usage, "--vary takes an expression and a range").err();
    };
    let spec = FamilySpec::parse(&model, expression, range)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.drawing.solving.options())?;
    let meant = ReturnRange::of(&solver, part.reward(&model, &truth.reward).expected(&part.mdp));
    let rewards = spec.rewards(&model, &part);
    let request = Request { truth: Some(&meant), ..Request::default() };
    let family = Family::of(&solver, &part.mdp, &rewards, spec.range, &request);
    let picture = figures::cliff(&family, &spec.linear.text, &truth.text);
    args.drawing.draw(&picture, family.is_complete, out)
}
