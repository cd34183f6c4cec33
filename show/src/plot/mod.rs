//! Owns: pictures of finished results, as SVG text or PNG bytes, and the small input structs they are drawn from.
//! May use: the standard library, plotters, `ab_glyph` and `png`; nothing else of this crate.
//! Must not: print, write a file, read a model, or panic on any data; a value it cannot draw is a [`PlotError`].
//! To add one: a file with an input struct that implements [`Picture`], its line below, a row in `tests::gallery`.

mod axis;
mod chart;
mod cliff;
mod colour;
mod csv;
mod curve;
mod diff;
mod draw;
mod font;
mod frontier;
mod gamma;
mod goodhart;
mod grid;
mod heat;
mod heat_table;
mod ladder;
mod legend;
mod matrix;
mod occupancy;
mod polygon;
mod radius;
mod scene;
mod soft;
mod stack;
mod states;
#[cfg(test)]
mod tests;

pub use cliff::{CliffCurve, CliffPiece, CliffPoint};
pub use csv::{Csv, Field};
pub use curve::{CurvePoint, Series};
pub use diff::GridDiff;
pub use frontier::{BoundFrontier, FrontierCurve, FrontierPoint};
pub use gamma::{DiscountSwitch, GammaLadder};
pub use goodhart::{GoodhartCurve, GoodhartPoint, Stop};
pub use grid::{Action, Cell, Direction, GridMap};
pub use heat_table::{ColumnGroup, HeatCells, HeatTable};
pub use ladder::{LadderRow, Rung};
pub use matrix::{DistanceMatrix, Merge};
pub use occupancy::{OccupancyBars, OccupancyCell, OccupancyGrid, OccupancyScale};
pub use polygon::{Chord, Point, ReturnPolygon};
pub use radius::{RadiusBars, RadiusCell, RadiusGrid};
pub use scene::Scene;
pub use soft::{SoftPoint, SoftTradeOff};
pub use states::{StateCell, StateColumn, StateTable};

/// A file format a picture can be rendered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Scalable vector graphics, text in UTF-8.
    Svg,
    /// Portable network graphics, 8-bit RGBA.
    Png,
}

/// How many device pixels a PNG spends on one unit of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// One pixel per unit, for screens.
    One,
    /// Two pixels per unit, for paper and dense screens.
    #[default]
    Two,
}

impl Scale {
    /// The factor as a number.
    pub fn factor(self) -> u32 {
        match self {
            Scale::One => 1,
            Scale::Two => 2,
        }
    }
}

/// Where an SVG will live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Placement {
    /// A file of its own: XML prolog, fixed width and height.
    #[default]
    File,
    /// Inside an HTML page: no prolog, no fixed size, as wide as its container up to the natural width.
    /// No ids are used, so any number of pictures may share a page.
    Inline,
}

/// What lies behind the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Opaque white.
    #[default]
    White,
    /// Nothing; the page shows through.
    Transparent,
}

/// How a picture is rendered; the data are in the picture itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Largest width in units (CSS pixels); small grids come out narrower. Clamped to 280..=2400.
    pub width: f64,
    /// What lies behind the picture.
    pub background: Background,
    /// Where an SVG will live; PNG ignores it.
    pub placement: Placement,
}

impl Default for Options {
    fn default() -> Self {
        Options { width: 640.0, background: Background::White, placement: Placement::File }
    }
}

/// Narrowest figure that still has room for axes, labels and a legend.
const MIN_WIDTH: f64 = 280.0;
/// Widest figure; beyond it a PNG at [`Scale::Two`] would need hundreds of megabytes.
const MAX_WIDTH: f64 = 2400.0;

impl Options {
    /// The width that is really used, or an error when it is not a number.
    fn usable_width(&self) -> Result<f64, PlotError> {
        if self.width.is_nan() {
            return Err(PlotError::NotFinite { what: "width".into(), value: self.width });
        }
        Ok(self.width.clamp(MIN_WIDTH, MAX_WIDTH))
    }
}

/// Why a picture could not be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlotError {
    /// A number to be drawn is NaN or infinite.
    #[error("cannot draw {what}: {value} is not a finite number")]
    NotFinite {
        /// Which number, in the words of the picture.
        what: String,
        /// The number itself.
        value: f64,
    },
    /// A number is finite but so large that differences overflow.
    #[error("cannot draw {what}: {value:e} is beyond 1e150 in size; rescale the reward")]
    OutOfRange {
        /// Which number, in the words of the picture.
        what: String,
        /// The number itself.
        value: f64,
    },
    /// A number on a logarithmic axis is not above zero.
    #[error("cannot draw {what}: {value} is not above 0, and its axis is logarithmic")]
    NotPositive {
        /// Which number, in the words of the picture.
        what: String,
        /// The number itself.
        value: f64,
    },
    /// There is nothing to draw.
    #[error("cannot draw {what}: there is nothing in it")]
    Empty {
        /// Which part is empty.
        what: String,
    },
    /// Two lengths that must agree do not.
    #[error("cannot draw {what}: expected {expected} entries, found {found}")]
    Shape {
        /// Which list has the wrong length.
        what: String,
        /// How many entries it should have.
        expected: usize,
        /// How many entries it has.
        found: usize,
    },
    /// More cells or points than a picture can show.
    #[error("cannot draw {what}: {found} entries, at most {limit} fit in a picture")]
    TooLarge {
        /// Which list is too long.
        what: String,
        /// How many entries it has.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The PNG encoder failed.
    #[error("cannot encode the PNG: {0}")]
    Encode(String),
}

impl PlotError {
    /// A stable code for this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            PlotError::NotFinite { .. } => "plot-not-finite",
            PlotError::OutOfRange { .. } => "plot-out-of-range",
            PlotError::NotPositive { .. } => "plot-not-positive",
            PlotError::Empty { .. } => "plot-empty",
            PlotError::Shape { .. } => "plot-shape",
            PlotError::TooLarge { .. } => "plot-too-large",
            PlotError::Encode(_) => "plot-encode",
        }
    }
}

/// Something that can be drawn. Implementors supply [`Picture::scene`]; the formats follow from it, so SVG and PNG
/// cannot disagree. The same picture and options always give the same bytes.
pub trait Picture {
    /// The picture as positioned shapes and text, ready for any format.
    ///
    /// # Errors
    /// A [`PlotError`] when the data cannot be drawn; never a panic.
    fn scene(&self, options: &Options) -> Result<Scene, PlotError>;

    /// The numbers and names the picture is drawn from, one table with a header. Unlike the picture it leaves nothing
    /// out where there is no room, and nothing is rounded.
    fn data(&self) -> Csv;

    /// The picture as SVG text.
    ///
    /// # Errors
    /// As [`Picture::scene`].
    fn svg(&self, options: &Options) -> Result<String, PlotError> {
        Ok(draw::svg(&self.scene(options)?, options))
    }

    /// The picture as the bytes of a PNG file, `scale` pixels per unit.
    ///
    /// # Errors
    /// As [`Picture::scene`], and [`PlotError::Encode`].
    fn png(&self, options: &Options, scale: Scale) -> Result<Vec<u8>, PlotError> {
        draw::png(&self.scene(options)?, options, scale)
    }

    /// The bytes of a file in the given format; a PNG is drawn at `scale`.
    ///
    /// # Errors
    /// As [`Picture::svg`] and [`Picture::png`].
    fn render(&self, format: Format, options: &Options, scale: Scale) -> Result<Vec<u8>, PlotError> {
        match format {
            Format::Svg => self.svg(options).map(String::into_bytes),
            Format::Png => self.png(options, scale),
        }
    }
}

/// Largest magnitude drawn; below it no difference or padding can overflow.
const LARGEST: f64 = 1e150;

/// Passes a drawable number through, or says which one is not.
fn finite(what: impl FnOnce() -> String, value: f64) -> Result<f64, PlotError> {
    if !value.is_finite() {
        Err(PlotError::NotFinite { what: what(), value })
    } else if value.abs() > LARGEST {
        Err(PlotError::OutOfRange { what: what(), value })
    } else {
        Ok(value)
    }
}

/// Refuses lists longer than a picture can show.
fn at_most(what: &str, found: usize, limit: usize) -> Result<(), PlotError> {
    if found > limit { Err(PlotError::TooLarge { what: what.into(), found, limit }) } else { Ok(()) }
}
