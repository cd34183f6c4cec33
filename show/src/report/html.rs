//! HTML: one self-contained page, for screens of any width and for print.
//!
//! The page carries its style and its pictures, holds no script and asks the network for nothing; a content policy in
//! its head makes browsers hold it to that.

use super::chars::clean_lines;
use super::document::{Block, Document, Fact, Figure, Level, Tone};
use super::html_words::{breakable, escape, prose};
use super::prose::Prose;
use super::table::{Align, Cell, Number, Table};
use super::{Exporter, Options, svg};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "html",
    extension: ".html",
    about: "one self-contained page with pictures, for reading and printing",
    render,
};

/// Style sheet of every page, kept apart so that it can be read and edited as what it is.
const STYLE: &str = include_str!("html.css");

/// Nothing may run and nothing may be fetched; styles and pictures come with the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// A contents list helps from this many sections on; a shorter report is seen at a glance.
const CONTENTS_FROM: usize = 3;

fn render(document: &Document, _options: &Options) -> String {
    let mut page = Page::default();
    page.blocks(&document.blocks, Level::Section);
    let title = escape(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"truenorth\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    out.push_str("<header>\n");
    out.push_str(&format!("<h1>{title}</h1>\n"));
    if !document.lede.is_empty() {
        out.push_str(&format!("<p class=\"lede\">{}</p>\n", prose(&document.lede)));
    }
    facts(&document.facts, &mut out);
    out.push_str("</header>\n");
    if page.contents.len() >= CONTENTS_FROM {
        out.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
        for (id, words) in &page.contents {
            out.push_str(&format!("<li><a href=\"#{id}\">{words}</a></li>\n"));
        }
        out.push_str("</ul>\n</nav>\n");
    }
    out.push_str(&format!("<main>\n{}</main>\n</body>\n</html>\n", page.body));
    out
}

fn facts(facts: &[Fact], out: &mut String) {
    if facts.is_empty() {
        return;
    }
    out.push_str("<dl class=\"facts\">\n");
    for fact in facts {
        // A value to copy, such as a command, gets a line of its own.
        let long = fact.value.plain().chars().count() > 40;
        let class = if long { " class=\"long\"" } else { "" };
        out.push_str(&format!("<div{class}><dt>{}</dt><dd>{}</dd></div>\n", escape(&fact.name), prose(&fact.value)));
    }
    out.push_str("</dl>\n");
}

/// The body so far, and what the contents list needs.
#[derive(Default)]
struct Page {
    body: String,
    contents: Vec<(String, String)>,
    n_ids: usize,
}

impl Page {
    fn id(&mut self, kind: &str) -> String {
        self.n_ids += 1;
        format!("{kind}-{}", self.n_ids)
    }

    fn push(&mut self, html: &str) {
        self.body.push_str(html);
    }

    /// Writes blocks; `top` is the heading level a section has here, so that folded parts stay below their parent.
    fn blocks(&mut self, blocks: &[Block], top: Level) {
        for block in blocks {
            self.block(block, top);
        }
    }

    fn block(&mut self, block: &Block, top: Level) {
        match block {
            Block::Heading { level, text } => self.heading(*level, text, top),
            Block::Paragraph(text) => self.push(&format!("<p>{}</p>\n", prose(text))),
            Block::Verdict { tone, text } => self.push(&verdict(*tone, text)),
            Block::Table(table) => self.table(table),
            Block::Figure(figure) => self.push(&picture(figure)),
            Block::Code(code) => {
                let lines: Vec<_> = clean_lines(code).iter().map(|l| escape(l)).collect();
                let lines = lines.join("\n");
                self.push(&format!("<pre tabindex=\"0\"><code>{lines}</code></pre>\n"));
            }
            Block::List(items) => {
                let items: String = items.iter().map(|item| format!("<li>{}</li>\n", prose(item))).collect();
                self.push(&format!("<ul>\n{items}</ul>\n"));
            }
            Block::Details { summary, blocks } => {
                self.push(&format!("<details>\n<summary>{}</summary>\n<div class=\"folded\">\n", prose(summary)));
                self.blocks(blocks, Level::Subsection);
                self.push("</div>\n</details>\n");
            }
        }
    }

    fn heading(&mut self, level: Level, text: &Prose, top: Level) {
        let words = prose(text);
        match (top, level) {
            (Level::Section, Level::Section) => {
                let id = self.id("part");
                self.push(&format!("<h2 id=\"{id}\">{words}</h2>\n"));
                self.contents.push((id, words));
            }
            (Level::Section, Level::Subsection) | (Level::Subsection, Level::Section) => {
                self.push(&format!("<h3>{words}</h3>\n"));
            }
            (Level::Subsection, Level::Subsection) => self.push(&format!("<h4>{words}</h4>\n")),
        }
    }

    /// A table scrolls inside its own box; the box takes the keyboard focus so that arrow keys can scroll it.
    fn table(&mut self, table: &Table) {
        let n_columns = table.n_columns();
        if n_columns == 0 && table.caption.is_empty() {
            return;
        }
        let id = self.id("table");
        let label = escape(&table.caption.plain());
        self.push(&format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">\n<table id=\"{id}\">\n"
        ));
        if !table.caption.is_empty() {
            // The caption's words keep the width of the page while a wide table scrolls below them.
            let caption = prose(&table.caption);
            self.push(&format!("<caption><span>{caption}</span></caption>\n"));
        }
        if table.has_heads() {
            self.push("<thead>\n<tr>");
            for column in 0..n_columns {
                let head = table.head(column).map(prose).unwrap_or_default();
                let class = class(table.align(column));
                self.push(&format!("<th scope=\"col\"{class}>{head}</th>"));
            }
            self.push("</tr>\n</thead>\n");
        }
        self.push("<tbody>\n");
        for row in 0..table.rows.len() {
            self.push("<tr>");
            for column in 0..n_columns {
                let class = class(table.align(column));
                let words = cell(table.cell(row, column));
                self.push(&match column {
                    0 => format!("<th scope=\"row\"{class}>{words}</th>"),
                    _ => format!("<td{class}>{words}</td>"),
                });
            }
            self.push("</tr>\n");
        }
        self.push("</tbody>\n</table>\n</div>\n");
    }
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Right => " class=\"right\"",
        Align::Centre => " class=\"centre\"",
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => breakable(&prose(text)),
        Cell::Number(number) => number_cell(number),
    }
}

/// The value with bounds and grade in small print; pointing at it says the same in words.
fn number_cell(number: &Number) -> String {
    let value = escape(&number.value);
    let mut small: Vec<String> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    if let (Some(interval), Some((lo, hi))) = (number.interval(), &number.bounds) {
        small.push(format!("<span>{}</span>", escape(&interval)));
        words.push(format!("between {} and {}", escape(lo), escape(hi)));
    }
    if let Some(grade) = &number.grade {
        small.push(format!("<span>{}</span>", escape(grade)));
        words.push(escape(grade));
    }
    if small.is_empty() {
        return format!("<span class=\"number\">{value}</span>");
    }
    format!("<span class=\"number\" title=\"{}\">{value}<small> {}</small></span>", words.join(", "), small.join(" "))
}

fn verdict(tone: Tone, text: &Prose) -> String {
    let class = match tone {
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
        Tone::Neutral => "neutral",
        Tone::Unsure => "warn",
    };
    format!(
        "<div class=\"verdict {class}\"><span class=\"sign\" aria-hidden=\"true\">{}</span><p>{}</p></div>\n",
        tone.sign(),
        prose(text)
    )
}

fn picture(figure: &Figure) -> String {
    let alt = escape(&figure.alt);
    let caption = match figure.caption.is_empty() {
        true => String::new(),
        false => format!("<figcaption>{}</figcaption>\n", prose(&figure.caption)),
    };
    let drawing = match svg::inline(&figure.svg) {
        Ok(svg) => format!("<div class=\"card\" tabindex=\"0\" role=\"img\" aria-label=\"{alt}\">\n{svg}\n</div>\n"),
        Err(why) => {
            format!("<p class=\"missing\">Picture left out: it holds {}. It would show: {alt}</p>\n", escape(&why))
        }
    };
    format!("<figure>\n{drawing}{caption}</figure>\n")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn page(document: &Document) -> String {
        EXPORTER.render(document, &Options::default())
    }

    /// Every opened element is closed in order; returns the element names met.
    fn check_balance(html: &str) -> Vec<String> {
        const VOID: &[&str] = &["!doctype", "meta", "link", "wbr"];
        let (mut open, mut met) = (Vec::new(), Vec::new());
        let (before, rest) = html.split_once("<style>").unwrap();
        let (_, after) = rest.split_once("</style>").unwrap();
        for tag in format!("{before}{after}").split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("a tag ends");
            let name = tag.split_whitespace().next().unwrap_or_default();
            if let Some(name) = name.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name));
            } else if !VOID.contains(&name) {
                open.push(name.to_owned());
                met.push(name.to_owned());
            }
        }
        assert!(open.is_empty(), "left open: {open:?}");
        met
    }

    #[test]
    fn tags_balance_and_every_kind_of_block_is_there() {
        let met = check_balance(&page(&sample::rich()));
        for name in [
            "header",
            "main",
            "nav",
            "dl",
            "h1",
            "h2",
            "h3",
            "table",
            "caption",
            "th",
            "figure",
            "svg",
            "figcaption",
            "details",
            "pre",
            "ul",
        ] {
            assert!(met.iter().any(|m| m == name), "no <{name}>");
        }
        check_balance(&page(&Document::default()));
    }

    #[test]
    fn nothing_runs_and_nothing_is_fetched() {
        let html = page(&sample::rich()).to_lowercase();
        for needle in ["<script", "javascript:", "http:", "https:", "://", "@import", "url(", "src="] {
            assert!(!html.contains(needle), "{needle}");
        }
        assert!(html.contains("default-src 'none'"));
    }

    #[test]
    fn hostile_names_are_inert_everywhere() {
        for evil in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "'><svg onload=alert(1)>",
            "</title></style></svg><p>",
            "&lt;b&gt;",
            "-->",
        ] {
            let html = page(&sample::everywhere(evil));
            let met = check_balance(&html);
            let clean = check_balance(&page(&sample::everywhere("x")));
            assert_eq!(met, clean, "{evil} changed the elements of the page");
        }
        let html = page(&sample::everywhere("&lt;b&gt;"));
        assert!(html.contains("&amp;lt;b&amp;gt;"), "text was not kept as it is");
    }

    #[test]
    fn bounds_are_readable_without_pointing() {
        let number = Number::new("0.5").between("0.4", "0.6").graded("certified");
        let html = number_cell(&number);
        let (_, printed) = html.split_once('>').unwrap();
        assert!(printed.contains("[0.4, 0.6]"), "{html}");
        assert!(printed.contains("certified"), "{html}");
    }

    #[test]
    fn a_refused_picture_says_so() {
        let figure = Figure::new("x", "<svg><script/></svg>", "two maps", "Maps");
        let html = picture(&figure);
        assert!(html.contains("Picture left out"), "{html}");
        assert!(html.contains("two maps") && !html.contains("<svg"), "{html}");
    }

    #[test]
    fn headings_inside_a_fold_stay_below_it() {
        let folded = vec![Block::section("a"), Block::subsection("b")];
        let html = page(&Document::new("t").block(Block::details("more", folded)));
        assert!(html.contains("<h3>a</h3>") && html.contains("<h4>b</h4>"));
    }
}
