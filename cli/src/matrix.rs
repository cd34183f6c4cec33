//! `matrix`: distances and regrets of all pairs of some rewards.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::compare::Query;
use truenorth::analysis::distance::Metric;
use truenorth::analysis::matrix::{Matrix, RegretKind, Request, matrix};
use truenorth::base::{Result, Source};
use truenorth::io::atomic::write_atomic_with;
use truenorth::io::{self, SetEntry, SetReward, write_atomic};
use truenorth::model::{Model, Reward};
use truenorth_show::answer;
use truenorth_show::answer::figures::{self, Pairs};
use truenorth_show::report::Figure;

/// Distances and regrets of all pairs of rewards: what is near what, which are the same task, what optimising one costs
/// under another
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth matrix gallery:frozenlake-4x4
  truenorth matrix gallery:frozenlake-4x4 goal shaped 'goal - 0.05*step'
  truenorth matrix my.mdp.toml --set learned.npz --csv pairs.csv -o pairs.npz
  truenorth matrix my.mdp.toml --set rewards.json --metric starc-val-l2 --json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    chosen: Chosen,
    /// The distance: an id such as starc-val-l2 [default: starc-range up to 32 rewards, starc-minimal-weighted-l2 beyond]
    #[arg(long, value_name = "ID")]
    metric: Option<String>,
    /// Reference policy of VAL: a policy file, or `uniform` as if left out
    #[arg(long, value_name = "POLICY")]
    reference: Option<String>,
    /// The regret: of what is optimal for the proxy, in the worst case over all pairs of policies, or none
    #[arg(long, value_name = "KIND", default_value = "proxy-optimal")]
    regret: Kind,
    /// Look at all optimal policies of rewards with ties, however many solves that takes
    #[arg(long)]
    all_ties: bool,
    /// Also write every pair as a line of CSV, each pair once
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

/// Heat maps of what was found.
fn figures(found: &Matrix) -> Result<Vec<Figure>> {
    if found.tree.leaves.is_empty() {
        return Ok(Vec::new());
    }
    let caption =
        "Distances of all pairs of rewards, in the order of their tree; frames hold rewards that are one task";
    let mut all = vec![shared::figure("distances", &figures::matrix(found, Pairs::Distance), caption)?];
    if found.regret.is_some() {
        let caption = "What optimising the reward of a column costs under that of a row, in the same order";
        all.push(shared::figure("regrets", &figures::matrix(found, Pairs::Regret), caption)?);
    }
    Ok(all)
}

/// Which rewards.
#[derive(clap::Args, Debug)]
pub(super) struct Chosen {
    /// Rewards: expressions over the model's, or files with a reward table [default: all of the model's, unless --set]
    #[arg(value_name = "REWARD")]
    rewards: Vec<String>,
    /// More rewards from FILE: .json or .toml (name -> expression or reward table, or a list), .jsonl (one a line), .npz
    /// (`rewards` [K, S, A] or [K, S, A, S], perhaps `names`) (repeatable)
    #[arg(long, value_name = "FILE")]
    set: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    ProxyOptimal,
    WorstCase,
    None,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let metric = args.metric.as_deref().map(Metric::parse).transpose()?;
    let model = args.model.load(out)?;
    let rewards = args.chosen.load(&model, out)?;
    let reference = args.reference.as_deref().map(|text| shared::fixed_policy(&model, text)).transpose()?;
    let regret = match args.regret {
        Kind::ProxyOptimal => Some(RegretKind::ProxyOptimal),
        Kind::WorstCase => Some(RegretKind::WorstCase),
        Kind::None => None,
    };
    let options = args.solving.options();
    let found = matrix(&model, rewards, &Request { metric, reference, regret, all_ties: args.all_ties, options })?;
    out.begin_answer();
    if let Some(path) = &args.csv {
        write_atomic_with(path, |file| {
            writeln!(file, "{}", answer::matrix::CSV_HEAD)?;
            (0..found.len()).try_for_each(|i| file.write_all(answer::matrix::csv_row(&found, i).as_bytes()))
        })?;
    }
    // An archive is not a place for words: they go where they would go without it.
    if let Some(path) = out.file.take_if(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz"))) {
        write_archive(&path, &found)?;
    }
    let json = if out.needs_json() { answer::matrix::json(&model, &found) } else { serde_json::Value::Null };
    let document = answer::matrix::document(&model, &args.model.model, &found);
    let figures = if out.wants_figures() { figures(&found)? } else { Vec::new() };
    out.answer(Answer::new(json, document, found.is_complete).with_figures(figures))
}

impl Chosen {
    /// The rewards asked for, with their names.
    pub(super) fn load(&self, model: &Model, out: &Output) -> Result<Vec<(String, Reward)>> {
        let mut all = Vec::new();
        for text in &self.rewards {
            let query = shared::reward(model, text, out)?;
            all.push((query.text, query.reward));
        }
        for path in &self.set {
            for entry in io::reward_set::read(path)? {
                all.push(member(model, entry, out)?);
            }
        }
        if self.rewards.is_empty() && self.set.is_empty() {
            all.extend(model.rewards().iter().cloned());
        }
        Ok(all)
    }
}

fn member(model: &Model, entry: SetEntry, out: &Output) -> Result<(String, Reward)> {
    let SetEntry { source, name, reward } = entry;
    let reward = match reward {
        SetReward::Expression(text) => Query::of(model, &text)?.reward,
        SetReward::Table(table) => {
            let (reward, warnings) = model.reward_from(&source, &name, &table)?;
            out.warn(&warnings);
            reward
        }
    };
    Ok((name, reward))
}

fn write_archive(path: &Path, found: &Matrix) -> Result<()> {
    let mut archive = io::Archive::new(Source::binary(path.display().to_string()));
    let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
    archive.texts("rewards", &[found.len()], &names)?;
    for (name, values) in answer::matrix::arrays(found) {
        archive.floats(name, &[found.len(), found.len()], &values)?;
    }
    write_atomic(path, &archive.finish()?)
}
