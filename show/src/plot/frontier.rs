//! The frontier of the lower bound: how much proxy and how much true return is to be had at a distance from the
//! reference policy, the distance being the chi-squared divergence that the guarantee is about. Other penalties,
//! such as KL divergences, are drawn on the same axes for comparison.

use super::axis::{self, extent};
use super::chart::{Frame, MARGIN, TITLE, Title};
use super::colour::{BLUE, GREEN, INK, ORANGE, PURPLE, Rgb, VERMILLION, WARNING};
use super::csv::{Csv, Field};
use super::curve::{self, CurvePoint, Look, Notes, Series};
use super::legend::{Key, Legend, Mark, mark};
use super::scene::{Scene, Stroke};
use super::stack::{self, Panel};
use super::{Options, Picture, PlotError, finite};

/// Looks of the curves, in their order.
const LOOKS: [(Rgb, Mark); 4] =
    [(BLUE, Mark::Disc), (ORANGE, Mark::Square), (GREEN, Mark::Triangle), (PURPLE, Mark::Diamond)];

/// Weights closer than this, relative to themselves, are one.
const SAME_WEIGHT: f64 = 1e-6;

/// The best policy for one weight of a penalty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrontierPoint {
    /// Weight of the penalty; infinite for the reference itself.
    pub weight: f64,
    /// Chi-squared divergence of its occupancy from that of the reference, not below 0.
    pub chi2: f64,
    /// Its return under the proxy.
    pub proxy: f64,
    /// Its return in truth.
    pub truth: f64,
    /// What its true return is guaranteed to be, if the penalty gives a guarantee.
    pub bound: Option<f64>,
}

/// The policies for all weights of one penalty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontierCurve {
    /// The penalty, as `χ² of occupancies`.
    pub name: String,
    /// Its policies in any order; they are joined by falling weight.
    pub points: Vec<FrontierPoint>,
}

impl FrontierCurve {
    /// From the reference on, the weight falling: another penalty than chi-squared may lead back in that distance.
    fn by_weight(&self) -> Vec<&FrontierPoint> {
        let mut points: Vec<&FrontierPoint> = self.points.iter().collect();
        points.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        points
    }
}

/// Proxy and true return against the divergence from a reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BoundFrontier {
    /// What the picture shows.
    pub title: String,
    /// Name of the upper vertical axis.
    pub proxy_label: String,
    /// Name of the lower vertical axis.
    pub truth_label: String,
    /// One curve for each penalty, at most four; the first is the one that bounds.
    pub curves: Vec<FrontierCurve>,
    /// Returns of the reference policy under proxy and truth.
    pub reference: Option<[f64; 2]>,
    /// From this weight on the best policy is the reference itself.
    pub critical_weight: Option<f64>,
}

impl BoundFrontier {
    fn check(&self) -> Result<(), PlotError> {
        if self.curves.iter().all(|c| c.points.is_empty()) {
            return Err(PlotError::Empty { what: "the frontier".into() });
        }
        super::at_most("the curves of the frontier", self.curves.len(), LOOKS.len())?;
        for p in self.curves.iter().flat_map(|c| &c.points) {
            // The reference itself has a weight without end.
            let weight = Some(p.weight).filter(|w| *w != f64::INFINITY);
            for x in [p.chi2, p.proxy, p.truth].into_iter().chain(p.bound).chain(weight) {
                finite(|| "a point of the frontier".into(), x)?;
            }
            if p.chi2 < 0.0 {
                return Err(PlotError::NotPositive { what: "a divergence".into(), value: p.chi2 });
            }
        }
        for x in self.reference.into_iter().flatten().chain(self.critical_weight) {
            finite(|| "the reference or its critical weight".into(), x)?;
        }
        Ok(())
    }

    fn lines(&self, y: fn(&FrontierPoint) -> Option<f64>) -> Vec<(Series, Look)> {
        let line = |(curve, (colour, mark)): (&FrontierCurve, &(Rgb, Mark))| {
            let point = |p: &FrontierPoint| Some(CurvePoint::new(p.chi2.sqrt(), y(p)?));
            let points: Vec<CurvePoint> = curve.by_weight().into_iter().filter_map(point).collect();
            (Series { name: curve.name.clone(), points }, Look::new(*colour, *mark))
        };
        self.curves.iter().zip(&LOOKS).map(line).filter(|(s, _)| !s.points.is_empty()).collect()
    }

    /// The guaranteed returns, as far as they are near the returns themselves.
    fn bounds(&self) -> Vec<(Series, Look)> {
        let truths = self.curves.iter().flat_map(|c| &c.points).map(|p| p.truth);
        let (lo, hi) = extent(truths.chain(self.reference.map(|r| r[1]))).unwrap_or((0.0, 1.0));
        let least = lo - 0.5 * (hi - lo);
        let mut lines = self.lines(|p| p.bound);
        lines.iter_mut().for_each(|(series, _)| series.points.retain(|p| p.value >= least));
        lines.retain(|(series, _)| !series.points.is_empty());
        lines
    }

    fn reference_line(&self, k: usize) -> Option<Series> {
        let level = self.reference?[k];
        let all = || self.curves.iter().flat_map(|c| &c.points).map(|p| p.chi2.sqrt());
        let (lo, hi) = extent(all().chain([0.0]))?;
        let points = vec![CurvePoint::new(lo, level), CurvePoint::new(hi, level)];
        Some(Series { name: "reference policy".into(), points })
    }

    /// How far the best policy of the first curve jumps as its weight falls below the critical one: all points of that
    /// weight lie on a straight way from the reference, and this is its end.
    fn landing(&self) -> Option<f64> {
        let critical = self.critical_weight?;
        let points = &self.curves.first()?.points;
        let away = || points.iter().filter(|p| p.weight.is_finite() && p.chi2 > 0.0);
        let straight = away().filter(|p| p.weight >= critical * (1.0 - SAME_WEIGHT)).map(|p| p.chi2.sqrt());
        straight.max_by(f64::total_cmp).or_else(|| away().map(|p| p.chi2.sqrt()).min_by(f64::total_cmp))
    }
}

impl Picture for BoundFrontier {
    fn scene(&self, options: &Options) -> Result<Scene, PlotError> {
        let width = options.usable_width()?;
        self.check()?;
        let inner = width - 2.0 * MARGIN;
        let (proxy, truth) = (self.lines(|p| Some(p.proxy)), self.lines(|p| Some(p.truth)));
        let bounds = self.bounds();
        let references = [self.reference_line(0), self.reference_line(1)];
        let dotted = |colour: Rgb| Look { stroke: Stroke::dashed(colour, 1.5, 1.5, 2.5), mark: None };
        let level = |k: usize| references[k].iter().map(|s| (s, Look::dashed(INK)));
        let panels = [
            Panel {
                name: &self.proxy_label,
                lines: level(0).chain(proxy.iter().rev().map(|(s, l)| (s, *l))).collect(),
                is_log: false,
                is_way: true,
            },
            Panel {
                name: &self.truth_label,
                lines: level(1)
                    .chain(bounds.iter().map(|(s, l)| (s, dotted(l.stroke.colour))))
                    .chain(truth.iter().rev().map(|(s, l)| (s, *l)))
                    .collect(),
                is_log: false,
                is_way: true,
            },
        ];
        let roots = self.curves.iter().flat_map(|c| &c.points).map(|p| p.chi2.sqrt());
        let across = curve::across(roots.chain(self.reference.map(|_| 0.0)), curve::straight, false, width);
        let mut scene = Scene::new(width, &self.title);
        let title = Title::new(&self.title, TITLE, inner);
        title.draw(&mut scene, (MARGIN, MARGIN));
        let above = MARGIN + title.height();
        let height = (width * 0.32).clamp(130.0, 320.0);
        let at = stack::frames(&panels, width, 0.0, height, &across);
        let landing = self.landing();
        let words = self.critical_weight.map(|w| format!("critical weight {}", axis::short(w, 4)));
        let note = landing.zip(words).map(|(c, words)| (at[0].place((c, 0.0)).0, words, WARNING));
        let notes = Notes::new(note.into_iter().collect(), MARGIN, width - MARGIN);
        let frames = stack::frames(&panels, width, above + notes.height(), height, &across);
        notes.draw(&mut scene, above);
        let name = "√χ² of the occupancies, distance from the reference";
        stack::draw(&mut scene, &panels, &frames, name, curve::straight);
        if let Some(c) = landing {
            let stroke = Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0);
            frames.iter().for_each(|frame| curve::upright(&mut scene, frame, c, stroke));
        }
        for (frame, level) in frames.iter().zip(self.reference.into_iter().flatten()) {
            mark(&mut scene, Mark::Cross, frame.place((0.0, level)), 4.0, INK);
        }
        let legend = Legend::new(self.legend(&truth, !bounds.is_empty(), landing.is_some()), inner);
        let bottom = frames.last().map_or(above, |f| f.y + f.h);
        let y = bottom + Frame::below(name) + 8.0;
        legend.draw(&mut scene, (MARGIN, y));
        Ok(scene.finish(y + legend.height() + MARGIN))
    }

    fn data(&self) -> Csv {
        let mut csv = Csv::new(&["penalty", "weight", "chi2", "proxy", "truth", "bound"]);
        for curve in &self.curves {
            for p in &curve.points {
                let numbers = [p.weight, p.chi2, p.proxy, p.truth].map(Field::from);
                csv.row(std::iter::once((&curve.name).into()).chain(numbers).chain([p.bound.into()]));
            }
        }
        if let Some([proxy, truth]) = self.reference {
            let weight = self.critical_weight.into();
            csv.row(["reference policy".into(), weight, 0.0.into(), proxy.into(), truth.into()]);
        }
        csv
    }
}

impl BoundFrontier {
    fn legend(&self, curves: &[(Series, Look)], has_bound: bool, has_landing: bool) -> Vec<(Key, String)> {
        let mut out: Vec<(Key, String)> =
            curves.iter().map(|(s, look)| (look.key(), format!("penalty: {}", s.name))).collect();
        if has_bound {
            out.push((Key::Rule(Stroke::dashed(BLUE, 1.5, 1.5, 2.5)), "guaranteed true return".into()));
        }
        if self.reference.is_some() {
            out.push((Key::Mark(Mark::Cross, INK), "reference policy".into()));
        }
        if has_landing {
            let words = "below the critical weight the optimum jumps to here";
            out.push((Key::Rule(Stroke::dashed(VERMILLION, 1.5, 4.0, 3.0)), words.into()));
        }
        out
    }
}
