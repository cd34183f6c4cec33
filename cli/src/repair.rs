//! `repair`: the smallest change of a proxy that makes optimising it harmless.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::compare::Query;
use truenorth::analysis::repair::{Feature, Norm, Repair, Request, repair};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::write_atomic;
use truenorth::model::{Model, Reachable, Reward};
use truenorth::solve::Solver;
use truenorth_show::answer::repair::Mended;
use truenorth_show::answer::shape::table;

/// Find the smallest change of a proxy after which optimising it is optimising the truth, or prove there is none
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth repair gallery:alive-bonus --feature alive
  truenorth repair gallery:boat-race --truth laps --proxy tiles --feature laps --feature directional
  truenorth repair my.mdp.toml --truth goal --proxy 'goal - 0.05*step' --reward mended.json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// What is meant: an expression over the model's rewards, or a file with a reward table
    #[arg(long, value_name = "REWARD", default_value = "truth", allow_hyphen_values = true)]
    truth: String,
    /// What is optimised instead
    #[arg(long, value_name = "REWARD", default_value = "proxy", allow_hyphen_values = true)]
    proxy: String,
    /// What may be added to the proxy, or taken off it (repeatable) [default: every other reward of the model, and 1 for
    /// every step]
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    feature: Vec<String>,
    /// Write the nearest reward that mends as a JSON table that other commands take as a reward
    #[arg(long, value_name = "FILE")]
    reward: Option<PathBuf>,
    /// By which norm it is nearest: the largest change of the reward of an action, or the root of the sum of squares
    #[arg(long, value_name = "NORM", default_value = "linf", value_parser = PossibleValuesParser::new(["linf", "l2"]))]
    norm: String,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let truth = shared::reward(&model, &args.truth, out)?;
    let proxy = shared::reward(&model, &args.proxy, out)?;
    let queries = match args.feature.as_slice() {
        [] => others(&model, &truth, &proxy)?,
        named => named.iter().map(|text| shared::reward(&model, text, out)).collect::<Result<_>>()?,
    };
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let here = |query: &Query| part.reward(&model, &query.reward);
    let features: Vec<Feature> =
        queries.iter().map(|query| Feature { text: query.text.clone(), reward: here(query) }).collect();
    let request = Request {
        solver: &solver,
        mdp: &part.mdp,
        truth: &here(&truth),
        proxy: &here(&proxy),
        features: &features,
        nearest: true,
    };
    let found = repair(&request);
    if let Some(path) = &args.reward {
        let norm = if args.norm == "l2" { Norm::L2 } else { Norm::Linf };
        let reward = nearest(&model, &part, &proxy.reward, &found, norm)?;
        write_atomic(path, format!("{}\n", table(model.mdp(), &reward)).as_bytes())?;
    }
    out.begin_answer();
    let mended = Mended {
        model: &model,
        mdp: &part.mdp,
        kept: &part.kept,
        argument: &args.model.model,
        truth: &truth.text,
        proxy: &proxy.text,
        is_expression: proxy.linear.is_some() && queries.iter().all(|query| query.linear.is_some()),
        found: &found,
    };
    out.answer(Answer::new(mended.json(), mended.document(), found.is_complete))
}

/// Every reward of the model that is neither the truth nor the proxy, and 1 for every step.
fn others(model: &Model, truth: &Query, proxy: &Query) -> Result<Vec<Query>> {
    let named = model.rewards().iter().filter(|(name, _)| *name != truth.text && *name != proxy.text);
    let mut all: Vec<Query> = named.map(|(name, reward)| shared::named(name, reward)).collect();
    let step = Query::of(model, "1")?;
    let expected = |query: &Query| query.reward.expected(model.mdp()).r;
    if !all.iter().any(|query| expected(query) == expected(&step)) {
        all.push(step);
    }
    Ok(all)
}

/// The nearest reward on the whole model; the proxy where nobody gets.
fn nearest(model: &Model, part: &Reachable, proxy: &Reward, found: &Repair, norm: Norm) -> Result<Reward> {
    let mut base = proxy.expected(model.mdp()).r;
    match found.nearest.iter().find(|nearest| nearest.norm == norm).and_then(|nearest| nearest.mending.as_ref()) {
        Some(mending) => {
            for (s, &old) in part.kept.iter().enumerate() {
                for (row, old) in part.mdp.rows(s).zip(model.mdp().rows(old)) {
                    base[old] = mending.reward[row];
                }
            }
            Ok(Reward::per_row(base))
        }
        None if found.is_fine() => Ok(Reward::per_row(base)),
        None => Diag::new(Code::Numerical, "no nearest reward was found to write")
            .help("leave --reward out, or give it more time or a model of at most 2000 reachable states")
            .err(),
    }
}
