//! Results as inputs of the pictures in `plot`.

use crate::analysis::compare::{Comparison, Sweep};
use crate::analysis::regret::Polygon;
use crate::model::{Mdp, Model};
use crate::show::plot::{
    Action, Cell, Chord, Cliff, Direction, GridDiff, GridMap, OccupancyBars, OccupancyCell, OccupancyGrid,
    OccupancyScale, Options, Picture, Placement, PlotError, Point, ReturnPolygon, Series, StateCell, StateColumn,
    StateTable, SweepPoint,
};
use crate::show::report::Figure;

/// Name of the figure that goes with the regret table.
pub const POLYGON: &str = "return-polygon";

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

/// Two maps side by side, changed states outlined.
pub fn diff(c: &Comparison) -> Box<dyn Picture> {
    let mut outlined = vec![false; c.mdp.n_states()];
    c.changed.iter().for_each(|change| outlined[change.state] = true);
    let map = |range: &'_ crate::analysis::returns::ReturnRange, title: String| {
        let map = ValueMap {
            model: &c.model,
            kept: &c.kept,
            mdp: &c.mdp,
            v: &range.best.v,
            optimal: &range.best.optimal,
            outlined: &outlined,
            title,
        };
        (map.grid(), map.column(), map.names())
    };
    let truth = map(&c.truth_range, format!("truth: {}", c.truth.text));
    let proxy = map(&c.proxy_range, format!("proxy: {}", c.proxy.text));
    let title = format!("{}: what each reward wants", c.model.name());
    match (truth.0, proxy.0) {
        (Some(left), Some(right)) => Box::new(GridDiff { title, left, right }),
        _ => Box::new(StateTable {
            title,
            value_label: "optimal value V*(s)".into(),
            names: truth.2,
            changed: outlined,
            changed_label: "best action changed".into(),
            columns: vec![truth.1, proxy.1],
        }),
    }
}

/// The return polygon with the worst case and both optima.
pub fn polygon(c: &Comparison, polygon: &Polygon) -> ReturnPolygon {
    let point = |truth, proxy| Point { truth, proxy };
    let w = &c.regret.worst_case.witness;
    let noticeable = c.regret.worst_case.normalised.value > 1e-9;
    let (better, worse) = (w.better_returns, w.worse_returns);
    let chord = Chord {
        from: point(better.0.value, better.1.value),
        to: point(worse.0.value, worse.1.value),
        name: "worst-case regret".into(),
    };
    let lucky = &c.regret.proxy_optimal;
    let best = c.proxy_range.max.value;
    let mut proxy_optima = vec![point(lucky.worst_return.value, best)];
    if lucky.worst.value - lucky.best.value > 1e-9 * c.truth_range.rho.value {
        proxy_optima.push(point(lucky.best_return.value, best));
    }
    let back = &c.regret_reverse.proxy_optimal;
    let best = c.truth_range.max.value;
    let mut truth_optima = vec![point(best, back.worst_return.value)];
    if back.worst.value - back.best.value > 1e-9 * c.proxy_range.rho.value {
        truth_optima.push(point(best, back.best_return.value));
    }
    ReturnPolygon {
        title: "Every policy's return under both rewards".into(),
        truth_label: format!("return in truth: {}", c.truth.text),
        proxy_label: format!("return in proxy: {}", c.proxy.text),
        vertices: polygon.vertices.iter().map(|v| point(v[0], v[1])).collect(),
        chord: noticeable.then_some(chord),
        truth_optima,
        proxy_optima,
        reference: None,
        path: Vec::new(),
        path_label: String::new(),
    }
}

/// True return along a family of proxies.
pub fn sweep(truth: &str, sweep: &Sweep) -> crate::show::plot::Sweep {
    let point = |x: f64, b: crate::base::Bounded, lo: f64, hi: f64| SweepPoint { x, value: b.value, lo, hi };
    // The band is what ties leave open; bounds of the numbers themselves are too narrow to be seen.
    let points = sweep
        .points
        .iter()
        .map(|p| point(p.x, p.worst, p.worst.value.min(p.best.value), p.best.value.max(p.worst.value)));
    let cliff = sweep.cliff.map(|cliff| {
        let (from, to) = (&sweep.points[cliff.before], &sweep.points[cliff.before + 1]);
        Cliff { x0: from.x, x1: to.x, y0: from.worst.value, y1: to.worst.value }
    });
    crate::show::plot::Sweep {
        title: format!("What optimising {} earns", sweep.spec.linear.text),
        x_label: format!("x in {}", sweep.spec.linear.text),
        y_label: format!("return in truth: {truth}"),
        truth: Series { name: "proxy-optimal policy".into(), points: points.collect() },
        second: None,
        cliff,
    }
}

/// Where a policy spends its time before its episodes end: terminal states are left blank.
pub fn occupancy(model: &Model, occ_s: &[f64], title: String, scale: OccupancyScale) -> Box<dyn Picture> {
    let label = "discounted visits".to_owned();
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
        return Box::new(OccupancyGrid { title, rows: grid.rows.len(), columns, cells, label, scale, sides: None });
    }
    let live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
    let states = live.map(|s| (names.name(s).into_owned(), occ_s[s])).collect();
    Box::new(OccupancyBars { title, states, top: 30, label, sides: None })
}

/// All figures of a comparison, ready for a page. What cannot be drawn is left out.
pub fn of_comparison(c: &Comparison) -> Result<Vec<Figure>, PlotError> {
    let options = Options { placement: Placement::Inline, ..Options::default() };
    let mut figures = vec![Figure::new(
        "policy-maps",
        diff(c).svg(&options)?,
        format!("Optimal values and actions under {} and {}", c.truth.text, c.proxy.text),
        "Optimal values and actions under each reward; outlined states share no best action.",
    )];
    if let Some(p) = &c.polygon {
        figures.push(Figure::new(
            POLYGON,
            polygon(c, p).svg(&options)?,
            "Convex polygon of all pairs of returns",
            "Every policy is a point of this polygon. The chord is the largest loss in truth among points that do not lose in proxy.",
        ));
    }
    if let Some(s) = &c.sweep {
        figures.push(Figure::new(
            "sweep",
            sweep(&c.truth.text, s).svg(&options)?,
            format!("True return of the proxy-optimal policy along {}", s.spec.linear.text),
            "True return earned by the policy that is optimal for the proxy, worst over ties.",
        ));
    }
    Ok(figures)
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
