//! `hack`: whether optimising a proxy is reward hacking, and what its correlation with the truth promises.

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::compare::Query;
use truenorth::analysis::ensemble::{Rule, ensemble};
use truenorth::analysis::goodhart::{Goodhart, Request, goodhart};
use truenorth::analysis::hackable::hackable;
use truenorth::analysis::hacking::{Frontier, Mixture, Reference, Setting};
use truenorth::analysis::regret::{ProxyOptimal, proxy_optimal};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::Result;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Model, Policy, Reachable, Reward};
use truenorth::solve::Solver;
use truenorth_show::answer::figures;
use truenorth_show::answer::hack::Story;
use truenorth_show::report::Figure;

/// Judge a proxy by its correlation with the truth under a reference policy: is its optimum hacking, and how far from the
/// reference is it safe to go
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth hack gallery:boat-race --proxy tiles --truth laps
  truenorth hack my.mdp.toml --proxy learned.json --truth goal --reference soft:0.1
  truenorth hack my.mdp.toml --proxy p --truth t --reference data.json --policy trained.json --assert 'hacking==false'",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// What is optimised: an expression over the model's rewards, or a file with a reward table
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    proxy: String,
    /// What is meant
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    truth: String,
    /// The policy the proxy was trusted under: `uniform`, `soft:TAU` (the entropy-regularised optimum of the truth at
    /// temperature TAU, a noisy demonstrator), or a policy file
    #[arg(long, value_name = "POLICY", default_value = "uniform")]
    reference: String,
    /// The policy to judge: a policy file, `uniform`, or `soft:TAU`, here of the proxy [default: optimal for the proxy; of
    /// several, the worst in truth]
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// Points of each frontier from the reference to the optimum of the proxy; 0 for none
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=1000))]
    points: u16,
    /// Also follow the truth while the proxy is optimised from the reference on: by steepest ascent, by soft policies and by
    /// the best of n answers, which takes the reference for the law that answers are drawn from (exact probabilities, not
    /// shares of recorded answers)
    #[arg(long)]
    goodhart: bool,
    /// Where to stop if the truth is known to lie within so many degrees of the proxy [default: the angle there is]
    #[arg(long, value_name = "DEGREES", requires = "goodhart", allow_negative_numbers = true)]
    angle: Option<f64>,
    /// Also optimise this proxy together with others: their mean, their least, their mean less their variance (repeatable)
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    ensemble: Vec<String>,
    /// Weight of the variance among the members of --ensemble
    #[arg(long, value_name = "LAMBDA", default_value_t = 1.0, requires = "ensemble")]
    uncertainty: f64,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let truth = shared::reward(&model, &args.truth, out)?;
    let proxy = shared::reward(&model, &args.proxy, out)?;
    let (reference, written) = shared::written_policy(&model, &args.reference)?;
    let others: Vec<Query> =
        args.ensemble.iter().map(|text| shared::reward(&model, text, out)).collect::<Result<_>>()?;
    let policy = args.policy.as_deref().map(|text| shared::written_policy(&model, text)).transpose()?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let expected = |reward| part.reward(&model, reward).expected(&part.mdp);
    let (true_reward, proxy_reward) = (expected(&truth.reward), expected(&proxy.reward));
    let mixture =
        |(reference, written): (&Reference, Option<Mixture>), reward: &ExpectedReward| match (reference, written) {
            (Reference::Uniform, _) => Mixture::uniform(&part.mdp),
            (_, Some(written)) => part_of(&part, &model, written),
            _ => Mixture::from(&reference.policy(&solver, reward)),
        };
    let base = mixture((&reference, written), &true_reward);
    let judged = policy.map(|(policy, written)| mixture((&policy, written), &proxy_reward));
    let setting = Setting::new(&solver, base, true_reward.clone(), proxy_reward.clone())?;
    let (true_range, proxy_range) = (ReturnRange::of(&solver, true_reward), ReturnRange::of(&solver, proxy_reward));
    let optimal = proxy_optimal(&solver, &true_range, &proxy_range);
    let (policy, words) = match (judged, &args.policy) {
        (Some(policy), Some(text)) => (policy, text.clone()),
        _ => {
            let policy = Policy::Deterministic(optimal.unlucky.policy.clone());
            (Mixture::from(&policy), of_optimum(&proxy.text, &optimal))
        }
    };
    let appraisal = setting.appraise(&policy.policy);
    let ranges = [&true_range, &proxy_range];
    let ties = setting.ties(ranges, &optimal);
    let flags = setting.flags(ranges, &policy, &appraisal, &ties);
    let maximiser = setting.maximise_bound(&setting.raw);
    let maximiser_canonical = setting.maximise_bound(&setting.canonical);
    let frontier = (args.points > 0).then(|| setting.frontier(args.points.into()));
    let hackable = hackable(&solver, &true_range, &proxy_range);
    let follow = || {
        let request = Request { angle_degrees: args.angle, ..Request::from(setting.reference.policy.clone()) };
        goodhart(&solver, &true_range, &proxy_range, &request)
    };
    let goodhart = args.goodhart.then(follow).transpose()?;
    let names: Vec<String> = std::iter::once(&proxy).chain(&others).map(|query| query.text.clone()).collect();
    let combine = || {
        let members: Vec<Reward> =
            std::iter::once(&proxy).chain(&others).map(|query| part.reward(&model, &query.reward)).collect();
        let rules = [Rule::Mean, Rule::WorstCase, Rule::Uncertainty(args.uncertainty)];
        ensemble(&solver, (&part.reward(&model, &truth.reward), &true_range), &members, &rules)
    };
    let ensemble = (!others.is_empty()).then(combine).transpose()?;
    let solutions = [&true_range.best, &proxy_range.best, &optimal.lucky, &optimal.unlucky];
    let is_complete = solutions.iter().all(|s| s.is_converged()) && !solver.is_out_of_time();
    out.begin_answer();
    let is_given = args.policy.is_some();
    let is_found = is_given || solutions.iter().all(|s| s.is_converged());
    let story = Story {
        is_found,
        model: &model,
        mdp: &part.mdp,
        kept: &part.kept,
        truth: &truth.text,
        proxy: &proxy.text,
        reference: &args.reference,
        policy: &words,
        true_range: &true_range,
        setting: &setting,
        appraisal: &appraisal,
        ties: &ties,
        flags: &flags,
        maximiser: &maximiser,
        maximiser_canonical: &maximiser_canonical,
        frontier: frontier.as_ref(),
        hackable: &hackable,
        goodhart: goodhart.as_ref(),
        ensemble: ensemble.as_ref().map(|found| (&names[..], found)),
    };
    let figures = match out.wants_figures() {
        true => {
            let curves = goodhart.as_ref().and_then(|found| found.as_ref().ok());
            pictures(&setting, frontier.as_ref(), curves, [&truth.text, &proxy.text])?
        }
        false => Vec::new(),
    };
    out.answer(Answer::new(story.json(), story.document(), is_complete).with_figures(figures))
}

/// Pictures of the frontiers, and of the truth along each path.
fn pictures(
    setting: &Setting<'_>,
    frontier: Option<&Frontier>,
    goodhart: Option<&Goodhart>,
    [truth, proxy]: [&str; 2],
) -> Result<Vec<Figure>> {
    let mut all = Vec::new();
    if let Some(found) = frontier.filter(|found| !found.chi2.is_empty()) {
        let picture = figures::frontier(setting, found, truth, proxy);
        let caption = "The best policies for each weight of three penalties, by their distance from the reference";
        all.push(shared::figure("frontier", &picture, caption)?);
    }
    if let Some(found) = goodhart {
        for curve in found.curves.iter().filter(|curve| !curve.points.is_empty()) {
            let picture = figures::goodhart(curve, found.allowed_angle);
            let caption = match curve.end.is_finished() {
                true => "Proxy and truth along a path of rising proxy, and where to stop",
                false => "Proxy and truth along a path of rising proxy, which is unfinished",
            };
            all.push(shared::figure(&format!("goodhart-{}", curve.path.word()), &picture, caption)?);
        }
    }
    Ok(all)
}

/// A policy on the part of the model that counts.
fn part_of(part: &Reachable, model: &Model, mixture: Mixture) -> Mixture {
    match part.kept.len() == model.mdp().n_states() {
        true => mixture,
        false => mixture.trimmed(model.mdp(), &part.kept),
    }
}

fn of_optimum(proxy: &str, found: &ProxyOptimal) -> String {
    let is_converged = [&found.lucky, &found.unlucky].iter().all(|s| s.is_converged());
    match (&found.doubt, found.n_ties) {
        _ if !is_converged => format!("the best found for {proxy} before the limit"),
        (Some(_), _) => format!("perhaps optimal for {proxy}"),
        (None, 0) => format!("optimal for {proxy}"),
        (None, _) => format!("optimal for {proxy}, unlucky"),
    }
}
