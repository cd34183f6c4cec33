//! Tables of words and of numbers with their bounds.

use serde::{Deserialize, Serialize};

use super::prose::Prose;

/// A table with one row of column heads. The first column names the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// What the table shows.
    pub caption: Prose,
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, top to bottom. A short row is padded with empty cells; a long one widens the table.
    pub rows: Vec<Vec<Cell>>,
}

/// The head of a column and how its cells align.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Words above the column.
    pub head: Prose,
    /// How the head and the cells align.
    pub align: Align,
}

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Align {
    /// For words.
    #[default]
    Left,
    /// For numbers.
    Right,
    /// For signs of one or two letters.
    Centre,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(Prose),
    /// A number with what is known about it.
    Number(Number),
}

/// A number already turned into text, with its bounds and grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// The value, such as `0.0439`.
    pub value: String,
    /// Lower and upper bound. Always printed when present, never only on hovering.
    pub bounds: Option<(String, String)>,
    /// How much the bounds are worth, such as `certified`.
    pub grade: Option<String>,
}

impl Table {
    /// A table with a caption, no columns and no rows.
    pub fn new(caption: impl Into<Prose>) -> Self {
        Self { caption: caption.into(), ..Self::default() }
    }

    /// The same table with one more column on the right.
    #[must_use]
    pub fn column(mut self, head: impl Into<Prose>, align: Align) -> Self {
        self.columns.push(Column { head: head.into(), align });
        self
    }

    /// The same table with one more row at the bottom.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.rows.push(cells.into_iter().collect());
        self
    }

    /// Number of columns drawn: the declared ones, or more if a row is longer.
    pub(super) fn n_columns(&self) -> usize {
        let longest = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        longest.max(self.columns.len())
    }

    /// The cell at a place; an empty one where a row is short.
    pub(super) fn cell(&self, row: usize, column: usize) -> &Cell {
        let cell = self.rows.get(row).and_then(|cells| cells.get(column));
        cell.unwrap_or(&Cell::Empty)
    }

    /// Alignment of a column; an undeclared one is left-aligned.
    pub(super) fn align(&self, column: usize) -> Align {
        self.columns.get(column).map_or(Align::Left, |c| c.align)
    }

    /// Head of a column, if it has one.
    pub(super) fn head(&self, column: usize) -> Option<&Prose> {
        self.columns.get(column).map(|c| &c.head)
    }

    /// Whether any column has a head to draw.
    pub(super) fn has_heads(&self) -> bool {
        self.columns.iter().any(|c| !c.head.is_empty())
    }
}

impl Number {
    /// A number of which only the value is known.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), bounds: None, grade: None }
    }

    /// The same number between `lo` and `hi`.
    #[must_use]
    pub fn between(mut self, lo: impl Into<String>, hi: impl Into<String>) -> Self {
        self.bounds = Some((lo.into(), hi.into()));
        self
    }

    /// The same number with its grade.
    #[must_use]
    pub fn graded(mut self, grade: impl Into<String>) -> Self {
        self.grade = Some(grade.into());
        self
    }

    /// The bounds as `[lo, hi]`, if there are any.
    pub(super) fn interval(&self) -> Option<String> {
        self.bounds.as_ref().map(|(lo, hi)| format!("[{lo}, {hi}]"))
    }
}

impl From<Number> for Cell {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Prose>> From<T> for Cell {
    fn from(words: T) -> Self {
        Self::Text(words.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ragged_table_loses_nothing() {
        let table = Table::new("t").column("a", Align::Right).row([Cell::from("1"), Cell::from("2")]).row([]);
        assert_eq!(table.n_columns(), 2);
        assert_eq!(table.cell(0, 1), &Cell::from("2"));
        assert_eq!(table.cell(1, 0), &Cell::Empty);
        assert_eq!(table.align(1), Align::Left);
        assert!(table.head(1).is_none());
    }
}
