//! Distances between states.

use crate::base::{Code, Diag, Interval, Result};
use crate::model::{Mdp, Model};

/// Most states of a table of distances: the triangle inequality is checked for every three of them.
const TABLE: usize = 400;

/// A metric on the states of a model.
#[derive(Clone, Debug)]
pub struct Metric {
    shape: Shape,
    /// In words.
    pub words: String,
}

#[derive(Clone, Debug)]
enum Shape {
    /// Positions on a line.
    Line(Vec<f64>),
    /// Points, and the sum of the differences of their coordinates.
    Points(Vec<Vec<f64>>),
    /// One number a pair.
    Table(Vec<Vec<f64>>),
}

impl Metric {
    /// Steps from cell to cell of the picture of a model: Manhattan distance. Every state needs a cell of its own.
    pub fn grid(model: &Model) -> Result<Self> {
        let Some(grid) = model.grid() else {
            return Diag::new(Code::WrongShape, format!("the model `{}` has no grid", model.name()))
                .expected("a `[grid]` in the model file")
                .help("`line` puts the states one apart in their order; a file can name positions or distances")
                .err();
        };
        let mut points = vec![None; model.mdp().n_states()];
        for (y, row) in grid.rows.iter().enumerate() {
            for (x, cell) in row.iter().enumerate() {
                if let Some(s) = cell.state {
                    points[s] = Some(vec![x as f64, y as f64]);
                }
            }
        }
        let reached = |s: &usize| model.mdp().is_reachable(*s);
        if let Some(s) = (0..points.len()).filter(reached).find(|&s| points[s].is_none()) {
            let name = model.mdp().states().name(s).into_owned();
            return Diag::new(Code::WrongShape, format!("the state `{name}` has no cell in the grid"))
                .expected("a cell for every state that can be reached")
                .help("give distances in a file instead")
                .err();
        }
        // States that cannot be reached are left out before distances are asked for.
        let points = points.into_iter().map(Option::unwrap_or_default).collect();
        Ok(Metric { shape: Shape::Points(points), words: "steps on the grid".into() })
    }

    /// States one apart, in their order.
    pub fn line_of_states(mdp: &Mdp) -> Self {
        let positions = (0..mdp.n_states()).map(|s| s as f64).collect();
        Metric { shape: Shape::Line(positions), words: "states one apart on a line".into() }
    }

    /// States at positions on a line.
    pub fn line(mdp: &Mdp, positions: Vec<f64>) -> Result<Self> {
        check_length(mdp, positions.len(), "positions")?;
        let mut order: Vec<usize> = (0..positions.len()).collect();
        order.sort_by(|&s, &t| positions[s].total_cmp(&positions[t]));
        if let Some(pair) = order.windows(2).find(|pair| positions[pair[0]] >= positions[pair[1]]) {
            return same_place(mdp, pair[0], pair[1]).err();
        }
        Ok(Metric { shape: Shape::Line(positions), words: "positions on a line".into() })
    }

    /// States at points; the distance is the sum of the differences of coordinates.
    pub fn points(mdp: &Mdp, points: Vec<Vec<f64>>) -> Result<Self> {
        check_length(mdp, points.len(), "points")?;
        let dimension = points.first().map_or(0, Vec::len);
        if let Some(s) = points.iter().position(|point| point.len() != dimension) {
            let (n, name) = (points[s].len(), mdp.states().name(s));
            return Diag::new(Code::WrongShape, format!("the point of state `{name}` has {n} coordinates"))
                .expected(format!("{dimension}, as many as the first"))
                .err();
        }
        let mut order: Vec<usize> = (0..points.len()).collect();
        let compare = |s: usize, t: usize| {
            let pairs = points[s].iter().zip(&points[t]);
            pairs.map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        };
        order.sort_by(|&s, &t| compare(s, t));
        if let Some(pair) = order.windows(2).find(|pair| points[pair[0]] == points[pair[1]]) {
            return same_place(mdp, pair[0], pair[1]).err();
        }
        Ok(Metric { shape: Shape::Points(points), words: "sum of the differences of coordinates".into() })
    }

    /// A table of distances: checked to be a metric.
    pub fn table(mdp: &Mdp, table: Vec<Vec<f64>>) -> Result<Self> {
        let n = mdp.n_states();
        check_length(mdp, table.len(), "rows of distances")?;
        table.iter().try_for_each(|row| check_length(mdp, row.len(), "distances in a row"))?;
        if n > TABLE {
            return Diag::new(Code::TooLarge, format!("a table of distances between {n} states is too large"))
                .expected(format!("at most {TABLE} states"))
                .help("give positions or points instead")
                .err();
        }
        let name = |s: usize| mdp.states().name(s).into_owned();
        for s in 0..n {
            for t in 0..n {
                let d = table[s][t];
                if s == t && d != 0.0 || s != t && (d <= 0.0 || d != table[t][s]) {
                    let message = format!("the distance from `{}` to `{}` is {d}", name(s), name(t));
                    return Diag::new(Code::BadNumber, message)
                        .expected(
                            "0 from a state to itself, else a number above 0 that is the same the other way round",
                        )
                        .err();
                }
                // A sum of two distances may be rounded down.
                let longer = |u: &usize| d > (table[s][*u] + table[*u][t]) * (1.0 + 4.0 * f64::EPSILON);
                if let Some(u) = (0..n).find(longer) {
                    let message = format!("from `{}` to `{}` it is shorter by way of `{}`", name(s), name(t), name(u));
                    return Diag::new(Code::BadNumber, message)
                        .expected("distances that obey the triangle inequality")
                        .err();
                }
            }
        }
        Ok(Metric { shape: Shape::Table(table), words: "distances of the file".into() })
    }

    /// The metric on some of the states.
    pub fn restricted(&self, kept: &[usize]) -> Self {
        let shape = match &self.shape {
            Shape::Line(x) => Shape::Line(kept.iter().map(|&s| x[s]).collect()),
            Shape::Points(x) => Shape::Points(kept.iter().map(|&s| x[s].clone()).collect()),
            Shape::Table(x) => Shape::Table(kept.iter().map(|&s| kept.iter().map(|&t| x[s][t]).collect()).collect()),
        };
        Metric { shape, words: self.words.clone() }
    }

    /// Distance of two states.
    pub fn d(&self, s: usize, t: usize) -> f64 {
        match &self.shape {
            Shape::Line(x) => (x[s] - x[t]).abs(),
            Shape::Points(x) => x[s].iter().zip(&x[t]).map(|(x, y)| (x - y).abs()).sum(),
            Shape::Table(x) => x[s][t],
        }
    }

    /// The same with its rounding: differences of doubles, and their sum.
    pub(super) fn within(&self, s: usize, t: usize) -> Interval {
        let difference = |x: f64, y: f64| (Interval::point(x) - Interval::point(y)).abs();
        match &self.shape {
            Shape::Line(x) => difference(x[s], x[t]),
            Shape::Points(x) => {
                x[s].iter().zip(&x[t]).fold(Interval::point(0.0), |sum, (x, y)| sum + difference(*x, *y))
            }
            Shape::Table(x) => Interval::point(x[s][t]),
        }
    }

    /// Positions, where states lie on a line.
    pub(super) fn positions(&self) -> Option<&[f64]> {
        match &self.shape {
            Shape::Line(x) => Some(x),
            _ => None,
        }
    }
}

fn check_length(mdp: &Mdp, n: usize, what: &str) -> Result<()> {
    if n == mdp.n_states() {
        return Ok(());
    }
    Diag::new(Code::WrongShape, format!("the metric has {n} {what}"))
        .expected(format!("{}, one for each of the states", mdp.n_states()))
        .err()
}

fn same_place(mdp: &Mdp, s: usize, t: usize) -> Diag {
    let [x, y] = [s, t].map(|s| mdp.states().name(s).into_owned());
    Diag::new(Code::BadNumber, format!("the states `{x}` and `{y}` are in one place"))
        .expected("a distance above 0 between different states")
}
