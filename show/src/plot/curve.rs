//! Lines over a parameter, with their marks: what the charts of curves share.

use super::axis::{Axis, extent};
use super::chart::Frame;
use super::colour::Rgb;
use super::font;
use super::legend::{Key, Mark, SIZE, mark};
use super::scene::{Anchor, Scene, Stroke, Xy};
use super::{PlotError, at_most, finite};

/// Most points of one series.
const MAX_POINTS: usize = 20_000;
/// With more points than this, marks would hide the line.
const MARKS_UP_TO: usize = 60;
/// Radius of the marks on a line.
const RADIUS: f64 = 3.4;
/// Most rows of words above a chart.
const MAX_NOTE_ROWS: usize = 3;
/// Height of a row of words above a chart.
const NOTE_ROW: f64 = SIZE + 4.0;

/// One point of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// The parameter.
    pub x: f64,
    /// The value drawn on the line.
    pub value: f64,
}

impl CurvePoint {
    /// A value at a place.
    pub fn new(x: f64, value: f64) -> Self {
        CurvePoint { x, value }
    }
}

/// A named line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Name for the legend.
    pub name: String,
    /// Points in any order, joined by ascending `x`; in the order of the way where the series is one.
    pub points: Vec<CurvePoint>,
}

impl Series {
    /// Checks that there are points and that all of them can be drawn.
    pub(super) fn check(&self) -> Result<(), PlotError> {
        if self.points.is_empty() {
            return Err(PlotError::Empty { what: format!("the series {}", self.name) });
        }
        at_most("a series", self.points.len(), MAX_POINTS)?;
        for p in &self.points {
            for value in [p.x, p.value] {
                finite(|| format!("a point of {}", self.name), value)?;
            }
        }
        Ok(())
    }

    /// As [`Series::check`], for a logarithmic axis: what it shows must be above 0.
    pub(super) fn check_positive(&self, of: fn(&CurvePoint) -> f64) -> Result<(), PlotError> {
        self.check()?;
        match self.points.iter().map(of).find(|x| *x <= 0.0) {
            Some(value) => Err(PlotError::NotPositive { what: format!("a point of {}", self.name), value }),
            None => Ok(()),
        }
    }
}

/// The look of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub stroke: Stroke,
    pub mark: Option<Mark>,
}

impl Look {
    pub(super) fn new(colour: Rgb, mark: Mark) -> Self {
        Look { stroke: Stroke::solid(colour, 2.0), mark: Some(mark) }
    }

    /// A line without marks, for a bound or a level.
    pub(super) fn dashed(colour: Rgb) -> Self {
        Look { stroke: Stroke::dashed(colour, 1.5, 5.0, 3.5), mark: None }
    }

    /// How the legend shows it.
    pub(super) fn key(self) -> Key {
        self.mark.map_or(Key::Rule(self.stroke), |mark| Key::Line(mark, self.stroke))
    }
}

/// An axis whose places are a function of the data, such as their logarithms.
pub(super) type Warp = fn(f64) -> f64;

/// As they are.
pub(super) fn straight(x: f64) -> f64 {
    x
}

/// By powers of ten; numbers that are not above 0 must have been refused.
pub(super) fn decades(x: f64) -> f64 {
    x.log10()
}

/// Draws a series by ascending `x`: its line and its marks.
pub(super) fn draw(scene: &mut Scene, frame: &Frame, series: &Series, look: Look, warps: [Warp; 2]) {
    let mut sorted = series.clone();
    sorted.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    draw_way(scene, frame, &sorted, look, warps);
}

/// Draws a series as the way its points are listed in, which may turn back along the horizontal axis.
pub(super) fn draw_way(scene: &mut Scene, frame: &Frame, series: &Series, look: Look, [across, up]: [Warp; 2]) {
    let points = &series.points;
    let colour = look.stroke.colour;
    let place = |x: f64, y: f64| frame.place((across(x), up(y)));
    let places: Vec<Xy> = points.iter().map(|p| place(p.x, p.value)).collect();
    scene.path(places.clone(), look.stroke);
    if let (true, Some(kind)) = (places.len() <= MARKS_UP_TO, look.mark) {
        places.iter().for_each(|&p| mark(scene, kind, p, RADIUS, colour));
    }
}

/// An upright line through the whole plot area.
pub(super) fn upright(scene: &mut Scene, frame: &Frame, x: f64, stroke: Stroke) {
    let x = frame.place((x, frame.up.lo)).0;
    scene.path(vec![(x, frame.y), (x, frame.y + frame.h)], stroke);
}

/// The horizontal axis over some values of a parameter, linear or by powers of ten.
pub(super) fn across(values: impl IntoIterator<Item = f64>, warp: Warp, is_log: bool, width: f64) -> Axis {
    let (lo, hi) = extent(values.into_iter().map(warp)).unwrap_or((0.0, 1.0));
    let target = (width / 95.0) as usize;
    if is_log { Axis::decades(lo, hi, target) } else { Axis::padded(lo, hi, target) }
}

/// Words above a chart that belong to places along its horizontal axis, in rows so that none covers another.
pub(super) struct Notes {
    rows: Vec<Vec<(f64, f64, String, Rgb)>>,
}

impl Notes {
    /// Lays out words, each given with its place, within [left, right]; later ones lose when there is no room.
    pub(super) fn new(words: Vec<(f64, String, Rgb)>, left: f64, right: f64) -> Self {
        let mut rows: Vec<Vec<(f64, f64, String, Rgb)>> = Vec::new();
        for (x, text, colour) in words {
            let (text, size) = font::fit(&text, SIZE, right - left);
            let half = font::width(&text, size) / 2.0;
            let middle = x.clamp(left + half, (right - half).max(left + half));
            let is_free = |row: &Vec<(f64, f64, String, Rgb)>| {
                row.iter().all(|(m, s, t, _)| (m - middle).abs() > half + font::width(t, *s) / 2.0 + 8.0)
            };
            let k = rows.iter().position(is_free).unwrap_or(rows.len());
            if k == rows.len() && k < MAX_NOTE_ROWS {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.get_mut(k) {
                row.push((middle, size, text, colour));
            }
        }
        Notes { rows }
    }

    /// Height of all rows with the space below them.
    pub(super) fn height(&self) -> f64 {
        if self.rows.is_empty() { 0.0 } else { self.rows.len() as f64 * NOTE_ROW + 4.0 }
    }

    /// Draws the rows from `top` downwards, the first row at the bottom, next to the chart.
    pub(super) fn draw(self, scene: &mut Scene, top: f64) {
        let n = self.rows.len();
        for (k, row) in self.rows.into_iter().enumerate() {
            let y = top + (n - 1 - k) as f64 * NOTE_ROW + NOTE_ROW / 2.0;
            for (middle, size, text, colour) in row {
                scene.text((middle, y), Anchor::Middle, size, colour, text);
            }
        }
    }
}
