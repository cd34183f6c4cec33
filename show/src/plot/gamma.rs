//! The gamma ladder: how the best actions change with the discount, with the exact switches, the discounts at which
//! another policy ties without taking over, and the Blackwell value above which nothing changes any more.

use super::axis::{self, Axis, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, INK, MUTED, ORANGE, RULE, Rgb, VERMILLION, WARNING};
use super::csv::{Csv, Field, joined};
use super::curve::{self, Notes};
use super::ladder::{Ladder, LadderRow};
use super::legend::{Key, Legend, Mark, mark};
use super::scene::{Scene, Stroke, Xy};
use super::{Options, Picture, PlotError, at_most, finite};

/// Most switches and touch points taken in.
const MAX_MARKS: usize = 20_000;
/// With more switches than this their lines and triangles would run together; ticks on the rail stand for them.
const RULES_UP_TO: usize = 40;
/// Switches named above the picture.
const MAX_NAMED: usize = 8;
/// Height of the rail the marks stand on.
const RAIL: f64 = 30.0;
/// From this discount on the axis is even in the horizon, as most changes crowd near 1.
const EVEN_IN_HORIZON_FROM: f64 = 0.9;

/// A discount at which the optimal policy changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiscountSwitch {
    /// The discount.
    pub gamma: f64,
    /// Between these it certainly lies; equal when it is known exactly.
    pub lo: f64,
    /// See `lo`.
    pub hi: f64,
}

/// Which actions are best at which discount.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GammaLadder {
    /// What the picture shows.
    pub title: String,
    /// The range of discounts that was searched.
    pub range: [f64; 2],
    /// The states whose best action changes; may be empty.
    pub rows: Vec<LadderRow>,
    /// Where the optimal policy changes.
    pub switches: Vec<DiscountSwitch>,
    /// Where another policy ties but does not take over.
    pub touches: Vec<f64>,
    /// The discount above which the same policies stay optimal, if it was found.
    pub blackwell: Option<f64>,
    /// Up to which discount they certainly do.
    pub blackwell_to: f64,
    /// Whether the marks are all there are; otherwise others may hide between the discounts that were looked at.
    pub is_whole: bool,
    /// The discount of the model.
    pub current: Option<f64>,
}

impl GammaLadder {
    fn marks(&self) -> impl Iterator<Item = f64> + '_ {
        let switches = self.switches.iter().flat_map(|s| [s.gamma, s.lo, s.hi]);
        switches.chain(self.touches.iter().copied()).chain(self.blackwell)
    }

    fn check(&self) -> Result<(), PlotError> {
        at_most("the switches", self.switches.len().max(self.touches.len()), MAX_MARKS)?;
        for gamma in self.range.into_iter().chain(self.marks()).chain(self.current) {
            finite(|| "a discount".into(), gamma)?;
        }
        Ladder::check(&self.rows)
    }

    /// Both ends of what is drawn.
    fn ends(&self) -> Xy {
        let all = self
            .range
            .into_iter()
            .chain(self.marks())
            .chain(Ladder::extent(&self.rows).into_iter().flat_map(<[f64; 2]>::from));
        // The model's own discount is drawn where the range reaches it.
        extent(all).unwrap_or((0.0, 1.0))
    }

    fn here(&self) -> Option<f64> {
        let (lo, hi) = self.ends();
        self.current.filter(|g| (lo..=hi).contains(g))
    }

    fn notes(&self, at: impl Fn(f64) -> f64) -> Vec<(f64, String, Rgb)> {
        let mut out = Vec::new();
        if let Some(gamma) = self.blackwell {
            out.push((at(gamma), format!("Blackwell {}", axis::short(gamma, 6)), WARNING));
        }
        if let Some(gamma) = self.here() {
            out.push((at(gamma), format!("this model {}", axis::short(gamma, 6)), MUTED));
        }
        let others = self.switches.iter().filter(|s| Some(s.gamma) != self.blackwell);
        out.extend(others.take(MAX_NAMED).map(|s| (at(s.gamma), axis::short(s.gamma, 6), WARNING)));
        out
    }

    fn legend(&self) -> Vec<(Key, String)> {
        let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let mut out = Vec::new();
        if self.switches.is_empty() {
            let words = match self.is_whole {
                true => "the same policies are optimal throughout",
                false => "no switch was seen; some may hide between the discounts looked at",
            };
            out.push((Key::Rule(Stroke::solid(MUTED, 2.0)), words.into()));
        } else {
            let least = if self.is_whole { "" } else { "at least " };
            let words =
                format!("{least}{}: another policy takes over", count(self.switches.len(), "switch", "switches"));
            let few = self.switches.len() <= RULES_UP_TO;
            let tick = Key::Rule(Stroke::solid(VERMILLION, 2.0));
            out.push((if few { Key::Mark(Mark::Triangle, VERMILLION) } else { tick }, words));
        }
        if !self.touches.is_empty() {
            let words = count(self.touches.len(), "touch point", "touch points") + ": another policy only ties";
            out.push((Key::Mark(Mark::Diamond, ORANGE), words));
        }
        if self.blackwell.is_some() {
            let up_to = match self.blackwell_to < 1.0 {
                true => format!(" up to {}, where the rounding of the probabilities decides", self.blackwell_to),
                false => String::new(),
            };
            let words = format!("above the Blackwell value: nothing changes any more{up_to}");
            out.push((Key::Rule(Stroke::solid(BLUE, 4.0)), words));
        }
        if self.here().is_some() {
            out.push((Key::Rule(Stroke::dashed(INK, 1.0, 3.0, 2.5)), "discount of this model".into()));
        }
        out
    }
}

impl Picture for GammaLadder {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let inner = width - 2.0 * MARGIN;
        let (lo, hi) = self.ends();
        let is_even_in_horizon = (EVEN_IN_HORIZON_FROM..1.0).contains(&hi) && lo >= 0.0;
        let warp: curve::Warp = if is_even_in_horizon { axis::horizon } else { curve::straight };
        let across = match is_even_in_horizon {
            true => Axis::discounts(lo, hi),
            false => Axis::tight(lo, hi, (width / 95.0) as usize),
        };
        let ladder = Ladder::new(&self.rows);
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let height = RAIL + ladder.height();
        let mut frame = Frame::new(width, 0.0, height, across, Axis::bare(), "");
        frame.widen_left(MARGIN + ladder.names(inner * 0.3) + 12.0);
        let at = |x: f64| frame.place((warp(x), 0.0)).0;
        let notes = Notes::new(self.notes(at), MARGIN, width - MARGIN);
        let top = MARGIN + title.height() + notes.height();
        notes.draw(&mut scene, MARGIN + title.height());
        frame.y += top;
        let name = if is_even_in_horizon { "discount γ (even in the horizon 1/(1−γ))" } else { "discount γ" };
        frame.draw(&mut scene, name, "");
        let at = |x: f64| frame.place((warp(x), 0.0)).0;
        let sides = (frame.x, frame.x + frame.w);
        self.rail(&mut scene, &frame, at);
        ladder.draw(&mut scene, at, sides, inner * 0.3, frame.y + RAIL);
        let mut y = frame.y + frame.h + Frame::below(name) + 6.0;
        for entries in [self.legend(), ladder.legend()] {
            let legend = Legend::new(entries, inner);
            legend.draw(&mut scene, (MARGIN, y));
            y += legend.height();
        }
        Ok(scene.finish(y + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["kind", "state", "from", "to", "gamma", "best_actions"]);
        for row in &self.rows {
            for rung in &row.rungs {
                let ends = [rung.from.into(), rung.to.into(), Field::Empty, joined(&rung.actions)];
                csv.row([Field::from("interval"), (&row.name).into()].into_iter().chain(ends));
            }
        }
        let mut mark = |kind: &str, lo: f64, hi: f64, gamma: f64| {
            csv.row([kind.into(), Field::Empty, lo.into(), hi.into(), gamma.into()]);
        };
        self.switches.iter().for_each(|s| mark("switch", s.lo, s.hi, s.gamma));
        self.touches.iter().for_each(|&g| mark("touch", g, g, g));
        self.blackwell.iter().for_each(|&g| mark("blackwell", g, g, g));
        self.current.iter().for_each(|&g| mark("model", g, g, g));
        csv
    }
}

impl GammaLadder {
    /// The rail above the strips: switches, touch points, and where the Blackwell policies reign.
    fn rail(&self, scene: &mut Scene, frame: &Frame, at: impl Fn(f64) -> f64) {
        let y = frame.y + RAIL / 2.0 - 1.0;
        let (left, right) = (frame.x, frame.x + frame.w);
        scene.path(vec![(left, y), (right, y)], Stroke::solid(RULE, 4.0));
        if let Some(gamma) = self.blackwell {
            scene.path(vec![(at(gamma), y), (right, y)], Stroke::solid(BLUE, 4.0));
        }
        let bottom = frame.y + frame.h;
        let few = self.switches.len() <= RULES_UP_TO;
        for switch in &self.switches {
            let x = at(switch.gamma);
            scene.path(vec![(at(switch.lo), y), (at(switch.hi), y)], Stroke::solid(VERMILLION, 4.0));
            if few {
                scene.path(vec![(x, frame.y), (x, bottom)], Stroke::dashed(VERMILLION, 1.0, 2.5, 2.5));
            } else {
                scene.path(vec![(x, y - 6.0), (x, y + 6.0)], Stroke::solid(VERMILLION, 0.75));
            }
        }
        if let Some(gamma) = self.here() {
            let x = at(gamma);
            scene.path(vec![(x, frame.y), (x, bottom)], Stroke::dashed(INK, 1.0, 3.0, 2.5));
        }
        for &gamma in &self.touches {
            mark(scene, Mark::Diamond, (at(gamma), y), 4.0, ORANGE);
        }
        for switch in self.switches.iter().filter(|_| few) {
            mark(scene, Mark::Triangle, (at(switch.gamma), y), 4.5, VERMILLION);
        }
    }
}
