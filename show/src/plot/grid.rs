//! The grid picture: a value heat map with the optimal policy drawn as arrows.

use super::chart::{Bar, MARGIN, TITLE, Title};
use super::colour::{Ramp, VERMILLION};
use super::csv::{Csv, Field, joined};
use super::font;
use super::heat::{Board, Tile, bar_axis};
use super::legend::{Key, Legend};
use super::scene::{Scene, Xy};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most cells a board shows, and most along one side.
const MAX_CELLS: usize = 250_000;
const MAX_SIDE: usize = 2_000;
/// The columns of a map as data.
pub(super) const COLUMNS: [&str; 8] = ["row", "column", "state", "letter", "value", "best_actions", "outlined", "wall"];
/// Space between the blocks of a picture.
pub(super) const GAP: f64 = 12.0;

/// A direction an action moves in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// Nowhere; drawn as a dot.
    Stay,
}

impl Direction {
    /// The unit step, y downwards; nothing for staying.
    pub(super) fn step(self) -> Option<Xy> {
        match self {
            Direction::Up => Some((0.0, -1.0)),
            Direction::Down => Some((0.0, 1.0)),
            Direction::Left => Some((-1.0, 0.0)),
            Direction::Right => Some((1.0, 0.0)),
            Direction::Stay => None,
        }
    }
}

/// An optimal action as the picture shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Drawn as an arrow; the name is the model's own, for where it is written out.
    Move(Direction, String),
    /// Written out, for actions that are no direction; a cell with one writes its arrows out too.
    Named(String),
}

/// One cell of a grid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Name of the state here; none for a cell that is no state.
    pub state: Option<String>,
    /// The map's letter (S, F, H, G), drawn small in the corner; empty for none.
    pub letter: String,
    /// What the colour shows; none leaves the cell blank.
    pub value: Option<f64>,
    /// All optimal actions; more than one means a tie. Empty for absorbing states.
    pub actions: Vec<Action>,
    /// Whether the cell is outlined, for a state whose optimal actions changed.
    pub outlined: bool,
    /// Whether the cell is a wall; nothing else of it is drawn then.
    pub wall: bool,
}

/// A value heat map (viridis) with policy arrows, cell letters, values where cells are large enough and a colour bar.
#[derive(Debug, Clone, PartialEq)]
pub struct GridMap {
    /// What the picture shows; wraps when long.
    pub title: String,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Cells row by row, `rows * columns` of them.
    pub cells: Vec<Cell>,
    /// Name of the colour bar, as `V*(s)`.
    pub value_label: String,
    /// What the outline means, for the legend; used when a cell is outlined.
    pub outline_label: String,
}

impl GridMap {
    /// Checks sizes and numbers.
    pub(super) fn check(&self) -> Result<(), PlotError> {
        board_size(self.rows, self.columns, self.cells.len())?;
        for (k, cell) in self.cells.iter().enumerate() {
            if let Some(v) = cell.value {
                let name = || cell.state.clone().unwrap_or_else(|| format!("cell {k}"));
                finite(|| format!("the value of {}", name()), v)?;
            }
        }
        Ok(())
    }

    /// One row of [`COLUMNS`] for each cell.
    pub(super) fn rows_of_data(&self) -> impl Iterator<Item = Vec<Field>> + '_ {
        self.cells.iter().enumerate().map(|(k, cell)| {
            let actions: Vec<&str> = cell.actions.iter().map(word).collect();
            let place = place(k, self.columns);
            let rest = [cell.value.into(), joined(&actions), cell.outlined.into(), cell.wall.into()];
            place.into_iter().chain([cell.state.clone().into(), cell.letter.as_str().into()]).chain(rest).collect()
        })
    }

    /// The legend entry for outlined cells.
    pub(super) fn outline_entry(&self) -> Option<(Key, String)> {
        let any = self.cells.iter().any(|c| c.outlined && !c.wall);
        let words = if self.outline_label.is_empty() { "optimal action changed" } else { &self.outline_label };
        any.then(|| (Key::Frame(VERMILLION), words.to_string()))
    }

    /// The board for a place of the given size; the data have been checked.
    pub(super) fn board(&self, title: &str, room: Xy) -> Board {
        let values: Vec<f64> = self.cells.iter().filter(|c| !c.wall).filter_map(|c| c.value).collect();
        let height = room.1.min(room.0 * self.rows as f64 / self.columns as f64);
        let bar = Bar { ramp: Ramp::Viridis, axis: bar_axis(&values, height), name: self.value_label.clone() };
        let words = bar.axis.writer(&values);
        let tile = |cell: &Cell| Tile {
            value: cell.value,
            words: cell.value.map(&words).unwrap_or_default(),
            letter: cell.letter.clone(),
            arrows: directions(&cell.actions).unwrap_or_default(),
            actions: match directions(&cell.actions) {
                Some(_) => String::new(),
                None => cell.actions.iter().map(name).collect::<Vec<_>>().join(", "),
            },
            outlined: cell.outlined && !cell.wall,
            wall: cell.wall,
            ..Tile::default()
        };
        Board::new(title, self.columns, self.cells.iter().map(tile).collect(), bar, room)
    }
}

/// Row and column of a cell, counted from 0.
pub(super) fn place(k: usize, columns: usize) -> [Field; 2] {
    let columns = columns.max(1);
    [(k / columns).into(), (k % columns).into()]
}

/// The directions, when all actions are directions.
pub(super) fn directions(actions: &[Action]) -> Option<Vec<Direction>> {
    let one = |action: &Action| match action {
        Action::Move(direction, _) => Some(*direction),
        Action::Named(_) => None,
    };
    actions.iter().map(one).collect()
}

/// An action in words or as an arrow character.
pub(super) fn name(action: &Action) -> &str {
    match action {
        Action::Named(name) => name,
        Action::Move(Direction::Up, _) => "↑",
        Action::Move(Direction::Down, _) => "↓",
        Action::Move(Direction::Left, _) => "←",
        Action::Move(Direction::Right, _) => "→",
        Action::Move(Direction::Stay, _) => "•",
    }
}

/// An action in the model's words.
pub(super) fn word(action: &Action) -> &str {
    match action {
        Action::Named(name) | Action::Move(_, name) => name,
    }
}

/// Checks that a board has cells and the right number of them.
pub(super) fn board_size(rows: usize, columns: usize, found: usize) -> Result<(), PlotError> {
    if rows == 0 || columns == 0 {
        return Err(PlotError::Empty { what: "the grid".into() });
    }
    let expected = rows.saturating_mul(columns);
    at_most("the grid", expected, MAX_CELLS)?;
    at_most("one side of the grid", rows.max(columns), MAX_SIDE)?;
    if found != expected {
        return Err(PlotError::Shape { what: "the cells of the grid".into(), expected, found });
    }
    Ok(())
}

/// A picture of one board: title, board, legend. Narrow boards get a narrow picture.
pub(super) fn single(title: &str, board: &Board, entries: Vec<(Key, String)>, width: f64) -> Scene {
    // Room for the title on fewer lines, without leaving a small board lost in white.
    let wished = font::width(&font::clean(title), TITLE).min(420.0);
    let inner = board.width().max(wished).max(200.0).min(width - 2.0 * MARGIN);
    let inner = inner.max(board.width());
    let mut scene = Scene::new(inner + 2.0 * MARGIN, title);
    let title = Title::new(title, TITLE, inner);
    let legend = Legend::new(entries, inner);
    let mut y = MARGIN;
    title.draw(&mut scene, (MARGIN, y));
    y += title.height();
    board.draw(&mut scene, (MARGIN, y), board.head());
    y += board.head() + board.body();
    if legend.height() > 0.0 {
        legend.draw(&mut scene, (MARGIN, y + 4.0));
        y += legend.height() + 4.0;
    }
    scene.finish(y + MARGIN)
}

impl Picture for GridMap {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let board = self.board("", (width - 2.0 * MARGIN, width));
        Ok(single(&self.title, &board, self.outline_entry().into_iter().collect(), width))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&COLUMNS);
        self.rows_of_data().for_each(|row| csv.row(row));
        csv
    }
}
