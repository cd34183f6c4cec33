//! Tables in plain text: aligned by display width, and turned into records where the screen is too narrow.

use super::Style;
use super::chars::{clean, display_width};
use super::prose::Prose;
use super::table::{Align, Cell, Table};
use super::text::{Ink, Pen};

/// Spaces between columns of the table.
const GAP: usize = 2;

/// Text columns are not squeezed below this; a table that would need it becomes records.
const MIN_COLUMN: usize = 12;

/// The table, caption first, as lines that fit the width.
pub(super) fn lines(table: &Table, pen: Pen, indent: &str) -> Vec<String> {
    let mut out = pen.wrap(&table.caption, indent, indent);
    if table.n_columns() == 0 {
        return out;
    }
    if !out.is_empty() {
        out.push(String::new());
    }
    let columns: Vec<_> = (0..table.n_columns()).map(|column| Strip::of(table, column)).collect();
    let room = pen.width.saturating_sub(display_width(indent));
    for layout in [Layout::Beside, Layout::Below] {
        if let Some(widths) = squeeze(&columns, room, layout) {
            out.extend(grid(table, &columns, &widths, layout, pen, indent));
            return out;
        }
    }
    records(table, &columns, pen, indent, &mut out);
    out
}

/// One column as words: heads, and cells split into value and small print so that each part aligns.
struct Strip {
    head: String,
    align: Align,
    /// Value, interval and grade of each row.
    cells: Vec<[String; 3]>,
    /// Widths of the three parts.
    parts: [usize; 3],
    /// Whether any cell is a number; numbers never wrap.
    numeric: bool,
}

impl Strip {
    fn of(table: &Table, column: usize) -> Self {
        let cells: Vec<_> = (0..table.rows.len()).map(|row| cell(table.cell(row, column))).collect();
        let mut parts = [0; 3];
        for cell in &cells {
            for (part, words) in parts.iter_mut().zip(cell) {
                *part = (*part).max(display_width(words));
            }
        }
        let is_number = |row| matches!(table.cell(row, column), Cell::Number(_));
        Self {
            head: head(table, column),
            align: table.align(column),
            numeric: (0..table.rows.len()).any(is_number),
            cells,
            parts,
        }
    }

    /// Width of the interval and the grade side by side.
    fn small(&self) -> usize {
        let [_, interval, grade] = self.parts;
        interval + grade + usize::from(interval > 0 && grade > 0)
    }

    /// Width if nothing wraps.
    fn natural(&self, layout: Layout) -> usize {
        let small = self.small();
        let body = match layout {
            Layout::Beside if small > 0 => self.parts[0] + 1 + small,
            Layout::Beside => self.parts[0],
            Layout::Below => self.parts[0].max(small),
        };
        body.max(display_width(&self.head))
    }

    /// The cell of a row as lines of exactly `width` columns.
    fn lines(&self, row: usize, width: usize, layout: Layout, pen: Pen) -> Vec<String> {
        let [value, interval, grade] = &self.cells[row];
        if !self.numeric {
            let lines = wrap_cell(value, width);
            return lines.iter().map(|l| pad(l, width, self.align)).collect();
        }
        let small = format!("{interval} {grade}");
        if layout == Layout::Below {
            let mut lines = vec![pad(value, width, self.align)];
            if !small.trim().is_empty() {
                lines.push(dimmed(small.trim(), width, self.align, pen));
            }
            return lines;
        }
        let value = pad(value, self.parts[0], self.align);
        if self.small() == 0 {
            return vec![pad(&value, width, self.align)];
        }
        // The interval is filled up even where it is missing, so that grades stand below each other.
        let gap = match self.parts[1] {
            0 => String::new(),
            filled => pad(interval, filled, Align::Left) + " ",
        };
        let small = dimmed(&format!("{gap}{grade}"), self.small(), Align::Left, pen);
        let slack = width.saturating_sub(self.parts[0] + 1 + self.small());
        let before = before(slack, self.align);
        let after = slack - before;
        vec![format!("{}{value} {small}{}", " ".repeat(before), " ".repeat(after))]
    }
}

/// Where bounds and grade of a number stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// On the line of the value.
    Beside,
    /// On a line of their own.
    Below,
}

/// Small print filled up to a width; only the words are painted, so that trailing spaces can go.
fn dimmed(words: &str, width: usize, align: Align, pen: Pen) -> String {
    let inner = words.trim_end();
    let padded = pad(inner, width, align);
    match inner.is_empty() {
        true => padded,
        false => padded.replacen(inner, &pen.paint(Ink::Dim, inner), 1),
    }
}

fn head(table: &Table, column: usize) -> String {
    let head = table.head(column).map(Prose::plain).unwrap_or_default();
    clean(&head).into_owned()
}

fn cell(cell: &Cell) -> [String; 3] {
    let (value, interval, grade) = match cell {
        Cell::Empty => (String::new(), None, None),
        Cell::Text(text) => (text.plain(), None, None),
        Cell::Number(number) => (number.value.clone(), number.interval(), number.grade.clone()),
    };
    [Some(value), interval, grade].map(|words| clean(&words.unwrap_or_default()).into_owned())
}

/// Column widths that fit the room, or none. The widest column of words gives way first.
fn squeeze(columns: &[Strip], room: usize, layout: Layout) -> Option<Vec<usize>> {
    let mut widths: Vec<_> = columns.iter().map(|c| c.natural(layout)).collect();
    let gaps = GAP * (columns.len() - 1);
    while widths.iter().sum::<usize>() + gaps > room {
        let widest = (0..columns.len())
            .filter(|&column| !columns[column].numeric && widths[column] > MIN_COLUMN)
            .max_by_key(|&column| widths[column])?;
        widths[widest] -= 1;
    }
    Some(widths)
}

fn grid(table: &Table, columns: &[Strip], widths: &[usize], layout: Layout, pen: Pen, indent: &str) -> Vec<String> {
    let mut out = Vec::new();
    if table.has_heads() {
        let heads = columns.iter().zip(widths).map(|(column, &width)| {
            let lines = wrap_cell(&column.head, width);
            let lines = lines.iter().map(|l| pad(l, width, column.align));
            lines.collect::<Vec<_>>()
        });
        for line in stack(&heads.collect::<Vec<_>>(), widths) {
            out.push(format!("{indent}{}", pen.paint(Ink::Bold, &line)));
        }
        let rules: Vec<_> = widths.iter().map(|&width| "─".repeat(width)).collect();
        out.push(format!("{indent}{}", rules.join(&" ".repeat(GAP))));
    }
    for row in 0..table.rows.len() {
        let cells = columns.iter().zip(widths);
        let cells: Vec<_> = cells.map(|(column, &width)| column.lines(row, width, layout, pen)).collect();
        for line in stack(&cells, widths) {
            out.push(format!("{indent}{line}").trim_end().to_owned());
        }
    }
    out
}

/// Cells of one row side by side, as many lines as the tallest needs.
fn stack(cells: &[Vec<String>], widths: &[usize]) -> Vec<String> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |nth: usize| {
        let parts = cells.iter().zip(widths).map(|(cell, &width)| {
            let blank = || " ".repeat(width);
            cell.get(nth).cloned().unwrap_or_else(blank)
        });
        parts.collect::<Vec<_>>().join(&" ".repeat(GAP))
    };
    (0..height).map(|nth| line(nth).trim_end().to_owned()).collect()
}

/// Each row as a small list of `head: cell`, for screens too narrow for the table.
fn records(table: &Table, columns: &[Strip], pen: Pen, indent: &str, out: &mut Vec<String>) {
    let deeper = format!("{indent}  ");
    let deepest = format!("{indent}    ");
    for row in 0..table.rows.len() {
        if row > 0 {
            out.push(String::new());
        }
        for (nth, column) in columns.iter().enumerate() {
            let words: Vec<_> = column.cells[row].iter().filter(|w| !w.is_empty()).cloned().collect();
            if words.is_empty() {
                continue;
            }
            let words = match column.head.is_empty() {
                true => words.join(" "),
                false => format!("{}: {}", column.head, words.join(" ")),
            };
            let (first, rest) = if nth == 0 { (indent, &deeper) } else { (&*deeper, &deepest) };
            let lines = pen.wrap(&Prose::from(words), first, rest);
            match nth {
                0 => out.extend(lines.iter().map(|l| pen.paint(Ink::Bold, l))),
                _ => out.extend(lines),
            }
        }
    }
}

/// Words of one cell broken to a width.
fn wrap_cell(words: &str, width: usize) -> Vec<String> {
    let pen = Pen { width: width.max(1), style: Style::Plain };
    pen.wrap(&Prose::from(words), "", "")
}

/// Words filled up with spaces to a width, counted in columns of the terminal.
fn pad(words: &str, width: usize, align: Align) -> String {
    let slack = width.saturating_sub(display_width(words));
    let before = before(slack, align);
    format!("{}{words}{}", " ".repeat(before), " ".repeat(slack - before))
}

/// How much of the slack stands before the words.
fn before(slack: usize, align: Align) -> usize {
    match align {
        Align::Left => 0,
        Align::Right => slack,
        Align::Centre => slack / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Number;
    use super::*;

    fn plain(width: usize) -> Pen {
        Pen { width, style: Style::Plain }
    }

    fn table() -> Table {
        Table::new("")
            .column("state", Align::Left)
            .column("v", Align::Right)
            .column("ok", Align::Centre)
            .row(["東京".into(), Number::new("10.5").between("10.25", "11").graded("exact").into(), "✓".into()])
            .row(["é\u{301}a".into(), Number::new("-2").into(), "no".into()])
    }

    #[test]
    fn columns_align_by_display_width() {
        assert_eq!(
            lines(&table(), plain(80), ""),
            [
                "state                       v  ok",
                "─────  ──────────────────────  ──",
                "東京   10.5 [10.25, 11] exact  ✓",
                "é\u{301}a       -2                    no",
            ]
        );
    }

    #[test]
    fn bounds_move_below_their_value_before_words_suffer() {
        assert_eq!(
            lines(&table(), plain(30), ""),
            [
                "state                  v  ok",
                "─────  ─────────────────  ──",
                "東京                10.5  ✓",
                "       [10.25, 11] exact",
                "é\u{301}a                    -2  no",
            ]
        );
    }

    #[test]
    fn a_narrow_screen_gets_records() {
        assert_eq!(
            lines(&table(), plain(24), ""),
            [
                "state: 東京",
                "  v: 10.5 [10.25, 11]",
                "    exact",
                "  ok: ✓",
                "",
                "state: é\u{301}a",
                "  v: -2",
                "  ok: no",
            ]
        );
    }

    #[test]
    fn words_wrap_before_the_table_gives_up() {
        let table = Table::new("")
            .column("", Align::Left)
            .column("", Align::Left)
            .row(["one two three four five".into(), "x".into()]);
        assert_eq!(lines(&table, plain(20), ""), ["one two three      x", "four five"]);
    }
}
