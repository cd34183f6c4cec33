//! Tables of coloured numbers: named rows, columns in named groups, one table below the other on one colour scale.

use super::axis::{Axis, extent};
use super::chart::{Bar, MARGIN, SUBTITLE, TITLE, Title};
use super::colour::{BLANK, INK, MUTED, Ramp, ink_on};
use super::csv::Csv;
use super::font;
use super::legend::SIZE;
use super::scene::{Anchor, Scene};
use super::{Options, Picture, PlotError, at_most, finite};

/// More rows or columns than this cannot be read.
const MAX_SIDE: usize = 200;
/// Tables in one picture.
const MAX_TABLES: usize = 8;
const MAX_CELL: f64 = 56.0;
/// Space between two groups of columns, and beside the cells.
const GROUP_GAP: f64 = 5.0;
const GAP: f64 = 8.0;
/// Space below a table.
const BELOW: f64 = 16.0;
/// Text size of column heads; below this cell width they do not fit even when turned.
const HEAD: f64 = 9.5;
const HEAD_FROM: f64 = 11.0;
/// Smallest text of a number.
const SMALLEST: f64 = 7.0;

/// Columns that belong together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnGroup {
    /// Name above its columns.
    pub name: String,
    /// Names of the columns.
    pub columns: Vec<String>,
}

/// One table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatCells {
    /// What its numbers are about.
    pub title: String,
    /// Row by row; none is drawn blank.
    pub cells: Vec<Option<f64>>,
}

/// Tables with the same rows and columns, numbers written in the cells where there is room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatTable {
    /// What the picture shows.
    pub title: String,
    /// What the numbers are.
    pub value_label: String,
    /// Names of the rows.
    pub rows: Vec<String>,
    /// What the groups are, and what the columns in them are.
    pub head_labels: [String; 2],
    /// The columns.
    pub groups: Vec<ColumnGroup>,
    /// The tables, top to bottom.
    pub tables: Vec<HeatCells>,
}

/// Sizes and places common to all tables.
struct Layout {
    names: Vec<String>,
    left: f64,
    cell: (f64, f64),
    /// Left edge of every column.
    columns: Vec<f64>,
    turned: Option<bool>,
    heads: f64,
}

impl HeatTable {
    fn n_columns(&self) -> usize {
        self.groups.iter().map(|g| g.columns.len()).sum()
    }

    fn check(&self) -> Result<(), PlotError> {
        let n = self.n_columns();
        if self.rows.is_empty() || n == 0 || self.tables.is_empty() {
            return Err(PlotError::Empty { what: "the heat table".into() });
        }
        at_most("the rows of the heat table", self.rows.len(), MAX_SIDE)?;
        at_most("the columns of the heat table", n, MAX_SIDE)?;
        at_most("the heat tables", self.tables.len(), MAX_TABLES)?;
        for table in &self.tables {
            let (expected, found) = (n * self.rows.len(), table.cells.len());
            if expected != found {
                return Err(PlotError::Shape { what: "a heat table".into(), expected, found });
            }
            for (k, x) in table.cells.iter().enumerate() {
                if let Some(x) = *x {
                    finite(|| format!("the number of {}", self.rows[k / n]), x)?;
                }
            }
        }
        Ok(())
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.tables.iter().flat_map(|t| t.cells.iter().filter_map(|x| *x))
    }

    fn layout(&self, inner: f64, bar: f64) -> Layout {
        let names: Vec<String> = self.rows.iter().map(|name| font::cut(name, SIZE, inner * 0.28)).collect();
        let label = names.iter().map(|name| font::width(name, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + label + GAP;
        // A name takes 28 % and the bar some 70 units of 252 or more, so there is always room left.
        let room = (inner + MARGIN - left - GAP - bar).max(1.0);
        let n_gaps = (self.groups.len() - 1) as f64;
        let gap = GROUP_GAP.min(0.15 * room / n_gaps.max(1.0));
        let wide = ((room - n_gaps * gap) / self.n_columns() as f64).min(MAX_CELL);
        // Whole units keep edges sharp.
        let wide = if wide >= 4.0 { wide.floor() } else { wide };
        let high = (0.8 * wide).clamp(16.0, 24.0).floor();
        let mut columns = Vec::new();
        let mut x = left;
        for group in &self.groups {
            columns.extend((0..group.columns.len()).map(|k| x + k as f64 * wide));
            x += group.columns.len() as f64 * wide + gap;
        }
        let widest = self.heads().map(|head| font::width(&font::clean(head), HEAD)).fold(0.0, f64::max);
        let turned = match widest {
            w if w <= wide - 3.0 => Some(false),
            _ if wide >= HEAD_FROM => Some(true),
            _ => None,
        };
        let room = match turned {
            None => 0.0,
            Some(false) => HEAD + 6.0,
            Some(true) => widest.min(90.0) + 6.0,
        };
        Layout { names, left, cell: (wide, high), columns, turned, heads: HEAD + 8.0 + room }
    }

    fn heads(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|g| g.columns.iter().map(String::as_str))
    }

    /// Numbers as text, and their size; without the zero before the point where that makes them fit.
    fn words(&self, wide: f64) -> (Box<dyn Fn(f64) -> String>, f64) {
        let long = |x: f64| format!("{x:.2}").replace('-', "−");
        let short = move |x: f64| long(x).replacen("0.", ".", 1);
        let size = (0.37 * wide).clamp(SMALLEST, 11.0);
        let fits = |write: &dyn Fn(f64) -> String| self.values().all(|x| font::width(&write(x), size) <= wide - 2.5);
        if fits(&long) {
            (Box::new(long), size)
        } else if fits(&short) {
            (Box::new(short), size)
        } else {
            (Box::new(|_| String::new()), size)
        }
    }

    /// Group names and column names above a table whose cells begin at `top`.
    fn draw_heads(&self, scene: &mut Scene, layout: &Layout, top: f64) {
        let (wide, _) = layout.cell;
        let label = layout.left - GAP - MARGIN;
        let mut k = 0;
        let above = top - layout.heads + (HEAD + 8.0) / 2.0;
        let mut named = false;
        for group in &self.groups {
            let room = group.columns.len() as f64 * wide;
            let (name, size) = font::fit(&group.name, HEAD + 1.0, room - 4.0);
            if name != "…" && !group.columns.is_empty() {
                scene.text((layout.columns[k] + room / 2.0, above), Anchor::Middle, size, INK, name);
                named = true;
            }
            k += group.columns.len();
        }
        let side = |scene: &mut Scene, text: &str, y: f64| {
            let (text, size) = font::fit(text, HEAD, label);
            scene.text((layout.left - GAP, y), Anchor::End, size, MUTED, text);
        };
        if named {
            side(scene, &self.head_labels[0], above);
        }
        for (head, &x) in self.heads().zip(&layout.columns) {
            match layout.turned {
                None => {}
                Some(false) => {
                    let at = (x + wide / 2.0, top - 4.0 - HEAD / 2.0);
                    scene.text(at, Anchor::Middle, HEAD, INK, font::clean(head));
                }
                Some(true) => {
                    let room = layout.heads - (HEAD + 8.0) - 6.0;
                    let head = font::cut(head, HEAD, room + 0.01);
                    let reach = font::width(&head, HEAD) / 2.0;
                    scene.turned((x + wide / 2.0, top - 3.0 - reach), HEAD, INK, head);
                }
            }
        }
        if layout.turned.is_some() {
            side(scene, &self.head_labels[1], top - 4.0 - HEAD / 2.0);
        }
    }
}

impl Picture for HeatTable {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let inner = width - 2.0 * MARGIN;
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let (lo, hi) = extent(self.values()).unwrap_or((0.0, 1.0));
        let n_rows = self.rows.len() as f64;
        // No row is lower than 16.
        let least = self.tables.len() as f64 * n_rows * 16.0;
        let axis = Axis::tight(lo, hi, Bar::ticks_for(least));
        let bar = Bar { ramp: Ramp::Viridis, axis, name: self.value_label.clone() };
        let layout = self.layout(inner, bar.width(f64::INFINITY));
        let (wide, high) = layout.cell;
        let (words, size) = self.words(wide);
        let right = layout.columns.last().map_or(layout.left, |x| x + wide);
        let mut y = MARGIN + title.height();
        let mut first = None;
        for table in &self.tables {
            let heading = Title::new(&table.title, SUBTITLE, right - MARGIN);
            heading.draw(&mut scene, (MARGIN, y));
            let top = y + heading.height() + layout.heads;
            first.get_or_insert(top);
            self.draw_heads(&mut scene, &layout, top);
            for (k, cell) in table.cells.iter().enumerate() {
                let (row, column) = (k / layout.columns.len(), k % layout.columns.len());
                let (x, y) = (layout.columns[column], top + row as f64 * high);
                let fill = cell.map_or(BLANK, |v| bar.colour(v));
                let gap = if wide >= 8.0 { 0.5 } else { 0.0 };
                scene.rect((x + gap, y + gap), (wide - 2.0 * gap, high - 2.0 * gap), fill);
                if let Some(v) = *cell {
                    scene.text((x + wide / 2.0, y + high / 2.0), Anchor::Middle, size, ink_on(fill), words(v));
                }
            }
            for (row, name) in layout.names.iter().enumerate() {
                let at = (layout.left - GAP, top + (row as f64 + 0.5) * high);
                scene.text(at, Anchor::End, SIZE, INK, name.clone());
            }
            y = top + n_rows * high + BELOW;
        }
        let top = first.unwrap_or(y);
        let height = (y - BELOW - top).max(40.0);
        bar.draw(&mut scene, (right + GAP, top), height);
        y = y.max(top + height + BELOW) - BELOW + 8.0;
        if let Some(caption) = bar.caption(height) {
            for line in font::wrap(&caption, SIZE, inner, 3) {
                y += SIZE * font::LEADING;
                scene.text((MARGIN, y), Anchor::Start, SIZE, MUTED, line);
            }
            y += 6.0;
        }
        Ok(scene.finish(y + MARGIN - 4.0))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["table", "row", "group", "column", "value"]);
        let heads = || self.groups.iter().flat_map(|g| g.columns.iter().map(move |c| (&g.name, c)));
        for table in &self.tables {
            let places = self.rows.iter().flat_map(|row| heads().map(move |head| (row, head)));
            for ((row, (group, column)), value) in places.zip(&table.cells) {
                csv.row([(&table.title).into(), row.into(), group.into(), column.into(), (*value).into()]);
            }
        }
        csv
    }
}
