//! The trade-off of entropy regularisation: over the temperature, what the soft policy gives up in return and how
//! little it can be moved by an error of the reward.

use super::axis::{self, Axis};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, GREEN, MUTED, ORANGE, VERMILLION, WARNING};
use super::csv::{Csv, Field};
use super::curve::{self, CurvePoint, Look, Notes, Series};
use super::legend::{Key, Legend, Mark};
use super::scene::{Scene, Stroke};
use super::stack::{self, Panel};
use super::{Options, Picture, PlotError, finite};

/// What a temperature does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoftPoint {
    /// The temperature, above 0.
    pub temperature: f64,
    /// Return of the soft policy, without the entropy.
    pub policy_return: f64,
    /// What the return cannot fall below: the optimum less the bias bound.
    pub floor: f64,
    /// How far the policy moves at most for the error, exactly for this reward; above 0.
    pub local: Option<f64>,
    /// How far any policy of such a model can move; above 0.
    pub worst: f64,
}

/// Temperature against return and sensitivity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SoftTradeOff {
    /// What the picture shows.
    pub title: String,
    /// Name of the upper vertical axis, the return.
    pub return_label: String,
    /// Name of the lower vertical axis, such as `TV per unit of reward error`.
    pub sensitivity_label: String,
    /// The temperatures in any order.
    pub points: Vec<SoftPoint>,
    /// Return of the optimal policy.
    pub optimum: f64,
    /// A temperature to be marked, such as the least that keeps a promise, and what it is.
    pub marked: Option<(f64, String)>,
}

/// The lines of the picture.
struct Lines {
    soft: Series,
    floor: Series,
    optimum: Series,
    local: Series,
    worst: Series,
}

impl SoftTradeOff {
    fn lines(&self) -> Lines {
        let series = |name: &str, y: &dyn Fn(&SoftPoint) -> Option<f64>| Series {
            name: name.into(),
            points: self.points.iter().filter_map(|p| Some(CurvePoint::new(p.temperature, y(p)?))).collect(),
        };
        Lines {
            soft: series("return of the soft policy", &|p| Some(p.policy_return)),
            floor: series("guaranteed return", &|p| Some(p.floor).filter(|y| *y >= self.least())),
            optimum: series("optimal return", &|_| Some(self.optimum)),
            local: series("sensitivity at this reward, exact", &|p| p.local),
            worst: series("sensitivity at the worst reward", &|p| Some(p.worst)),
        }
    }

    /// Where the guarantee falls out of the picture: half a span below the lowest return.
    fn least(&self) -> f64 {
        let lowest = self.points.iter().map(|p| p.policy_return).fold(self.optimum, f64::min);
        let span = self.optimum - lowest;
        if span > 0.0 { lowest - 0.5 * span } else { lowest }
    }

    fn check(&self, lines: &Lines) -> Result<(), PlotError> {
        finite(|| "the optimal return".into(), self.optimum)?;
        for p in &self.points {
            finite(|| "a guaranteed return".into(), p.floor)?;
        }
        for series in [&lines.soft, &lines.optimum] {
            series.check_positive(|p| p.x)?;
        }
        lines.worst.check_positive(|p| p.value)?;
        if !lines.local.points.is_empty() {
            lines.local.check_positive(|p| p.value)?;
        }
        let marked = self.marked.iter().map(|m| CurvePoint::new(m.0, 0.0)).collect::<Vec<_>>();
        match marked.is_empty() {
            true => Ok(()),
            false => Series { name: "the marked temperature".into(), points: marked }.check_positive(|p| p.x),
        }
    }
}

impl Picture for SoftTradeOff {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        let lines = self.lines();
        self.check(&lines)?;
        let inner = width - 2.0 * MARGIN;
        let upper = Panel {
            name: &self.return_label,
            lines: vec![
                (&lines.optimum, Look::dashed(MUTED)),
                (&lines.floor, Look { stroke: Stroke::dashed(ORANGE, 2.0, 2.0, 3.0), mark: None }),
                (&lines.soft, Look::new(BLUE, Mark::Disc)),
            ]
            .into_iter()
            .filter(|(series, _): &(&Series, Look)| !series.points.is_empty())
            .collect(),
            is_log: false,
            is_way: false,
        };
        let mut lower = Panel {
            name: &self.sensitivity_label,
            lines: vec![(&lines.worst, Look { stroke: Stroke::dashed(ORANGE, 2.0, 7.0, 3.0), mark: None })],
            is_log: true,
            is_way: false,
        };
        if !lines.local.points.is_empty() {
            lower.lines.push((&lines.local, Look::new(GREEN, Mark::Square)));
        }
        let panels = [upper, lower];
        let temperatures = self.points.iter().map(|p| p.temperature).chain(self.marked.iter().map(|m| m.0));
        let across: Axis = curve::across(temperatures, curve::decades, true, width);
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let above = MARGIN + title.height();
        let height = (width * 0.28).clamp(120.0, 280.0);
        let at = stack::frames(&panels, width, 0.0, height, &across);
        let note = |(t, words): &(f64, String)| {
            (at[0].place((t.log10(), 0.0)).0, format!("τ = {}: {words}", axis::short(*t, 3)), WARNING)
        };
        let notes = Notes::new(self.marked.iter().map(note).collect(), MARGIN, width - MARGIN);
        let frames = stack::frames(&panels, width, above + notes.height(), height, &across);
        notes.draw(&mut scene, above);
        let name = "temperature τ";
        stack::draw(&mut scene, &panels, &frames, name, curve::decades);
        if let Some((t, _)) = &self.marked {
            let stroke = Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0);
            frames.iter().for_each(|frame| curve::upright(&mut scene, frame, t.log10(), stroke));
        }
        let mut entries: Vec<(Key, String)> = Vec::new();
        for (series, look) in panels.iter().flat_map(|p| p.lines.iter().rev()) {
            entries.push((look.key(), series.name.clone()));
        }
        let legend = Legend::new(entries, inner);
        let bottom = frames.last().map_or(above, |f| f.y + f.h);
        let y = bottom + Frame::below(name) + 8.0;
        legend.draw(&mut scene, (MARGIN, y));
        Ok(scene.finish(y + legend.height() + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["temperature", "policy_return", "floor", "optimum", "local", "worst"]);
        for p in &self.points {
            let end = [self.optimum.into(), p.local.into(), p.worst.into()];
            csv.row([Field::from(p.temperature), p.policy_return.into(), p.floor.into()].into_iter().chain(end));
        }
        csv
    }
}
