//! The ladder: a strip for each state, cut where its best actions change along a parameter. It stands under a curve
//! or alone, and shares the horizontal axis of whatever is above it.

use super::axis::extent;
use super::colour::{INK, KINDS, MUTED, RULE, Rgb, WHITE, ink_on, mix};
use super::font;
use super::legend::{Key, SIZE};
use super::scene::{Anchor, Scene, Stroke, Xy};
use super::{PlotError, at_most, finite};

/// Most strips drawn; more are counted in words.
const MAX_ROWS: usize = 24;
/// Most strips and pieces of one strip taken in.
const MAX_DATA: usize = 200_000;
const ROW: f64 = 17.0;
/// Space between two strips.
const BETWEEN: f64 = 3.0;
/// Text size of the names of actions in the strips.
const WORDS: f64 = 9.5;
/// Names of actions the legend spells out.
const IN_LEGEND: usize = 14;

/// A part of a strip on which the best actions stay the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// All best actions; more than one means a tie along the whole part.
    pub actions: Vec<String>,
}

/// The strip of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct LadderRow {
    /// Name of the state.
    pub name: String,
    /// Its parts in order, without gaps.
    pub rungs: Vec<Rung>,
}

/// Strips with a colour for each action.
pub(super) struct Ladder<'a> {
    rows: &'a [LadderRow],
    /// Every action in order of appearance.
    actions: Vec<&'a str>,
}

impl<'a> Ladder<'a> {
    pub(super) fn new(rows: &'a [LadderRow]) -> Self {
        let mut actions: Vec<&str> = Vec::new();
        for action in rows.iter().take(MAX_ROWS).flat_map(|r| &r.rungs).flat_map(|r| &r.actions) {
            if !actions.contains(&action.as_str()) {
                actions.push(action);
            }
        }
        Ladder { rows, actions }
    }

    /// Checks that every place can be drawn.
    pub(super) fn check(rows: &[LadderRow]) -> Result<(), PlotError> {
        at_most("the strips of states", rows.iter().map(|r| r.rungs.len().max(1)).sum(), MAX_DATA)?;
        for row in rows {
            for x in row.rungs.iter().flat_map(|r| [r.from, r.to]) {
                finite(|| format!("a change of {}", row.name), x)?;
            }
        }
        Ok(())
    }

    /// Both ends of all strips.
    pub(super) fn extent(rows: &[LadderRow]) -> Option<Xy> {
        extent(rows.iter().flat_map(|r| &r.rungs).flat_map(|r| [r.from, r.to]))
    }

    fn shown(&self) -> &'a [LadderRow] {
        &self.rows[..self.rows.len().min(MAX_ROWS)]
    }

    /// The width the names want, at most `room`.
    pub(super) fn names(&self, room: f64) -> f64 {
        self.shown().iter().map(|r| font::width(&font::cut(&r.name, SIZE, room), SIZE)).fold(0.0, f64::max)
    }

    /// Height of the strips, with the line that counts the rest.
    pub(super) fn height(&self) -> f64 {
        let more = if self.rows.len() > MAX_ROWS { ROW } else { 0.0 };
        self.shown().len() as f64 * (ROW + BETWEEN) + more
    }

    /// The colour of an action; beyond the palette lighter ones follow.
    fn colour(&self, action: &str) -> Rgb {
        let k = self.actions.iter().position(|a| *a == action).unwrap_or(0);
        let round = (k / KINDS.len()) as f64;
        mix(KINDS[k % KINDS.len()], WHITE, (0.45 * round).min(0.8))
    }

    /// A patch for each action.
    pub(super) fn legend(&self) -> Vec<(Key, String)> {
        let patch = |a: &&&str| (Key::Patch(self.colour(a).into()), font::clean(a));
        let mut out: Vec<(Key, String)> = self.actions.iter().take(IN_LEGEND).map(|a| patch(&a)).collect();
        let more = self.actions.len().saturating_sub(IN_LEGEND);
        if more > 0 {
            out.push((Key::Patch(WHITE.into()), format!("and {more} more actions")));
        }
        out
    }

    /// Draws the strips from `top` downwards. `at` places a value of the parameter, `left` and `right` bound it, and
    /// the names end before `left`, no wider than `room`.
    pub(super) fn draw(&self, scene: &mut Scene, at: impl Fn(f64) -> f64, (left, right): Xy, room: f64, top: f64) {
        for (k, row) in self.shown().iter().enumerate() {
            let y = top + k as f64 * (ROW + BETWEEN);
            let name = font::cut(&row.name, SIZE, room);
            scene.text((left - 8.0, y + ROW / 2.0), Anchor::End, SIZE, INK, name);
            for rung in joined(&row.rungs) {
                let (a, b) = (at(rung.from).clamp(left, right), at(rung.to).clamp(left, right));
                self.rung(scene, &rung, (a, y), (b - a).max(0.5));
            }
            scene.frame("", (left, y), (right - left, ROW), Stroke::solid(MUTED, 0.75));
        }
        if self.rows.len() > MAX_ROWS {
            let y = top + MAX_ROWS as f64 * (ROW + BETWEEN) + ROW / 2.0;
            let words = format!("… and {} more states change", self.rows.len() - MAX_ROWS);
            scene.text((left + 4.0, y), Anchor::Start, SIZE, MUTED, font::cut(&words, SIZE, right - left - 4.0));
        }
    }

    /// One part: a colour for each of its actions, one below the other, and their names where there is room.
    fn rung(&self, scene: &mut Scene, rung: &Rung, (x, y): Xy, width: f64) {
        let n = rung.actions.len().max(1);
        let band = ROW / n as f64;
        scene.rect((x, y), (width, ROW), RULE);
        for (k, action) in rung.actions.iter().enumerate() {
            scene.rect((x, y + k as f64 * band), (width, band), self.colour(action));
        }
        // A hairline where one part ends and the next begins.
        scene.rect((x, y), (1.0_f64.min(width / 2.0), ROW), WHITE);
        let [action] = rung.actions.as_slice() else { return };
        let words = font::clean(action);
        if font::width(&words, WORDS) + 6.0 <= width {
            let ink = ink_on(self.colour(action));
            scene.text((x + width / 2.0, y + ROW / 2.0), Anchor::Middle, WORDS, ink, words);
        }
    }
}

/// The parts with neighbours of the same actions put together.
fn joined(rungs: &[Rung]) -> Vec<Rung> {
    let mut out: Vec<Rung> = Vec::new();
    for rung in rungs {
        match out.last_mut() {
            Some(last) if last.actions == rung.actions => last.to = rung.to,
            _ => out.push(rung.clone()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(from: f64, to: f64, action: &str) -> Rung {
        Rung { from, to, actions: vec![action.into()] }
    }

    #[test]
    fn neighbours_with_the_same_actions_become_one() {
        let parts = [rung(0.0, 1.0, "a"), rung(1.0, 2.0, "a"), rung(2.0, 3.0, "b"), rung(3.0, 4.0, "a")];
        assert_eq!(joined(&parts), [rung(0.0, 2.0, "a"), rung(2.0, 3.0, "b"), rung(3.0, 4.0, "a")]);
    }

    #[test]
    fn twenty_actions_have_twenty_colours() {
        let rungs = (0..20).map(|k| rung(f64::from(k), f64::from(k + 1), &format!("a{k}"))).collect();
        let rows = [LadderRow { name: "s".into(), rungs }];
        let ladder = Ladder::new(&rows);
        let colours: Vec<Rgb> = ladder.actions.iter().map(|a| ladder.colour(a)).collect();
        let differ = (1..20).all(|i| {
            (0..i).all(|j| (colours[i].0, colours[i].1, colours[i].2) != (colours[j].0, colours[j].1, colours[j].2))
        });
        assert!(differ);
        assert_eq!(ladder.legend().len(), IN_LEGEND + 1);
    }
}
