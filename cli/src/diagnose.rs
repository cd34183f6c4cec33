//! Refusals for people and for scripts: a rendering with the source line, and a JSON object.

use std::io::Write;
use std::panic::PanicHookInfo;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde_json::{Value, json};

use super::{progress, stdout};
use truenorth::base::diag::{Kind, Place};
use truenorth::base::{Code, Diag};
use truenorth_show::answer::SCHEMA;

/// Exit code of a bug.
pub const INTERNAL: u8 = 70;

/// Prints an error to stderr and, for scripts, to stdout; returns the exit code.
pub fn refuse(diag: &Diag, wants_json: bool) -> u8 {
    if wants_json {
        to_stdout(&object(diag));
    }
    to_stderr(&render(diag, Level::ERROR));
    match diag.code.kind() {
        Kind::Usage => 2,
        Kind::Input => 3,
        Kind::Machine => 5,
    }
}

/// Answers a command line that is not to be run: help and version to stdout, mistakes as errors.
pub fn command_line(error: &clap::Error, wants_json: bool) -> u8 {
    let text = error.render().ansi().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let shown = if stdout::has_colour() { text } else { error.render().to_string() };
        return match stdout::print(shown.as_bytes()) {
            Ok(_) => 0,
            Err(diag) => refuse(&diag, false),
        };
    }
    if wants_json {
        to_stdout(&object(&diag_of(error)));
    }
    to_stderr(&text);
    2
}

/// The complaint about a command line as a refusal.
pub fn diag_of(error: &clap::Error) -> Diag {
    let plain = error.render().to_string();
    // Some messages go on below: the arguments that are missing, the values that are possible.
    let lines: Vec<&str> = plain.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let message = lines.join(" ");
    let diag = Diag::new(Code::Usage, message.strip_prefix("error: ").unwrap_or(&message));
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(|kind| match error.get(kind)? {
            ContextValue::String(near) => Some(near.clone()),
            ContextValue::Strings(near) => near.first().cloned(),
            _ => None,
        });
    match near {
        Some(near) => diag.help(format!("did you mean `{near}`?")),
        None => diag.help("add --help for examples"),
    }
}

/// The error as one JSON object.
pub fn object(diag: &Diag) -> Value {
    let place = diag.place.as_ref();
    let number = |x: Option<usize>| x.filter(|&x| x > 0);
    json!({
        "schema": SCHEMA,
        "error": {
            "code": diag.code.text(),
            "message": diag.message,
            "file": place.map(|p| &p.file),
            "line": number(place.map(|p| p.line)),
            "column": number(place.map(|p| p.column)),
            "expected": diag.expected,
            "help": diag.help,
        }
    })
}

/// The text for people: message and code, place with its source line, what was expected, help.
pub fn render(diag: &Diag, level: Level<'_>) -> String {
    let (message, code) = (visible(&diag.message), diag.code.text());
    let mut elements: Vec<Element<'_>> = Vec::new();
    if let Some(place) = &diag.place {
        elements.push(located(place));
    }
    if let Some(expected) = &diag.expected {
        elements.push(Level::NOTE.with_name("expected").message(visible(expected)).into());
    }
    if let Some(help) = &diag.help {
        elements.push(Level::HELP.message(visible(help)).into());
    }
    let group = level.primary_title(message).id(code).elements(elements);
    renderer().render(&[group]) + "\n"
}

/// How remarks and refusals are laid out: within the columns of whoever reads them.
pub fn renderer() -> Renderer {
    Renderer::styled().term_width(stdout::width_of_remarks())
}

fn located(place: &Place) -> Element<'_> {
    let file = visible(&place.file);
    let (Some(excerpt), true) = (&place.excerpt, place.line > 0) else {
        return Origin::path(file).into();
    };
    // The caret stands under the word that begins at the column.
    let chars = || excerpt.char_indices().skip(place.column.saturating_sub(1));
    let start = chars().next().map_or(excerpt.len(), |(i, _)| i);
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | '=');
    let end = chars().skip(1).find(|&(_, c)| ends(c)).map_or(excerpt.len(), |(i, _)| i);
    Snippet::source(excerpt.as_str())
        .line_start(place.line)
        .path(file)
        .annotation(AnnotationKind::Primary.span(start..end.max(start)))
        .into()
}

/// The text with control characters made visible: names come from files and must not drive the terminal.
fn visible(text: &str) -> String {
    annotate_snippets::normalize_untrusted_str(text)
}

/// Writes to stderr; there is nobody left to tell if that fails.
pub fn to_stderr(text: &str) {
    let _ = progress::aside(|| anstream::stderr().lock().write_all(text.as_bytes()));
}

/// The exit code says already that something is wrong; stderr says what.
fn to_stdout(value: &Value) {
    let _ = stdout::print(format!("{value}\n").as_bytes());
}

/// What a bug looks like from outside.
pub fn apologise(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
    let payload = info.payload();
    let why = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let why = why.unwrap_or("no message");
    to_stderr(&format!(
        "internal error{place}: {why}\n\
         This is a bug in truenorth {}, and we are sorry. Please report it with the command line and the model file.\n",
        env!("CARGO_PKG_VERSION")
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;

    fn refused(line: &str) -> Diag {
        diag_of(&Cli::read(line.split(' ')).expect_err(line))
    }

    #[test]
    fn a_script_reads_the_whole_message_and_the_nearest_word() {
        let missing = refused("truenorth shape m.toml goal");
        assert!(missing.message.contains("--phi") && missing.message.contains("--recover"), "{missing}");
        let slip = refused("truenorth slove");
        assert_eq!(slip.help.as_deref(), Some("did you mean `solve`?"));
    }
}
