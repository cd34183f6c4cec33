//! `gallery`: the models that travel inside the program.

use clap::Subcommand;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{AnswerArgs, StreamArgs};
use truenorth::base::Result;
use truenorth::io::{self, gallery};
use truenorth::model::Model;
use truenorth_show::answer;

/// List the models that come with the program, or print one
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth gallery list
  truenorth gallery get frozenlake-4x4 -o lake.mdp.toml
  truenorth solve gallery:frozenlake-4x4
  truenorth compare gallery:failures/tomato-watering truth proxy",
    after_help = EXIT_CODES,
    disable_help_subcommand = true
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    List(ListArgs),
    Get(GetArgs),
}

/// List all models with their rewards
#[derive(clap::Args, Debug)]
#[command(before_help = "Examples:\n  truenorth gallery list\n  truenorth gallery list --json", after_help = EXIT_CODES)]
struct ListArgs {
    #[command(flatten)]
    answer: AnswerArgs,
}

/// Print the file of a model, as a starting point for one of your own
///
/// TOML by default; with -o the extension decides (.mdp.toml, .mdp.json, .npz), with --json it is JSON.
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth gallery get frozenlake-4x4 > lake.mdp.toml
  truenorth gallery get taxi -o taxi.npz
  truenorth gallery get 'garnet?states=20&seed=7'",
    after_help = EXIT_CODES
)]
struct GetArgs {
    /// Name of the model, with or without gallery: before it
    name: String,
    #[command(flatten)]
    streams: StreamArgs,
}

pub fn run(args: Args) -> Result<Exit> {
    match args.action {
        Action::List(args) => list(&mut args.answer.output()?),
        Action::Get(args) => get(&args, &args.streams.output()),
    }
}

fn list(out: &mut Output) -> Result<Exit> {
    let groups = [
        group("models", "Models", false)?,
        group("failures", "Reward failures: what was meant (truth) and what was rewarded (proxy)", true)?,
    ];
    out.answer(Answer::new(answer::gallery::json(&groups), answer::gallery::document(&groups), true))
}

fn group(id: &'static str, title: &'static str, failures: bool) -> Result<answer::gallery::Group> {
    let entries = gallery::GALLERY.iter().filter(|entry| entry.is_failure() == failures);
    let models = entries.map(|entry| Model::build(gallery::read(entry.name)?)).collect::<Result<Vec<_>>>()?;
    Ok(answer::gallery::Group { id, title, models })
}

fn get(args: &GetArgs, out: &Output) -> Result<Exit> {
    let name = args.name.strip_prefix("gallery:").unwrap_or(&args.name);
    let format = match out.file() {
        Some(path) => io::format_of(path)?,
        None => io::format_by_id(if out.is_json() { "json" } else { "toml" })?,
    };
    // The file itself has comments, which no encoder could give back.
    if let (Some(entry), "toml") = (gallery::find(name), format.id) {
        return out.text(entry.text);
    }
    let encoded = io::encode(&gallery::read(name)?, format)?;
    out.warn(&encoded.warnings);
    out.bytes(&encoded.bytes)
}
