//! The difference picture: two grid maps beside each other (or one above the other when they are wide), each with
//! its own colour bar because two rewards have two scales; changed states outlined.

use super::chart::{MARGIN, TITLE, Title};
use super::csv::Csv;
use super::grid::{COLUMNS, GAP, GridMap};
use super::legend::Legend;
use super::scene::Scene;
use super::{Options, Picture, PlotError};

/// Space between two boards.
const BETWEEN: f64 = 26.0;

/// Two grid maps of the same model under two rewards.
#[derive(Debug, Clone, PartialEq)]
pub struct GridDiff {
    /// What the picture shows; the two maps keep their own titles as subtitles.
    pub title: String,
    /// The map under the first reward.
    pub left: GridMap,
    /// The map under the second reward.
    pub right: GridMap,
}

impl Picture for GridDiff {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.left.check()?;
        self.right.check()?;
        let inner = width - 2.0 * MARGIN;
        let wide = |m: &GridMap| m.columns as f64 >= 1.8 * m.rows as f64;
        let stacked = wide(&self.left) && wide(&self.right);
        let room = if stacked { (inner, width * 0.6) } else { ((inner - BETWEEN) / 2.0, width) };
        let mut left = self.left.board(&self.left.title, room);
        let mut right = self.right.board(&self.right.title, room);
        let cell = left.cell().min(right.cell());
        left.set_cell(cell);
        right.set_cell(cell);
        let used = if stacked { left.width().max(right.width()) } else { left.width() + BETWEEN + right.width() };
        let title = Title::new(&self.title, TITLE, used.max(200.0));
        let legend = Legend::new(
            self.left.outline_entry().or_else(|| self.right.outline_entry()).into_iter().collect(),
            used.max(200.0),
        );
        let mut scene = Scene::new(used.max(200.0) + 2.0 * MARGIN, &self.title);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let mut y = MARGIN + title.height();
        if stacked {
            for board in [&left, &right] {
                board.draw(&mut scene, (MARGIN, y), board.head());
                y += board.head() + board.body() + GAP;
            }
            y -= GAP;
        } else {
            let head = left.head().max(right.head());
            left.draw(&mut scene, (MARGIN, y), head);
            right.draw(&mut scene, (MARGIN + left.width() + BETWEEN, y), head);
            y += head + left.body().max(right.body());
        }
        legend.draw(&mut scene, (MARGIN, y + 4.0));
        Ok(scene.finish(y + 4.0 + legend.height() + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&[&["map"], &COLUMNS[..]].concat());
        for map in [&self.left, &self.right] {
            map.rows_of_data().for_each(|row| csv.row(std::iter::once(map.title.as_str().into()).chain(row)));
        }
        csv
    }
}
