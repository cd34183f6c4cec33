//! The sweep picture: what a changing weight in the proxy does to the true return, with the cliff marked.

use super::axis::{self, Axis, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, Color, INK, Rgb, VERMILLION, mix};
use super::font;
use super::legend::{Key, Legend, Mark, SIZE, mark};
use super::scene::{Anchor, Scene, Stroke, Xy};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most points of one series.
const MAX_POINTS: usize = 20_000;
/// With more points than this, marks would hide the line.
const MARKS_UP_TO: usize = 60;
const SECOND: Rgb = Rgb(0x00, 0x9e, 0x73);

/// One point of a series: a value with its bounds (equal where it is exact).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SweepPoint {
    /// The swept parameter.
    pub x: f64,
    /// The value drawn on the line.
    pub value: f64,
    /// Lower end of the band.
    pub lo: f64,
    /// Upper end of the band.
    pub hi: f64,
}

/// A named line with its band.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name for the legend.
    pub name: String,
    /// Points in any order; they are joined by ascending `x`.
    pub points: Vec<SweepPoint>,
}

/// The largest drop: between `x0` and `x1` the first series falls from `y0` to `y1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cliff {
    /// Last parameter before the drop.
    pub x0: f64,
    /// First parameter after it.
    pub x1: f64,
    /// Value at `x0`.
    pub y0: f64,
    /// Value at `x1`.
    pub y1: f64,
}

/// A curve over one parameter of the proxy, an optional second curve on the same scale, and the cliff.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// What the picture shows.
    pub title: String,
    /// Name of the parameter, as `x in goal - x*step`.
    pub x_label: String,
    /// Name of the vertical axis.
    pub y_label: String,
    /// The true return.
    pub truth: Series,
    /// A second series, such as the proxy return normalised to the same scale.
    pub second: Option<Series>,
    /// The cliff, drawn as a band with its two values above the plot.
    pub cliff: Option<Cliff>,
}

impl Sweep {
    fn series(&self) -> impl Iterator<Item = (&Series, Rgb, Mark)> {
        let second = self.second.iter().map(|s| (s, SECOND, Mark::Square));
        std::iter::once((&self.truth, BLUE, Mark::Disc)).chain(second)
    }

    fn check(&self) -> Result<(), PlotError> {
        for (series, _, _) in self.series() {
            if series.points.is_empty() {
                return Err(PlotError::Empty { what: format!("the series {}", series.name) });
            }
            at_most("a series", series.points.len(), MAX_POINTS)?;
            for p in &series.points {
                for value in [p.x, p.value, p.lo, p.hi] {
                    finite(|| format!("a point of {}", series.name), value)?;
                }
            }
        }
        for value in self.cliff.iter().flat_map(|c| [c.x0, c.x1, c.y0, c.y1]) {
            finite(|| "the cliff".into(), value)?;
        }
        Ok(())
    }

    fn legend(&self) -> Vec<(Key, String)> {
        let mut out: Vec<(Key, String)> =
            self.series().map(|(s, colour, mark)| (Key::Line(mark, colour), s.name.clone())).collect();
        if self.series().any(|(s, _, _)| s.points.iter().any(|p| axis::has_width(p.lo, p.hi))) {
            let band = mix(BLUE, INK, 0.2).mix(0.2);
            out.push((Key::Patch(band), "bounds".into()));
        }
        out
    }
}

impl Picture for Sweep {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let xs = self.series().flat_map(|(s, _, _)| s.points.iter().map(|p| p.x));
        let ys = self.series().flat_map(|(s, _, _)| s.points.iter().flat_map(|p| [p.value, p.lo, p.hi]));
        // INVARIANT: check() refused empty series, so both extents exist; (0, 1) is never used.
        let (x0, x1) = extent(xs.chain(self.cliff.iter().flat_map(|c| [c.x0, c.x1]))).unwrap_or((0.0, 1.0));
        let (y0, y1) = extent(ys.chain(self.cliff.iter().flat_map(|c| [c.y0, c.y1]))).unwrap_or((0.0, 1.0));
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, width - 2.0 * MARGIN);
        title.draw(&mut scene, (MARGIN, MARGIN));
        // The cliff's words get a strip of their own above the plot, where no line can run through them.
        let strip = if self.cliff.is_some() { SIZE + 8.0 } else { 0.0 };
        let height = (width * 0.46).clamp(180.0, 440.0);
        let across = Axis::padded(x0, x1, (width / 95.0) as usize);
        let up = Axis::padded(y0, y1, 5);
        let note = if up.note.is_some() && strip > 0.0 { 4.0 } else { 0.0 };
        let top = MARGIN + title.height() + strip + note;
        let frame = Frame::new(width, top, height, across, up, &self.y_label);
        if let Some(cliff) = &self.cliff {
            band(&mut scene, &frame, cliff, MARGIN + title.height() + strip / 2.0, width);
        }
        frame.draw(&mut scene, &self.x_label, &self.y_label);
        if let Some(cliff) = &self.cliff {
            for x in [cliff.x0, cliff.x1] {
                let x = frame.place((x, frame.up.lo)).0;
                let line = vec![(x, frame.y), (x, frame.y + frame.h)];
                scene.path(line, Stroke::dashed(VERMILLION, 1.0, 3.0, 3.0));
            }
        }
        for (series, colour, kind) in self.series() {
            line(&mut scene, &frame, series, colour, kind);
        }
        let legend = Legend::new(self.legend(), width - MARGIN - frame.x);
        let y = frame.y + frame.h + Frame::below(&self.x_label) + 8.0;
        legend.draw(&mut scene, (frame.x, y));
        Ok(scene.finish(y + legend.height() + MARGIN))
    }
}

/// The shaded band of the cliff and its words, centred above it as far as the picture allows.
fn band(scene: &mut Scene, frame: &Frame, cliff: &Cliff, y: f64, width: f64) {
    let (a, b) = (frame.place((cliff.x0, 0.0)).0, frame.place((cliff.x1, 0.0)).0);
    let (left, right) = (a.min(b), a.max(b));
    let fill = VERMILLION.mix(0.14);
    scene.rect((left, frame.y), ((right - left).max(2.0), frame.h), fill);
    let (from, to) = axis::pair(cliff.y0, cliff.y1);
    let (words, size) = font::fit(&format!("cliff: {from} → {to}"), SIZE, width - 2.0 * MARGIN);
    let half = font::width(&words, size) / 2.0;
    let middle = ((left + right) / 2.0).clamp(MARGIN + half, (width - MARGIN - half).max(MARGIN + half));
    scene.text((middle, y), Anchor::Middle, size, Rgb(0xa8, 0x48, 0x00), words);
}

fn line(scene: &mut Scene, frame: &Frame, series: &Series, colour: Rgb, kind: Mark) {
    let mut points = series.points.clone();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    if points.iter().any(|p| axis::has_width(p.lo, p.hi)) {
        let upper = points.iter().map(|p| frame.place((p.x, p.hi)));
        let lower = points.iter().rev().map(|p| frame.place((p.x, p.lo)));
        scene.polygon(upper.chain(lower).collect(), colour.mix(0.2));
    }
    let places: Vec<Xy> = points.iter().map(|p| frame.place((p.x, p.value))).collect();
    scene.path(places.clone(), Stroke::solid(colour, 2.0));
    if places.len() <= MARKS_UP_TO {
        for &p in &places {
            mark(scene, kind, p, 3.4, colour);
        }
    }
}
