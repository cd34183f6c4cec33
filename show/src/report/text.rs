//! Plain text for terminals and logs, wrapped to a width, with colours where the reader's terminal wants them.

use super::chars::{char_width, clean, clean_lines, display_width};
use super::document::{Block, Document, Level, Tone};
use super::prose::{Inline, Prose};
use super::{Exporter, Options, Style, text_table};

pub(super) const EXPORTER: Exporter =
    Exporter { id: "text", extension: ".txt", about: "plain text, wrapped and aligned, without figures", render };

fn render(document: &Document, options: &Options) -> String {
    let mut page =
        Page { parts: Vec::new(), pen: Pen { width: options.width.max(Options::MIN_WIDTH), style: options.style } };
    let pen = page.pen;
    if !document.title.is_empty() {
        page.heading(&document.title, '=');
    }
    page.push(pen.wrap(&document.lede, "", ""));
    page.facts(document);
    page.blocks(&document.blocks, "");
    let mut out = page.parts.join("\n\n");
    out.push('\n');
    out
}

struct Page {
    /// Blocks so far, to be joined by empty lines.
    parts: Vec<String>,
    pen: Pen,
}

impl Page {
    fn push(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.parts.push(lines.join("\n"));
        }
    }

    fn heading(&mut self, words: &str, rule: char) {
        let pen = self.pen;
        let lines = pen.wrap(&Prose::from(words), "", "");
        let width = lines.iter().map(|l| display_width(l)).max().unwrap_or(0);
        let mut lines: Vec<_> = lines.iter().map(|l| pen.paint(Ink::Bold, l)).collect();
        if pen.style == Style::Plain && width > 0 {
            lines.push(rule.to_string().repeat(width));
        }
        self.push(lines);
    }

    fn facts(&mut self, document: &Document) {
        let names = document.facts.iter().map(|f| display_width(&clean(&f.name)));
        // A long name must not push every value to the right edge.
        let column = names.max().unwrap_or(0).min(self.pen.width / 3) + 2;
        let mut lines = Vec::new();
        for fact in &document.facts {
            let name = clean(&fact.name);
            let gap = " ".repeat(column.saturating_sub(display_width(&name)).max(2));
            let value = Prose::from(fact.value.plain());
            let first = format!("{name}{gap}");
            let wrapped = self.pen.wrap(&value, &first, &" ".repeat(column));
            match wrapped.is_empty() {
                true => lines.push(name.into_owned()),
                false => lines.extend(wrapped),
            }
        }
        self.push(lines);
    }

    fn blocks(&mut self, blocks: &[Block], indent: &str) {
        for block in blocks {
            self.block(block, indent);
        }
    }

    fn block(&mut self, block: &Block, indent: &str) {
        let pen = self.pen;
        match block {
            Block::Heading { level, text } => {
                let words = text.plain();
                match level {
                    Level::Section => self.heading(&words, '-'),
                    Level::Subsection => {
                        let lines = pen.wrap(text, indent, indent);
                        self.push(lines.iter().map(|l| pen.paint(Ink::Bold, l)).collect());
                    }
                }
            }
            Block::Paragraph(text) => self.push(pen.wrap(text, indent, indent)),
            Block::Verdict { tone, text } => {
                let first = format!("{indent}{} ", tone.sign());
                let lines = pen.wrap(text, &first, &format!("{indent}  "));
                self.push(lines.iter().map(|l| pen.paint(Ink::of(*tone), l)).collect());
            }
            Block::Table(table) => self.push(text_table::lines(table, pen, indent)),
            // A terminal has no pictures; the caption alone would point at nothing.
            Block::Figure(_) => {}
            Block::Code(code) => {
                let lines = clean_lines(code);
                self.push(lines.iter().map(|l| format!("{indent}    {l}")).collect());
            }
            Block::List(items) => {
                let (first, rest) = (format!("{indent}- "), format!("{indent}  "));
                let lines = items.iter().flat_map(|item| pen.wrap(item, &first, &rest));
                self.push(lines.collect());
            }
            Block::Details { summary, blocks } => {
                let lines = pen.wrap(summary, indent, indent);
                self.push(lines.iter().map(|l| pen.paint(Ink::Bold, l)).collect());
                // Deep folds stay readable on a narrow screen because the indent stops growing.
                let deeper = match indent.len() * 4 < pen.width {
                    true => format!("{indent}  "),
                    false => indent.to_owned(),
                };
                self.blocks(blocks, &deeper);
            }
        }
    }
}

/// Ends every ink.
const RESET: &str = "\u{1b}[0m";

/// Width and style of the output, passed to everything that writes lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) width: usize,
    pub(super) style: Style,
}

/// What a stretch of text looks like on a terminal with colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
    Blue,
}

impl Ink {
    fn of(tone: Tone) -> Self {
        match tone {
            Tone::Good => Ink::Green,
            Tone::Warn => Ink::Yellow,
            Tone::Bad => Ink::Red,
            Tone::Neutral => Ink::Blue,
            Tone::Unsure => Ink::Yellow,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Green => "32",
            Ink::Yellow => "33",
            Ink::Red => "31",
            Ink::Blue => "34",
        }
    }
}

impl Pen {
    /// Words in an ink, or as they are where no colour is wanted.
    pub(super) fn paint(self, ink: Ink, words: &str) -> String {
        match self.style {
            Style::Plain => words.to_owned(),
            Style::Ansi if words.trim().is_empty() => words.to_owned(),
            Style::Ansi => {
                let start = format!("\u{1b}[{}m", ink.code());
                // Strong words inside end with a reset; the ink around them has to begin again.
                let words = words.replace(RESET, &format!("{RESET}{start}"));
                format!("{start}{words}{RESET}")
            }
        }
    }

    /// Prose as lines of at most `width` columns; `first` starts the first line, `rest` the others.
    ///
    /// Strong words are bold where colour is wanted. Code stands in backticks, so that an expression keeps its edges.
    pub(super) fn wrap(self, prose: &Prose, first: &str, rest: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = first.to_owned();
        let mut used = display_width(first);
        let mut empty = true;
        for word in words(prose) {
            let width: usize = word.iter().map(|(piece, _)| display_width(piece)).sum();
            if !empty && used + 1 + width > self.width {
                lines.push(std::mem::replace(&mut line, rest.to_owned()));
                used = display_width(rest);
                empty = true;
            }
            if !empty {
                line.push(' ');
                used += 1;
            }
            for (piece, strong) in word {
                for chunk in chunks(&piece, self.width, &mut used, rest) {
                    match chunk {
                        Chunk::Words(words) if strong => line.push_str(&self.paint(Ink::Bold, &words)),
                        Chunk::Words(words) => line.push_str(&words),
                        Chunk::Break => {
                            lines.push(std::mem::replace(&mut line, rest.to_owned()));
                        }
                    }
                }
            }
            empty = false;
        }
        if !empty {
            lines.push(line);
        }
        lines
    }
}

enum Chunk {
    Words(String),
    Break,
}

/// One piece of a word, broken where it would cross the edge; `used` moves along.
fn chunks(piece: &str, width: usize, used: &mut usize, rest: &str) -> Vec<Chunk> {
    let start = display_width(rest);
    let mut out = Vec::new();
    let mut words = String::new();
    for c in piece.chars() {
        let wide = char_width(c);
        // A line takes at least one character, however little room there is.
        if *used + wide > width && *used > start {
            // After an underscore or a slash a name breaks best; anywhere else if it has none on this line.
            let cut = words.rfind(['_', '/', '-']).map_or(words.len(), |at| at + 1);
            let carried = words.split_off(cut);
            *used = start + display_width(&carried);
            out.push(Chunk::Words(std::mem::replace(&mut words, carried)));
            out.push(Chunk::Break);
        }
        words.push(c);
        *used += wide;
    }
    out.push(Chunk::Words(words));
    out
}

/// Prose split at spaces; a word may consist of pieces, each strong or not.
fn words(prose: &Prose) -> Vec<Vec<(String, bool)>> {
    let mut out: Vec<Vec<(String, bool)>> = Vec::new();
    let mut glued = false;
    for inline in &prose.0 {
        let strong = matches!(inline, Inline::Strong(_));
        let plain = match inline {
            Inline::Code(code) if !code.is_empty() => format!("`{}`", clean(code)),
            inline => clean(inline.plain()).into_owned(),
        };
        if plain.starts_with(' ') {
            glued = false;
        }
        // A no-break space keeps its neighbours together.
        for word in plain.split(' ').filter(|w| !w.is_empty()) {
            let piece = (word.to_owned(), strong);
            match out.last_mut().filter(|_| glued) {
                Some(last) => last.push(piece),
                None => out.push(vec![piece]),
            }
            glued = false;
        }
        glued = !plain.ends_with(' ') && (glued || !plain.is_empty());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn page(document: &Document, width: usize, style: Style) -> String {
        let options = Options { width, style, ..Options::default() };
        EXPORTER.render(document, &options)
    }

    /// The text without its escape sequences.
    fn bare(text: &str) -> String {
        let mut out = String::new();
        for (nth, part) in text.split('\u{1b}').enumerate() {
            match nth {
                0 => out.push_str(part),
                _ => out.push_str(part.split_once('m').expect("a sequence ends in m").1),
            }
        }
        out
    }

    #[test]
    fn no_line_of_prose_is_wider_than_asked() {
        let mut document = sample::rich();
        document.blocks.retain(|b| !matches!(b, Block::Code(_)));
        for width in [24, 30, 40, 60, 80, 100, 200] {
            for style in [Style::Plain, Style::Ansi] {
                for line in page(&document, width, style).lines() {
                    let line = bare(line);
                    assert!(display_width(&line) <= width, "{width}: {line}");
                    assert_eq!(line, line.trim_end());
                }
            }
        }
    }

    #[test]
    fn colour_only_where_asked() {
        let document = sample::rich();
        assert!(!page(&document, 80, Style::Plain).contains('\u{1b}'));
        let painted = page(&document, 80, Style::Ansi);
        assert!(painted.contains("\u{1b}[31m✗ Worst-case regret"), "{painted}");
        assert!(painted.contains("\u{1b}[1m0.0439\u{1b}[0m"), "{painted}");
    }

    #[test]
    fn a_verdict_keeps_its_colour_after_strong_words() {
        let text = Prose::from([Inline::strong("all"), Inline::text(" lost")]);
        let document = Document::new("").block(Block::verdict(Tone::Bad, text));
        let out = page(&document, 80, Style::Ansi);
        assert_eq!(out, "\u{1b}[31m✗ \u{1b}[1mall\u{1b}[0m\u{1b}[31m lost\u{1b}[0m\n");
    }

    #[test]
    fn pieces_without_a_space_stay_together() {
        let prose = Prose::from([
            Inline::text("under "),
            Inline::code("goal - 1"),
            Inline::text(", and "),
            Inline::strong("all"),
            Inline::text("."),
        ]);
        let pen = Pen { width: 24, style: Style::Plain };
        assert_eq!(pen.wrap(&prose, "", ""), ["under `goal - 1`, and", "all."]);
    }

    #[test]
    fn a_word_longer_than_the_line_is_cut() {
        let pen = Pen { width: 24, style: Style::Plain };
        let prose = Prose::from(format!("a {}", "東".repeat(15)));
        let lines = pen.wrap(&prose, "- ", "  ");
        assert_eq!(lines[0], "- a");
        assert_eq!(lines[1], format!("  {}", "東".repeat(11)));
        assert_eq!(lines[2], format!("  {}", "東".repeat(4)));
    }

    #[test]
    fn a_long_name_is_cut_after_an_underscore() {
        let pen = Pen { width: 10, style: Style::Plain };
        let lines = pen.wrap(&Prose::from("loading_bay_with_goods"), "", "");
        assert_eq!(lines, ["loading_", "bay_with_", "goods"]);
        let lines = pen.wrap(&Prose::from("_abcdefghijklmnopqrstuvw"), "", "");
        assert_eq!(lines, ["_", "abcdefghij", "klmnopqrst", "uvw"]);
    }

    #[test]
    fn figures_are_left_out() {
        let text = page(&sample::rich(), 80, Style::Plain);
        assert!(!text.contains("svg") && !text.contains("red chord"));
    }
}
