//! The cliff curve: what the policies that are optimal along a one-parameter family of rewards earn in truth, piece by
//! piece between exact breakpoints, and under it which actions they take in each piece.

use super::axis::{self, Axis, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, Color, INK, MUTED, Rgb, SKY, VERMILLION, WARNING};
use super::csv::{Csv, Field, joined};
use super::curve::{self, Notes};
use super::font;
use super::ladder::{Ladder, LadderRow};
use super::legend::{Key, Legend, Mark, mark};
use super::scene::{Anchor, Scene, Stroke, Xy};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most pieces taken in.
const MAX_PIECES: usize = 20_000;
/// With more breakpoints than this their lines and dots would hide the curve.
const RULES_UP_TO: usize = 80;
const DOTS_UP_TO: usize = 40;
/// Breakpoints named above the chart beside the cliff, the largest drops first.
const MAX_NAMED: usize = 5;
/// Height of the band that numbers the pieces.
const BAND: f64 = 15.0;
/// Pieces closer than this share of all of them touch: ends of neighbours may differ by their rounding.
const TOUCHING: f64 = 1e-9;
/// Drops smaller than this share of the picture's span are not worth a name.
const NOTICEABLE: f64 = 0.02;

/// A part of the family on which the same policies stay optimal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CliffPiece {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The least true return of an optimal policy, at the beginning and at the end.
    pub worst: [f64; 2],
    /// The greatest; the same where no tie goes on along the piece.
    pub best: [f64; 2],
}

/// A breakpoint: where the policies of both sides are optimal, and what mixes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CliffPoint {
    /// Where.
    pub x: f64,
    /// The least true return of a policy that is optimal there.
    pub worst: f64,
    /// The greatest.
    pub best: f64,
}

/// True return over a coefficient, in pieces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CliffCurve {
    /// What the picture shows.
    pub title: String,
    /// Name of the coefficient, as `x in goal - x*step`.
    pub x_label: String,
    /// Name of the vertical axis, the return in truth.
    pub y_label: String,
    /// The pieces in order; gaps between them are left blank.
    pub pieces: Vec<CliffPiece>,
    /// What is earned at breakpoints; may be empty.
    pub points: Vec<CliffPoint>,
    /// The states whose best action changes on the way; may be empty.
    pub rows: Vec<LadderRow>,
}

impl CliffCurve {
    fn check(&self) -> Result<(), PlotError> {
        if self.pieces.is_empty() {
            return Err(PlotError::Empty { what: "the cliff curve".into() });
        }
        at_most("the cliff curve", self.pieces.len(), MAX_PIECES)?;
        for piece in &self.pieces {
            for x in [piece.from, piece.to] {
                finite(|| "a breakpoint".into(), x)?;
            }
            for y in piece.worst.into_iter().chain(piece.best) {
                finite(|| format!("the return from {} to {}", piece.from, piece.to), y)?;
            }
        }
        for point in &self.points {
            for x in [point.x, point.worst, point.best] {
                finite(|| format!("the breakpoint at {}", point.x), x)?;
            }
        }
        Ladder::check(&self.rows)
    }

    /// Each breakpoint with the returns before and after it, worst over ties. Between pieces that do not touch there is
    /// none.
    fn breaks(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let span = self.pieces.iter().map(|p| p.to - p.from).sum::<f64>().abs();
        let touch = move |w: &&[CliffPiece]| w[1].from - w[0].to <= TOUCHING * span;
        self.pieces.windows(2).filter(touch).map(|w| (w[1].from, w[0].worst[1], w[1].worst[0]))
    }

    /// The breakpoints worth a name, the largest drop first.
    fn named(&self, span: f64) -> Vec<(f64, f64, f64)> {
        let mut all: Vec<(f64, f64, f64)> = self.breaks().collect();
        all.retain(|b| (b.1 - b.2).abs() > NOTICEABLE * span);
        // Drops before rises, large before small; a stable sort keeps the order of equals.
        all.sort_by(|a, b| (b.1 - b.2).total_cmp(&(a.1 - a.2)));
        all.truncate(MAX_NAMED);
        all
    }

    fn cliff(&self) -> Option<(f64, f64, f64)> {
        let deepest = self.breaks().filter(|b| b.1 > b.2).max_by(|a, b| (a.1 - a.2).total_cmp(&(b.1 - b.2)));
        let largest = self.pieces.iter().flat_map(|p| p.worst).fold(0.0, |m: f64, y| m.max(y.abs()));
        deepest.filter(|b| axis::has_width(b.2, b.1) && b.1 - b.2 > 1e-9 * largest)
    }

    fn notes(&self, frame: &Frame, span: f64) -> Vec<(f64, String, Rgb)> {
        let cliff = self.cliff();
        let words = |b: &(f64, f64, f64)| {
            let x = axis::value(b.0);
            if Some(*b) == cliff {
                let (from, to) = axis::pair(b.1, b.2);
                (frame.place((b.0, 0.0)).0, format!("cliff at {x}: {from} → {to}"), WARNING)
            } else {
                (frame.place((b.0, 0.0)).0, x, MUTED)
            }
        };
        self.named(span).iter().map(words).collect()
    }

    fn legend(&self, has_bands: bool) -> Vec<(Key, String)> {
        let n = self.breaks().count();
        let mut out = vec![(Key::Rule(Stroke::solid(BLUE, 2.5)), "an optimal policy's return, worst over ties".into())];
        if self.points.iter().any(|p| axis::has_width(p.worst, p.best)) {
            out.push((
                Key::Rule(Stroke::solid(SKY, 2.0)),
                "any return a policy optimal at a breakpoint may have".into(),
            ));
        }
        if has_bands {
            out.push((Key::Patch(BLUE.mix(0.2)), "left open by ties".into()));
        }
        if n > 0 {
            let plural = if n == 1 { "breakpoint" } else { "breakpoints" };
            let rule = Stroke::dashed(MUTED, 1.0, 2.0, 2.5);
            out.push((Key::Rule(rule), format!("{n} exact {plural}: the optimal policy changes")));
        }
        if self.cliff().is_some() {
            out.push((Key::Rule(Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0)), "cliff: the largest drop".into()));
        }
        out
    }
}

impl Picture for CliffCurve {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let inner = width - 2.0 * MARGIN;
        // INVARIANT: check() refused an empty list of pieces, so both extents exist; (0, 1) is never used.
        let ends = self.pieces.iter().flat_map(|p| [p.from, p.to]);
        let (x0, x1) = extent(ends).unwrap_or((0.0, 1.0));
        let (x0, x1) = Ladder::extent(&self.rows).map_or((x0, x1), |e| (x0.min(e.0), x1.max(e.1)));
        let of_points = self.points.iter().flat_map(|p| [p.worst, p.best]);
        let heights = self.pieces.iter().flat_map(|p| p.worst.into_iter().chain(p.best)).chain(of_points);
        let (y0, y1) = extent(heights).unwrap_or((0.0, 1.0));
        let ladder = Ladder::new(&self.rows);
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let height = (width * 0.36).clamp(150.0, 360.0);
        let across = Axis::tight(x0, x1, (width / 95.0) as usize);
        let mut frame = Frame::new(width, 0.0, height, across, Axis::padded(y0, y1, 5), &self.y_label);
        frame.widen_left(MARGIN + ladder.names(inner * 0.26) + 10.0);
        let notes = Notes::new(self.notes(&frame, y1 - y0), MARGIN, width - MARGIN);
        let above = MARGIN + title.height();
        let top = above + notes.height() + if frame.up.note.is_some() { 4.0 } else { 0.0 };
        frame.y += top;
        notes.draw(&mut scene, above);
        frame.draw(&mut scene, &self.x_label, &self.y_label);
        self.curve(&mut scene, &frame);
        let mut y = frame.y + frame.h + Frame::below(&self.x_label) + 8.0;
        if self.pieces.len() > 1 {
            self.band(&mut scene, &frame, y);
            y += BAND + 6.0;
        }
        let sides = (frame.x, frame.x + frame.w);
        ladder.draw(&mut scene, |x| frame.place((x, 0.0)).0, sides, inner * 0.26, y);
        y += ladder.height() + 6.0;
        let has_bands = self.pieces.iter().any(|p| (0..2).any(|k| axis::has_width(p.worst[k], p.best[k])));
        for entries in [self.legend(has_bands), ladder.legend()] {
            let legend = Legend::new(entries, inner);
            legend.draw(&mut scene, (MARGIN, y));
            y += legend.height();
        }
        Ok(scene.finish(y + MARGIN))
    }

    fn data(&self) -> Csv {
        let names = self.rows.iter().map(|row| format!("best_actions of {}", row.name));
        let fixed = ["piece", "from", "to", "worst_from", "worst_to", "best_from", "best_to"];
        let mut csv = Csv::new(&fixed.iter().map(|&n| n.to_owned()).chain(names).collect::<Vec<_>>());
        for (k, p) in self.pieces.iter().enumerate() {
            let middle = p.from / 2.0 + p.to / 2.0;
            let here = |row: &LadderRow| row.rungs.iter().find(|r| (r.from..=r.to).contains(&middle)).cloned();
            let actions = self.rows.iter().map(|row| here(row).map_or(Field::Empty, |rung| joined(&rung.actions)));
            let numbers = [p.from, p.to, p.worst[0], p.worst[1], p.best[0], p.best[1]].map(Field::from);
            csv.row(std::iter::once(name(k).into()).chain(numbers).chain(actions));
        }
        for p in &self.points {
            let [x, worst, best] = [p.x, p.worst, p.best].map(Field::from);
            csv.row(["breakpoint".into(), x.clone(), x, worst.clone(), worst, best.clone(), best]);
        }
        csv
    }
}

impl CliffCurve {
    fn curve(&self, scene: &mut Scene, frame: &Frame) {
        let at = |x: f64, y: f64| frame.place((x, y));
        let cliff = self.cliff().map(|c| c.0);
        if self.pieces.len() <= RULES_UP_TO {
            for (x, _, _) in self.breaks().filter(|b| Some(b.0) != cliff) {
                curve::upright(scene, frame, x, Stroke::dashed(MUTED, 1.0, 2.0, 2.5));
            }
        }
        if let Some(x) = cliff {
            curve::upright(scene, frame, x, Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0));
        }
        for p in &self.pieces {
            let (a, b) = (at(p.from, p.worst[0]), at(p.to, p.worst[1]));
            let (c, d) = (at(p.to, p.best[1]), at(p.from, p.best[0]));
            scene.polygon(vec![a, b, c, d], BLUE.mix(0.2));
            scene.path(vec![a, b], Stroke::solid(BLUE, 2.5));
        }
        // At a breakpoint the policies of both sides are optimal, and what mixes them may earn more or less than either.
        for p in self.points.iter().filter(|p| axis::has_width(p.worst, p.best)) {
            scene.path(vec![at(p.x, p.worst), at(p.x, p.best)], Stroke::solid(SKY, 2.0));
        }
        for (x, before, after) in self.breaks().filter(|_| self.points.is_empty()) {
            scene.path(vec![at(x, before), at(x, after)], Stroke::dashed(BLUE, 1.0, 1.5, 2.0));
        }
        if self.pieces.len() <= DOTS_UP_TO {
            let ends = self.breaks().flat_map(|(x, before, after)| [at(x, before), at(x, after)]);
            ends.for_each(|p| mark(scene, Mark::Disc, p, 2.2, BLUE));
        }
    }

    /// The band that gives each piece a letter.
    fn band(&self, scene: &mut Scene, frame: &Frame, y: f64) {
        let (left, right) = (frame.x, frame.x + frame.w);
        scene.text((left - 8.0, y + BAND / 2.0), Anchor::End, 10.0, MUTED, "policy");
        for (k, piece) in self.pieces.iter().enumerate() {
            let (a, b): Xy = (frame.place((piece.from, 0.0)).0, frame.place((piece.to, 0.0)).0);
            let fill = if k % 2 == 0 { BLUE.mix(0.1) } else { BLUE.mix(0.28) };
            scene.rect((a, y), ((b - a).max(0.5), BAND), fill);
            let words = name(k);
            if font::width(&words, 10.0) + 4.0 <= b - a {
                scene.text(((a + b) / 2.0, y + BAND / 2.0), Anchor::Middle, 10.0, INK, words);
            }
        }
        scene.frame("", (left, y), (right - left, BAND), Stroke::solid(MUTED, 0.75));
    }
}

/// The letters of a piece: A to Z, then AA, AB and so on.
fn name(k: usize) -> String {
    let letter = |k: usize| char::from(b'A' + (k % 26) as u8);
    if k < 26 { letter(k).to_string() } else { name(k / 26 - 1) + &letter(k).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_named_like_columns() {
        assert_eq!(
            [name(0), name(25), name(26), name(51), name(52), name(701), name(702)],
            ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
        );
    }

    #[test]
    fn the_cliff_is_the_largest_drop_and_never_a_rise() {
        let piece = |from: f64, y: f64| CliffPiece { from, to: from + 1.0, worst: [y; 2], best: [y; 2] };
        let curve = |ys: &[f64]| CliffCurve {
            pieces: ys.iter().enumerate().map(|(k, &y)| piece(k as f64, y)).collect(),
            ..CliffCurve::default()
        };
        assert_eq!(curve(&[0.5, 0.4, 0.1, 0.0]).cliff(), Some((2.0, 0.4, 0.1)));
        assert_eq!(curve(&[0.1, 0.5]).cliff(), None);
        assert_eq!(curve(&[0.1]).cliff(), None);
        assert_eq!(curve(&[0.1, 0.1 - 1e-16]).cliff(), None);
    }
}
