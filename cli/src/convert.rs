//! `convert`: a model in another format.

use std::path::PathBuf;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, RemarkArgs};
use truenorth::base::Result;
use truenorth::io;
use truenorth::model::Model;
use truenorth_show::answer::convert;

/// Write a model in another format: TOML, JSON or npz, by extension
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth convert my.mdp.toml my.npz
  truenorth convert gallery:taxi taxi.mdp.json
  truenorth convert 'gallery:garnet?states=500&seed=7' random.mdp.toml",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// A model file or gallery:NAME
    #[arg(value_name = "IN")]
    input: String,
    /// File to write; its extension decides the format: .mdp.toml, .mdp.json or .npz
    #[arg(value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    pub(super) remarks: RemarkArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let format = io::format_of(&args.output)?;
    let raw = shared::read_raw(&args.input, None)?;
    // What is refused here would be refused again by whoever reads the new file.
    let model = Model::build(raw.clone())?;
    out.warn(model.warnings());
    out.warn(&io::write(&args.output, &raw)?);
    let path = args.output.display().to_string();
    let (json, document) = (convert::json(&model, &path, format.id), convert::document(&model, &path, format.id));
    out.answer(Answer::new(json, document, true))
}
