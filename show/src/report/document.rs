//! The document every exporter reads: a title, a few facts and a list of blocks.
//!
//! All text is plain text. Names may hold any character: each exporter escapes for its own format.

use serde::{Deserialize, Serialize};

use super::prose::Prose;
use super::table::Table;

/// A report before it has a format.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Document {
    /// What the report is about, in a few words.
    pub title: String,
    /// The answer in a sentence or two, shown below the title.
    pub lede: Prose,
    /// Where the numbers come from: model, sizes, discount, hash, command, version.
    pub facts: Vec<Fact>,
    /// The body, top to bottom.
    pub blocks: Vec<Block>,
}

/// One line of the header: a name and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Name of the fact, such as `States`.
    pub name: String,
    /// Its value; use [`Inline::Code`](super::Inline::Code) for what a reader may want to copy.
    pub value: Prose,
}

/// A block of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A heading inside the document; the title stands above all of them.
    Heading {
        /// How deep the heading is.
        level: Level,
        /// Its words.
        text: Prose,
    },
    /// A paragraph.
    Paragraph(Prose),
    /// A sentence to be seen first, with its tone. The tone shows as a sign as well as a colour.
    Verdict {
        /// What kind of news it is.
        tone: Tone,
        /// The sentence.
        text: Prose,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Figure(Figure),
    /// Lines shown letter for letter.
    Code(String),
    /// A bulleted list.
    List(Vec<Prose>),
    /// Blocks a reader may skip: folded away where the format can fold, shown in full elsewhere.
    Details {
        /// The line that stays visible.
        summary: Prose,
        /// What is folded.
        blocks: Vec<Block>,
    },
}

/// Depth of a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// A main part, listed in the contents where a format has them.
    Section,
    /// A part of a section.
    Subsection,
}

/// What kind of news a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// As hoped.
    Good,
    /// Look closer.
    Warn,
    /// Something is lost or false.
    Bad,
    /// Neither good nor bad, such as a limit reached.
    Neutral,
    /// Not decided, or decided by so little that it hardly matters.
    Unsure,
}

impl Tone {
    /// A one-column sign for the tone, so that colour never carries the meaning alone.
    pub fn sign(self) -> &'static str {
        match self {
            Tone::Good => "✓",
            Tone::Warn => "!",
            Tone::Bad => "✗",
            Tone::Neutral => "•",
            Tone::Unsure => "?",
        }
    }
}

/// A picture as SVG, with words for those who cannot see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Short name, such as `policy-maps`; becomes part of a file name where figures are separate files.
    pub name: String,
    /// The picture, one `<svg>` element. Ids inside must be unique within the document.
    pub svg: String,
    /// What the picture shows, for those who cannot see it.
    pub alt: String,
    /// Words below the picture.
    pub caption: Prose,
}

impl Document {
    /// A document with a title and nothing else.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The same document with `lede` below the title.
    #[must_use]
    pub fn lede(mut self, lede: impl Into<Prose>) -> Self {
        self.lede = lede.into();
        self
    }

    /// The same document with one more fact in its header.
    #[must_use]
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<Prose>) -> Self {
        self.facts.push(Fact { name: name.into(), value: value.into() });
        self
    }

    /// The same document with one more block at its end.
    #[must_use]
    pub fn block(mut self, block: impl Into<Block>) -> Self {
        self.blocks.push(block.into());
        self
    }

    /// The same document with `blocks` at its end.
    #[must_use]
    pub fn blocks(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    /// Every figure in reading order, folded ones included, with the file name by which Markdown and LaTeX know it.
    ///
    /// File names hold lower-case letters, digits and hyphens, begin with a running number and end in `.svg`.
    pub fn figures(&self) -> Vec<(String, &Figure)> {
        fn walk<'a>(blocks: &'a [Block], out: &mut Vec<(String, &'a Figure)>) {
            for block in blocks {
                match block {
                    Block::Figure(figure) => {
                        let name = figure.file_name(out.len() + 1);
                        out.push((name, figure));
                    }
                    Block::Details { blocks, .. } => walk(blocks, out),
                    _ => {}
                }
            }
        }
        let mut out = Vec::new();
        walk(&self.blocks, &mut out);
        out
    }
}

impl Figure {
    /// A figure from its name, picture, description and caption.
    pub fn new(
        name: impl Into<String>,
        svg: impl Into<String>,
        alt: impl Into<String>,
        caption: impl Into<Prose>,
    ) -> Self {
        Self { name: name.into(), svg: svg.into(), alt: alt.into(), caption: caption.into() }
    }

    /// File name of the `nth` figure of a document, counted from 1.
    pub(super) fn file_name(&self, nth: usize) -> String {
        let mut slug = String::new();
        for c in self.name.chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        // Some file systems stop at 255 bytes; 60 leaves room and stays readable.
        slug.truncate(60);
        let slug = slug.trim_end_matches('-');
        match slug {
            "" => format!("{nth:02}-figure.svg"),
            _ => format!("{nth:02}-{slug}.svg"),
        }
    }
}

impl Block {
    /// A heading of a main part.
    pub fn section(text: impl Into<Prose>) -> Self {
        Self::Heading { level: Level::Section, text: text.into() }
    }

    /// A heading inside a main part.
    pub fn subsection(text: impl Into<Prose>) -> Self {
        Self::Heading { level: Level::Subsection, text: text.into() }
    }

    /// A paragraph.
    pub fn paragraph(text: impl Into<Prose>) -> Self {
        Self::Paragraph(text.into())
    }

    /// A verdict with its tone.
    pub fn verdict(tone: Tone, text: impl Into<Prose>) -> Self {
        Self::Verdict { tone, text: text.into() }
    }

    /// Lines shown letter for letter.
    pub fn code(lines: impl Into<String>) -> Self {
        Self::Code(lines.into())
    }

    /// A bulleted list.
    pub fn list<T: Into<Prose>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// Blocks that fold away behind `summary`.
    pub fn details(summary: impl Into<Prose>, blocks: Vec<Block>) -> Self {
        Self::Details { summary: summary.into(), blocks }
    }
}

impl From<Table> for Block {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<Figure> for Block {
    fn from(figure: Figure) -> Self {
        Self::Figure(figure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figure_files_have_plain_unique_names() {
        let figure = |name: &str| Block::Figure(Figure::new(name, "", "", ""));
        let document = Document::new("t").blocks([
            figure("Policy maps"),
            Block::details("more", vec![figure("../../etc/passwd"), figure("ρ")]),
            figure("Policy maps"),
        ]);
        let names: Vec<_> = document.figures().into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["01-policy-maps.svg", "02-etc-passwd.svg", "03-figure.svg", "04-policy-maps.svg"]);
    }
}
