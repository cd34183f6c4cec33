//! The return polygon: every pair of returns a policy can have, with the two optima, the worst-case chord and an
//! optional reference policy.

use super::axis::{self, Axis, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, Color, GREEN, INK, ORANGE, PURPLE, Rgb, VERMILLION, WARNING, WHITE};
use super::csv::Csv;
use super::font;
use super::legend::{Key, Legend, Mark, SIZE, arrow, mark};
use super::scene::{Anchor, Scene, Stroke, Xy};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most vertices drawn.
const MAX_POINTS: usize = 20_000;
/// With more vertices than this the dots would run together.
const DOTS_UP_TO: usize = 80;
/// Opacity of the polygon's inside, and of where hacking is.
const INSIDE: f64 = 0.2;
const HACKING: f64 = 0.13;

/// A pair of returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// J under the true reward.
    pub truth: f64,
    /// J under the proxy.
    pub proxy: f64,
}

/// The worst-case chord: the longest drop in truth that the proxy does not notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Chord {
    /// The better policy in truth.
    pub from: Point,
    /// The worse policy in truth, no worse for the proxy.
    pub to: Point,
    /// What the drop is called in the legend, as `worst-case regret`; its size is computed.
    pub name: String,
}

/// The set of all pairs (J_truth, J_proxy) over policies. Segments and single points are fine.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnPolygon {
    /// What the picture shows.
    pub title: String,
    /// Name of the horizontal axis, the return under the true reward.
    pub truth_label: String,
    /// Name of the vertical axis, the return under the proxy.
    pub proxy_label: String,
    /// The vertices in order around the polygon.
    pub vertices: Vec<Point>,
    /// The worst-case chord, drawn as an arrow with its length.
    pub chord: Option<Chord>,
    /// Where truth is greatest; two points (best and worst for the proxy) when there are ties.
    pub truth_optima: Vec<Point>,
    /// Where the proxy is greatest; two points (best and worst in truth) when there are ties.
    pub proxy_optima: Vec<Point>,
    /// A reference policy's returns. What is better for the proxy and worse in truth is tinted then.
    pub reference: Option<Point>,
    /// The policies on the way of an optimiser, first to last; empty for none.
    pub path: Vec<Point>,
    /// What the way is called in the legend.
    pub path_label: String,
}

impl ReturnPolygon {
    fn points(&self) -> impl Iterator<Item = Point> + '_ {
        let chord = self.chord.iter().flat_map(|c| [c.from, c.to]);
        let optima = self.truth_optima.iter().chain(&self.proxy_optima).copied();
        self.vertices.iter().copied().chain(chord).chain(optima).chain(self.reference).chain(self.path.iter().copied())
    }

    fn check(&self) -> Result<(), PlotError> {
        if self.vertices.is_empty() {
            return Err(PlotError::Empty { what: "the return polygon".into() });
        }
        let marks = self.truth_optima.len().max(self.proxy_optima.len());
        at_most("the return polygon", self.vertices.len().max(marks).max(self.path.len()), MAX_POINTS)?;
        for p in self.points() {
            finite(|| "a true return".into(), p.truth)?;
            finite(|| "a proxy return".into(), p.proxy)?;
        }
        Ok(())
    }

    fn legend(&self) -> Vec<(Key, String)> {
        let mut out = vec![(Key::Patch(BLUE.mix(INSIDE)), "all policies".to_string())];
        let ties = |n: usize| if n > 1 { " (ends of the ties)" } else { "" };
        if !self.truth_optima.is_empty() {
            let words = format!("best in truth{}", ties(self.truth_optima.len()));
            out.push((Key::Mark(Mark::Disc, GREEN), words));
        }
        if !self.proxy_optima.is_empty() {
            let words = format!("best for the proxy{}", ties(self.proxy_optima.len()));
            out.push((Key::Mark(Mark::Diamond, ORANGE), words));
        }
        if self.reference.is_some() {
            out.push((Key::Mark(Mark::Cross, INK), "reference policy".into()));
            let words = "hacking: better for the proxy, worse in truth";
            out.push((Key::Patch(VERMILLION.mix(HACKING)), words.into()));
        }
        if !self.path.is_empty() {
            let words = if self.path_label.is_empty() { "way of the optimiser" } else { &self.path_label };
            out.push((Key::Arrow(PURPLE), words.into()));
        }
        if let Some(chord) = &self.chord {
            let drop = axis::value(chord.from.truth - chord.to.truth);
            let name = if chord.name.is_empty() { "worst-case regret" } else { &chord.name };
            out.push((Key::Arrow(VERMILLION), format!("{name}: {drop}")));
        }
        out
    }

    /// The marks in drawing order: larger ones first, so that coinciding points all stay visible.
    fn marks(&self) -> Vec<(Point, Mark, f64, Rgb)> {
        let truth = self.truth_optima.iter().map(|&p| (p, Mark::Disc, 7.0, GREEN));
        let proxy = self.proxy_optima.iter().map(|&p| (p, Mark::Diamond, 4.2, ORANGE));
        truth.chain(proxy).chain(self.reference.map(|p| (p, Mark::Cross, 3.8, INK))).collect()
    }
}

impl Picture for ReturnPolygon {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        // INVARIANT: check() refused an empty list of vertices, so both extents exist; (0, 1) is never used.
        let (x0, x1) = extent(self.points().map(|p| p.truth)).unwrap_or((0.0, 1.0));
        let (y0, y1) = extent(self.points().map(|p| p.proxy)).unwrap_or((0.0, 1.0));
        let across = Axis::padded(x0, x1, (width / 95.0) as usize);
        let up = Axis::padded(y0, y1, 6);
        let mut scene = Scene::new(width, &self.title);
        let inner = width - 2.0 * MARGIN;
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let height = (width * 0.56).clamp(200.0, 520.0);
        let frame = Frame::new(width, MARGIN + title.height(), height, across, up, &self.proxy_label);
        if let Some(reference) = self.reference {
            let (x, y) = frame.place((reference.truth, reference.proxy));
            scene.rect((frame.x, frame.y), (x - frame.x, y - frame.y), VERMILLION.mix(HACKING));
        }
        frame.draw(&mut scene, &self.truth_label, &self.proxy_label);
        self.body(&mut scene, &frame);
        let legend = Legend::new(self.legend(), width - MARGIN - frame.x);
        let y = frame.y + frame.h + Frame::below(&self.truth_label) + 8.0;
        legend.draw(&mut scene, (frame.x, y));
        Ok(scene.finish(y + legend.height() + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["kind", "truth", "proxy"]);
        let chord = self.chord.iter().flat_map(|c| [("chord_from", c.from), ("chord_to", c.to)]);
        let kind = |name: &'static str, points: &[Point]| points.iter().map(|&p| (name, p)).collect::<Vec<_>>();
        let marks = [kind("truth_optimum", &self.truth_optima), kind("proxy_optimum", &self.proxy_optima)].concat();
        let reference = self.reference.map(|p| ("reference", p));
        let way = kind("path", &self.path);
        for (name, p) in
            kind("vertex", &self.vertices).into_iter().chain(chord).chain(marks).chain(reference).chain(way)
        {
            csv.row([name.into(), p.truth.into(), p.proxy.into()]);
        }
        csv
    }
}

impl ReturnPolygon {
    fn body(&self, scene: &mut Scene, frame: &Frame) {
        let place = |p: Point| frame.place((p.truth, p.proxy));
        let corners: Vec<Xy> = self.vertices.iter().map(|&p| place(p)).collect();
        let mut ring = corners.clone();
        ring.extend(corners.first());
        scene.polygon(corners.clone(), BLUE.mix(INSIDE));
        scene.path(ring, Stroke::solid(BLUE, 1.5));
        if corners.len() <= DOTS_UP_TO {
            for &c in &corners {
                scene.add("tn-vertex", super::scene::Shape::Disc { centre: c, radius: 2.4, fill: BLUE.into() });
            }
        }
        self.way(scene, &self.path.iter().map(|&p| place(p)).collect::<Vec<_>>());
        if let Some(chord) = &self.chord {
            let (a, b) = (place(chord.from), place(chord.to));
            // The drop itself is horizontal; a dotted line carries it where the chord also rises.
            if (a.1 - b.1).abs() > 6.0 {
                scene.path(vec![(a.0, b.1), b], Stroke::dashed(VERMILLION, 1.0, 2.0, 3.0));
                scene.path(vec![a, (a.0, b.1)], Stroke::dashed(VERMILLION, 1.0, 2.0, 3.0));
            }
            // The head stops short of a mark that would cover it.
            let length = (b.0 - a.0).hypot(b.1 - a.1);
            let covered = self.marks().iter().any(|m| (place(m.0).0 - b.0).hypot(place(m.0).1 - b.1) < 8.0);
            let keep = if covered && length > 24.0 { 1.0 - 7.5 / length } else { 1.0 };
            let tip = (a.0 + (b.0 - a.0) * keep, a.1 + (b.1 - a.1) * keep);
            arrow(scene, a, tip, 2.0, VERMILLION, 10.0);
        }
        for (p, kind, radius, colour) in self.marks() {
            mark(scene, kind, place(p), radius, colour);
        }
        if let Some(chord) = &self.chord {
            self.length(scene, frame, chord);
        }
    }

    /// The way of an optimiser: a line with a head at its end, and small marks where there are few policies.
    fn way(&self, scene: &mut Scene, places: &[Xy]) {
        let Some((&end, before)) = places.split_last() else { return };
        scene.path(places.to_vec(), Stroke::solid(WHITE, 4.0));
        scene.path(places.to_vec(), Stroke::solid(PURPLE, 2.0));
        if places.len() <= DOTS_UP_TO {
            before.iter().for_each(|&p| scene.disc(p, 2.6, PURPLE));
        }
        // The head points as the last stretch that can be seen.
        match before.iter().rev().find(|p| (p.0 - end.0).hypot(p.1 - end.1) > 4.0) {
            Some(&from) => arrow(scene, from, end, 2.0, PURPLE, 10.0),
            None => scene.disc(end, 3.0, PURPLE),
        }
    }

    /// Writes the chord's drop beside it, at the first place that covers no mark and stays inside the frame. Where
    /// no place is free the legend alone carries the number.
    fn length(&self, scene: &mut Scene, frame: &Frame, chord: &Chord) {
        let place = |p: Point| frame.place((p.truth, p.proxy));
        let (a, b) = (place(chord.from), place(chord.to));
        let text = axis::value(chord.from.truth - chord.to.truth);
        let (w, h) = (font::width(&text, SIZE) + 6.0, SIZE + 4.0);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        if length < 1.0 {
            return;
        }
        let (nx, ny) = ((b.1 - a.1) / length, (a.0 - b.0) / length);
        let reach = 6.0 + (nx.abs() * w + ny.abs() * h) / 2.0;
        let obstacles: Vec<Xy> = self.marks().iter().map(|m| place(m.0)).chain([a, b]).collect();
        let clear = |c: Xy| {
            let inside = c.0 - w / 2.0 > frame.x + 2.0
                && c.0 + w / 2.0 < frame.x + frame.w - 2.0
                && c.1 - h / 2.0 > frame.y + 2.0
                && c.1 + h / 2.0 < frame.y + frame.h - 2.0;
            inside && obstacles.iter().all(|o| (o.0 - c.0).abs() > w / 2.0 + 9.0 || (o.1 - c.1).abs() > h / 2.0 + 9.0)
        };
        let spots = [0.5, 0.35, 0.65, 0.2, 0.8].into_iter().flat_map(|t| [(t, 1.0), (t, -1.0)]);
        let centre = spots
            .map(|(t, side)| (a.0 + (b.0 - a.0) * t + nx * reach * side, a.1 + (b.1 - a.1) * t + ny * reach * side))
            .find(|&c| clear(c));
        if let Some(c) = centre {
            scene.rect((c.0 - w / 2.0, c.1 - h / 2.0), (w, h), WHITE.mix(0.8));
            scene.text(c, Anchor::Middle, SIZE, WARNING, text);
        }
    }
}
