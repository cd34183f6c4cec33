//! The standard output: what is printed reaches it, or the program says that it did not.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::ColorChoice;

use truenorth::base::{Code, Diag, Result};

/// Columns where nobody says how many there are.
const WIDTH: usize = 100;
/// Fewer columns than this hold no table, and longer lines are not read well.
const READABLE: (usize, usize) = (40, 140);

/// Whether whoever started the program gave it no standard output. By the time `main` runs, the runtime has put the null
/// device in its place, which takes everything.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Says that there is no standard output: what is printed from now on fails.
pub fn close() {
    IS_CLOSED.store(true, Ordering::Relaxed);
}

/// Prints all of it at once; `false` when nobody reads any more.
pub fn print(bytes: &[u8]) -> Result<bool> {
    if IS_CLOSED.load(Ordering::Relaxed) && !bytes.is_empty() {
        return Err(failed("it is closed"));
    }
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        // Whoever closes the pipe has read enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(failed(&e.to_string())),
        Ok(()) => Ok(true),
    }
}

fn failed(why: &str) -> Box<Diag> {
    let diag = Diag::new(Code::OutputUnwritable, format!("cannot write to the standard output: {why}"));
    Box::new(diag.help("write to a file with -o FILE"))
}

/// Whether colours reach somebody.
pub fn has_colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}

/// Columns for text: those of `COLUMNS`, else of the terminal, within what can be read.
pub fn width() -> usize {
    let terminal = || std::io::stdout().is_terminal().then(|| columns_of(std::io::stdout())).flatten();
    columns().or_else(terminal).unwrap_or(WIDTH).clamp(READABLE.0, READABLE.1)
}

/// Columns for remarks and refusals, which go to stderr: those of `COLUMNS`, else of its terminal.
pub fn width_of_remarks() -> usize {
    let terminal = || std::io::stderr().is_terminal().then(|| columns_of(std::io::stderr())).flatten();
    // Where nobody sees lines wrapped, none should be cut.
    columns().or_else(terminal).map_or(READABLE.1, |w| w.clamp(READABLE.0, READABLE.1))
}

/// `COLUMNS`, if it is a number of columns.
fn columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.trim().parse().ok().filter(|&columns: &usize| columns > 0)
}

/// Columns of a terminal. One without a height still has a width, as under `script`, `expect` and editors.
#[cfg(unix)]
fn columns_of(terminal: impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(terminal).ok()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

#[cfg(not(unix))]
fn columns_of(terminal: impl std::os::windows::io::AsHandle) -> Option<usize> {
    terminal_size::terminal_size_of(terminal).map(|(width, _)| usize::from(width.0))
}
