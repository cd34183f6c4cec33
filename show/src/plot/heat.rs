//! A board of coloured cells beside a colour bar: the common body of the grid, difference and occupancy pictures.

use super::axis::Axis;
use super::chart::{Bar, SUBTITLE, Title};
use super::colour::{BLANK, MUTED, Rgb, VERMILLION, WALL, WHITE, ink_on, mix};
use super::font;
use super::grid::Direction;
use super::legend::{SIZE, arrow, open_arrow};
use super::scene::{Anchor, Scene, Stroke, Xy};

/// Largest and smallest side of a cell.
const MAX_CELL: f64 = 76.0;
const MIN_CELL: f64 = 0.5;
/// From this side on a cell has room for a letter; for a value it must also fit in width.
const LETTER_FROM: f64 = 22.0;
const VALUE_FROM: f64 = 38.0;
/// Below this side an arrow leaves room only for letters that occur once, such as the start.
const ROOMY_FROM: f64 = 34.0;
/// Below this side arrows would be specks.
const ARROW_FROM: f64 = 9.0;
/// Shortest colour bar; a board lower than this gets a bar that hangs below it.
const MIN_BAR: f64 = 64.0;
const GAP: f64 = 14.0;

/// A cell ready to be drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Tile {
    /// Place on the colour bar's axis; none is drawn blank.
    pub value: Option<f64>,
    /// A fill instead of that of the value.
    pub fill: Option<Rgb>,
    /// The value in words, drawn where there is room.
    pub words: String,
    pub letter: String,
    pub arrows: Vec<Direction>,
    /// The action that takes over next, as an open arrow.
    pub rival: Option<Direction>,
    /// Names of optimal actions that are no direction.
    pub actions: String,
    pub outlined: bool,
    pub wall: bool,
}

/// A board with its colour bar and subtitle, measured for a place of limited size.
pub(super) struct Board {
    columns: usize,
    tiles: Vec<Tile>,
    bar: Bar,
    cell: f64,
    size: Xy,
    title: String,
}

impl Board {
    /// Measures a board of `tiles` (row by row) that fits in `room`.
    pub(super) fn new(title: &str, columns: usize, tiles: Vec<Tile>, bar: Bar, room: Xy) -> Self {
        let rows = tiles.len() / columns.max(1);
        let mut board = Board { columns, tiles, bar, cell: 1.0, size: (0.0, 0.0), title: title.into() };
        let free = room.0 - GAP - board.bar.width(room.1.max(MIN_BAR));
        let cell = (free / columns as f64).min(room.1 / rows as f64).clamp(MIN_CELL, MAX_CELL);
        // Whole units keep cell edges sharp.
        board.set_cell(if cell >= 4.0 { cell.floor() } else { cell });
        board
    }

    /// The side of a cell.
    pub(super) fn cell(&self) -> f64 {
        self.cell
    }

    /// Whether cells are large enough for arrows.
    pub(super) fn shows_arrows(&self) -> bool {
        self.cell >= ARROW_FROM
    }

    /// Changes the side of a cell, so that two boards can share the smaller one.
    pub(super) fn set_cell(&mut self, cell: f64) {
        let rows = self.tiles.len() / self.columns.max(1);
        self.cell = cell;
        self.size = (cell * self.columns as f64, cell * rows as f64);
    }

    /// Height of the colour bar.
    fn bar_height(&self) -> f64 {
        self.size.1.max(MIN_BAR)
    }

    fn is_unique(&self, letter: &str) -> bool {
        self.tiles.iter().filter(|t| t.letter == letter).nth(1).is_none()
    }

    fn subtitle(&self) -> Title {
        Title::new(&self.title, SUBTITLE, self.width())
    }

    fn captions(&self) -> Vec<String> {
        let caption = self.bar.caption(self.bar_height());
        caption.map_or_else(Vec::new, |c| font::wrap(&c, SIZE, self.width(), 3))
    }

    /// Width of board, gap and bar.
    pub(super) fn width(&self) -> f64 {
        self.size.0 + GAP + self.bar.width(self.bar_height())
    }

    /// Height of the subtitle.
    pub(super) fn head(&self) -> f64 {
        self.subtitle().height()
    }

    /// Height below the subtitle.
    pub(super) fn body(&self) -> f64 {
        let captions = self.captions().len() as f64;
        // Half a tick label sticks out below the bar.
        self.bar_height() + 6.0 + if captions > 0.0 { captions * SIZE * font::LEADING + 6.0 } else { 0.0 }
    }

    /// Draws the board with the top of its cells at `at.1 + head`; boards side by side share the larger head.
    pub(super) fn draw(&self, scene: &mut Scene, at: Xy, head: f64) {
        self.subtitle().draw(scene, (at.0, at.1 + head - self.head()));
        let (x0, y0) = (at.0, at.1 + head);
        let corner =
            |k: usize| (x0 + (k % self.columns) as f64 * self.cell, y0 + (k / self.columns) as f64 * self.cell);
        for (k, tile) in self.tiles.iter().enumerate() {
            self.tile(scene, tile, corner(k));
        }
        scene.frame("", (x0, y0), self.size, Stroke::solid(MUTED, 0.75));
        // Outlines come last, so that no neighbour covers half of one.
        for (k, _) in self.tiles.iter().enumerate().filter(|(_, t)| t.outlined) {
            outline(scene, corner(k), self.cell);
        }
        self.bar.draw(scene, (x0 + self.size.0 + GAP, y0), self.bar_height());
        for (i, line) in self.captions().into_iter().enumerate() {
            let y = y0 + self.bar_height() + 14.0 + (i as f64 + 0.5) * SIZE * font::LEADING;
            scene.text((x0, y), Anchor::Start, SIZE, MUTED, line);
        }
    }

    fn tile(&self, scene: &mut Scene, tile: &Tile, (x, y): Xy) {
        let c = self.cell;
        let fill = match (tile.fill, tile.value) {
            _ if tile.wall => WALL,
            (Some(fill), _) => fill,
            (None, Some(v)) => self.bar.colour(v),
            (None, None) => BLANK,
        };
        // A hairline of background separates cells that are large enough to be told apart one by one.
        let gap = if c >= 12.0 { 0.5 } else { 0.0 };
        let overlap = if c < 4.0 { 0.25 } else { 0.0 };
        scene.rect((x + gap, y + gap), (c - 2.0 * gap + overlap, c - 2.0 * gap + overlap), fill);
        if tile.wall {
            if c >= 8.0 {
                let line = Stroke::solid(mix(WALL, WHITE, 0.75), (c * 0.05).max(1.0));
                let (a, b) = (c * 0.2, c * 0.8);
                scene.path(vec![(x + a, y + b), (x + b, y + a)], line);
            }
            return;
        }
        let ink = ink_on(fill);
        // All text keeps clear of the outline, also where there is none, so that cells look alike.
        let inset = outline_width(c) + 2.5;
        let acts = !tile.arrows.is_empty() || !tile.actions.is_empty();
        let crowded = acts && c < ROOMY_FROM && !self.is_unique(&tile.letter);
        if c >= LETTER_FROM && !tile.letter.is_empty() && !crowded {
            let size = (c * 0.19).clamp(7.5, 11.0);
            let place = (x + inset, y + inset + size * font::CAP / 2.0);
            let letter = font::cut(&tile.letter, size, c * 0.3);
            scene.text(place, Anchor::Start, size, mix(fill, ink, 0.85), letter);
        }
        let size = (c * 0.17).clamp(8.0, 11.0);
        let room = c - 2.0 * inset;
        let has_value = c >= VALUE_FROM && !tile.words.is_empty() && font::width(&tile.words, size) <= room;
        if has_value {
            let below = y + c - inset - 0.5 - size * font::CAP / 2.0;
            let at = if acts { below } else { y + c / 2.0 };
            let words = tile.words.clone();
            scene.text((x + c / 2.0, at), Anchor::Middle, size, ink, words);
        }
        let middle = (x + c / 2.0, y + c * if has_value { 0.42 } else { 0.5 });
        if c >= ARROW_FROM {
            let reach = if has_value { 0.21 } else { 0.29 };
            arrows(scene, &tile.arrows, tile.rival, middle, c * reach, ink);
        }
        if tile.arrows.is_empty() && c >= LETTER_FROM {
            let (words, size) = font::fit(&tile.actions, size, room);
            if words != "…" {
                scene.text(middle, Anchor::Middle, size, ink, words);
            }
        }
    }
}

/// Thickness of the mark of a changed state in a cell of side `c`.
fn outline_width(c: f64) -> f64 {
    (c * 0.075).clamp(1.0, 3.5)
}

/// The mark of a changed state: a thick line with a white one inside, so it shows on any fill.
fn outline(scene: &mut Scene, (x, y): Xy, c: f64) {
    let width = outline_width(c);
    let inset = width / 2.0;
    if c >= 30.0 {
        let inner = width + 0.5;
        scene.frame("", (x + inner, y + inner), (c - 2.0 * inner, c - 2.0 * inner), Stroke::solid(WHITE, 1.0));
    }
    scene.frame(
        "tn-changed",
        (x + inset, y + inset),
        (c - 2.0 * inset, c - 2.0 * inset),
        Stroke::solid(VERMILLION, width),
    );
}

/// One arrow is centred and twice `reach` long; ties and a rival spread from the middle.
fn arrows(scene: &mut Scene, list: &[Direction], rival: Option<Direction>, (x, y): Xy, reach: f64, ink: Rgb) {
    let alone = list.len() == 1 && rival.is_none();
    let (width, head) = ((reach * 0.21).max(1.0), (reach * 0.66).max(3.2));
    for direction in list {
        let Some((dx, dy)) = direction.step() else {
            scene.disc((x, y), reach * 0.33, ink);
            continue;
        };
        let (back, ahead) = if alone { (reach, reach) } else { (0.0, reach * 1.2) };
        let from = (x - dx * back, y - dy * back);
        let to = (x + dx * ahead, y + dy * ahead);
        let head = if alone { head } else { head * 0.88 };
        arrow(scene, from, to, width, ink, head);
    }
    match rival.map(Direction::step) {
        Some(Some((dx, dy))) => open_arrow(scene, (x, y), (x + dx * reach * 1.2, y + dy * reach * 1.2), ink),
        Some(None) => scene.disc((x, y), reach * 0.33, ink),
        None => {}
    }
    if !alone && !list.is_empty() {
        scene.disc((x, y), width * 0.5, ink);
    }
}

/// The axis of a bar over these values, for boards about this high; nothing to show gives the range 0 to 1.
pub(super) fn bar_axis(values: &[f64], height: f64) -> Axis {
    let (lo, hi) = super::axis::extent(values.iter().copied()).unwrap_or((0.0, 1.0));
    Axis::tight(lo, hi, Bar::ticks_for(height))
}
