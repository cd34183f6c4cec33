//! Charts one above the other that share their horizontal axis: quantities of different size over one parameter.

use super::axis::{Axis, extent};
use super::chart::Frame;
use super::curve::{self, Look, Series, Warp};
use super::scene::Scene;

/// Space between two charts.
const BETWEEN: f64 = 14.0;

/// One chart of a stack.
pub(super) struct Panel<'a> {
    /// Name of its vertical axis.
    pub name: &'a str,
    pub lines: Vec<(&'a Series, Look)>,
    /// Whether its vertical axis is logarithmic.
    pub is_log: bool,
    /// Whether points are joined in their order, and not by ascending `x`.
    pub is_way: bool,
}

impl Panel<'_> {
    fn axis(&self) -> Axis {
        let points = self.lines.iter().flat_map(|l| &l.0.points);
        if self.is_log {
            let (lo, hi) = extent(points.map(|p| p.value.log10())).unwrap_or((0.0, 1.0));
            // A little air, so that no line runs along the edge.
            let air = 0.05 * (hi - lo);
            return Axis::decades(lo - air, hi + air, 5);
        }
        let (lo, hi) = extent(points.map(|p| p.value)).unwrap_or((0.0, 1.0));
        Axis::padded(lo, hi, 5)
    }

    fn warp(&self) -> Warp {
        if self.is_log { curve::decades } else { curve::straight }
    }
}

/// The frames of some charts of the given height, the first one's plot area beginning below `top`.
pub(super) fn frames(panels: &[Panel<'_>], width: f64, top: f64, height: f64, across: &Axis) -> Vec<Frame> {
    let mut y = top;
    let mut out = Vec::new();
    for panel in panels {
        let frame = Frame::new(width, y, height, across.clone(), panel.axis(), panel.name);
        y = frame.y + frame.h + BETWEEN;
        out.push(frame);
    }
    Frame::align(&mut out.iter_mut().collect::<Vec<_>>());
    out
}

/// Axes and lines of every chart; the last one carries the labels of the horizontal axis.
pub(super) fn draw(scene: &mut Scene, panels: &[Panel<'_>], frames: &[Frame], across_name: &str, across: Warp) {
    for (k, (panel, frame)) in panels.iter().zip(frames).enumerate() {
        if k + 1 == panels.len() {
            frame.draw(scene, across_name, panel.name);
        } else {
            frame.draw_upper(scene, panel.name);
        }
        for (series, look) in &panel.lines {
            let draw = if panel.is_way { curve::draw_way } else { curve::draw };
            draw(scene, frame, series, *look, [across, panel.warp()]);
        }
    }
}
