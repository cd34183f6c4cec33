//! `canon`: the canonical form of a reward.

use clap::builder::PossibleValuesParser;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs};
use truenorth::analysis::canon::{self, CANONS, Context};
use truenorth::analysis::distance::{NORMS, norm, norm_of};
use truenorth::base::{Code, Diag, Result};
use truenorth::model::{Policy, Reachable};
use truenorth::solve::{Options, Solver};
use truenorth_show::answer::canon::Form;

/// Canonicalise a reward: one representative for all rewards that order policies alike
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth canon gallery:frozenlake-4x4 goal --by val
  truenorth canon my.mdp.toml 'goal - 0.05*step' --by minimal-weighted --norm wl2 --json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Reward, such as 'goal - 0.05*step', or a file with a reward table [default: the first of the model]
    reward: Option<String>,
    /// Canonicalisation
    #[arg(long, value_name = "ID", value_parser = PossibleValuesParser::new(CANONS.iter().map(|c| c.id)))]
    by: String,
    /// Norm to report
    #[arg(long, value_name = "ID", default_value = "l2", value_parser = PossibleValuesParser::new(NORMS.iter().map(|n| n.id)))]
    norm: String,
    /// Reference policy of val and val-potential, a file or `uniform` [default: uniform]
    #[arg(long, value_name = "POLICY")]
    reference: Option<String>,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let by = canon::find(&args.by)?;
    // The parser of `--norm` admits only these ids.
    let norm = norm::find(&args.norm).unwrap_or(&NORMS[0]);
    if args.reference.is_some() && !by.id.starts_with("val") {
        return Diag::new(Code::Usage, format!("--reference is for val and val-potential; `{}` has no policy", by.id))
            .help("leave --reference out")
            .err();
    }
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, Options::default())?;
    let reference = match &args.reference {
        Some(text) => shared::fixed_policy(&model, text)?.trimmed(model.mdp(), &part.kept),
        None => Policy::uniform(&part.mdp),
    };
    let context = Context { solver: &solver, reference: &reference };
    let canonical = by.apply(&context, &part.reward(&model, &query.reward))?;
    let form = Form {
        model: &model,
        mdp: &part.mdp,
        kept: &part.kept,
        reward: &query.text,
        canon: by,
        by: norm,
        norm: norm_of(&part.mdp, &canonical, norm),
        canonical: &canonical,
    };
    let json = if out.needs_json() { form.json()? } else { serde_json::Map::new() };
    out.answer(Answer::new(json, form.document(), true))
}
