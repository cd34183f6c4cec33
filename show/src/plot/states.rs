//! The picture for models without a grid: a table with a value bar and the optimal actions of every state, under one
//! reward or two, the changed states outlined.

use super::axis::{self, extent};
use super::chart::{MARGIN, SUBTITLE, TITLE, Title};
use super::colour::{BLUE, INK, MUTED, RULE, VERMILLION, mix};
use super::csv::{Csv, joined};
use super::font;
use super::legend::{Key, Legend, SIZE};
use super::scene::{Anchor, Scene, Stroke};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most rows drawn.
const MAX_ROWS: usize = 40;
/// Most states taken in.
const MAX_STATES: usize = 5_000_000;
/// More columns than this cannot be read.
const MAX_COLUMNS: usize = 4;
const ROW: f64 = 20.0;
const GAP: f64 = 10.0;
/// Space between two columns.
const BETWEEN: f64 = 26.0;

/// What one reward says about one state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StateCell {
    /// The value of the state; none is drawn as a dash.
    pub value: Option<f64>,
    /// Names of all optimal actions.
    pub actions: Vec<String>,
}

/// What one reward says about every state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateColumn {
    /// Heading, as the reward's name or expression.
    pub title: String,
    /// One cell per state.
    pub cells: Vec<StateCell>,
}

/// Values and optimal actions by state. One column for `plot grid`, two for `plot diff`, at most four.
#[derive(Debug, Clone, PartialEq)]
pub struct StateTable {
    /// What the picture shows.
    pub title: String,
    /// What the numbers are, as `V*(s)`.
    pub value_label: String,
    /// Names of the states.
    pub names: Vec<String>,
    /// Whether each state is outlined; empty means none is.
    pub changed: Vec<bool>,
    /// What the outline means, for the legend; used when a state is outlined.
    pub changed_label: String,
    /// One column per reward, each with its own scale.
    pub columns: Vec<StateColumn>,
}

impl StateTable {
    fn check(&self) -> Result<(), PlotError> {
        let n = self.names.len();
        if n == 0 || self.columns.is_empty() {
            return Err(PlotError::Empty { what: "the table of states".into() });
        }
        at_most("the table of states", n, MAX_STATES)?;
        at_most("the columns of the table", self.columns.len(), MAX_COLUMNS)?;
        let same = |what: &str, found: usize| {
            let error = PlotError::Shape { what: what.into(), expected: n, found };
            if found == n { Ok(()) } else { Err(error) }
        };
        if !self.changed.is_empty() {
            same("the list of changed states", self.changed.len())?;
        }
        for column in &self.columns {
            same("a column of the table", column.cells.len())?;
            for (name, cell) in self.names.iter().zip(&column.cells) {
                if let Some(v) = cell.value {
                    finite(|| format!("the value of {name}"), v)?;
                }
            }
        }
        Ok(())
    }

    fn is_changed(&self, s: usize) -> bool {
        self.changed.get(s).copied().unwrap_or(false)
    }

    /// The states to draw, in the model's order. Where not all fit, changed ones go first.
    fn rows(&self) -> Vec<usize> {
        let n = self.names.len();
        if n <= MAX_ROWS {
            return (0..n).collect();
        }
        let changed = (0..n).filter(|&s| self.is_changed(s));
        let others = (0..n).filter(|&s| !self.is_changed(s));
        let mut rows: Vec<usize> = changed.chain(others).take(MAX_ROWS).collect();
        rows.sort_unstable();
        rows
    }
}

/// The texts of one column for the drawn rows, with the widths they need.
struct Strip<'a> {
    column: &'a StateColumn,
    numbers: Vec<String>,
    number_width: f64,
    lo: f64,
    hi: f64,
    note: String,
}

impl<'a> Strip<'a> {
    fn new(column: &'a StateColumn, rows: &[usize]) -> Self {
        let values: Vec<f64> = rows.iter().filter_map(|&s| column.cells[s].value).collect();
        let write = axis::alike(&values);
        let number = |s: &usize| column.cells[*s].value.map_or_else(|| "–".to_string(), &write);
        let numbers: Vec<String> = rows.iter().map(number).collect();
        let number_width = numbers.iter().map(|t| font::width(t, SIZE)).fold(0.0, f64::max);
        let (lo, hi) = extent(values.iter().copied().chain([0.0])).unwrap_or((0.0, 0.0));
        let exponent = axis::common_exponent(&values);
        let note = if exponent == 0 { String::new() } else { format!("×10{}", axis::superscript(exponent)) };
        Strip { column, numbers, number_width, lo, hi, note }
    }

    fn actions(&self, s: usize) -> String {
        self.column.cells[s].actions.join(", ")
    }
}

impl Picture for StateTable {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let rows = self.rows();
        let inner = width - 2.0 * MARGIN;
        let names: Vec<String> = rows.iter().map(|&s| font::cut(&self.names[s], SIZE, inner * 0.26)).collect();
        let name_width = names.iter().map(|t| font::width(t, SIZE)).fold(30.0, f64::max);
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));

        let left = MARGIN + 4.0 + name_width + GAP + 4.0;
        let share = (width - MARGIN - 4.0 - left + BETWEEN) / self.columns.len() as f64;
        let strips: Vec<Strip> = self.columns.iter().map(|c| Strip::new(c, &rows)).collect();
        let heads: Vec<Title> = strips.iter().map(|s| Title::new(&head(self, s), SUBTITLE, share - BETWEEN)).collect();
        let head = heads.iter().map(Title::height).fold(0.0, f64::max);
        let top = MARGIN + title.height() + head;
        for (k, title) in heads.iter().enumerate() {
            title.draw(&mut scene, (left + k as f64 * share, top - title.height()));
        }
        for i in 0..=rows.len() {
            let y = top + i as f64 * ROW;
            scene.path(vec![(MARGIN, y), (width - MARGIN, y)], Stroke::solid(RULE, 0.75));
        }
        for (i, name) in names.iter().enumerate() {
            let y = top + (i as f64 + 0.5) * ROW;
            scene.text((MARGIN + 4.0 + name_width, y), Anchor::End, SIZE, INK, name.clone());
        }
        for (k, strip) in strips.iter().enumerate() {
            strip.draw(&mut scene, &rows, left + k as f64 * share, share - BETWEEN, top);
        }
        for (i, _) in rows.iter().enumerate().filter(|(_, s)| self.is_changed(**s)) {
            let (x, y) = (MARGIN + 0.5, top + i as f64 * ROW + 1.0);
            scene.frame("tn-changed", (x, y), (inner - 1.0, ROW - 2.0), Stroke::solid(VERMILLION, 1.75));
        }
        let mut y = top + rows.len() as f64 * ROW + 8.0;
        let hidden = self.names.len() - rows.len();
        if hidden > 0 {
            let all = (0..self.names.len()).filter(|&s| self.is_changed(s)).count();
            let marked = all - rows.iter().filter(|&&s| self.is_changed(s)).count();
            let also = if marked > 0 { format!(", {marked} of them outlined too") } else { String::new() };
            let words = font::cut(&format!("… and {hidden} more{also}"), SIZE, inner);
            scene.text((MARGIN + 4.0, y + 6.0), Anchor::Start, SIZE, MUTED, words);
            y += 20.0;
        }
        if self.changed.contains(&true) {
            let words = if self.changed_label.is_empty() { "optimal action changed" } else { &self.changed_label };
            let legend = Legend::new(vec![(Key::Frame(VERMILLION), words.to_string())], inner);
            legend.draw(&mut scene, (MARGIN, y));
            y += legend.height();
        }
        Ok(scene.finish(y + MARGIN - 4.0))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["column", "state", "value", "best_actions", "outlined"]);
        for column in &self.columns {
            for (s, (name, cell)) in self.names.iter().zip(&column.cells).enumerate() {
                let (value, actions) = (cell.value.into(), joined(&cell.actions));
                csv.row([(&column.title).into(), name.into(), value, actions, self.is_changed(s).into()]);
            }
        }
        csv
    }
}

/// Heading of a column: its title and what the numbers are.
fn head(table: &StateTable, strip: &Strip<'_>) -> String {
    let times = if strip.note.is_empty() { String::new() } else { format!(" ({})", strip.note) };
    match (strip.column.title.is_empty(), table.value_label.is_empty()) {
        (true, _) => format!("{}{times}", table.value_label),
        (false, true) => format!("{}{times}", strip.column.title),
        (false, false) => format!("{}, {}{times}", strip.column.title, table.value_label),
    }
}

impl Strip<'_> {
    /// Draws number, bar and action names of every row.
    fn draw(&self, scene: &mut Scene, rows: &[usize], left: f64, width: f64, top: f64) {
        let numbers = self.number_width.min(width * 0.4);
        let wished = rows.iter().map(|&s| font::width(&self.actions(s), SIZE)).fold(0.0, f64::max);
        let free = width - numbers - 2.0 * GAP;
        let words = wished.min(free * 0.66);
        let room = (free - words).max(1.0);
        let bar_left = left + numbers + GAP;
        let span = if self.hi - self.lo > 0.0 { self.hi - self.lo } else { 1.0 };
        let x = |v: f64| bar_left + (v - self.lo) / span * room;
        for (i, &s) in rows.iter().enumerate() {
            let y = top + (i as f64 + 0.5) * ROW;
            let number = font::cut(&self.numbers[i], SIZE, numbers + 0.01);
            scene.text((left + numbers, y), Anchor::End, SIZE, INK, number);
            if let Some(v) = self.column.cells[s].value {
                let (a, b) = (x(0.0).min(x(v)), x(0.0).max(x(v)));
                scene.rect((a, y - 5.5), (b - a, 11.0), mix(BLUE, super::colour::WHITE, 0.25));
            }
            let text = font::cut(&self.actions(s), SIZE, words + 0.01);
            scene.text((bar_left + room + GAP, y), Anchor::Start, SIZE, INK, text);
        }
        let zero = x(0.0);
        scene.path(vec![(zero, top + 2.0), (zero, top + rows.len() as f64 * ROW - 2.0)], Stroke::solid(MUTED, 1.0));
    }
}
