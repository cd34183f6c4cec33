//! The Goodhart curve: proxy and true return while the proxy is optimised, where truth is greatest, what is lost
//! beyond, and where a careful optimiser stops.

use super::axis::{self, Axis, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, Color, GREEN, INK, Rgb, VERMILLION, WARNING};
use super::csv::{Csv, Field};
use super::curve::{self, CurvePoint, Look, Notes, Series};
use super::legend::{Key, Legend, Mark, arrow, mark};
use super::scene::{Scene, Stroke};
use super::{Options, Picture, PlotError, finite};

/// A policy on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoodhartPoint {
    /// How far the proxy has been optimised.
    pub x: f64,
    /// Return under the proxy.
    pub proxy: f64,
    /// Return in truth.
    pub truth: f64,
}

/// Where to stop, and for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Place on the horizontal axis.
    pub x: f64,
    /// Why there, as `safe for every truth within 20°`.
    pub name: String,
}

/// Proxy and true return along a path of optimisation, on one scale.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GoodhartCurve {
    /// What the picture shows.
    pub title: String,
    /// What the horizontal axis counts.
    pub x_label: String,
    /// What the vertical axis is, as `share of the return range`.
    pub y_label: String,
    /// The way, from its start on; it may turn back along the horizontal axis.
    pub points: Vec<GoodhartPoint>,
    /// Which of them is where the truth is greatest.
    pub peak: Option<usize>,
    /// The stopping point, if there is one.
    pub stop: Option<Stop>,
    /// Why the way goes no further than its last point, if that is not its end: then nothing is said of a peak, a drop and
    /// a stopping point.
    pub unfinished: Option<String>,
}

/// Where a way broke off.
fn broken_off() -> Stroke {
    Stroke::dashed(INK, 1.5, 1.5, 2.5)
}

impl GoodhartCurve {
    fn line(&self, name: &str, y: impl Fn(&GoodhartPoint) -> f64) -> Series {
        Series { name: name.into(), points: self.points.iter().map(|p| CurvePoint::new(p.x, y(p))).collect() }
    }

    /// The point where truth is greatest, and the end of the way.
    fn peak_and_end(&self) -> Option<(GoodhartPoint, GoodhartPoint)> {
        let (peak, end) = (self.points.get(self.peak?)?, self.last()?);
        self.unfinished.is_none().then_some((*peak, *end))
    }

    /// The point the way came to.
    fn last(&self) -> Option<&GoodhartPoint> {
        self.points.last()
    }

    /// The stopping point of a finished way.
    fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref().filter(|_| self.unfinished.is_none())
    }

    /// What truth loses after its peak, if it can be seen.
    fn drop(&self) -> Option<(GoodhartPoint, GoodhartPoint)> {
        let (lo, hi) = extent(self.points.iter().map(|p| p.truth))?;
        self.peak_and_end().filter(|(peak, end)| peak.truth - end.truth > 1e-3 * (hi - lo))
    }
}

impl Picture for GoodhartCurve {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        let lines = [
            (self.line("proxy return", |p| p.proxy), Look::new(GREEN, Mark::Square)),
            (self.line("true return", |p| p.truth), Look::new(BLUE, Mark::Disc)),
        ];
        lines.iter().try_for_each(|(series, _)| series.check())?;
        if let Some(stop) = self.stop() {
            finite(|| "the stopping point".into(), stop.x)?;
        }
        let inner = width - 2.0 * MARGIN;
        let xs = self.points.iter().map(|p| p.x).chain(self.stop().map(|s| s.x));
        let across = curve::across(xs, curve::straight, false, width);
        let (y0, y1) = extent(self.points.iter().flat_map(|p| [p.proxy, p.truth])).unwrap_or((0.0, 1.0));
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let height = (width * 0.46).clamp(180.0, 440.0);
        let mut frame = Frame::new(width, 0.0, height, across, Axis::padded(y0, y1, 5), &self.y_label);
        let above = MARGIN + title.height();
        let notes = Notes::new(self.notes(&frame), MARGIN, width - MARGIN);
        frame.y += above + notes.height() + if frame.up.note.is_some() { 4.0 } else { 0.0 };
        notes.draw(&mut scene, above);
        if let Some(stop) = self.stop() {
            let x = frame.place((stop.x, 0.0)).0.clamp(frame.x, frame.x + frame.w);
            scene.rect((x, frame.y), (frame.x + frame.w - x, frame.h), VERMILLION.mix(0.1));
        }
        frame.draw(&mut scene, &self.x_label, &self.y_label);
        if let Some(stop) = self.stop() {
            curve::upright(&mut scene, &frame, stop.x, Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0));
        }
        for (series, look) in &lines {
            curve::draw_way(&mut scene, &frame, series, *look, [curve::straight; 2]);
        }
        self.marks(&mut scene, &frame);
        let legend = Legend::new(self.legend(&lines), inner);
        let y = frame.y + frame.h + Frame::below(&self.x_label) + 8.0;
        legend.draw(&mut scene, (MARGIN, y));
        Ok(scene.finish(y + legend.height() + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["kind", "x", "proxy", "truth"]);
        self.points.iter().for_each(|p| row_of(&mut csv, "path", p));
        self.peak_and_end().iter().for_each(|(peak, _)| row_of(&mut csv, "peak", peak));
        self.stop().iter().for_each(|stop| csv.row(["stop".into(), stop.x.into()]));
        if let (Some(_), Some(p)) = (&self.unfinished, self.last()) {
            row_of(&mut csv, "unfinished", p);
        }
        csv
    }
}

fn row_of(csv: &mut Csv, kind: &str, p: &GoodhartPoint) {
    csv.row([Field::from(kind), p.x.into(), p.proxy.into(), p.truth.into()]);
}

impl GoodhartCurve {
    fn notes(&self, frame: &Frame) -> Vec<(f64, String, Rgb)> {
        let at = |x: f64| frame.place((x, 0.0)).0;
        let mut out: Vec<(f64, String, Rgb)> = self
            .stop()
            .iter()
            .map(|stop| (at(stop.x), format!("stop at {}", axis::short(stop.x, 3)), WARNING))
            .collect();
        if let (Some(why), Some(p)) = (&self.unfinished, self.last()) {
            out.push((at(p.x), why.clone(), WARNING));
        }
        if let Some((peak, end)) = self.drop() {
            let (from, to) = axis::pair(peak.truth, end.truth);
            out.push((at(peak.x), format!("truth: {from} → {to}"), INK));
        }
        out
    }

    /// The peak of truth, and the drop behind it.
    fn marks(&self, scene: &mut Scene, frame: &Frame) {
        let place = |x: f64, y: f64| frame.place((x, y));
        if let (Some(_), Some(p)) = (&self.unfinished, self.last()) {
            curve::upright(scene, frame, p.x, broken_off());
        }
        let Some((peak, end)) = self.drop() else { return };
        let corner = place(end.x, peak.truth);
        scene.path(vec![place(peak.x, peak.truth), corner], Stroke::dashed(INK, 1.0, 2.0, 3.0));
        arrow(scene, corner, place(end.x, end.truth), 1.5, INK, 8.0);
        mark(scene, Mark::Diamond, place(peak.x, peak.truth), 4.5, INK);
    }

    fn legend(&self, lines: &[(Series, Look)]) -> Vec<(Key, String)> {
        let mut out: Vec<(Key, String)> =
            lines.iter().rev().map(|(series, look)| (look.key(), series.name.clone())).collect();
        if self.unfinished.is_some() {
            out.push((Key::Rule(broken_off()), "unfinished: what comes after is not known".into()));
        }
        if self.drop().is_some() {
            out.push((Key::Mark(Mark::Diamond, INK), "truth is greatest".into()));
            out.push((Key::Arrow(INK), "what optimising on loses".into()));
        }
        if let Some(stop) = self.stop() {
            let name = if stop.name.is_empty() { String::new() } else { format!(": {}", stop.name) };
            out.push((Key::Rule(Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0)), format!("stopping point{name}")));
            out.push((Key::Patch(VERMILLION.mix(0.1)), "beyond it".into()));
        }
        out
    }
}
