//! Where a policy spends its discounted time: a heat map on a grid, bars of the most visited states without one, and
//! the same for the difference of two policies.

use super::axis::{self, Axis, extent};
use super::chart::{Bar, MARGIN, TICK, TITLE, Title};
use super::colour::{BLUE, INK, MUTED, RULE, Ramp, Rgb, VERMILLION};
use super::csv::Csv;
use super::font;
use super::grid::{board_size, place, single};
use super::heat::{Board, Tile};
use super::legend::{Key, Legend, SIZE};
use super::scene::{Anchor, Scene, Stroke};
use super::{Options, Picture, PlotError, at_most, finite};

/// How occupancy is turned into colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OccupancyScale {
    /// In proportion, from zero.
    #[default]
    Linear,
    /// By powers of ten, at most eight of them; zero is drawn blank.
    Log,
    /// Signed, white at zero, blue below and vermillion above.
    Difference,
}

/// Powers of ten a logarithmic scale spans at most; below them all is as good as zero.
const MAX_DECADES: f64 = 8.0;

/// One cell of an occupancy map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OccupancyCell {
    /// Name of the state here; none for a cell that is no state.
    pub state: Option<String>,
    /// The map's letter; empty for none.
    pub letter: String,
    /// Occupancy, or the difference of two; none leaves the cell blank. Negative only for a difference.
    pub occ: Option<f64>,
    /// Whether the cell is a wall.
    pub wall: bool,
}

/// Occupancy on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct OccupancyGrid {
    /// What the picture shows.
    pub title: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Cells row by row, `rows * columns` of them.
    pub cells: Vec<OccupancyCell>,
    /// Name of the colour bar; say what the occupancy sums to.
    pub label: String,
    /// How occupancy is turned into colour.
    pub scale: OccupancyScale,
    /// Of a difference: where more is above zero, and where below, in the words of the legend.
    pub sides: Option<[String; 2]>,
}

/// Occupancy of the most visited states, as bars.
#[derive(Debug, Clone, PartialEq)]
pub struct OccupancyBars {
    /// What the picture shows.
    pub title: String,
    /// States with their occupancy, or the difference of two.
    pub states: Vec<(String, f64)>,
    /// How many bars to draw at most, the largest in size first; between 1 and 60.
    pub top: usize,
    /// Name of the axis.
    pub label: String,
    /// Of a difference: where more is above zero, and where below, in the words of the legend.
    pub sides: Option<[String; 2]>,
}

/// Entries for the two sides of a difference, in the colours of these.
fn sides(words: &Option<[String; 2]>, above: Rgb, below: Rgb) -> Vec<(Key, String)> {
    let patches = [above, below].map(|colour| Key::Patch(colour.into()));
    words.iter().flat_map(|words| patches.into_iter().zip(words.iter().map(|w| format!("more: {w}")))).collect()
}

impl Picture for OccupancyGrid {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        board_size(self.rows, self.columns, self.cells.len())?;
        for (k, cell) in self.cells.iter().enumerate() {
            if let Some(v) = cell.occ {
                finite(|| format!("the occupancy of {}", cell.state.clone().unwrap_or(format!("cell {k}"))), v)?;
            }
        }
        let shown = || self.cells.iter().filter(|c| !c.wall).filter_map(|c| c.occ);
        let values: Vec<f64> = shown().collect();
        let largest = values.iter().fold(0.0, |m, v| f64::max(m, v.abs()));
        let height = width.min(width * self.rows as f64 / self.columns as f64);
        let ticks = Bar::ticks_for(height);
        let (ramp, axis) = match self.scale {
            OccupancyScale::Linear => {
                let lo = values.iter().copied().fold(0.0, f64::min);
                (Ramp::Blues, Axis::tight(lo, if largest > 0.0 { largest } else { 1.0 }, ticks))
            }
            OccupancyScale::Difference => {
                let end = if largest > 0.0 { largest } else { 1.0 };
                (Ramp::Diverging, Axis::tight(-end, end, ticks))
            }
            OccupancyScale::Log => {
                let logs = values.iter().filter(|v| **v > 0.0).map(|v| v.log10());
                let (lo, hi) = extent(logs).unwrap_or((-1.0, 0.0));
                let least = (hi - MAX_DECADES).ceil();
                let mut axis = Axis::decades(lo.max(least), hi, ticks);
                if let (true, Some(first)) = (lo < least, axis.ticks.first_mut()) {
                    first.1 = format!("≤{}", first.1);
                }
                (Ramp::Blues, axis)
            }
        };
        let words = axis.writer(&values);
        let tile = |c: &OccupancyCell| Tile {
            value: match (c.occ, self.scale) {
                (Some(v), OccupancyScale::Log) => (v > 0.0).then(|| v.log10()),
                // Zero is empty, not the faintest blue.
                (Some(v), OccupancyScale::Linear) => (v != 0.0).then_some(v),
                (v, _) => v,
            },
            words: match (c.occ, self.scale) {
                (Some(0.0), _) => "0".into(),
                (Some(v), OccupancyScale::Log) => axis::short(v, 2),
                (Some(v), _) => words(v),
                (None, _) => String::new(),
            },
            letter: c.letter.clone(),
            wall: c.wall,
            ..Tile::default()
        };
        let bar = Bar { ramp, axis, name: self.label.clone() };
        let tiles = self.cells.iter().map(tile).collect();
        let board = Board::new("", self.columns, tiles, bar, (width - 2.0 * MARGIN, width));
        let entries = sides(&self.sides, Ramp::Diverging.at(0.85), Ramp::Diverging.at(0.15));
        Ok(single(&self.title, &board, entries, width))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["row", "column", "state", "letter", "occupancy", "wall"]);
        for (k, cell) in self.cells.iter().enumerate() {
            let what = [cell.state.clone().into(), cell.letter.as_str().into(), cell.occ.into(), cell.wall.into()];
            csv.row(place(k, self.columns).into_iter().chain(what));
        }
        csv
    }
}

const ROW: f64 = 20.0;
/// Most states taken in, and most bars drawn.
const MAX_STATES: usize = 5_000_000;
const MAX_BARS: usize = 60;

impl Picture for OccupancyBars {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        if self.states.is_empty() {
            return Err(PlotError::Empty { what: "the occupancy".into() });
        }
        at_most("the occupancy", self.states.len(), MAX_STATES)?;
        for (name, v) in &self.states {
            finite(|| format!("the occupancy of {name}"), *v)?;
        }
        let mut order: Vec<&(String, f64)> = self.states.iter().collect();
        // A stable sort keeps the model's order among equals.
        order.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let shown = &order[..order.len().min(self.top.clamp(1, MAX_BARS))];
        let inner = width - 2.0 * MARGIN;
        let values: Vec<f64> = shown.iter().map(|s| s.1).collect();
        let (lo, hi) = extent(values.iter().copied().chain([0.0])).unwrap_or((0.0, 0.0));
        let end = if lo == 0.0 && hi == 0.0 { 1.0 } else { hi };
        let axis = Axis::tight(lo, end, if width < 420.0 { 3 } else { 5 });
        let write = axis.writer(&values);
        let numbers: Vec<String> = values.iter().map(|v| write(*v)).collect();
        let widest = |texts: &[String]| texts.iter().map(|t| font::width(t, SIZE)).fold(0.0, f64::max);
        let names: Vec<String> = shown.iter().map(|s| font::cut(&s.0, SIZE, inner * 0.32)).collect();
        let left = MARGIN + widest(&names) + 8.0;
        let room = width - MARGIN - widest(&numbers) - 8.0 - left;
        let x = |v: f64| left + axis.share(v).clamp(0.0, 1.0) * room;

        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let top = MARGIN + title.height();
        let bottom = top + shown.len() as f64 * ROW + 4.0;
        for (value, label) in &axis.ticks {
            scene.path(vec![(x(*value), top), (x(*value), bottom)], Stroke::solid(RULE, 0.75));
            scene.text((x(*value), bottom + 9.0), Anchor::Middle, TICK, INK, label.clone());
        }
        for (k, (state, (name, number))) in shown.iter().zip(names.into_iter().zip(numbers)).enumerate() {
            let y = top + (k as f64 + 0.5) * ROW;
            let (a, b) = (x(0.0).min(x(state.1)), x(0.0).max(x(state.1)));
            let colour = if state.1 < 0.0 {
                BLUE
            } else if lo < 0.0 {
                VERMILLION
            } else {
                BLUE
            };
            scene.rect((a, y - 6.5), (b - a, 13.0), colour);
            scene.text((left - 8.0, y), Anchor::End, SIZE, INK, name);
            scene.text((width - MARGIN, y), Anchor::End, SIZE, INK, number);
        }
        scene.path(vec![(x(0.0), top), (x(0.0), bottom)], Stroke::solid(MUTED, 1.0));
        let mut y = bottom + 28.0;
        let label = match &axis.note {
            Some(note) => format!("{} ({note})", self.label),
            None => self.label.clone(),
        };
        let (label, size) = font::fit(&label, SIZE + 1.0, inner);
        if !label.is_empty() {
            let half = font::width(&label, size) / 2.0;
            let middle = (left + room / 2.0).clamp(MARGIN + half, (width - MARGIN - half).max(MARGIN + half));
            scene.text((middle, y), Anchor::Middle, size, INK, label);
            y += 16.0;
        }
        let more = order.len() - shown.len();
        if more > 0 {
            let total: f64 = order[shown.len()..].iter().map(|s| s.1).sum();
            let words = format!("… and {more} more, {} together", axis::short(total, 3));
            scene.text((MARGIN, y + 2.0), Anchor::Start, SIZE, MUTED, font::cut(&words, SIZE, inner));
            y += 18.0;
        }
        let legend = Legend::new(sides(&self.sides, VERMILLION, BLUE), inner);
        legend.draw(&mut scene, (MARGIN, y - 4.0));
        Ok(scene.finish(y + legend.height() - 6.0 + MARGIN / 2.0))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["state", "occupancy"]);
        self.states.iter().for_each(|(name, occ)| csv.row([name.into(), (*occ).into()]));
        csv
    }
}
