//! The legend: a row (or rows) of keys below the picture, where it can cover nothing, and the marks it explains.

use super::colour::{INK, MUTED, Paint, Rgb, WHITE};
use super::font;
use super::scene::{Anchor, Scene, Stroke, Xy};

/// Text size of legends and captions.
pub(super) const SIZE: f64 = 11.0;
const ROW: f64 = 19.0;
const KEY: f64 = 24.0;
const GAP: f64 = 20.0;

/// The shape of a mark in a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Disc,
    Diamond,
    Square,
    Triangle,
    Cross,
}

/// Draws a mark with a white rim, so that it stands out on lines and on other marks.
pub(super) fn mark(scene: &mut Scene, kind: Mark, (x, y): Xy, r: f64, colour: Rgb) {
    match kind {
        Mark::Disc => {
            scene.disc((x, y), r + 1.2, WHITE);
            scene.disc((x, y), r, colour);
        }
        Mark::Diamond => {
            let corners = |r: f64| vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
            scene.polygon(corners(r * 1.25 + 1.7), WHITE);
            scene.polygon(corners(r * 1.25), colour);
        }
        Mark::Square => {
            let r = r * 0.86;
            scene.rect((x - r - 1.2, y - r - 1.2), (2.0 * r + 2.4, 2.0 * r + 2.4), WHITE);
            scene.rect((x - r, y - r), (2.0 * r, 2.0 * r), colour);
        }
        Mark::Triangle => {
            let corners = |r: f64| vec![(x, y - r), (x + 0.95 * r, y + 0.75 * r), (x - 0.95 * r, y + 0.75 * r)];
            scene.polygon(corners(r * 1.2 + 2.2), WHITE);
            scene.polygon(corners(r * 1.2), colour);
        }
        Mark::Cross => {
            for (width, colour, r) in [(r * 0.5 + 1.8, WHITE, r + 0.8), (r * 0.5, colour, r)] {
                scene.path(vec![(x - r, y - r), (x + r, y + r)], Stroke::solid(colour, width));
                scene.path(vec![(x - r, y + r), (x + r, y - r)], Stroke::solid(colour, width));
            }
        }
    }
}

/// A straight arrow of the given shaft width; the head is three shafts long or the whole arrow when that is shorter.
pub(super) fn arrow(scene: &mut Scene, from: Xy, to: Xy, width: f64, colour: Rgb, head: f64) {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    if length <= 0.0 {
        return;
    }
    let (ux, uy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
    let head = head.min(length);
    let neck = (to.0 - ux * head, to.1 - uy * head);
    let (hx, hy) = (-uy * head * 0.55, ux * head * 0.55);
    if length > head {
        // The shaft runs a little into the head, so that no seam shows.
        let inside = (neck.0 + ux * head * 0.1, neck.1 + uy * head * 0.1);
        scene.path(vec![from, inside], Stroke::solid(colour, width));
    }
    scene.polygon(vec![to, (neck.0 + hx, neck.1 + hy), (neck.0 - hx, neck.1 - hy)], colour);
}

/// A thin straight arrow with an open head, to be told from [`arrow`] without colour.
pub(super) fn open_arrow(scene: &mut Scene, from: Xy, to: Xy, colour: Rgb) {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    if length <= 0.0 {
        return;
    }
    let (ux, uy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
    let head = (length * 0.45).clamp(2.0, 6.0).min(length);
    let wing = |side: f64| (to.0 - ux * head - uy * head * 0.7 * side, to.1 - uy * head + ux * head * 0.7 * side);
    let stroke = Stroke::solid(colour, (length * 0.09).clamp(0.8, 1.4));
    scene.path(vec![from, to], stroke);
    scene.path(vec![wing(1.0), to, wing(-1.0)], stroke);
}

/// What a legend entry shows beside its words.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Mark(Mark, Rgb),
    /// A line with a mark on it.
    Line(Mark, Stroke),
    Arrow(Rgb),
    /// An arrow with an open head.
    Open(Rgb),
    /// A line without a mark.
    Rule(Stroke),
    Patch(Paint),
    Frame(Rgb),
}

/// Entries laid out in rows.
pub(super) struct Legend {
    rows: Vec<Vec<(Key, String, f64)>>,
}

impl Legend {
    /// Breaks the entries into rows no wider than `room`; a single entry wider than that is cut.
    pub(super) fn new(entries: Vec<(Key, String)>, room: f64) -> Self {
        let mut rows: Vec<Vec<(Key, String, f64)>> = Vec::new();
        let mut used = f64::INFINITY;
        for (key, words) in entries {
            let words = font::cut(&words, SIZE, room - KEY);
            let width = KEY + font::width(&words, SIZE);
            if used + GAP + width > room {
                rows.push(Vec::new());
                used = -GAP;
            }
            used += GAP + width;
            if let Some(row) = rows.last_mut() {
                row.push((key, words, width));
            }
        }
        Legend { rows }
    }

    /// Height of all rows.
    pub(super) fn height(&self) -> f64 {
        self.rows.len() as f64 * ROW
    }

    /// Draws the rows from `at` downwards.
    pub(super) fn draw(&self, scene: &mut Scene, at: Xy) {
        for (i, row) in self.rows.iter().enumerate() {
            let y = at.1 + (i as f64 + 0.5) * ROW;
            let mut x = at.0;
            for (key, words, width) in row {
                draw_key(scene, *key, (x, y));
                scene.text((x + KEY, y), Anchor::Start, SIZE, INK, words.clone());
                x += width + GAP;
            }
        }
    }
}

fn draw_key(scene: &mut Scene, key: Key, (x, y): Xy) {
    let middle = x + 9.0;
    match key {
        Key::Mark(kind, colour) => mark(scene, kind, (middle, y), 4.5, colour),
        Key::Line(kind, stroke) => {
            scene.path(vec![(x, y), (x + 18.0, y)], stroke);
            mark(scene, kind, (middle, y), 3.5, stroke.colour);
        }
        Key::Arrow(colour) => arrow(scene, (x, y), (x + 18.0, y), 2.0, colour, 8.0),
        Key::Open(colour) => open_arrow(scene, (x, y), (x + 17.0, y), colour),
        Key::Rule(stroke) => scene.path(vec![(x, y), (x + 18.0, y)], stroke),
        Key::Patch(paint) => {
            scene.rect((x + 2.0, y - 5.0), (14.0, 10.0), paint);
            let edge = if paint.3 < 1.0 { Rgb(paint.0, paint.1, paint.2) } else { MUTED };
            scene.frame("", (x + 2.0, y - 5.0), (14.0, 10.0), Stroke::solid(edge, 1.0));
        }
        Key::Frame(colour) => {
            scene.frame("", (x + 3.5, y - 5.5), (11.0, 11.0), Stroke::solid(colour, 2.5));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_wrap_and_none_is_lost() {
        let key = Key::Frame(INK);
        let entries: Vec<(Key, String)> = (0..9).map(|k| (key, format!("an entry with number {k}"))).collect();
        let legend = Legend::new(entries, 400.0);
        assert_eq!(legend.rows.iter().map(Vec::len).sum::<usize>(), 9);
        assert!(legend.rows.len() >= 4);
        assert_eq!(Legend::new(Vec::new(), 400.0).height(), 0.0);
    }
}
