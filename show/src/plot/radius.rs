//! The radius picture: how large an error of the reward must be before the best action of a state changes, on a grid
//! or as bars, with the action that takes over.

use super::axis::{self, Axis, extent};
use super::chart::{Bar, MARGIN, TICK, TITLE, Title};
use super::colour::{BLUE, INK, MUTED, RULE, Ramp, Rgb, VERMILLION, WHITE, mix};
use super::csv::{Csv, Field, joined};
use super::font;
use super::grid::{Action, board_size, directions, name, place, single, word};
use super::heat::{Board, Tile};
use super::legend::{Key, Legend, SIZE};
use super::scene::{Anchor, Scene, Stroke};
use super::{Options, Picture, PlotError, at_most, finite};

/// A scale is logarithmic when the radii differ by more than this factor.
const LOG_FROM: f64 = 30.0;
/// Fill of a state where every change of the reward decides.
const TIED: Rgb = Rgb(0xf4, 0xb6, 0x8c);
const ROW: f64 = 20.0;
/// Width of the mark of a tie.
const TIE: f64 = 5.0;
/// Most states taken in, and most bars drawn.
const MAX_STATES: usize = 5_000_000;
const MAX_BARS: usize = 60;

/// What an error of the reward does to a state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RadiusCell {
    /// Name of the state here; none for a cell that is no state.
    pub state: Option<String>,
    /// The map's letter; empty for none.
    pub letter: String,
    /// The largest error that cannot change the best action; 0 at a tie, infinite where no error can. None where
    /// there is nothing to choose.
    pub radius: Option<f64>,
    /// The best actions.
    pub best: Vec<Action>,
    /// The action that takes over first.
    pub rival: Option<Action>,
    /// Whether this state limits the radius of the whole policy.
    pub critical: bool,
    /// Whether the cell is a wall.
    pub wall: bool,
}

/// Radii on a grid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RadiusGrid {
    /// What the picture shows.
    pub title: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Cells row by row, `rows * columns` of them.
    pub cells: Vec<RadiusCell>,
    /// Name of the colour bar; say in which norm.
    pub label: String,
}

/// Radii of the most fragile states, as bars.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RadiusBars {
    /// What the picture shows.
    pub title: String,
    /// The states.
    pub states: Vec<RadiusCell>,
    /// How many bars to draw at most, the smallest radius first; between 1 and 60.
    pub top: usize,
    /// Name of the axis; say in which norm.
    pub label: String,
}

/// Radii that have a place on a scale.
fn on_scale(cells: &[RadiusCell]) -> impl Iterator<Item = f64> + '_ {
    cells.iter().filter(|c| !c.wall).filter_map(|c| c.radius).filter(|r| *r > 0.0 && r.is_finite())
}

fn check(cells: &[RadiusCell]) -> Result<(), PlotError> {
    at_most("the map of radii", cells.len(), MAX_STATES)?;
    for cell in cells {
        // An infinite radius is an answer: no error of the reward changes anything here.
        if let Some(r) = cell.radius.filter(|r| *r != f64::INFINITY) {
            let what = || format!("the radius of {}", cell.state.clone().unwrap_or_default());
            finite(what, r)?;
            if r < 0.0 {
                return Err(PlotError::NotPositive { what: what(), value: r });
            }
        }
    }
    Ok(())
}

/// The axis of these radii with about `target` ticks, and whether it is logarithmic.
fn scale(cells: &[RadiusCell], target: usize) -> (Axis, bool) {
    match extent(on_scale(cells)) {
        Some((lo, hi)) if hi > LOG_FROM * lo => (Axis::decades(lo.log10(), hi.log10(), target), true),
        Some((_, hi)) => (Axis::tight(0.0, hi, target), false),
        None => (Axis::tight(0.0, 1.0, target), false),
    }
}

fn has(cells: &[RadiusCell], radius: f64) -> bool {
    cells.iter().any(|c| !c.wall && c.radius == Some(radius))
}

/// What the marks of a picture of radii mean; `arrows` when the rival is drawn as one.
fn entries(cells: &[RadiusCell], arrows: bool) -> Vec<(Key, String)> {
    let mut out = Vec::new();
    if arrows {
        out.push((Key::Arrow(INK), "best action".to_string()));
        out.push((Key::Open(INK), "takes over first".to_string()));
    }
    if cells.iter().any(|c| c.critical && !c.wall) {
        out.push((Key::Frame(VERMILLION), "decides the radius of the whole policy".into()));
    }
    if has(cells, 0.0) {
        out.push((Key::Patch(TIED.into()), "tie: the smallest error decides".into()));
    }
    if has(cells, f64::INFINITY) {
        out.push((Key::Patch(super::colour::BLANK.into()), "∞: no error changes the best action".into()));
    }
    out
}

fn data(mut csv: Csv, cells: &[RadiusCell], place: impl Fn(usize) -> Vec<Field>) -> Csv {
    for (k, c) in cells.iter().enumerate() {
        let best: Vec<&str> = c.best.iter().map(word).collect();
        let rival = c.rival.as_ref().map(word);
        let what = [c.state.clone().into(), c.radius.into(), joined(&best), rival.into(), c.critical.into()];
        csv.row(place(k).into_iter().chain(what));
    }
    csv
}

impl Picture for RadiusGrid {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        board_size(self.rows, self.columns, self.cells.len())?;
        check(&self.cells)?;
        let height = width.min(width * self.rows as f64 / self.columns as f64);
        let (axis, is_log) = scale(&self.cells, Bar::ticks_for(height));
        let values: Vec<f64> = on_scale(&self.cells).collect();
        let plain = axis.writer(&values);
        let tile = |c: &RadiusCell| Tile {
            value: c.radius.filter(|r| *r > 0.0 && r.is_finite()).map(|r| if is_log { r.log10() } else { r }),
            fill: (c.radius == Some(0.0)).then_some(TIED),
            words: match c.radius {
                None => String::new(),
                Some(0.0) => "tie".into(),
                Some(r) if r.is_infinite() => "∞".into(),
                Some(r) if is_log => axis::short(r, 2),
                Some(r) => plain(r),
            },
            letter: c.letter.clone(),
            arrows: directions(&c.best).unwrap_or_default(),
            rival: match &c.rival {
                Some(Action::Move(direction, _)) if directions(&c.best).is_some() => Some(*direction),
                _ => None,
            },
            actions: match directions(&c.best) {
                Some(_) => String::new(),
                None => c.best.iter().map(name).collect::<Vec<_>>().join(", "),
            },
            outlined: c.critical && !c.wall,
            wall: c.wall,
        };
        let tiles: Vec<Tile> = self.cells.iter().map(tile).collect();
        let arrows = tiles.iter().any(|t| t.rival.is_some() && !t.wall);
        let bar = Bar { ramp: Ramp::Viridis, axis, name: self.label.clone() };
        let board = Board::new("", self.columns, tiles, bar, (width - 2.0 * MARGIN, width));
        let arrows = arrows && board.shows_arrows();
        Ok(single(&self.title, &board, entries(&self.cells, arrows), width))
    }

    fn data(&self) -> Csv {
        let csv = Csv::new(&["row", "column", "state", "radius", "best_actions", "takes_over", "critical"]);
        data(csv, &self.cells, |k| place(k, self.columns).to_vec())
    }
}

impl Picture for RadiusBars {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        check(&self.states)?;
        let mut order: Vec<&RadiusCell> = self.states.iter().filter(|c| c.radius.is_some()).collect();
        if order.is_empty() {
            return Err(PlotError::Empty { what: "the radii".into() });
        }
        let radius = |c: &RadiusCell| c.radius.unwrap_or(f64::INFINITY);
        // A stable sort keeps the model's order among equals.
        order.sort_by(|a, b| radius(a).total_cmp(&radius(b)));
        let (shown, hidden) = chosen(order, self.top.clamp(1, MAX_BARS));
        let shown: Vec<RadiusCell> = shown.into_iter().cloned().collect();
        let inner = width - 2.0 * MARGIN;
        let names: Vec<String> =
            shown.iter().map(|c| font::cut(c.state.as_deref().unwrap_or(""), SIZE, inner * 0.24)).collect();
        let changes: Vec<String> = shown.iter().map(|c| font::cut(&change(c), SIZE, inner * 0.34)).collect();
        let widest = |texts: &[String]| texts.iter().map(|t| font::width(t, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + widest(&names) + 8.0;
        let room = width - MARGIN - widest(&changes) - 8.0 - left;
        let (axis, is_log) = scale(&shown, (room / 70.0).clamp(1.0, 6.0) as usize);
        // Bars on a logarithmic scale begin half a decade below the smallest, so that it too is seen.
        let lo = if is_log { axis.lo - 0.5 } else { axis.lo };
        let axis = axis.from(lo);
        let x = |r: f64| left + axis.share(if is_log { r.log10() } else { r }).clamp(0.0, 1.0) * room;

        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let top = MARGIN + title.height();
        let bottom = top + shown.len() as f64 * ROW + 4.0;
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &axis.ticks {
            let at = left + axis.share(*value) * room;
            scene.path(vec![(at, top), (at, bottom)], Stroke::solid(RULE, 0.75));
            let half = font::width(label, TICK) / 2.0;
            if at - half > free && at + half < width {
                scene.text((at, bottom + 9.0), Anchor::Middle, TICK, INK, label.clone());
                free = at + half + 4.0;
            }
        }
        for (k, (cell, (name, change))) in shown.iter().zip(names.into_iter().zip(changes)).enumerate() {
            let y = top + (k as f64 + 0.5) * ROW;
            let r = radius(cell);
            let (fill, end) = match r {
                // No error is harmless at a tie: a mark on the axis, and no bar.
                0.0 => (TIED, left + TIE),
                r if r.is_infinite() => (super::colour::BLANK, left + room),
                r => (mix(BLUE, WHITE, 0.25), x(r)),
            };
            scene.rect((left, y - 6.5), ((end - left).max(0.5), 13.0), fill);
            let words = if r == 0.0 {
                "tie: 0".to_string()
            } else if r.is_infinite() {
                "∞".into()
            } else {
                axis::short(r, 3)
            };
            let (at, ink) = (font::width(&words, TICK) + 6.0, INK);
            // The number stands behind its bar, or at the end of it when there is no room behind.
            let behind = end + at <= left + room;
            let ground = if behind || r.is_infinite() { ink } else { super::colour::ink_on(fill) };
            let place = if behind { end + 4.0 } else { end - at + 2.0 };
            scene.text((place, y), Anchor::Start, TICK, ground, words);
            scene.text((left - 8.0, y), Anchor::End, SIZE, INK, name);
            scene.text((left + room + 8.0, y), Anchor::Start, SIZE, INK, change);
            if cell.critical {
                let stroke = Stroke::solid(VERMILLION, 1.75);
                scene.frame("tn-changed", (MARGIN - 4.0, y - ROW / 2.0 + 1.0), (inner + 8.0, ROW - 2.0), stroke);
            }
        }
        scene.path(vec![(left, top), (left, bottom)], Stroke::solid(MUTED, 1.0));
        let label = match &axis.note {
            Some(note) => format!("{} ({note})", self.label),
            None => self.label.clone(),
        };
        let mut y = bottom + 28.0;
        let (label, size) = font::fit(&label, SIZE + 1.0, inner);
        let half = font::width(&label, size) / 2.0;
        let middle = (left + room / 2.0).clamp(MARGIN + half, (width - MARGIN - half).max(MARGIN + half));
        scene.text((middle, y), Anchor::Middle, size, INK, label);
        y += 16.0;
        if !hidden.is_empty() {
            let words = rest(&hidden);
            scene.text((MARGIN, y + 2.0), Anchor::Start, SIZE, MUTED, font::cut(&words, SIZE, inner));
            y += 18.0;
        }
        let legend = Legend::new(entries(&shown, false), inner);
        legend.draw(&mut scene, (MARGIN, y));
        Ok(scene.finish(y + legend.height() + MARGIN - 4.0))
    }

    fn data(&self) -> Csv {
        let csv = Csv::new(&["state", "radius", "best_actions", "takes_over", "critical"]);
        data(csv, &self.states, |_| Vec::new())
    }
}

/// Those of the states, smallest radius first, that get one of `room` bars, and the rest. Ties take no more than half of the
/// room that others need.
fn chosen(order: Vec<&RadiusCell>, room: usize) -> (Vec<&RadiusCell>, Vec<&RadiusCell>) {
    let (mut ties, mut others): (Vec<_>, Vec<_>) = order.into_iter().partition(|c| c.radius == Some(0.0));
    let of_ties = ties.len().min((room / 2).max(room.saturating_sub(others.len())));
    let mut hidden = ties.split_off(of_ties);
    hidden.extend(others.split_off(others.len().min(room - of_ties)));
    ties.extend(others);
    (ties, hidden)
}

/// What the states are that have no bar, smallest radius first: by kind, as a tie has no larger radius than another.
fn rest(hidden: &[&RadiusCell]) -> String {
    let count = |is: fn(f64) -> bool| hidden.iter().filter(|c| c.radius.is_some_and(is)).count();
    let kinds = [
        (count(|r| r == 0.0), "that tie"),
        (count(|r| r > 0.0 && r.is_finite()), "with larger radii"),
        (count(f64::is_infinite), "that no error changes"),
    ];
    let kinds: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{n} more {kind}")).collect();
    format!("… and {}", kinds.join(", "))
}

/// What happens beyond the radius of a state; what ties with what where there is none.
fn change(cell: &RadiusCell) -> String {
    let best: Vec<&str> = cell.best.iter().map(word).collect();
    match &cell.rival {
        Some(rival) if cell.radius == Some(0.0) => format!("{} = {}", best.join(", "), word(rival)),
        Some(rival) => format!("{} → {}", best.join(", "), word(rival)),
        None => best.join(", "),
    }
}
