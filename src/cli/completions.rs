//! `completions`: scripts that let a shell complete commands and flags.

use clap::CommandFactory;
use clap_complete::Shell;

use super::output::{Exit, Output};
use super::{Cli, EXIT_CODES};
use crate::base::Result;

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth completions bash > ~/.local/share/bash-completion/completions/truenorth
  truenorth completions zsh > ~/.zfunc/_truenorth
  truenorth completions fish > ~/.config/fish/completions/truenorth.fish",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "truenorth", &mut script);
    out.bytes(&script)
}
