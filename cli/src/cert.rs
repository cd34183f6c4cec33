//! `cert`: certificates checked and shown, and written where `--certificate` asks for them.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{AnswerArgs, ModelChanges, read_raw};
use truenorth::base::diag::Kind;
use truenorth::base::{Code, Diag, Offset, Result, Source};
use truenorth::io::document::quoted;
use truenorth::io::{self, write_atomic};
use truenorth::model::{Model, RawModel};
use truenorth::verify::cert::{Certificate, check};
use truenorth::verify::make::Maker;
use truenorth_show::answer::cert::Certified;

/// Check a certificate in exact arithmetic, without the solvers that made it, or show what it claims
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth regret gallery:frozenlake-4x4 goal 'goal - 0.05*step' --certificate lake.cert.json
  truenorth cert check lake.cert.json
  truenorth cert show lake.cert.json",
    after_help = EXIT_CODES,
    disable_help_subcommand = true
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    Check(CheckArgs),
    Show(ShowArgs),
}

/// Prove every claim of a certificate again: exit code 0 if all are proven, 1 if one is not, 3 if the file is refused
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth cert check lake.cert.json
  truenorth cert check lake.cert.json --model lake.mdp.toml --json",
    after_help = EXIT_CODES
)]
struct CheckArgs {
    /// The certificate
    file: PathBuf,
    /// The model, if it is not where the certificate says
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// Say what a certificate claims, without checking it
#[derive(clap::Args, Debug)]
#[command(
    before_help = "Examples:\n  truenorth cert show lake.cert.json\n  truenorth cert show lake.cert.json --json",
    after_help = EXIT_CODES
)]
struct ShowArgs {
    /// The certificate
    file: PathBuf,
    #[command(flatten)]
    answer: AnswerArgs,
}

pub fn run(args: Args) -> Result<Exit> {
    match args.action {
        Action::Check(args) => {
            let certificate = read(&args.file)?;
            let raw = match &args.model {
                Some(argument) => read_raw(argument, None)?,
                None => named(&args.file, &certificate.model.argument)?,
            };
            let report = check(&certificate, &raw)?;
            let file = args.file.display().to_string();
            let shown = Certified { file: &file, certificate: &certificate, report: Some(&report) };
            let mut answer = Answer::new(shown.json(), shown.document(), true);
            if !report.is_proven() {
                answer.exit = Exit::AssertionFailed;
            }
            args.answer.output()?.answer(answer)
        }
        Action::Show(args) => {
            let certificate = read(&args.file)?;
            let file = args.file.display().to_string();
            let shown = Certified { file: &file, certificate: &certificate, report: None };
            args.answer.output()?.answer(Answer::new(shown.json(), shown.document(), true))
        }
    }
}

/// The model a certificate names. That there is none is no mistake of the command line.
fn named(file: &Path, argument: &str) -> Result<RawModel> {
    read_raw(argument, None).map_err(|diag| match diag.code.kind() {
        Kind::Usage => {
            let message =
                format!("the certificate is about {}, which is not there: {}", quoted(argument), diag.message);
            let place = Source::binary(file.display().to_string());
            let help = "name its model with --model";
            Box::new(Diag::new(Code::CertificateModel, message).at(&place, Offset::NONE).help(help))
        }
        _ => diag,
    })
}

fn read(path: &Path) -> Result<Certificate> {
    io::text::check(path)?;
    let text = io::text::read(path)?;
    Certificate::parse(&text.source.name, &text.text)
}

/// Where a certificate goes.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct CertificateArgs {
    /// Also write a certificate of the result, which `cert check` proves again
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
}

impl CertificateArgs {
    /// Writes the certificate that `fill` makes, if one is wanted.
    pub fn write(
        &self,
        argument: &str,
        changes: &ModelChanges,
        model: &Model,
        out: &Output,
        fill: impl FnOnce(&mut Maker<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(path) = &self.certificate else { return Ok(()) };
        let argument = changes.full_name(argument);
        let mut maker = Maker::new(&argument, read_raw(&argument, None)?, model)?;
        fill(&mut maker)?;
        maker.remarks().iter().for_each(|remark| out.note(remark));
        write_atomic(path, maker.finish()?.as_bytes())
    }
}
