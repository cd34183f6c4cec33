//! `compare`: how far apart two rewards are, what optimising one costs under the other, where and why.

use std::path::PathBuf;

use super::cert::CertificateArgs;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelChanges, SolveArgs};
use super::{EXIT_CODES, batch};
use truenorth::analysis::compare::{Request, compare};
use truenorth::analysis::distance::Metric;
use truenorth::base::{Code, Diag, Result};
use truenorth::solve::Solver;
use truenorth_show::answer;
use truenorth_show::report::Block;

/// Compare two rewards: same task or not, how far apart, what optimising one costs under the other
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth compare gallery:frozenlake-4x4 goal 'goal - 0.05*step'
  truenorth compare gallery:frozenlake-4x4 goal shaped --report look.html
  truenorth compare my.mdp.toml truth learned.json --metric all --json
  truenorth compare my.mdp.toml truth proxy --assert 'starc-range<=0.1'
  truenorth compare --batch pairs.jsonl > results.jsonl",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// A file (.mdp.toml, .mdp.json, .npz) or gallery:NAME
    #[arg(required_unless_present = "batch")]
    model: Option<String>,
    /// What is meant: an expression over the model's rewards, or a file with a reward table
    #[arg(required_unless_present = "batch")]
    truth: Option<String>,
    /// What is optimised instead
    #[arg(required_unless_present = "batch")]
    proxy: Option<String>,
    #[command(flatten)]
    changes: ModelChanges,
    /// Compare one pair a line of FILE (- for the standard input): {"model": OBJECT or NAME, "truth": REWARD, "proxy":
    /// REWARD}; one result object a line, in order, without polygon and cliff; lines share the threads
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "gamma", "mu0", "seed", "report", "assert", "certificate"])]
    batch: Option<PathBuf>,
    /// Another distance: an id such as starc-val-l2, or `all` (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Distances")]
    metric: Vec<String>,
    /// Reference policy of VAL: a policy file, or `uniform` as if left out
    #[arg(long, value_name = "POLICY", help_heading = "Distances")]
    reference: Option<String>,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    certificate: CertificateArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let request = Request { metrics: metrics(&args.metric)?, ..Request::default() };
    if let Some(path) = &args.batch {
        let options = args.solving.options();
        let request = Request { max_vertices: 0, along: false, options, ..request };
        return batch::run(path, (args.reference.as_deref(), args.changes.exact_inputs), &request, out);
    }
    let (Some(argument), Some(truth), Some(proxy)) = (&args.model, &args.truth, &args.proxy) else {
        return Diag::new(Code::Usage, "nothing to compare").expected("a model and two rewards, or --batch FILE").err();
    };
    let model = args.changes.load(argument, out)?;
    let truth = shared::reward(&model, truth, out)?;
    let proxy = shared::reward(&model, proxy, out)?;
    let reference = args.reference.as_deref().map(|text| shared::fixed_policy(&model, text)).transpose()?;
    let request = Request { reference, options: args.solving.options(), ..request };
    let comparison = compare(&model, truth, proxy, &request)?;
    args.certificate.write(argument, &args.changes, &model, out, |maker| {
        let solver = Solver::new(&comparison.mdp, args.solving.options())?;
        maker.comparison(&comparison, &solver, args.reference.is_none())
    })?;
    out.begin_answer();
    let figures = match out.wants_figures() {
        true => answer::figures::of_comparison(&comparison).map_err(shared::not_drawn)?,
        false => Vec::new(),
    };
    let mut document = answer::compare::document(&comparison, figures);
    if out.wants_figures() {
        let made = format!("truenorth {}, model hash {}", env!("CARGO_PKG_VERSION"), model.hash());
        let again = vec![Block::code(out.command_line()), Block::paragraph(made)];
        document = document.block(Block::details("How to get this page again", again));
    }
    let is_complete = comparison.is_converged();
    out.answer(Answer::new(answer::compare::json(&comparison), document, is_complete))
}

/// The distances always printed, then those asked for.
fn metrics(asked: &[String]) -> Result<Vec<Metric>> {
    let mut metrics = Metric::defaults();
    for id in asked {
        let more = if id == "all" { Metric::all() } else { vec![Metric::parse(id)?] };
        for metric in more {
            if !metrics.iter().any(|known| known.to_string() == metric.to_string()) {
                metrics.push(metric);
            }
        }
    }
    Ok(metrics)
}
