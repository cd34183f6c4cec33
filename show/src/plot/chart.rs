//! Furniture the pictures share: titles, the frame of a chart with its axes, and the colour bar.

use super::axis::Axis;
use super::colour::{INK, MUTED, RULE, Ramp};
use super::font;
use super::scene::{Anchor, Scene, Stroke, Xy};

/// Space between the content and the edge of the picture.
pub(super) const MARGIN: f64 = 14.0;
pub(super) const TITLE: f64 = 14.0;
pub(super) const SUBTITLE: f64 = 12.0;
pub(super) const TICK: f64 = 10.5;
pub(super) const NAME: f64 = 12.0;
/// Lines a title may take.
const TITLE_LINES: usize = 3;
const TICK_LENGTH: f64 = 4.0;

/// A title broken into lines.
pub(super) struct Title {
    lines: Vec<String>,
    size: f64,
}

impl Title {
    pub(super) fn new(text: &str, size: f64, room: f64) -> Self {
        let lines = font::wrap(text, size, room, TITLE_LINES);
        if lines.len() < TITLE_LINES {
            return Title { lines, size };
        }
        // A long title reads better a little smaller.
        let size = size * 0.88;
        Title { lines: font::wrap(text, size, room, TITLE_LINES), size }
    }

    /// Height with the space below it; 0 for an empty title.
    pub(super) fn height(&self) -> f64 {
        if self.lines.is_empty() { 0.0 } else { self.lines.len() as f64 * self.size * font::LEADING + 8.0 }
    }

    /// Draws the lines, the first one's top at `at.1`.
    pub(super) fn draw(&self, scene: &mut Scene, at: Xy) {
        for (i, line) in self.lines.iter().enumerate() {
            let y = at.1 + (i as f64 + 0.5) * self.size * font::LEADING;
            scene.text((at.0, y), Anchor::Start, self.size, INK, line.clone());
        }
    }
}

/// The widest tick label.
fn widest(axis: &Axis) -> f64 {
    axis.ticks.iter().map(|t| font::width(&t.1, TICK)).fold(0.0, f64::max)
}

/// A rectangular chart: place of the plot area and the two axes.
pub(super) struct Frame {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
    pub across: Axis,
    pub up: Axis,
}

impl Frame {
    /// A chart whose labels fill the width from margin to margin, the plot area beginning at `top`.
    /// `up_name` tells whether the vertical axis has a name.
    pub(super) fn new(width: f64, top: f64, height: f64, across: Axis, up: Axis, up_name: &str) -> Self {
        let named = if up_name.is_empty() { 0.0 } else { NAME + 9.0 };
        let x = (MARGIN + named + widest(&up) + TICK_LENGTH + 4.0).ceil();
        // The last label of the horizontal axis may stick out by half its width.
        let overhang = across.ticks.last().map_or(0.0, |t| font::width(&t.1, TICK) / 2.0);
        let w = (width - MARGIN - overhang.max(4.0) - x).floor();
        let note = if up.note.is_some() { TICK + 6.0 } else { 0.0 };
        Frame { x, y: (top + note).ceil(), w, h: height.floor(), across, up }
    }

    /// Where a data point lies.
    pub(super) fn place(&self, (x, y): Xy) -> Xy {
        (self.x + self.across.share(x) * self.w, self.y + (1.0 - self.up.share(y)) * self.h)
    }

    /// Height taken below the plot area by ticks and the axis name.
    pub(super) fn below(across_name: &str) -> f64 {
        TICK_LENGTH + 5.0 + TICK + if across_name.is_empty() { 4.0 } else { NAME + 12.0 }
    }

    /// Moves the left edge to `x` if it lies left of that, for what else wants room there.
    pub(super) fn widen_left(&mut self, x: f64) {
        let x = x.ceil().max(self.x);
        self.w = (self.x + self.w - x).max(1.0);
        self.x = x;
    }

    /// Gives several charts one above the other the same left and right edge.
    pub(super) fn align(frames: &mut [&mut Frame]) {
        let left = frames.iter().map(|f| f.x).fold(0.0, f64::max);
        let right = frames.iter().map(|f| f.x + f.w).fold(f64::INFINITY, f64::min);
        frames.iter_mut().for_each(|f| (f.x, f.w) = (left, right - left));
    }

    /// Grid lines, ticks, labels and axis names.
    pub(super) fn draw(&self, scene: &mut Scene, across_name: &str, up_name: &str) {
        self.draw_upper(scene, up_name);
        self.draw_foot(scene, across_name);
    }

    /// Ticks, labels and name of the horizontal axis.
    fn draw_foot(&self, scene: &mut Scene, across_name: &str) {
        let bottom = self.y + self.h;
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &self.across.ticks {
            let x = self.place((*value, self.up.lo)).0;
            scene.path(vec![(x, bottom), (x, bottom + TICK_LENGTH)], Stroke::solid(MUTED, 1.0));
            let y = bottom + TICK_LENGTH + 4.0 + TICK / 2.0;
            let half = font::width(label, TICK) / 2.0;
            // A label that would touch the one before it is left out.
            if x - half < free {
                continue;
            }
            free = x + half + 4.0;
            scene.text((x, y), Anchor::Middle, TICK, INK, label.clone());
        }
        let y = bottom + TICK_LENGTH + TICK + NAME / 2.0 + 13.0;
        // The note of the horizontal axis belongs to its name: "return (×10⁻⁸)".
        let name = match &self.across.note {
            Some(note) if across_name.is_empty() => note.clone(),
            Some(note) => format!("{across_name} ({note})"),
            None => across_name.to_string(),
        };
        let (name, size) = font::fit(&name, NAME, self.w);
        scene.text((self.x + self.w / 2.0, y), Anchor::Middle, size, INK, name);
    }

    /// All but what stands below the plot area, for a chart above another one that shares its horizontal axis.
    pub(super) fn draw_upper(&self, scene: &mut Scene, up_name: &str) {
        let (bottom, right) = (self.y + self.h, self.x + self.w);
        let axis = Stroke::solid(MUTED, 1.0);
        for (value, _) in &self.across.ticks {
            let x = self.place((*value, self.up.lo)).0;
            scene.path(vec![(x, self.y), (x, bottom)], Stroke::solid(RULE, 0.75));
        }
        for (value, label) in &self.up.ticks {
            let y = self.place((self.across.lo, *value)).1;
            scene.path(vec![(self.x, y), (right, y)], Stroke::solid(RULE, 0.75));
            scene.path(vec![(self.x - TICK_LENGTH, y), (self.x, y)], axis);
            scene.text((self.x - TICK_LENGTH - 4.0, y), Anchor::End, TICK, INK, label.clone());
        }
        scene.path(vec![(self.x, self.y), (self.x, bottom), (right, bottom)], axis);
        if let Some(note) = &self.up.note {
            scene.text((self.x, self.y - TICK / 2.0 - 5.0), Anchor::Start, TICK, MUTED, note.clone());
        }
        if !up_name.is_empty() {
            let (name, size) = font::fit(up_name, NAME, self.h);
            let x = self.x - TICK_LENGTH - 4.0 - widest(&self.up) - 9.0 - NAME / 2.0;
            scene.turned((x.max(MARGIN + NAME / 2.0), self.y + self.h / 2.0), size, INK, name);
        }
    }
}

/// A vertical colour bar with ticks and a name.
pub(super) struct Bar {
    pub ramp: Ramp,
    pub axis: Axis,
    pub name: String,
}

const BAR: f64 = 13.0;
/// Pieces a bar is drawn in; the eye sees a gradient.
const BAR_STEPS: usize = 96;

impl Bar {
    /// The colour of a value on the bar's axis.
    pub(super) fn colour(&self, x: f64) -> super::colour::Rgb {
        self.ramp.at(self.axis.share(x))
    }

    /// How many ticks fit a bar of this height.
    pub(super) fn ticks_for(height: f64) -> usize {
        ((height / 42.0) as usize).clamp(2, 6)
    }

    /// Whether the name fits beside a bar of this height; if not, it is left to a caption below.
    fn beside(&self, height: f64) -> bool {
        font::width(&self.words(), SUBTITLE) <= height
    }

    fn words(&self) -> String {
        let name = font::clean(&self.name);
        match (&self.axis.note, name.is_empty()) {
            (Some(note), false) => format!("{name} ({note})"),
            (Some(note), true) => note.clone(),
            (None, _) => name,
        }
    }

    /// Width of bar, ticks and name.
    pub(super) fn width(&self, height: f64) -> f64 {
        let name = if self.beside(height) && !self.words().is_empty() { SUBTITLE + 8.0 } else { 0.0 };
        (BAR + TICK_LENGTH + 4.0 + widest(&self.axis) + name).ceil()
    }

    /// The caption to set below the picture when the name does not fit beside the bar.
    pub(super) fn caption(&self, height: f64) -> Option<String> {
        (!self.beside(height)).then(|| format!("colour: {}", self.words()))
    }

    /// Draws the bar with its upper left corner at `at`.
    pub(super) fn draw(&self, scene: &mut Scene, (x, y): Xy, height: f64) {
        let step = height / BAR_STEPS as f64;
        for k in 0..BAR_STEPS {
            // Each piece reaches to the bottom, so no seam can show between two of them.
            let from = k as f64 * step;
            let shade = self.ramp.at(1.0 - (k as f64 + 0.5) / BAR_STEPS as f64);
            scene.rect((x, y + from), (BAR, height - from), shade);
        }
        scene.frame("", (x, y), (BAR, height), Stroke::solid(MUTED, 0.75));
        let mut free = f64::INFINITY;
        for (value, label) in &self.axis.ticks {
            let at = y + (1.0 - self.axis.share(*value)) * height;
            // Ticks come from the bottom up; one that would touch the label before it is left out.
            if at > free {
                continue;
            }
            free = at - TICK * 1.15;
            scene.path(vec![(x + BAR, at), (x + BAR + TICK_LENGTH, at)], Stroke::solid(MUTED, 1.0));
            scene.text((x + BAR + TICK_LENGTH + 4.0, at), Anchor::Start, TICK, INK, label.clone());
        }
        if self.beside(height) {
            let middle = x + self.width(height) - SUBTITLE / 2.0;
            scene.turned((middle, y + height / 2.0), SUBTITLE, INK, self.words());
        }
    }
}
