//! `regret`: what optimising one reward can cost under another.

use super::EXIT_CODES;
use super::cert::CertificateArgs;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::compare::Regret;
use truenorth::analysis::regret::{proxy_optimal, worst_case, worst_case_by_lp};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::Result;
use truenorth::model::Reachable;
use truenorth::solve::Solver;
use truenorth::verify::make::Ranged;
use truenorth_show::answer::regret::Costs;

/// Bound what optimising a proxy can cost: worst-case regret, and the regret of proxy-optimal policies
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth regret gallery:frozenlake-4x4 goal 'goal - 0.05*step'
  truenorth regret my.mdp.toml truth proxy --assert 'worst_case_normalised<=0.1'
  truenorth regret my.mdp.toml truth learned.json --json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// What is meant: an expression over the model's rewards, or a file with a reward table
    truth: String,
    /// What is optimised instead
    proxy: String,
    /// Also solve the linear program over two occupancies, which shares nothing with the dual (small models)
    #[arg(long)]
    lp: bool,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    certificate: CertificateArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let truth = shared::reward(&model, &args.truth, out)?;
    let proxy = shared::reward(&model, &args.proxy, out)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let range = |reward| ReturnRange::of(&solver, part.reward(&model, reward).expected(&part.mdp));
    let (truth_range, proxy_range) = (range(&truth.reward), range(&proxy.reward));
    let regret = Regret {
        worst_case: worst_case(&solver, &truth_range, &proxy_range),
        proxy_optimal: proxy_optimal(&solver, &truth_range, &proxy_range),
    };
    let solutions = [
        &truth_range.best,
        &truth_range.worst,
        &proxy_range.best,
        &proxy_range.worst,
        &regret.proxy_optimal.lucky,
        &regret.proxy_optimal.unlucky,
    ];
    let is_complete = solutions.iter().all(|s| s.is_converged()) && !solver.is_out_of_time();
    let lp = args.lp.then(|| worst_case_by_lp(&part.mdp, &truth_range.reward, &proxy_range.reward));
    args.certificate.write(&args.model.model, &args.model.changes, &model, out, |maker| {
        let both = [(&truth, &truth_range), (&proxy, &proxy_range)].map(|(query, range)| Ranged { query, range });
        maker.regret(&solver, &part.kept, both, &regret.worst_case)
    })?;
    out.begin_answer();
    let costs = Costs {
        model: &model,
        mdp: &part.mdp,
        kept: &part.kept,
        truth: &truth.text,
        proxy: &proxy.text,
        truth_range: &truth_range,
        proxy_range: &proxy_range,
        regret: &regret,
        lp,
    };
    out.answer(Answer::new(costs.json(), costs.document(), is_complete))
}
