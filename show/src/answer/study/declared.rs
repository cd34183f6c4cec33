//! The words of a declared study: every analysis of a file, one after the other, with a table of what each found.

use serde_json::{Map, Value, json};

use crate::answer::SCHEMA;
use crate::answer::parts;
use crate::report::{Align, Block, Cell, Document, Inline, Level, Prose, Table, Tone};

/// How an analysis ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was answered.
    Answered,
    /// An asserted condition does not certainly hold.
    AssertionFailed,
    /// A limit was reached; the bounds hold.
    LimitReached,
}

impl Ending {
    /// The word in tables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Ending::Answered => "answered",
            Ending::AssertionFailed => "assertion failed",
            Ending::LimitReached => "limit reached",
        }
    }
}

/// One finished analysis.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its heading.
    pub title: String,
    /// Words below the heading.
    pub note: Option<String>,
    /// The command line that gives the same answer.
    pub line: String,
    /// The result for scripts.
    pub json: Value,
    /// The result for people.
    pub document: Document,
    /// How it ended.
    pub ending: Ending,
    /// Whether it was kept from an earlier run.
    pub is_kept: bool,
}

/// A study as far as it was run.
#[derive(Clone, Debug)]
pub struct Declared {
    /// What it asks.
    pub title: String,
    /// More words.
    pub description: Option<String>,
    /// The file, as typed.
    pub file: String,
    /// Where the report is.
    pub report: String,
    /// Number of analyses it asks for.
    pub asked: usize,
    /// Those that were run, in order.
    pub finished: Vec<Finished>,
}

impl Declared {
    /// Whether every analysis was run and none met a limit.
    pub fn is_complete(&self) -> bool {
        self.finished.len() == self.asked && self.finished.iter().all(|f| f.ending != Ending::LimitReached)
    }

    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let one = |f: &Finished| {
            json!({
                "title": f.title,
                "line": f.line,
                "ending": f.ending.word(),
                "kept": f.is_kept,
                "result": f.json,
            })
        };
        let mut map = Map::new();
        parts::extend(
            &mut map,
            [
                ("schema", SCHEMA.into()),
                ("command", "study".into()),
                ("study", self.title.clone().into()),
                ("asked", self.asked.into()),
                ("is_complete", self.is_complete().into()),
                ("report", self.report.clone().into()),
                ("analyses", self.finished.iter().map(one).collect()),
            ],
        );
        map
    }

    /// For a terminal: what each analysis found, in a line.
    pub fn document(&self) -> Document {
        let kept = self.finished.iter().filter(|f| f.is_kept).count();
        let mut words = format!("The whole answer is in {}", self.report);
        if kept > 0 {
            words += &format!("; {kept} of {} kept from an earlier run", analyses(self.finished.len()));
        }
        self.begin().block(self.verdict()).block(self.table()).block(Block::paragraph(words + "."))
    }

    /// The report: the table, then every analysis in full.
    pub fn report(&self) -> Document {
        let mut document = self.begin().block(self.verdict()).block(self.table());
        for finished in &self.finished {
            document = document.block(Block::section(finished.title.clone()));
            document = document.blocks(finished.note.clone().map(Block::paragraph));
            document = document.blocks(finished.document.lede.clone().some().map(Block::Paragraph));
            document = document.blocks(finished.document.blocks.iter().cloned().map(lowered));
            document = document.block(self.origin(finished));
        }
        document
    }

    fn begin(&self) -> Document {
        let document = Document::new(self.title.clone())
            .fact("Study", parts::code(self.file.clone()))
            .fact("Analyses", format!("{} of {}", self.finished.len(), self.asked));
        match &self.description {
            Some(words) => document.lede(words.trim().to_owned()),
            None => document,
        }
    }

    fn verdict(&self) -> Block {
        let failed = self.finished.iter().filter(|f| f.ending == Ending::AssertionFailed).count();
        let cut = self.finished.iter().filter(|f| f.ending == Ending::LimitReached).count();
        let left = self.asked - self.finished.len();
        match (failed, left, cut) {
            (0, 0, 0) => Block::verdict(Tone::Good, "Every analysis was answered."),
            (0, 0, n) => {
                Block::verdict(Tone::Warn, format!("A limit was reached in {}; the bounds printed hold.", analyses(n)))
            }
            (0, n, _) => Block::verdict(
                Tone::Warn,
                format!("Stopped with {} to go; the same command goes on from here.", analyses(n)),
            ),
            (n, _, _) => Block::verdict(Tone::Bad, format!("A condition does not certainly hold in {}.", analyses(n))),
        }
    }

    fn table(&self) -> Block {
        let mut table = Table::new("What each analysis found")
            .column("analysis", Align::Left)
            .column("found", Align::Left)
            .column("ended", Align::Left);
        for f in &self.finished {
            table = table.row([f.title.clone().into(), headline(&f.document), f.ending.word().into()]);
        }
        table.into()
    }

    /// Where the numbers come from, folded away.
    fn origin(&self, finished: &Finished) -> Block {
        let facts = finished.document.facts.iter().map(|fact| {
            let mut words = Prose::from(format!("{}: ", fact.name));
            words.0.extend(fact.value.0.iter().cloned());
            words
        });
        Block::details("Where this comes from", vec![Block::List(facts.collect()), Block::code(finished.line.clone())])
    }
}

fn analyses(n: usize) -> String {
    if n == 1 { "1 analysis".into() } else { format!("{n} analyses") }
}

/// The first verdict of a document with the finding that follows it, else its lede.
fn headline(document: &Document) -> Cell {
    let mut blocks = document.blocks.iter().skip_while(|block| !matches!(block, Block::Verdict { .. }));
    let Some(Block::Verdict { tone, text }) = blocks.next() else {
        return document.lede.clone().some().map_or(Cell::Empty, Cell::from);
    };
    let mut words = Prose::from(format!("{} ", tone.sign()));
    words.0.extend(text.0.iter().cloned());
    if let Some(Block::List(findings)) = blocks.next()
        && let Some(first) = findings.first()
    {
        words.0.push(Inline::text(" "));
        words.0.extend(first.0.iter().cloned());
    }
    words.into()
}

/// A block of an analysis inside the study: its sections are subsections there.
fn lowered(block: Block) -> Block {
    match block {
        Block::Heading { text, .. } => Block::Heading { level: Level::Subsection, text },
        Block::Details { summary, blocks } => {
            Block::Details { summary, blocks: blocks.into_iter().map(lowered).collect() }
        }
        other => other,
    }
}
