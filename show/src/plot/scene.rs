//! A picture as data: shapes and text at their final places, in units of one CSS pixel. Layout code writes a scene;
//! the SVG and PNG writers only read one, and the tests ask it whether any text is clipped or covered.

use super::colour::{Paint, Rgb};
use super::font;

/// A place in the picture, y downwards.
pub(super) type Xy = (f64, f64);

/// A line's look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub colour: Rgb,
    pub width: f64,
    /// Lengths of mark and gap.
    pub dash: Option<(f64, f64)>,
}

impl Stroke {
    pub(super) fn solid(colour: Rgb, width: f64) -> Self {
        Stroke { colour, width, dash: None }
    }

    pub(super) fn dashed(colour: Rgb, width: f64, mark: f64, gap: f64) -> Self {
        Stroke { colour, width, dash: Some((mark, gap)) }
    }
}

/// Which part of a text sits at its x (for turned text: its y).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text. `y` is the baseline, or for turned text `x` is.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub x: f64,
    pub y: f64,
    pub size: f64,
    pub anchor: Anchor,
    pub colour: Rgb,
    pub text: String,
    /// Reads from bottom to top.
    pub turned: bool,
}

impl Label {
    pub(super) fn width(&self) -> f64 {
        font::width(&self.text, self.size)
    }

    /// How far before its anchor point the text begins.
    #[cfg(test)]
    pub(super) fn lead(&self) -> f64 {
        match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => self.width() / 2.0,
            Anchor::End => self.width(),
        }
    }

    /// Left, top, right and bottom of the text, capitals and descenders included.
    #[cfg(test)]
    pub(super) fn bounds(&self) -> (f64, f64, f64, f64) {
        let (lead, width) = (self.lead(), self.width());
        let (up, down) = (font::CAP * self.size, font::DESCENT * self.size);
        if self.turned {
            (self.x - up, self.y + lead - width, self.x + down, self.y + lead)
        } else {
            (self.x - lead, self.y - up, self.x - lead + width, self.y + down)
        }
    }
}

/// One drawn thing.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Rect {
        x: f64,
        y: f64,
        w: f64,
        h: f64,
        fill: Paint,
    },
    /// An outlined rectangle with square corners; the stroke is centred on the edge.
    Frame {
        x: f64,
        y: f64,
        w: f64,
        h: f64,
        stroke: Stroke,
    },
    Polygon {
        points: Vec<Xy>,
        fill: Paint,
    },
    /// An open line with round joins.
    Path {
        points: Vec<Xy>,
        stroke: Stroke,
    },
    Disc {
        centre: Xy,
        radius: f64,
        fill: Paint,
    },
    Text(Label),
}

/// A shape with the class name it carries in SVG (empty for none).
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub class: &'static str,
    pub shape: Shape,
}

/// A finished picture, independent of the format. Made by [`Picture::scene`](super::Picture::scene).
#[derive(Debug, Clone)]
pub struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) title: String,
    pub(super) items: Vec<Item>,
}

impl Scene {
    pub(super) fn new(width: f64, title: &str) -> Self {
        let title = font::clean(title);
        // A picture must have a name for those who cannot see it.
        let title = if title.is_empty() { "picture".to_string() } else { title };
        Scene { width: width.ceil(), height: 0.0, title, items: Vec::new() }
    }

    /// Width in units.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Height in units.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Sets the height, rounded up to whole units so that a PNG has a whole number of pixels.
    pub(super) fn finish(mut self, height: f64) -> Self {
        self.height = height.ceil();
        self
    }

    pub(super) fn add(&mut self, class: &'static str, shape: Shape) {
        self.items.push(Item { class, shape });
    }

    pub(super) fn rect(&mut self, (x, y): Xy, (w, h): Xy, fill: impl Into<Paint>) {
        self.add("", Shape::Rect { x, y, w, h, fill: fill.into() });
    }

    pub(super) fn frame(&mut self, class: &'static str, (x, y): Xy, (w, h): Xy, stroke: Stroke) {
        self.add(class, Shape::Frame { x, y, w, h, stroke });
    }

    pub(super) fn polygon(&mut self, points: Vec<Xy>, fill: impl Into<Paint>) {
        self.add("", Shape::Polygon { points, fill: fill.into() });
    }

    pub(super) fn path(&mut self, points: Vec<Xy>, stroke: Stroke) {
        self.add("", Shape::Path { points, stroke });
    }

    pub(super) fn disc(&mut self, centre: Xy, radius: f64, fill: impl Into<Paint>) {
        self.add("", Shape::Disc { centre, radius, fill: fill.into() });
    }

    /// Text whose capitals are centred on `at.1`.
    pub(super) fn text(&mut self, at: Xy, anchor: Anchor, size: f64, colour: Rgb, text: impl Into<String>) {
        let y = at.1 + font::CAP / 2.0 * size;
        self.label(Label { x: at.0, y, size, anchor, colour, text: text.into(), turned: false });
    }

    /// Text reading upwards, centred on `at`.
    pub(super) fn turned(&mut self, at: Xy, size: f64, colour: Rgb, text: impl Into<String>) {
        let x = at.0 + font::CAP / 2.0 * size;
        self.label(Label { x, y: at.1, size, anchor: Anchor::Middle, colour, text: text.into(), turned: true });
    }

    fn label(&mut self, label: Label) {
        if !label.text.is_empty() {
            self.add("", Shape::Text(label));
        }
    }

    /// Every text in drawing order.
    #[cfg(test)]
    pub(super) fn labels(&self) -> impl Iterator<Item = &Label> {
        self.items.iter().filter_map(|i| if let Shape::Text(l) = &i.shape { Some(l) } else { None })
    }
}
