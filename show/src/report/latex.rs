//! LaTeX: a complete article that compiles with pdfLaTeX, LuaLaTeX and XeLaTeX and their standard packages.

use super::chars::{clean, clean_lines, display_width};
use super::document::{Block, Document, Figure, Level, Tone};
use super::latex_chars::{code, escape};
use super::prose::{Inline, Prose, is_closed_formula};
use super::table::{Align, Cell, Number, Table};
use super::{Exporter, Options};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "latex",
    extension: ".tex",
    about: "a complete article for pdfLaTeX; figures as separate PDF files",
    render,
};

const PREAMBLE: &str = r"\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
\usepackage{array,booktabs,longtable}
\usepackage{graphicx}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6\baselineskip}
\setlength{\LTcapwidth}{\linewidth}
\setlength{\emergencystretch}{3em}
";

/// Characters of normal size that fit on a line of this page; a wider table gets smaller type and columns that wrap.
const LINE: usize = 78;

/// The same in the smaller type of wide tables.
const SMALL_LINE: usize = 96;

/// Characters the space between two columns takes.
const GAP: usize = 2;

/// Columns are not squeezed below this; a table of very many columns runs into the margin instead.
const MIN_COLUMN: usize = 10;

fn render(document: &Document, options: &Options) -> String {
    let mut page = Page {
        body: String::new(),
        figures: document.figures().into_iter().map(|(name, _)| name).collect(),
        next_figure: 0,
        figure_dir: options.figure_dir.as_deref(),
    };
    let title = escape(&document.title);
    page.push(&format!("{{\\LARGE\\bfseries\\raggedright {title}\\par}}\n\n"));
    if !document.lede.is_empty() {
        page.push(&format!("{{\\large {}\\par}}\n\n", prose(&document.lede)));
    }
    page.facts(document);
    page.blocks(&document.blocks);
    let pdf_title: String = clean(&document.title)
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | ':' | '-' | '?'))
        .collect();
    format!(
        "{PREAMBLE}\\hypersetup{{pdftitle={{{pdf_title}}},pdfcreator={{truenorth}}}}\n\
         \\begin{{document}}\n\n{}\\end{{document}}\n",
        page.body
    )
}

struct Page<'a> {
    body: String,
    figures: Vec<String>,
    next_figure: usize,
    figure_dir: Option<&'a str>,
}

impl Page<'_> {
    fn push(&mut self, latex: &str) {
        self.body.push_str(latex);
    }

    fn facts(&mut self, document: &Document) {
        if document.facts.is_empty() {
            return;
        }
        self.push("{\\small\\begin{tabular}{@{}l>{\\raggedright\\arraybackslash}p{0.74\\linewidth}@{}}\n\\toprule\n");
        for fact in &document.facts {
            let name = escape(&fact.name);
            self.push(&format!("{name} & {} \\\\\n", prose(&fact.value)));
        }
        self.push("\\bottomrule\n\\end{tabular}\\par}\n\n");
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => {
                let command = match level {
                    Level::Section => "section",
                    Level::Subsection => "subsection",
                };
                self.push(&format!("\\{command}*{{{}}}\n\n", prose(text)));
            }
            Block::Paragraph(text) => self.push(&format!("{}\n\n", prose(text))),
            Block::Verdict { tone, text } => self.push(&verdict(*tone, text)),
            Block::Table(table) => self.table(table),
            Block::Figure(figure) => {
                // `figures` walks the same blocks in the same order, so the next name is this figure's.
                let name = self.figures.get(self.next_figure).cloned().unwrap_or_default();
                self.next_figure += 1;
                self.push(&picture(figure, &name, self.figure_dir));
            }
            Block::Code(lines) => {
                // Not `verbatim`: a line of the code could end that environment.
                self.push("\\begin{flushleft}\\footnotesize\\ttfamily\n");
                for line in clean_lines(lines) {
                    // All but the last of several spaces hold, so that columns stay and a long line can still break.
                    let line = escape(&line).replace("  ", "~ ").replace("  ", "~ ");
                    let line = match line.strip_prefix(' ') {
                        Some(rest) => format!("~{rest}"),
                        None => line,
                    };
                    self.push(&format!("\\mbox{{}}{line}\\\\\n"));
                }
                self.push("\\mbox{}\\end{flushleft}\n\n");
            }
            Block::List(items) if items.is_empty() => {}
            Block::List(items) => {
                self.push("\\begin{itemize}\n");
                for item in items {
                    self.push(&format!("\\item {{}}{}\n", prose(item)));
                }
                self.push("\\end{itemize}\n\n");
            }
            Block::Details { summary, blocks } => {
                self.push(&format!("\\paragraph{{{}}}\\mbox{{}}\n\n", prose(summary)));
                self.blocks(blocks);
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let n_columns = table.n_columns();
        let caption = prose(&table.caption);
        if n_columns == 0 {
            self.push(&format!("{caption}\n\n"));
            return;
        }
        let small = natural_widths(table).iter().sum::<usize>() > LINE;
        let size = if small { "\\footnotesize" } else { "\\small" };
        self.push(&format!("{{{size}\n\\begin{{longtable}}{{@{{}}{}@{{}}}}\n", column_types(table)));
        let heads = heads(table);
        if !table.caption.is_empty() {
            // The caption stands on the first page only, the heads on each.
            self.push(&format!("\\caption{{{caption}}}\\\\\n{heads}\\endfirsthead\n"));
        }
        self.push(&format!("{heads}\\endhead\n\\bottomrule\n\\endfoot\n"));
        for row in 0..table.rows.len() {
            let cells: Vec<_> = (0..n_columns).map(|column| cell(table.cell(row, column))).collect();
            self.push(&format!("{} \\\\\n", cells.join(" & ")));
        }
        if table.rows.is_empty() {
            self.push("\\mbox{} \\\\\n");
        }
        self.push("\\end{longtable}}\n\n");
    }
}

/// Width of each column, in characters, if nothing wrapped.
fn natural_widths(table: &Table) -> Vec<usize> {
    let width = |column: usize| {
        let head = table.head(column).map_or(0, |h| display_width(&h.plain()));
        let cells = (0..table.rows.len()).map(|row| cell_width(table.cell(row, column)));
        cells.max().unwrap_or(0).max(head) + GAP
    };
    (0..table.n_columns()).map(width).collect()
}

fn cell_width(cell: &Cell) -> usize {
    match cell {
        Cell::Empty => 0,
        Cell::Text(text) => display_width(&text.plain()),
        Cell::Number(number) => {
            let interval = number.interval().map_or(0, |i| i.chars().count() + 1);
            let grade = number.grade.as_ref().map_or(0, |g| g.chars().count() + 1);
            // Bounds and grade are set smaller than the value.
            number.value.chars().count() + (interval + grade) * 3 / 4
        }
    }
}

/// The rule and the heads that open a table on every page.
fn heads(table: &Table) -> String {
    if !table.has_heads() {
        return "\\toprule\n".to_owned();
    }
    let head = |column: usize| match table.head(column).map(prose) {
        Some(head) if !head.is_empty() => format!("\\textbf{{{head}}}"),
        _ => String::new(),
    };
    let heads: Vec<_> = (0..table.n_columns()).map(head).collect();
    format!("\\toprule\n{} \\\\\n\\midrule\n", heads.join(" & "))
}

/// `l`, `r` and `c` columns where the table fits; columns of words that wrap where it does not.
fn column_types(table: &Table) -> String {
    let natural = natural_widths(table);
    let is_number = |column| (0..table.rows.len()).any(|row| matches!(table.cell(row, column), Cell::Number(_)));
    let mut widths = natural.clone();
    while widths.iter().sum::<usize>() > SMALL_LINE {
        // The widest column of words gives way first; numbers do so only when there is no other.
        let shrinks = |column: &usize| widths[*column] > MIN_COLUMN;
        let columns = || (0..widths.len()).filter(shrinks);
        let widest = |column: &usize| widths[*column];
        let words = columns().filter(|&column| !is_number(column)).max_by_key(widest);
        match words.or_else(|| columns().max_by_key(widest)) {
            Some(column) => widths[column] -= 1,
            None => break,
        }
    }
    let mut out = String::new();
    for (column, &width) in widths.iter().enumerate() {
        let (letter, ragged) = match table.align(column) {
            Align::Left => ('l', "\\raggedright"),
            Align::Right => ('r', "\\raggedleft"),
            Align::Centre => ('c', "\\centering"),
        };
        if width == natural[column] {
            out.push(letter);
            continue;
        }
        let share = (width - GAP) * 1000 / SMALL_LINE;
        out.push_str(&format!(">{{{ragged}\\arraybackslash}}p{{0.{share:03}\\linewidth}}"));
    }
    out
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => prose(text),
        Cell::Number(number) => number_cell(number),
    }
}

fn number_cell(number: &Number) -> String {
    let mut out = escape(&number.value);
    let small: Vec<_> =
        [number.interval(), number.grade.clone()].into_iter().flatten().map(|words| escape(&words)).collect();
    if !small.is_empty() {
        out.push_str(&format!(" {{\\scriptsize {}}}", small.join(" ")));
    }
    out
}

fn verdict(tone: Tone, text: &Prose) -> String {
    let sign = match tone {
        Tone::Good => "$\\checkmark$",
        Tone::Warn => "\\textbf{!}",
        Tone::Bad => "$\\times$",
        Tone::Neutral => "$\\bullet$",
        Tone::Unsure => "\\textbf{?}",
    };
    format!(
        "\\noindent\\fbox{{\\parbox{{\\dimexpr\\linewidth-2\\fboxsep-2\\fboxrule}}{{{sign}\\quad {}}}}}\n\n",
        prose(text)
    )
}

/// A box that stands for the picture, and in comments what to do to have the picture itself.
fn picture(figure: &Figure, name: &str, dir: Option<&str>) -> String {
    let stem = name.trim_end_matches(".svg");
    // Letters that a path needs and that neither end a comment nor a brace.
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ');
    let dir: String = dir.unwrap_or_default().chars().filter(safe).collect();
    let dir = match dir.trim_end_matches('/') {
        "" => String::new(),
        dir => format!("{dir}/"),
    };
    let alt = escape(&figure.alt);
    let caption = prose(&figure.caption);
    format!(
        "% LaTeX cannot read SVG. Make a PDF of the picture with one of\n\
         %   rsvg-convert -f pdf -o '{dir}{stem}.pdf' '{dir}{name}'\n\
         %   inkscape '{dir}{name}' --export-filename='{dir}{stem}.pdf'\n\
         % then put this line in the place of the box below:\n\
         %   \\includegraphics[width=\\linewidth]{{{dir}{stem}.pdf}}\n\
         \\begin{{center}}\n\
         \\fbox{{\\parbox{{0.8\\linewidth}}{{\\centering\\itshape Figure: {alt}}}}}\n\n\
         \\smallskip\n{{\\small {caption}\\par}}\n\\end{{center}}\n\n"
    )
}

fn prose(prose: &Prose) -> String {
    let mut out = String::new();
    for inline in &prose.0 {
        let words = escape(inline.plain());
        match inline {
            Inline::Text(_) => out.push_str(&words),
            Inline::Strong(_) => out.push_str(&format!("\\textbf{{{words}}}")),
            Inline::Code(words) => out.push_str(&code(words)),
            Inline::Math { latex, .. } if is_closed_formula(latex) => {
                out.push_str(&format!("\\ensuremath{{{latex}}}"));
            }
            Inline::Math { .. } => out.push_str(&words),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn page(document: &Document) -> String {
        EXPORTER.render(document, &Options::default())
    }

    /// Braces and environments close in order.
    fn check_balance(latex: &str) {
        let mut open = Vec::new();
        for (at, _) in latex.match_indices('\\') {
            for (mark, is_end) in [("\\begin{", false), ("\\end{", true)] {
                let Some(tail) = latex[at..].strip_prefix(mark) else {
                    continue;
                };
                let (name, _) = tail.split_once('}').expect("an environment has a name");
                if is_end {
                    assert_eq!(open.pop(), Some(name));
                } else {
                    open.push(name);
                }
            }
        }
        assert!(open.is_empty(), "left open: {open:?}");
        let bare = latex.replace("\\\\", "").replace("\\{", "").replace("\\}", "");
        assert_eq!(bare.matches('{').count(), bare.matches('}').count());
    }

    #[test]
    fn the_article_closes_what_it_opens() {
        check_balance(&page(&Document::default()));
        check_balance(&page(&sample::rich()));
        for evil in ["}{", "\\end{document}", "%", "a_b & c # $ ~ ^ \\ <x>", "γ≤–ρ→λé", "[x]*"] {
            check_balance(&page(&sample::everywhere(evil)));
        }
    }

    #[test]
    fn a_name_cannot_end_the_document() {
        let out = page(&sample::everywhere("\\end{document}"));
        assert_eq!(out.matches("\\end{document}").count(), 1);
    }

    #[test]
    fn numbers_print_their_bounds() {
        let number = Number::new("0.5").between("0.4", "0.6").graded("certified");
        assert_eq!(number_cell(&number), r"0.5 {\scriptsize {[}0.4, 0.6{]} certified}");
    }

    #[test]
    fn a_wide_table_wraps_inside_the_line() {
        let words = "many words ".repeat(20);
        let table =
            Table::new("t").column("a", Align::Left).column("b", Align::Right).row([words.as_str().into(), "1".into()]);
        let types = column_types(&table);
        assert!(types.contains("p{0."), "{types}");
        let narrow = Table::new("t").column("a", Align::Left).row(["x".into()]);
        assert_eq!(column_types(&narrow), "l");
    }

    #[test]
    fn a_figure_says_how_to_get_its_picture() {
        let out = page(&sample::rich());
        assert!(out.contains("% LaTeX cannot read SVG"));
        assert!(out.contains("%   \\includegraphics[width=\\linewidth]{01-return-polygon.pdf}"));
    }
}
