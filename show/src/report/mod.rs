//! Reports: one document type and one exporter per file format.
//!
//! Owns: [`Document`] and its blocks, and the exporters that turn it into HTML, Markdown, LaTeX and plain text.
//! May use: the standard library only; a caller brings finished numbers as text and finished pictures as SVG.
//! Must not: compute, print, read or write files, or depend on another room.
//! To add one: a new file with an `EXPORTER`, its `mod` line and one line in [`EXPORTERS`]; the tests walk the list.
//!
//! ```
//! use std::path::Path;
//! use truenorth_show::report::{Block, Document, Options, Tone, exporter_for};
//!
//! let document = Document::new("Same task?")
//!     .fact("Model", "frozenlake-4x4")
//!     .block(Block::verdict(Tone::Good, "The two rewards order all policies alike."));
//! let exporter = exporter_for(Path::new("look.html"))?;
//! let html = exporter.render(&document, &Options::default());
//! assert!(html.starts_with("<!doctype html>"));
//! # Ok::<(), truenorth_show::report::UnknownFormat>(())
//! ```

mod chars;
mod document;
mod html;
mod html_words;
mod latex;
mod latex_chars;
mod markdown;
mod prose;
#[cfg(test)]
mod sample;
mod svg;
mod table;
mod text;
mod text_table;

use std::path::Path;

pub use chars::display_width;
pub use document::{Block, Document, Fact, Figure, Level, Tone};
pub use prose::{Inline, Prose};
pub use table::{Align, Cell, Column, Number, Table};

/// Every format a report can be written in, the richest first.
pub const EXPORTERS: &[Exporter] = &[html::EXPORTER, markdown::EXPORTER, latex::EXPORTER, text::EXPORTER];

/// One report format: its name, its file extension and a pure function from document to text.
#[derive(Debug, Clone, Copy)]
pub struct Exporter {
    /// Short name, such as `html`; permanent.
    pub id: &'static str,
    /// File extension with its dot, such as `.html`, in lower case.
    pub extension: &'static str,
    /// What the file is good for, in one line, for help pages.
    pub about: &'static str,
    render: fn(&Document, &Options) -> String,
}

impl Exporter {
    /// The whole file as one string that ends in a newline.
    ///
    /// The same document and options give the same bytes on every machine.
    pub fn render(&self, document: &Document, options: &Options) -> String {
        (self.render)(document, options)
    }
}

/// What a caller may choose about the output; formats ignore what does not concern them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Columns available to plain text. At least [`Options::MIN_WIDTH`] are always used.
    pub width: usize,
    /// Whether plain text carries terminal colours.
    pub style: Style,
    /// Folder, relative to the report and with `/` between its parts, where the caller has put the files of
    /// [`Document::figures`]. Markdown and LaTeX point there; without it Markdown leaves figures out with a note.
    pub figure_dir: Option<String>,
}

impl Options {
    /// Narrowest plain text worth producing: below this, words would break at every few letters.
    pub const MIN_WIDTH: usize = 24;
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 80, style: Style::Plain, figure_dir: None }
    }
}

/// Whether plain text may carry escape sequences for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Characters only: for files, pipes and `NO_COLOR`.
    #[default]
    Plain,
    /// Bold headings, coloured verdicts and dimmed bounds, as ANSI sequences.
    Ansi,
}

/// The exporter whose extension `path` carries, whatever the case of the letters.
///
/// # Errors
///
/// [`UnknownFormat`], which lists the known extensions, when the extension is missing or none of ours.
pub fn exporter_for(path: &Path) -> Result<&'static Exporter, UnknownFormat> {
    let extension = path.extension().map(|e| format!(".{}", e.to_string_lossy().to_lowercase()));
    EXPORTERS
        .iter()
        .find(|exporter| Some(exporter.extension) == extension.as_deref())
        .ok_or_else(|| UnknownFormat { path: path.display().to_string(), extension })
}

/// The extension of a report file is missing or not one we can write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat {
    /// The path as the user gave it.
    pub path: String,
    /// Its extension with the dot, in lower case, if it has one.
    pub extension: Option<String>,
}

impl UnknownFormat {
    /// The extensions that would have been accepted, such as `.html, .md, .tex, .txt`.
    pub fn known() -> String {
        let all: Vec<_> = EXPORTERS.iter().map(|e| e.extension).collect();
        all.join(", ")
    }
}

impl std::fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = chars::clean(&self.path);
        let known = Self::known();
        match &self.extension {
            Some(extension) => {
                let extension = chars::clean(extension);
                write!(f, "cannot write a report as `{extension}` (`{path}`): the known formats are {known}")
            }
            None => write!(
                f,
                "the report file `{path}` has no extension to choose a format by: the known formats are {known}"
            ),
        }
    }
}

impl std::error::Error for UnknownFormat {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_format_is_found_by_its_extension() {
        for exporter in EXPORTERS {
            let path = format!("some.dir/look{}", exporter.extension);
            assert_eq!(exporter_for(Path::new(&path)).unwrap().id, exporter.id);
            let shouted = path.to_uppercase();
            assert_eq!(exporter_for(Path::new(&shouted)).unwrap().id, exporter.id);
        }
    }

    #[test]
    fn ids_and_extensions_are_unique() {
        let ids: BTreeSet<_> = EXPORTERS.iter().map(|e| e.id).collect();
        let extensions: BTreeSet<_> = EXPORTERS.iter().map(|e| e.extension).collect();
        assert_eq!(ids.len(), EXPORTERS.len());
        assert_eq!(extensions.len(), EXPORTERS.len());
        assert!(extensions.iter().all(|e| e.starts_with('.')));
    }

    #[test]
    fn an_unknown_format_lists_the_known_ones() {
        for path in ["look.pdf", "look", "html", ".html", "", "a.html/", "a.html.gz"] {
            let Err(error) = exporter_for(Path::new(path)) else {
                assert_eq!(path, "a.html/", "a trailing slash names the same file");
                continue;
            };
            let shown = error.to_string();
            for exporter in EXPORTERS {
                assert!(shown.contains(exporter.extension), "{shown}");
            }
        }
    }

    #[test]
    fn every_exporter_survives_an_empty_document() {
        for exporter in EXPORTERS {
            let out = exporter.render(&Document::default(), &Options::default());
            assert!(out.ends_with('\n'), "{}: {out:?}", exporter.id);
            assert!(!out.ends_with("\n\n"), "{}: {out:?}", exporter.id);
        }
    }

    #[test]
    fn every_exporter_survives_empty_blocks() {
        let hollow = vec![
            Block::section(""),
            Block::paragraph(""),
            Block::verdict(Tone::Neutral, ""),
            Block::Table(Table::default()),
            Block::Table(Table::new("only heads").column("a", Align::Left)),
            Block::Table(Table::new("no heads").row([Cell::from("x"), Cell::Empty])),
            Block::Figure(Figure::new("", "", "", "")),
            Block::Code(String::new()),
            Block::List(Vec::new()),
            Block::list([""]),
            Block::details("", Vec::new()),
        ];
        let document = Document::new("").blocks(hollow);
        for exporter in EXPORTERS {
            for width in [0, 1, 24, 80, 1000] {
                let options = Options { width, ..Options::default() };
                let out = exporter.render(&document, &options);
                assert!(out.ends_with('\n'), "{}: {out:?}", exporter.id);
            }
        }
    }

    #[test]
    fn every_exporter_carries_every_word_and_repeats_itself() {
        let document = sample::rich();
        for exporter in EXPORTERS {
            let options = Options::default();
            let out = exporter.render(&document, &options);
            assert_eq!(out, exporter.render(&document, &options));
            for needle in ["0.5420", "0.5398", "certified", "92", "uncertainty"] {
                assert!(out.contains(needle), "{} lost {needle}", exporter.id);
            }
        }
    }

    #[test]
    fn no_exporter_lets_a_control_character_through() {
        let evil = "a\u{1b}[31mred\u{7}\u{0}\u{202e}\u{2028}b";
        let document = sample::everywhere(evil);
        for exporter in EXPORTERS {
            let out = exporter.render(&document, &Options::default());
            let bad = out.chars().find(|c| (c.is_control() && *c != '\n') || ('\u{2028}'..='\u{202e}').contains(c));
            assert_eq!(bad, None, "{}", exporter.id);
        }
    }
}
