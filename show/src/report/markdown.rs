//! Markdown as GitHub renders it, readable as plain text too.

use super::chars::{clean, clean_lines};
use super::document::{Block, Document, Level, Tone};
use super::prose::{Inline, Prose, is_closed_formula};
use super::table::{Align, Cell, Number, Table};
use super::{Exporter, Options};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "markdown",
    extension: ".md",
    about: "text for issues, pull requests and readmes; figures as separate files",
    render,
};

fn render(document: &Document, options: &Options) -> String {
    let mut page = Page {
        parts: Vec::new(),
        figures: document.figures().into_iter().map(|(name, _)| name).collect(),
        next_figure: 0,
        figure_dir: options.figure_dir.as_deref(),
    };
    page.push(format!("# {}", escape(&document.title, Place::Line)));
    if !document.lede.is_empty() {
        page.push(prose(&document.lede, Place::Line));
    }
    if !document.facts.is_empty() {
        let facts = document.facts.iter().map(|fact| {
            let name = strong(fact.name.trim(), Place::Line);
            format!("- {name}: {}", prose(&fact.value, Place::Line))
        });
        page.push(facts.collect::<Vec<_>>().join("\n"));
    }
    page.blocks(&document.blocks, 2);
    let mut out = page.parts.join("\n\n");
    out.push('\n');
    out
}

/// Where words stand: a pipe ends a table cell, elsewhere it is a letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Line,
    Cell,
}

struct Page<'a> {
    /// Blocks so far, to be joined by empty lines.
    parts: Vec<String>,
    figures: Vec<String>,
    next_figure: usize,
    figure_dir: Option<&'a str>,
}

impl Page<'_> {
    fn push(&mut self, part: String) {
        let part = part.trim_end();
        if !part.is_empty() {
            self.parts.push(part.to_owned());
        }
    }

    fn blocks(&mut self, blocks: &[Block], depth: usize) {
        for block in blocks {
            self.block(block, depth);
        }
    }

    fn block(&mut self, block: &Block, depth: usize) {
        match block {
            Block::Heading { level, text } => {
                let depth = depth + usize::from(*level == Level::Subsection);
                self.push(format!("{} {}", "#".repeat(depth), prose(text, Place::Line)));
            }
            Block::Paragraph(text) => self.push(guard_start(prose(text, Place::Line))),
            Block::Verdict { tone, text } => self.push(verdict(*tone, text)),
            Block::Table(table) => self.table(table),
            Block::Figure(figure) => {
                // `figures` walks the same blocks in the same order, so the next name is this figure's.
                let name = self.figures.get(self.next_figure).cloned().unwrap_or_default();
                self.next_figure += 1;
                let alt = escape(figure.alt.trim(), Place::Line);
                self.push(match self.figure_dir {
                    Some(dir) => format!("![{alt}](<{}>)", file_link(dir, &name)),
                    None => format!("*Figure, not included in this format: {alt}*"),
                });
                self.push(guard_start(prose(&figure.caption, Place::Line)));
            }
            Block::Code(code) => {
                let lines = clean_lines(code).join("\n");
                let fence = "`".repeat(longest_run(&lines).max(2) + 1);
                self.push(format!("{fence}text\n{lines}\n{fence}"));
            }
            Block::List(items) => {
                let items = items.iter().map(|item| format!("- {}", guard_start(prose(item, Place::Line))));
                self.push(items.collect::<Vec<_>>().join("\n"));
            }
            Block::Details { summary, blocks } => {
                self.push(format!("<details>\n<summary>{}</summary>", html(&summary.plain())));
                self.blocks(blocks, depth + 1);
                self.push("</details>".to_owned());
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let n_columns = table.n_columns();
        if !table.caption.is_empty() {
            self.push(guard_start(prose(&table.caption, Place::Line)));
        }
        if n_columns == 0 {
            return;
        }
        let heads = (0..n_columns).map(|column| {
            let head = table.head(column);
            head.map(|head| prose(head, Place::Cell)).unwrap_or_default()
        });
        let rules = (0..n_columns).map(|column| match table.align(column) {
            Align::Left => ":--".to_owned(),
            Align::Right => "--:".to_owned(),
            Align::Centre => ":-:".to_owned(),
        });
        let mut lines = vec![line(heads), line(rules)];
        for row in 0..table.rows.len() {
            lines.push(line((0..n_columns).map(|column| cell(table.cell(row, column)))));
        }
        self.push(lines.join("\n"));
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |", cells.join(" | "))
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => prose(text, Place::Cell),
        Cell::Number(number) => number_cell(number),
    }
}

fn number_cell(number: &Number) -> String {
    let value = escape(&number.value, Place::Cell);
    let small: Vec<_> = [number.interval(), number.grade.clone()]
        .into_iter()
        .flatten()
        .map(|words| escape(&words, Place::Cell))
        .collect();
    match small.is_empty() {
        true => value,
        false => format!("{value} <sub>{}</sub>", small.join(" ")),
    }
}

fn verdict(tone: Tone, text: &Prose) -> String {
    // `!` and the other signs are no markup on their own, so they need no escape.
    format!("> **{}** {}", tone.sign(), prose(text, Place::Line))
}

fn prose(prose: &Prose, place: Place) -> String {
    let mut out = String::new();
    for inline in &prose.0 {
        match inline {
            Inline::Text(words) => out.push_str(&escape(words, place)),
            Inline::Strong(words) => out.push_str(&strong(words, place)),
            Inline::Code(words) => out.push_str(&code(words, place)),
            Inline::Math { latex, plain } => {
                let fits = place == Place::Line || !latex.contains('|');
                match is_closed_formula(latex) && fits {
                    true => out.push_str(&format!("$`{latex}`$")),
                    false => out.push_str(&escape(plain, place)),
                }
            }
        }
    }
    out.trim().to_owned()
}

/// Bold words; the spaces around them stay outside, since `** a**` would not be bold.
fn strong(words: &str, place: Place) -> String {
    let inner = words.trim();
    if inner.is_empty() {
        return escape(words, place);
    }
    let before = if words.starts_with(char::is_whitespace) { " " } else { "" };
    let after = if words.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{before}**{}**{after}", escape(inner, place))
}

/// Code in backticks; as HTML where a table would split it or backticks would run together.
fn code(words: &str, place: Place) -> String {
    let words = clean(words);
    if words.is_empty() {
        return String::new();
    }
    if words.contains('`') || (place == Place::Cell && words.contains('|')) {
        return format!("<code>{}</code>", html(&words));
    }
    format!("`{words}`")
}

/// Words inside an HTML element of a Markdown file: markup of both kinds becomes character references.
fn html(words: &str) -> String {
    let mut out = String::new();
    for c in clean(words).chars() {
        match c {
            c if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '-' | ':' | ';' | '(' | ')') => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// Words with every character that could start markup made inert.
fn escape(words: &str, place: Place) -> String {
    let mut out = String::new();
    for c in clean(words).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A table splits at pipes before it looks at backslashes in pairs; a reference is safe in every renderer.
            '|' if place == Place::Cell => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' | '|' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Escapes what would turn a whole line into a heading, a list, a rule or a quote.
fn guard_start(line: String) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    match line[digits..].chars().next() {
        Some('#' | '+' | '-' | '=' | ':') if digits == 0 => format!("\\{line}"),
        Some('.' | ')') if digits > 0 && starts_item(&line[digits + 1..]) => {
            format!("{}\\{}", &line[..digits], &line[digits..])
        }
        _ => line,
    }
}

/// Whether what follows `1.` makes it a list item; `1.5` does not.
fn starts_item(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(char::is_whitespace)
}

/// A link to a figure, safe between angle brackets.
fn file_link(dir: &str, name: &str) -> String {
    let dir = dir.trim_end_matches('/');
    let mut out = String::new();
    for c in dir.chars() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push('/'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    match out.is_empty() {
        true => name.to_owned(),
        false => format!("{out}/{name}"),
    }
}

/// Length of the longest run of backticks.
fn longest_run(words: &str) -> usize {
    words.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn page(document: &Document) -> String {
        EXPORTER.render(document, &Options::default())
    }

    #[test]
    fn hostile_words_are_inert_in_a_line() {
        for (words, shown) in [
            ("a|b", r"a\|b"),
            ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
            ("*x* _y_ ~z~", r"\*x\* \_y\_ \~z\~"),
            ("[a](b) ![c]", r"\[a\](b) !\[c\]"),
            ("$5 `x` \\", r"\$5 \`x\` \\"),
        ] {
            assert_eq!(escape(words, Place::Line), shown);
        }
    }

    #[test]
    fn hostile_words_do_not_split_a_table() {
        for evil in ["a|b", "\\|", "`|`", "`\\|`", "||", "\n| x |\n"] {
            let mut document = sample::everywhere(evil);
            document.blocks.retain(|b| !matches!(b, Block::Code(_)));
            let out = page(&document);
            let rows: Vec<_> = out.lines().filter(|l| l.starts_with("| ")).collect();
            assert_eq!(rows.len(), 4, "{evil:?}\n{out}");
            for row in rows {
                assert_eq!(row.matches('|').count(), 3, "{evil:?}: {row}");
            }
        }
    }

    #[test]
    fn a_line_cannot_start_markup() {
        for (words, shown) in [
            ("# a", r"\# a"),
            ("- a", r"\- a"),
            ("1. a", r"1\. a"),
            ("12) a", r"12\) a"),
            ("0.5 is", "0.5 is"),
            ("> a", "&gt; a"),
            ("=== ", r"\==="),
            ("plain", "plain"),
        ] {
            let out = page(&Document::new("t").block(Block::paragraph(words)));
            assert_eq!(out, format!("# t\n\n{shown}\n"));
        }
    }

    #[test]
    fn code_survives_its_own_fence() {
        let out = page(&Document::new("t").block(Block::code("```\nx\n````")));
        assert!(out.contains("`````text\n```\nx\n````\n`````"), "{out}");
        assert_eq!(code("a`b", Place::Line), "<code>a&#96;b</code>");
        assert_eq!(code("goal - 1", Place::Cell), "`goal - 1`");
    }

    #[test]
    fn figures_are_linked_only_where_they_are() {
        let document = sample::rich();
        let without = page(&document);
        assert!(without.contains("*Figure, not included in this format: A polygon"));
        let options = Options { figure_dir: Some("look figures/".into()), ..Options::default() };
        let with = EXPORTER.render(&document, &options);
        assert!(with.contains("](<look figures/01-return-polygon.svg>)"), "{with}");
    }

    #[test]
    fn numbers_print_their_bounds() {
        let number = Number::new("0.5").between("0.4", "0.6").graded("certified");
        assert_eq!(number_cell(&number), r"0.5 <sub>\[0.4, 0.6\] certified</sub>");
    }
}
