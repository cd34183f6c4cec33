//! Results as inputs of the pictures in `plot`.
//!
//! Owns: titles, names of axes, which numbers of a result a picture shows; drawing itself is `show::plot`.
//! May use: result types of `analysis`, `model`, `show::plot`.
//! Must not: compute a result.
//! To add one: a file with a function from a result to the input of a picture, its lines below.

mod comparison;
mod discount;
mod family;
mod frontier;
mod goodhart;
mod matrix;
mod radius;
mod soft;

use crate::plot::{
    Action, Cell, Direction, GridMap, OccupancyBars, OccupancyCell, OccupancyGrid, OccupancyScale, Picture, StateCell,
    StateColumn, StateTable,
};
use truenorth::model::build::Cell as PictureCell;
use truenorth::model::{Mdp, Model};

pub use comparison::{POLYGON, diff, of_comparison, polygon};
pub use discount::gamma;
pub use family::cliff;
pub use frontier::frontier;
pub use goodhart::{goodhart, way};
pub use matrix::{Pairs, matrix};
pub use radius::RadiusMap;
pub use soft::soft;

/// Values and optimal actions on a model, to be drawn on its grid or as a table.
pub struct ValueMap<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Original index of each state the values are about.
    pub kept: &'a [usize],
    /// The model the values are about.
    pub mdp: &'a Mdp,
    /// Value of each state.
    pub v: &'a [f64],
    /// Rows that are optimal.
    pub optimal: &'a [bool],
    /// States to be outlined.
    pub outlined: &'a [bool],
    /// Title of the map.
    pub title: String,
}

impl ValueMap<'_> {
    fn place(&self, original: usize) -> Option<usize> {
        self.kept.binary_search(&original).ok()
    }

    fn actions(&self, s: usize) -> Vec<Action> {
        // Where nothing can be done any more, or everything is equally good, an arrow says nothing.
        if self.mdp.is_absorbing(s) {
            return Vec::new();
        }
        let rows = self.mdp.rows(s).filter(|&row| self.optimal[row]);
        rows.map(|row| action(&self.mdp.actions().name(self.mdp.action(row)))).collect()
    }

    fn grid(&self) -> Option<GridMap> {
        let cell = |cell: &PictureCell| {
            let s = cell.state.and_then(|s| self.place(s));
            Cell {
                state: cell.state.map(|s| self.model.mdp().states().name(s).into_owned()),
                letter: letter(cell.letter),
                value: s.map(|s| self.v[s]),
                actions: s.map_or_else(Vec::new, |s| self.actions(s)),
                outlined: s.is_some_and(|s| self.outlined[s]),
                wall: cell.state.is_none(),
            }
        };
        let (rows, columns, cells) = board(self.model, || Cell { wall: true, ..Cell::default() }, cell)?;
        Some(GridMap {
            title: self.title.clone(),
            rows,
            columns,
            cells,
            value_label: "optimal value V*(s)".into(),
            outline_label: "best action changed".into(),
        })
    }

    fn column(&self) -> StateColumn {
        let cells = (0..self.mdp.n_states())
            .map(|s| {
                let rows = self.mdp.rows(s).filter(|&row| self.optimal[row] && !self.mdp.is_absorbing(s));
                let actions = rows.map(|row| self.mdp.actions().name(self.mdp.action(row)).into_owned()).collect();
                StateCell { value: Some(self.v[s]), actions }
            })
            .collect();
        StateColumn { title: self.title.clone(), cells }
    }

    fn names(&self) -> Vec<String> {
        (0..self.mdp.n_states()).map(|s| self.mdp.states().name(s).into_owned()).collect()
    }

    /// One map.
    pub fn picture(&self) -> Box<dyn Picture> {
        match self.grid() {
            Some(grid) => Box::new(grid),
            None => Box::new(StateTable {
                title: String::new(),
                value_label: "optimal value V*(s)".into(),
                names: self.names(),
                changed: Vec::new(),
                changed_label: String::new(),
                columns: vec![self.column()],
            }),
        }
    }
}

/// Where a policy spends its time before its episodes end, or how much more of it than another: terminal states are
/// left blank.
pub struct Visits<'a> {
    /// The model.
    pub model: &'a Model,
    /// Discounted visits of each state, or the difference of two.
    pub occ_s: &'a [f64],
    /// Title of the picture.
    pub title: String,
    /// How visits are turned into colour.
    pub scale: OccupancyScale,
    /// Of a difference: whose visits are above zero, and whose below.
    pub sides: Option<[String; 2]>,
}

impl Visits<'_> {
    /// On the grid of the model, or as bars where it has none.
    pub fn picture(self) -> Box<dyn Picture> {
        let Visits { model, occ_s, title, scale, sides } = self;
        let label = match scale {
            OccupancyScale::Difference => "difference of discounted visits".to_owned(),
            OccupancyScale::Linear | OccupancyScale::Log => "discounted visits".to_owned(),
        };
        let (mdp, names) = (model.mdp(), model.mdp().states());
        let cell = |cell: &PictureCell| OccupancyCell {
            state: cell.state.map(|s| names.name(s).into_owned()),
            letter: letter(cell.letter),
            occ: cell.state.filter(|&s| !mdp.is_terminal(s)).map(|s| occ_s[s]),
            wall: cell.state.is_none(),
        };
        if let Some((rows, columns, cells)) =
            board(model, || OccupancyCell { wall: true, ..OccupancyCell::default() }, cell)
        {
            return Box::new(OccupancyGrid { title, rows, columns, cells, label, scale, sides });
        }
        let live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
        let states = live.map(|s| (names.name(s).into_owned(), occ_s[s])).collect();
        Box::new(OccupancyBars { title, states, top: 30, label, sides })
    }
}

/// Rows, columns and cells of a model's picture row by row, short rows filled up with `wall`.
fn board<T>(model: &Model, wall: impl Fn() -> T, cell: impl Fn(&PictureCell) -> T) -> Option<(usize, usize, Vec<T>)> {
    let grid = model.grid()?;
    let columns = grid.rows.iter().map(Vec::len).max()?;
    let row = |row: &Vec<PictureCell>| (0..columns).map(|i| row.get(i).map_or_else(&wall, &cell)).collect::<Vec<T>>();
    Some((grid.rows.len(), columns, grid.rows.iter().flat_map(row).collect()))
}

fn letter(c: char) -> String {
    match c {
        ' ' | '#' | '.' => String::new(),
        c => c.to_string(),
    }
}

/// An arrow for the usual names of moves, the name itself for the rest.
fn action(name: &str) -> Action {
    match name.to_lowercase().as_str() {
        "up" | "north" | "n" => Action::Move(Direction::Up, name.to_owned()),
        "down" | "south" | "s" => Action::Move(Direction::Down, name.to_owned()),
        "left" | "west" | "w" => Action::Move(Direction::Left, name.to_owned()),
        "right" | "east" | "e" => Action::Move(Direction::Right, name.to_owned()),
        "stay" | "noop" | "wait" => Action::Move(Direction::Stay, name.to_owned()),
        _ => Action::Named(name.to_owned()),
    }
}
