//! Results to stdout or a file, everything else to stderr, and how the program ends.

use std::cell::Cell;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use annotate_snippets::Level;
use serde_json::Value;

use super::assert::{Assertion, Failure};
use super::control::{self, Phase};
use super::progress::Progress;
use super::{diagnose, stdout};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::write_atomic;
use truenorth::solve::Outcome;
use truenorth_show::report::{Block, Document, Exporter, Figure, Options, Style, exporter_for};

/// How a command ended without being refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was found.
    Answered,
    /// A condition of `--assert` is false, or the bounds are too wide to tell.
    AssertionFailed,
    /// A limit was reached; the bounds printed hold.
    LimitReached,
    /// A check of the installation failed.
    MachineTrouble,
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Answered => 0,
            Exit::AssertionFailed => 1,
            Exit::LimitReached => 4,
            Exit::MachineTrouble => 5,
        }
    }
}

/// A finished result in both of its forms.
#[derive(Clone, Debug)]
pub struct Answer {
    /// For scripts.
    pub json: Value,
    /// For people.
    pub document: Document,
    /// What report files carry, where that is more than a terminal should show.
    pub report: Option<Document>,
    /// How the command ends if every assertion holds.
    pub exit: Exit,
}

impl Answer {
    /// A result; `is_complete` is false when a limit was reached on the way.
    pub fn new(json: impl Into<Value>, document: Document, is_complete: bool) -> Self {
        let json = json.into();
        Answer { json, document, report: None, exit: if is_complete { Exit::Answered } else { Exit::LimitReached } }
    }

    /// The same result, with pictures at the end of its reports.
    pub fn with_figures(mut self, figures: Vec<Figure>) -> Self {
        if !figures.is_empty() {
            let document = self.report.unwrap_or_else(|| self.document.clone());
            let figures = figures.into_iter().map(Block::Figure);
            self.report = Some(document.block(Block::section("Pictures")).blocks(figures));
        }
        self
    }
}

/// Where results and remarks go.
pub struct Output {
    pub(super) json: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    pub(super) file: Option<PathBuf>,
    pub(super) reports: Vec<(PathBuf, &'static Exporter)>,
    pub(super) assertions: Vec<Assertion>,
    pub(super) started: Instant,
    pub(super) progress: Cell<Option<Progress>>,
    /// Set where the answer is kept for whoever asked, in place of being printed.
    pub(super) keeping: Option<Keeping>,
}

/// An answer that is not printed.
pub(super) struct Keeping {
    line: String,
    answer: Option<Answer>,
}

impl Output {
    /// Text to stdout and remarks to stderr.
    pub fn plain() -> Self {
        Output {
            json: false,
            quiet: false,
            verbose: false,
            file: None,
            reports: Vec::new(),
            assertions: Vec::new(),
            started: Instant::now(),
            progress: Cell::new(None),
            keeping: None,
        }
    }

    /// Keeps the answer of the command `line`, and prints none. Remarks, which a study would repeat many times over, are for
    /// those who want them all.
    pub fn keep_answer(&mut self, line: String, verbose: bool) {
        self.progress.take();
        (self.quiet, self.verbose) = (!verbose, verbose);
        self.keeping = Some(Keeping { line, answer: None });
    }

    /// The answer that was kept.
    pub fn into_kept(self) -> Option<Answer> {
        self.keeping?.answer
    }

    /// How to get the answer again.
    pub fn command_line(&self) -> String {
        match &self.keeping {
            Some(keeping) => keeping.line.clone(),
            None => command_line(std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned())),
        }
    }

    /// Shows a wheel on stderr from one second on, if somebody is there to see it.
    pub fn with_progress(self) -> Self {
        if !self.quiet && std::io::stderr().is_terminal() {
            self.progress.set(Some(Progress::start()));
        }
        self
    }

    /// Whether JSON is wanted.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether anybody will read the JSON form of the answer.
    pub fn needs_json(&self) -> bool {
        self.json || self.keeping.is_some() || !self.assertions.is_empty()
    }

    /// Whether anybody will see pictures.
    pub fn wants_figures(&self) -> bool {
        self.keeping.is_some() || self.reports.iter().any(|(_, exporter)| exporter.id != "text")
    }

    /// Whether any report is to be written.
    pub fn wants_reports(&self) -> bool {
        self.keeping.is_some() || !self.reports.is_empty()
    }

    /// The file of `-o`.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Prints warnings, the first few unless `-v`, none with `-q`.
    pub fn warn(&self, warnings: &[Diag]) {
        /// Enough to see what kind of slip it is.
        const SHOWN: usize = 5;
        if self.quiet {
            return;
        }
        let shown = if self.verbose { warnings.len() } else { SHOWN };
        for warning in warnings.iter().take(shown) {
            diagnose::to_stderr(&diagnose::render(warning, Level::WARNING));
        }
        if warnings.len() > shown {
            self.note(&format!("{} more warnings; -v shows them all", warnings.len() - shown));
        }
    }

    /// A remark on stderr, unless `-q`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            let note = Level::NOTE
                .primary_title(text.to_owned())
                .elements(std::iter::empty::<annotate_snippets::Element<'_>>());
            diagnose::to_stderr(&(diagnose::renderer().render(&[note]) + "\n"));
        }
    }

    /// A remark on stderr with `-v` only.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.note(text);
        }
    }

    /// Says that the solving is over: from here on the program finishes what it writes.
    pub fn begin_answer(&self) {
        control::enter(Phase::Answering);
    }

    /// Says on stderr what was cut short, if something was.
    pub fn say_if_stopped(&self) {
        match control::STOP.asked() {
            Some(Outcome::Interrupted) => self.note("interrupted; the bounds printed are those found so far"),
            Some(Outcome::MemoryLimit) => {
                self.note("the memory limit was reached; the bounds printed are those found so far")
            }
            _ => {}
        }
    }

    /// Checks the assertions, writes the reports and the result, and says how the command ends.
    pub fn answer(&mut self, answer: Answer) -> Result<Exit> {
        self.begin_answer();
        self.progress.take();
        let json = answer.json.clone();
        let failures: Vec<Failure> =
            self.assertions.iter().map(|a| a.check(&json)).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        // What a limit kept from being decided is no failure of the condition.
        let is_open = answer.exit == Exit::LimitReached && failures.iter().all(|failure| failure.is_open);
        let exit = if failures.is_empty() || is_open { answer.exit } else { Exit::AssertionFailed };
        if let Some(keeping) = &mut self.keeping {
            keeping.answer = Some(Answer { json, ..answer });
            return Ok(exit);
        }
        for (path, exporter) in &self.reports {
            write_report(path, exporter, answer.report.as_ref().unwrap_or(&answer.document))?;
        }
        if self.json {
            self.emit(format!("{json}\n").as_bytes())?;
        } else {
            let style = if self.file.is_none() && stdout::has_colour() { Style::Ansi } else { Style::Plain };
            let options = Options { width: stdout::width(), style, figure_dir: None };
            // `.txt` is in the list of exporters; a test reads every extension back.
            if let Ok(exporter) = exporter_for(Path::new("answer.txt")) {
                self.emit(exporter.render(&answer.document, &options).as_bytes())?;
            }
        }
        if answer.exit == Exit::LimitReached {
            self.say_if_stopped();
        }
        self.detail(&format!("took {:.3} s", self.started.elapsed().as_secs_f64()));
        for failure in &failures {
            let what = if failure.is_open { "not shown" } else { "failed" };
            diagnose::to_stderr(&format!("assertion {what}: {}\n", failure.text));
        }
        Ok(exit)
    }

    /// Prints a text result.
    pub fn text(&self, text: &str) -> Result<Exit> {
        self.bytes(text.as_bytes())
    }

    /// Prints a result as it is.
    pub fn bytes(&self, bytes: &[u8]) -> Result<Exit> {
        self.emit(bytes).map(|()| Exit::Answered)
    }

    /// A result of many lines, printed as they come; a file is written whole at the end. Progress goes on only where
    /// it does not come between the lines.
    pub fn stream(&self) -> Stream {
        if self.file.is_none() && std::io::stdout().is_terminal() {
            self.progress.take();
        }
        Stream { file: self.file.clone(), kept: Vec::new() }
    }

    fn emit(&self, bytes: &[u8]) -> Result<()> {
        self.progress.take();
        match &self.file {
            Some(path) => write_atomic(path, bytes),
            None => stdout::print(bytes).map(|_| ()),
        }
    }
}

/// A command line as one would type it, from its arguments.
pub fn command_line(args: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quote = |arg: &str| match arg.chars().all(|c| c.is_ascii_alphanumeric() || "-_=:./,+@%".contains(c)) {
        true if !arg.is_empty() => arg.to_owned(),
        _ => format!("'{}'", arg.replace('\'', r"'\''")),
    };
    let words = args.into_iter().map(|arg| quote(arg.as_ref()));
    std::iter::once("truenorth".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Lines of a result under way.
pub struct Stream {
    file: Option<PathBuf>,
    kept: Vec<u8>,
}

impl Stream {
    /// Prints or keeps one line; `false` when nobody reads any more.
    pub fn line(&mut self, line: &str) -> Result<bool> {
        if self.file.is_some() {
            self.kept.extend_from_slice(line.as_bytes());
            self.kept.push(b'\n');
            return Ok(true);
        }
        stdout::print(format!("{line}\n").as_bytes())
    }

    /// Writes what was kept.
    pub fn finish(self) -> Result<()> {
        match &self.file {
            Some(path) => write_atomic(path, &self.kept),
            None => Ok(()),
        }
    }
}

/// The exporter for a report file.
pub(super) fn exporter(path: &Path) -> Result<&'static Exporter> {
    exporter_for(path).map_err(|e| {
        let known = truenorth_show::report::UnknownFormat::known();
        Box::new(Diag::new(Code::Usage, e.to_string()).expected(format!("a name that ends in one of {known}")))
    })
}

fn write_report(path: &Path, exporter: &Exporter, document: &Document) -> Result<()> {
    let figures = document.figures();
    let mut options = Options::default();
    // HTML carries its pictures and text has none.
    if !figures.is_empty() && matches!(exporter.id, "markdown" | "latex") {
        let stem = path.file_stem().map_or_else(|| "report".into(), |s| s.to_string_lossy().into_owned());
        let folder = format!("{stem}-figures");
        let place = path.with_file_name(&folder);
        std::fs::create_dir_all(&place).map_err(|e| {
            Box::new(
                Diag::new(
                    Code::OutputUnwritable,
                    format!("cannot make the folder {}: {}", place.display(), truenorth::io::text::reason(&e)),
                )
                .help("check that the directory exists and may be written to"),
            )
        })?;
        for (name, figure) in &figures {
            write_atomic(&place.join(name), figure.svg.as_bytes())?;
        }
        options.figure_dir = Some(folder);
    }
    write_atomic(path, exporter.render(document, &options).as_bytes())
}
