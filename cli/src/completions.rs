//! `completions`: scripts that let a shell complete commands and flags.

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::output::{Exit, Output};
use super::{Cli, EXIT_CODES};
use truenorth::base::Result;

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
    clap_complete::generate(args.shell, &mut shown(), "truenorth", &mut script);
    out.bytes(&script)
}

/// The command line without its hidden commands, which the generators would offer.
fn shown() -> Command {
    let whole = Cli::command();
    let commands = whole.get_subcommands().filter(|c| !c.is_hide_set()).cloned();
    Command::new("truenorth").version(env!("CARGO_PKG_VERSION")).disable_help_subcommand(true).subcommands(commands)
}
