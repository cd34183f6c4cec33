//! `occupancy`: where a policy spends its time.

use super::EXIT_CODES;
use super::cert::CertificateArgs;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::compare::Query;
use truenorth::analysis::hacking::Reference;
use truenorth::base::{Code, Diag, Result};
use truenorth::model::Policy;
use truenorth::solve::{Sense, Solver, Task};
use truenorth_show::answer::{figures, occupancy::Visits, parts};
use truenorth_show::plot::OccupancyScale;

/// Count discounted visits of a policy: of an optimal one for a reward, or of one in a file
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth occupancy gallery:frozenlake-4x4 goal
  truenorth occupancy my.mdp.toml --policy learned.json --normalise --json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Visits of an optimal policy for this reward, or of its `soft:TAU` [default: the first of the model]
    reward: Option<String>,
    /// Visits of this policy: a file with a list of actions or of rows of probabilities, one a state; `uniform`; or
    /// `soft:TAU`, the entropy-regularised optimum of the reward at temperature TAU
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// Multiply by 1 - gamma, so that all visits sum to 1
    #[arg(long)]
    normalise: bool,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    certificate: CertificateArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let mdp = model.mdp();
    if args.normalise && mdp.gamma() == 1.0 {
        return Diag::new(Code::Usage, "--normalise divides by the total, which has no meaning when gamma is 1")
            .expected("a discount below 1")
            .help("leave --normalise out: visits are then expected counts")
            .err();
    }
    let solver = Solver::new(mdp, args.solving.options())?;
    let described = args.policy.as_deref().map(|text| shared::described_policy(&model, text)).transpose()?;
    if args.reward.is_some() && matches!(described, Some(Reference::Uniform | Reference::Given(_))) {
        return Diag::new(Code::Usage, "the visits of a given policy are those for every reward")
            .expected("a reward, or --policy")
            .help("leave the reward out")
            .err();
    }
    let (policy, words, is_complete, rewards) = match (described, &args.policy) {
        (Some(soft @ Reference::Soft(_)), Some(text)) => {
            let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
            let policy = soft.policy(&solver, &query.reward.expected(mdp));
            let words = format!("{text} of {}", query.text);
            (policy, words, !solver.is_out_of_time(), vec![query])
        }
        (Some(given), Some(text)) => {
            // The value of a given policy is certified for every reward of the model.
            let all: Vec<Query> = match args.certificate.certificate {
                Some(_) => model.rewards().iter().map(|(name, reward)| shared::named(name, reward)).collect(),
                None => Vec::new(),
            };
            // No reward is looked at where the policy is known.
            let policy = match given {
                Reference::Given(policy) => policy,
                _ => Policy::uniform(mdp),
            };
            (policy, text.clone(), true, all)
        }
        _ => {
            let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
            let solution = solver.optimise(&Task::new(&query.reward.expected(mdp), Sense::Max));
            if solution.n_ties > 0 {
                let where_tied = parts::many(solution.n_ties, "state");
                out.note(&match &solution.doubt {
                    None => format!(
                        "more than one action is optimal in {where_tied}; this is one optimal policy of several"
                    ),
                    Some(doubt) => format!("more than one action may be optimal in {where_tied}: {}", doubt.words()),
                });
            }
            let is_complete = solution.is_converged();
            let words = match is_complete {
                true => format!("optimal for {}", query.text),
                false => format!("the best found so far for {}", query.text),
            };
            (Policy::Deterministic(solution.policy), words, is_complete, vec![query])
        }
    };
    args.certificate.write(&args.model.model, &args.model.changes, &model, out, |maker| {
        rewards.iter().try_for_each(|query| {
            let evaluation = solver.evaluate(&policy, &[&query.reward.expected(mdp)]).remove(0);
            maker.policy_value(query, &solver, &policy, &evaluation)
        })
    })?;
    let mut occupancy = solver.occupancy(&policy);
    if args.normalise {
        let factor = 1.0 - mdp.gamma();
        occupancy.occ_sa.iter_mut().chain(&mut occupancy.occ_s).for_each(|x| *x *= factor);
        occupancy.error *= factor;
    }
    let has_ends = (0..mdp.n_states()).any(|s| mdp.is_terminal(s));
    let endings = (has_ends && !solver.is_out_of_time()).then(|| solver.endings(&policy));
    out.begin_answer();
    let endings = endings.as_ref();
    let visits =
        Visits { endings, model: &model, policy: &words, occupancy: &occupancy, is_normalised: args.normalise };
    let figures = match out.wants_figures() {
        true => {
            let scale = OccupancyScale::default();
            let map =
                figures::Visits { model: &model, occ_s: &occupancy.occ_s, title: words.clone(), scale, sides: None };
            vec![shared::figure("occupancy", &*map.picture(), "Discounted visits of every state")?]
        }
        false => Vec::new(),
    };
    out.answer(Answer::new(visits.json(), visits.document(figures), is_complete))
}
