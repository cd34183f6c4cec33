//! Results as inputs of the pictures in `plot`.
//!
//! Owns: titles, names of axes, which numbers of a result a picture shows; drawing itself is `show::plot`.
//! May use: result types of `analysis`, `model`, `show::plot`.
//! Must not: compute a result.
//! To add one: a file with a function from a result to the input of a picture, its lines below.

mod comparison;
mod family;
mod frontier;
mod soft;

use crate::model::{Mdp, Model};
use crate::show::plot::{
    Action, Cell, Direction, GridMap, OccupancyBars, OccupancyCell, OccupancyGrid, OccupancyScale, Picture, StateCell,
    StateColumn, StateTable,
};

pub use comparison::{POLYGON, diff, of_comparison, polygon, sweep};
pub use family::cliff;
pub use frontier::frontier;
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
        let grid = self.model.grid()?;
        let columns = grid.rows.iter().map(Vec::len).max()?;
        let mut cells = Vec::new();
        for row in &grid.rows {
            for column in 0..columns {
                let Some(cell) = row.get(column) else {
                    cells.push(Cell { wall: true, ..Cell::default() });
                    continue;
                };
                let s = cell.state.and_then(|s| self.place(s));
                cells.push(Cell {
                    state: cell.state.map(|s| self.model.mdp().states().name(s).into_owned()),
                    letter: letter(cell.letter),
                    value: s.map(|s| self.v[s]),
                    actions: s.map_or_else(Vec::new, |s| self.actions(s)),
                    outlined: s.is_some_and(|s| self.outlined[s]),
                    wall: cell.state.is_none(),
                });
            }
        }
        Some(GridMap {
            title: self.title.clone(),
            rows: grid.rows.len(),
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
        if let Some(grid) = model.grid()
            && let Some(columns) = grid.rows.iter().map(Vec::len).max()
        {
            let cell = |row: &Vec<crate::model::build::Cell>, i: usize| match row.get(i) {
                None => OccupancyCell { wall: true, ..OccupancyCell::default() },
                Some(cell) => OccupancyCell {
                    state: cell.state.map(|s| names.name(s).into_owned()),
                    letter: letter(cell.letter),
                    occ: cell.state.filter(|&s| !mdp.is_terminal(s)).map(|s| occ_s[s]),
                    wall: cell.state.is_none(),
                },
            };
            let cells = grid.rows.iter().flat_map(|row| (0..columns).map(move |i| cell(row, i))).collect();
            return Box::new(OccupancyGrid { title, rows: grid.rows.len(), columns, cells, label, scale, sides });
        }
        let live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
        let states = live.map(|s| (names.name(s).into_owned(), occ_s[s])).collect();
        Box::new(OccupancyBars { title, states, top: 30, label, sides })
    }
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
        "up" | "north" | "n" => Action::Move(Direction::Up),
        "down" | "south" | "s" => Action::Move(Direction::Down),
        "left" | "west" | "w" => Action::Move(Direction::Left),
        "right" | "east" | "e" => Action::Move(Direction::Right),
        "stay" | "noop" | "wait" => Action::Move(Direction::Stay),
        _ => Action::Named(name.to_owned()),
    }
}
