//! The matrix picture: a number for every pair of rewards as a heat map in the order of a dendrogram, which stands
//! beside it, with rewards that are the same task framed.

use super::axis::{Axis, extent, short};
use super::chart::{Bar, MARGIN, SUBTITLE, TICK, TITLE, Title};
use super::colour::{BLANK, INK, MUTED, Ramp, VERMILLION, ink_on};
use super::csv::Csv;
use super::font;
use super::legend::{Key, Legend, SIZE};
use super::scene::{Anchor, Scene, Stroke, Xy};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most rewards taken in.
const MAX_REWARDS: usize = 5_000;
/// Most cells along a side of the drawn map; beyond, cells are averages.
const MAX_DRAWN: usize = 240;
const MAX_CELL: f64 = 46.0;
/// Smallest cell with names beside it, and with names turned above it.
const NAME_FROM: f64 = 7.0;
const GAP: f64 = 8.0;
/// Share of the width for the dendrogram.
const TREE: f64 = 0.15;
/// Longest name above the columns.
const HEAD: f64 = 90.0;
const WORDS: f64 = 9.5;

/// Two groups that become one. Groups below the number of rewards are single rewards; the k-th merge makes group
/// `rewards + k`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// One group.
    pub left: usize,
    /// The other.
    pub right: usize,
    /// The distance at which they join.
    pub height: f64,
}

/// A number for every pair of rewards.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DistanceMatrix {
    /// What the picture shows.
    pub title: String,
    /// What the numbers are, as `starc-range`.
    pub value_label: String,
    /// What rows and columns are, where that differs, as `truth` and `proxy`.
    pub sides: [String; 2],
    /// Names of the rewards.
    pub names: Vec<String>,
    /// Row by row; none is drawn blank.
    pub cells: Vec<Option<f64>>,
    /// The rewards in the order to be drawn; empty keeps their own.
    pub order: Vec<usize>,
    /// One less than rewards, nearest first; empty draws no dendrogram.
    pub merges: Vec<Merge>,
    /// Which rewards are the same task: a number for each; empty for none.
    pub tasks: Vec<usize>,
}

impl DistanceMatrix {
    fn n(&self) -> usize {
        self.names.len()
    }

    fn check(&self) -> Result<(), PlotError> {
        let n = self.n();
        if n == 0 {
            return Err(PlotError::Empty { what: "the matrix of rewards".into() });
        }
        at_most("the matrix of rewards", n, MAX_REWARDS)?;
        let shape = |what: &str, expected: usize, found: usize| {
            let error = PlotError::Shape { what: what.into(), expected, found };
            if found == expected { Ok(()) } else { Err(error) }
        };
        shape("the cells of the matrix", n * n, self.cells.len())?;
        if !self.order.is_empty() {
            let mut seen = self.order.clone();
            seen.sort_unstable();
            seen.dedup();
            shape("the order of the rewards", n, seen.iter().filter(|&&k| k < n).count())?;
            shape("the order of the rewards", n, self.order.len())?;
        }
        if !self.tasks.is_empty() {
            shape("the tasks of the rewards", n, self.tasks.len())?;
        }
        for (k, x) in self.cells.iter().enumerate() {
            if let Some(x) = *x {
                finite(|| format!("the number of {} and {}", self.names[k / n], self.names[k % n]), x)?;
            }
        }
        self.check_tree()
    }

    /// A tree over all rewards: every group joins once, after it was made.
    fn check_tree(&self) -> Result<(), PlotError> {
        if self.merges.is_empty() {
            return Ok(());
        }
        let n = self.n();
        let error = |found: usize| PlotError::Shape { what: "the dendrogram".into(), expected: n - 1, found };
        if self.merges.len() != n - 1 {
            return Err(error(self.merges.len()));
        }
        let mut used = vec![false; 2 * n];
        for (k, merge) in self.merges.iter().enumerate() {
            finite(|| "a height of the dendrogram".into(), merge.height)?;
            for group in [merge.left, merge.right] {
                if group >= n + k || std::mem::replace(&mut used[group], true) {
                    return Err(error(k));
                }
            }
        }
        Ok(())
    }

    fn order(&self) -> Vec<usize> {
        if self.order.is_empty() { (0..self.n()).collect() } else { self.order.clone() }
    }

    /// The map to be drawn: its side, and its cells row by row, averages where there are more rewards than room.
    fn drawn(&self, order: &[usize]) -> (usize, Vec<Option<f64>>) {
        let n = self.n();
        let side = n.min(MAX_DRAWN);
        let part = |k: usize| k * n / side..(k + 1) * n / side;
        let cell = |i: usize, j: usize| {
            let all = part(i).flat_map(|a| part(j).map(move |b| (a, b)));
            let known: Vec<f64> = all.filter_map(|(a, b)| self.cells[order[a] * n + order[b]]).collect();
            let count = known.len() as f64;
            // Each share is small enough for the sum not to overflow.
            (!known.is_empty()).then(|| known.iter().map(|x| x / count).sum::<f64>())
        };
        (side, (0..side * side).map(|k| cell(k / side, k % side)).collect())
    }

    /// Runs of neighbours that are the same task, as first and last place of each with more than one reward.
    fn blocks(&self, order: &[usize]) -> Vec<(usize, usize)> {
        let mut out: Vec<(usize, usize)> = Vec::new();
        if self.tasks.is_empty() {
            return out;
        }
        for (place, &k) in order.iter().enumerate() {
            match out.last_mut() {
                Some((_, last)) if self.tasks[order[*last]] == self.tasks[k] => *last = place,
                _ => out.push((place, place)),
            }
        }
        out.retain(|(first, last)| last > first);
        out
    }

    /// Numbers in cells of that width, where all of them fit.
    fn words(&self, wide: f64) -> Option<(f64, impl Fn(f64) -> String)> {
        let size = (0.34 * wide).min(10.5);
        let write = |x: f64| if x == 0.0 { "0".into() } else { short(x, 2) };
        let fits = |x: &f64| font::width(&write(*x), size) <= wide - 3.0;
        let all = || self.cells.iter().flatten();
        (size >= 6.5 && all().all(fits)).then_some((size, write))
    }
}

impl Picture for DistanceMatrix {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let inner = width - 2.0 * MARGIN;
        let order = self.order();
        let (side, cells) = self.drawn(&order);
        let (lo, hi) = extent(cells.iter().filter_map(|x| *x)).unwrap_or((0.0, 1.0));
        let bar = Bar { ramp: Ramp::Viridis, axis: Axis::tight(lo.min(0.0), hi, 4), name: self.value_label.clone() };
        let tree = if self.merges.is_empty() { 0.0 } else { (TREE * inner).floor() + GAP };
        let label = |cell: f64| match cell >= NAME_FROM {
            true => {
                self.names.iter().map(|n| font::width(&font::cut(n, SIZE, inner * 0.24), SIZE)).fold(0.0, f64::max)
                    + GAP
            }
            false => 0.0,
        };
        let sided = if self.sides[0].is_empty() { 0.0 } else { SUBTITLE + 6.0 };
        let free = inner - tree - GAP - bar.width(f64::INFINITY) - sided;
        let room = |named: f64| ((free - named) / side as f64).min(MAX_CELL);
        let named = label(room(label(f64::INFINITY)));
        let cell = room(named);
        let cell = if cell >= 4.0 { cell.floor() } else { cell };
        let size = cell * side as f64;
        let left = MARGIN + sided + named;

        let height = size.max(60.0);
        // Few rewards get a narrow picture, with room for the title on few lines.
        let wished = font::width(&font::clean(&self.title), TITLE).clamp(300.0, 420.0);
        let used = sided + named + size + tree + GAP + bar.width(height);
        let inner = used.max(wished).min(inner);
        let mut scene = Scene::new(inner + 2.0 * MARGIN, &self.title);
        let width = inner + 2.0 * MARGIN;
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let mut top = MARGIN + title.height();
        if !self.sides[1].is_empty() {
            let (words, words_size) = font::fit(&self.sides[1], SUBTITLE, inner);
            let half = font::width(&words, words_size) / 2.0;
            let middle = (left + size / 2.0).clamp(MARGIN + half, (width - MARGIN - half).max(MARGIN + half));
            scene.text((middle, top + SUBTITLE / 2.0), Anchor::Middle, words_size, INK, words);
            top += SUBTITLE + 8.0;
        }
        if named > 0.0 {
            top += self.heads(&mut scene, &order, (left, top), cell);
        }
        if sided > 0.0 {
            let (words, words_size) = font::fit(&self.sides[0], SUBTITLE, size.max(30.0));
            let at = (MARGIN + SUBTITLE / 2.0, top + size.max(30.0) / 2.0);
            scene.turned(at, words_size, INK, words);
        }
        let gap = if cell >= 8.0 { 0.5 } else { 0.0 };
        let overlap = if cell < 4.0 { 0.25 } else { 0.0 };
        let words = if side == self.n() { self.words(cell) } else { None };
        for (k, value) in cells.iter().enumerate() {
            let (x, y) = (left + (k % side) as f64 * cell, top + (k / side) as f64 * cell);
            let fill = value.map_or(BLANK, |v| bar.colour(v));
            let wide = cell - 2.0 * gap + overlap;
            scene.rect((x + gap, y + gap), (wide, wide), fill);
            if let (Some((words_size, write)), Some(v)) = (&words, value) {
                scene.text((x + cell / 2.0, y + cell / 2.0), Anchor::Middle, *words_size, ink_on(fill), write(*v));
            }
        }
        scene.frame("", (left, top), (size, size), Stroke::solid(MUTED, 0.75));
        let unit = size / self.n() as f64;
        let blocks = self.blocks(&order);
        for (first, last) in &blocks {
            let (at, wide) = (*first as f64 * unit, (last - first + 1) as f64 * unit);
            let line = (unit * 0.08).clamp(1.0, 3.0);
            let (corner, wide) = ((left + at + line / 2.0, top + at + line / 2.0), wide - line);
            scene.frame("tn-same-task", corner, (wide, wide), Stroke::solid(VERMILLION, line));
        }
        let mut y = top + size;
        if tree > 0.0 {
            let place = (left + size + GAP, top);
            self.tree(&mut scene, &order, place, (tree - GAP, size));
            y += TICK + 12.0;
        }
        bar.draw(&mut scene, (left + size + tree + GAP, top), height);
        y = y.max(top + height) + 10.0;
        for line in self.remarks(&bar, (height, cell), side, inner) {
            scene.text((MARGIN, y + SIZE / 2.0), Anchor::Start, SIZE, MUTED, line);
            y += SIZE * font::LEADING;
        }
        let entries = match blocks.is_empty() {
            true => Vec::new(),
            false => vec![(Key::Frame(VERMILLION), "the same task: all policies in the same order".to_string())],
        };
        let legend = Legend::new(entries, inner);
        legend.draw(&mut scene, (MARGIN, y));
        Ok(scene.finish(y + legend.height() + MARGIN - 4.0))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["row", "column", "row_place", "column_place", "value"]);
        let n = self.n();
        let mut place = vec![0; n];
        self.order().iter().enumerate().filter(|(_, k)| **k < n).for_each(|(at, &k)| place[k] = at);
        for (k, value) in self.cells.iter().enumerate().take(n * n) {
            let (i, j) = (k / n, k % n);
            csv.row([
                (&self.names[i]).into(),
                (&self.names[j]).into(),
                place[i].into(),
                place[j].into(),
                (*value).into(),
            ]);
        }
        csv
    }
}

impl DistanceMatrix {
    /// Names beside the rows and turned above the columns; returns the height those take.
    fn heads(&self, scene: &mut Scene, order: &[usize], (left, top): Xy, cell: f64) -> f64 {
        let names: Vec<String> = order.iter().map(|&k| font::cut(&self.names[k], WORDS, HEAD)).collect();
        let height = names.iter().map(|n| font::width(n, WORDS)).fold(0.0, f64::max) + 6.0;
        let room = left - MARGIN - GAP - if self.sides[0].is_empty() { 0.0 } else { SUBTITLE + 6.0 };
        let size = SIZE.min(cell * 0.95);
        for (place, (&k, head)) in order.iter().zip(names).enumerate() {
            let middle = (place as f64 + 0.5) * cell;
            let name = font::cut(&self.names[k], size, room + 0.01);
            scene.text((left - GAP, top + height + middle), Anchor::End, size, INK, name);
            let reach = font::width(&head, WORDS.min(size)) / 2.0;
            scene.turned((left + middle, top + height - 3.0 - reach), WORDS.min(size), INK, head);
        }
        height
    }

    /// The dendrogram: rewards at the left, beside their rows, and the root at the right.
    fn tree(&self, scene: &mut Scene, order: &[usize], (x, y): Xy, (wide, high): Xy) {
        let n = self.n();
        let largest = self.merges.iter().map(|m| m.height).fold(0.0, f64::max);
        let at = |h: f64| x + if largest > 0.0 { (h / largest).clamp(0.0, 1.0) * wide } else { 0.0 };
        let mut middle = vec![0.0; 2 * n];
        let mut height = vec![0.0; 2 * n];
        order.iter().enumerate().for_each(|(place, &k)| middle[k] = y + (place as f64 + 0.5) * high / n as f64);
        let width = (0.4 * high / n as f64).clamp(0.3, 1.25);
        for (k, merge) in self.merges.iter().enumerate() {
            let (a, b) = (merge.left, merge.right);
            let points = [(at(height[a]), middle[a]), (at(merge.height), middle[a]), (at(merge.height), middle[b])];
            let end = (at(height[b]), middle[b]);
            scene.path(points.into_iter().chain([end]).collect(), Stroke::solid(INK, width));
            middle[n + k] = middle[a] / 2.0 + middle[b] / 2.0;
            height[n + k] = merge.height;
        }
        let below = y + high;
        scene.path(vec![(x, below + 3.0), (x + wide, below + 3.0)], Stroke::solid(MUTED, 1.0));
        scene.text((x, below + 5.0 + TICK), Anchor::Start, TICK, INK, "0");
        let end = short(largest, 2);
        if largest > 0.0 && font::width(&end, TICK) + 12.0 <= wide {
            scene.text((x + wide, below + 5.0 + TICK), Anchor::End, TICK, INK, end);
        }
    }

    /// What must be said below the map.
    fn remarks(&self, bar: &Bar, (height, cell): Xy, side: usize, room: f64) -> Vec<String> {
        let mut out = Vec::new();
        if !self.merges.is_empty() {
            out.push("tree: rewards join at the distance of their branches".to_owned());
        }
        if side < self.n() {
            out.push(format!(
                "{} rewards; a cell is the average of about {:.0} pairs",
                self.n(),
                (self.n() as f64 / side as f64).powi(2)
            ));
        }
        if side == self.n() && cell < NAME_FROM {
            out.push("the names of the rewards need a wider picture".to_owned());
        }
        out.extend(bar.caption(height));
        out.iter().flat_map(|line| font::wrap(line, SIZE, room, 3)).collect()
    }
}
