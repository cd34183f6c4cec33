//! `man`: manual pages, made from the same definitions as the help.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::output::{Exit, Output};
use super::{Cli, EXIT_CODES};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::write_atomic;

/// Print the manual page, or write one for each command
#[derive(clap::Args, Debug)]
#[command(before_help = "Examples:\n  truenorth man | man -l -\n  truenorth man --dir ~/.local/share/man/man1", after_help = EXIT_CODES)]
pub struct Args {
    /// Write the pages of all commands into this existing folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let mut root = Cli::command();
    root.build();
    let Some(dir) = args.dir else {
        return out.bytes(&page(&root)?);
    };
    let mut pages = Vec::new();
    collect(&root, "truenorth", &mut pages);
    for (name, command) in pages {
        write_atomic(&dir.join(format!("{name}.1")), &page(&command)?)?;
    }
    Ok(Exit::Answered)
}

fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Command)>) {
    pages.push((name.to_owned(), command.clone().name(name.to_owned())));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages);
    }
}

fn page(command: &Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone())
        .render(&mut text)
        .map_err(|e| Box::new(Diag::new(Code::OutputUnwritable, format!("cannot make a manual page: {e}"))))?;
    Ok(text)
}
