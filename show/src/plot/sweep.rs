//! The sweep picture: what a changing weight in the proxy does to the true return, with the cliff marked.

use super::axis::{self, Axis, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, Color, GREEN, VERMILLION, WARNING};
use super::csv::Csv;
use super::curve::{self, Look, Series};
use super::font;
use super::legend::{Key, Legend, Mark, SIZE};
use super::scene::{Anchor, Scene, Stroke};
use super::{Options, Picture, PlotError, finite};

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
    fn series(&self) -> impl Iterator<Item = (&Series, Look)> {
        let second = self.second.iter().map(|s| (s, Look::new(GREEN, Mark::Square)));
        std::iter::once((&self.truth, Look::new(BLUE, Mark::Disc))).chain(second)
    }

    fn check(&self) -> Result<(), PlotError> {
        self.series().try_for_each(|(series, _)| series.check())?;
        for value in self.cliff.iter().flat_map(|c| [c.x0, c.x1, c.y0, c.y1]) {
            finite(|| "the cliff".into(), value)?;
        }
        Ok(())
    }

    fn legend(&self) -> Vec<(Key, String)> {
        let mut out: Vec<(Key, String)> = self.series().map(|(s, look)| (look.key(), s.name.clone())).collect();
        if self.series().any(|(s, _)| s.has_band()) {
            out.push((Key::Patch(curve::band_paint()), "bounds".into()));
        }
        out
    }
}

impl Picture for Sweep {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let xs = self.series().flat_map(|(s, _)| s.points.iter().map(|p| p.x));
        let ys = self.series().flat_map(|(s, _)| s.points.iter().flat_map(|p| [p.value, p.lo, p.hi]));
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
                curve::upright(&mut scene, &frame, x, Stroke::dashed(VERMILLION, 1.0, 3.0, 3.0));
            }
        }
        for (series, look) in self.series() {
            curve::draw(&mut scene, &frame, series, look, [curve::straight; 2]);
        }
        let legend = Legend::new(self.legend(), width - MARGIN - frame.x);
        let y = frame.y + frame.h + Frame::below(&self.x_label) + 8.0;
        legend.draw(&mut scene, (frame.x, y));
        Ok(scene.finish(y + legend.height() + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["series", "x", "value", "lo", "hi"]);
        for (series, _) in self.series() {
            for p in &series.points {
                csv.row([(&series.name).into(), p.x.into(), p.value.into(), p.lo.into(), p.hi.into()]);
            }
        }
        csv
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
    scene.text((middle, y), Anchor::Middle, size, WARNING, words);
}
