//! `solve`: optimal values and actions of one reward.

use super::EXIT_CODES;
use super::cert::CertificateArgs;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::base::Result;
use truenorth::model::Policy;
use truenorth::solve::{Sense, Solver, Task};
use truenorth_show::answer::figures::ValueMap;
use truenorth_show::answer::solve::Solved;

/// Solve a model: optimal values with certified bounds, and every action that may be optimal
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth solve gallery:frozenlake-4x4
  truenorth solve my.mdp.toml 'goal - 0.05*step' --gamma 0.95 --json
  truenorth solve gallery:garnet?states=1000 --method vi --time 10s",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Reward, such as 'goal - 0.05*step', or a file with a reward table [default: the first of the model]
    reward: Option<String>,
    /// Look for the worst policy instead of the best
    #[arg(long)]
    min: bool,
    /// Also give the value of every action in every state
    #[arg(long)]
    q: bool,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    certificate: CertificateArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let mdp = model.mdp();
    let solver = Solver::new(mdp, args.solving.options())?;
    let reward = query.reward.expected(mdp);
    let sense = if args.min { Sense::Min } else { Sense::Max };
    let solution = solver.optimise(&Task::new(&reward, sense));
    let greedy = Policy::Deterministic(solution.policy.clone());
    // Once a limit is reached there is no time for a linear solve.
    let of_greedy = match solution.is_converged() {
        true => solver.evaluate(&greedy, &[&reward]).swap_remove(0),
        false => solver.evaluate_near(&greedy, &reward, solution.v.clone()),
    };
    let policy_value = of_greedy.at_start(mdp);
    out.begin_answer();
    let solved = Solved {
        model: &model,
        reward: &query.text,
        sense,
        q: args.q.then(|| solution.q(mdp, &reward)),
        solution: &solution,
        policy_value,
    };
    args.certificate.write(&args.model.model, &args.model.changes, &model, out, |maker| {
        maker.value(&query, sense, &solver, &solution)
    })?;
    let figures = match out.wants_figures() {
        true => {
            let map = ValueMap {
                model: &model,
                kept: &(0..mdp.n_states()).collect::<Vec<_>>(),
                mdp,
                v: &solution.v,
                optimal: &solution.optimal,
                outlined: &vec![false; mdp.n_states()],
                title: query.text.clone(),
            };
            vec![shared::figure("values", &*map.picture(), "Values and the actions that may be optimal")?]
        }
        false => Vec::new(),
    };
    out.answer(Answer::new(solved.json(), solved.document(figures), solution.is_converged()))
}
