//! The truth along a path.

use super::{Path, Setting, stopping};
use crate::analysis::returns::ReturnRange;
use crate::base::sum::dot;
use crate::base::{Bounded, Decision, Doubt, Evidence, Grade, Interval};
use crate::model::{Mdp, Policy};

/// A rate within this of the sine is on neither side of it: what rounding may have moved it by.
const ROUNDING: f64 = 1e-10;
/// A path whose slope is flat has arrived where its bounds reach the proxy's optimum. Mostly they leave some 1e-12 of the
/// range, which is told beside the end; wider than this, as near discount 1 for a range that is small beside the returns,
/// they would say nothing.
const TELLING: f64 = 0.1;
/// Steps shorter than this share of the occupancy have no direction beyond rounding.
const STEP: f64 = 1e-10;

/// One policy of a path.
pub(super) struct Stage {
    pub parameter: f64,
    pub policy: Policy,
    pub occupancy: Vec<f64>,
    /// Rate of the step to the next stage, where the path knows it.
    pub rate: Option<f64>,
    /// Policies of which one may be meant as well, as far as rounding tells: the truth is that of any.
    pub others: Vec<Policy>,
}

impl Stage {
    /// Of a path that does not know its rates.
    pub fn of(parameter: f64, policy: Policy, occupancy: Vec<f64>) -> Self {
        Stage { parameter, policy, occupancy, rate: None, others: Vec::new() }
    }
}

/// A path, and how it ended.
pub(super) struct Stages {
    pub stages: Vec<Stage>,
    pub end: End,
}

/// How a path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the proxy's optimum: no direction rises, and the bounds of what is earned reach it. How close they are is
    /// [`Curve::left`].
    Top,
    /// At the last parameter asked for.
    Last,
    /// A limit on time or memory came first.
    Limit,
    /// Rounding hides the rest of the way.
    Rounding,
}

impl End {
    /// The word used in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            End::Top => "top",
            End::Last => "last",
            End::Limit => "limit",
            End::Rounding => "rounding",
        }
    }

    /// Whether the path went where it was to go. What is not finished has neither peak nor drop nor stopping point.
    pub fn is_finished(self) -> bool {
        matches!(self, End::Top | End::Last)
    }
}

/// A policy of a curve in numbers. Shares are of the return range: 0 for the worst policy there is, 1 for the best.
#[derive(Clone, Debug)]
pub struct Point {
    /// Where on the path: its length, a temperature (infinite at the start), or a number of draws.
    pub parameter: f64,
    /// Discounted return of the proxy.
    pub proxy: Bounded,
    /// Discounted return of the truth.
    pub truth: Bounded,
    /// Proxy as a share of its range.
    pub proxy_share: Bounded,
    /// Truth as a share of its range.
    pub truth_share: Bounded,
    /// Euclidean distance of its discounted visits from those of the start.
    pub distance: f64,
    /// Divergence of its actions from the start's, in nats a choice, on average over the choices it comes to; infinite where
    /// it does what the start never does.
    pub kl: f64,
    /// The same for chi-squared.
    pub chi2: f64,
    /// Rate of the step to the next point: the cosine of its angle with the proxy's direction. `None` at the end, and for a
    /// step too short to have one.
    pub rate: Option<f64>,
    /// The policy itself.
    pub policy: Policy,
}

/// Where to stop: after it, not every truth within the angle gains.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Index of the last point up to which every step is safe.
    pub index: usize,
    /// Rate of the step that is not taken.
    pub rate: f64,
    /// Whether some truth within the angle loses from that step. Undecided where its rate is that of the rule to rounding.
    pub loses: Decision,
    /// A truth over rows, within the allowed angle, that does; `None` where it is undecided.
    pub loser: Option<Vec<f64>>,
}

/// The truth along one path of rising proxy.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Which path.
    pub path: Path,
    /// Its points, from the start.
    pub points: Vec<Point>,
    /// How it ended.
    pub end: End,
    /// What is left of the proxy's range at the last point, as a share of it.
    pub left: Bounded,
    /// Index of the point of highest truth, the first of those that bounds cannot tell apart; `None` for a path that is not
    /// finished.
    pub peak: Option<usize>,
    /// Highest truth less truth at the end, as a share of its range: the normalised drop height. `None` for a path that is not
    /// finished.
    pub drop: Option<Bounded>,
    /// Where the rule says to stop; `None` if every step of the path is safe, and for a path that is not finished.
    pub stop: Option<Stop>,
}

impl Curve {
    /// Whether the truth is lower at the end than somewhere before.
    pub fn loses(&self) -> Decision {
        match (self.drop, self.end) {
            (Some(drop), _) => Decision::is_positive(drop, || Doubt::bounds("closer returns (a smaller --tol)")),
            (None, End::Limit) => Decision::Undecided(Doubt::Limit),
            (None, _) => Decision::Undecided(Doubt::bounds("a path that rounding does not hide")),
        }
    }
}

pub(super) fn of(setting: &Setting<'_>, path: Path, Stages { stages, end }: Stages) -> Curve {
    let points: Vec<Point> = (0..stages.len()).map(|i| point(setting, &stages, i)).collect();
    let one = Bounded::exact(1.0);
    let left = points.last().map_or(one, |last| (one - last.proxy_share).clamped(0.0, 1.0));
    // A slope that looks flat is no proof of being at the top; what is earned there is.
    let end = match end {
        End::Top if left.lo > 0.0 || left.hi > TELLING => {
            if setting.solver.is_out_of_time() {
                End::Limit
            } else {
                End::Rounding
            }
        }
        end => end,
    };
    let mut curve = Curve { path, points, end, left, peak: None, drop: None, stop: None };
    if end.is_finished() {
        curve.peak = peak(&curve.points);
        curve.drop = drop(&curve.points, curve.peak);
        curve.stop = stop(setting, &stages, &curve.points);
    }
    curve
}

/// The first of the points of highest truth that cannot be told apart.
fn peak(points: &[Point]) -> Option<usize> {
    let highest = points.iter().map(|point| point.truth_share.lo).fold(f64::NEG_INFINITY, f64::max);
    points.iter().position(|point| point.truth_share.hi >= highest)
}

/// The highest truth, whichever point has it, less that of the end.
fn drop(points: &[Point], peak: Option<usize>) -> Option<Bounded> {
    let (mut highest, last) = (points.get(peak?)?.truth_share, points.last()?.truth_share);
    for point in points {
        highest.lo = highest.lo.max(point.truth_share.lo);
        highest.hi = highest.hi.max(point.truth_share.hi);
    }
    highest.value = highest.value.clamp(highest.lo, highest.hi);
    let drop = highest - last;
    // At the end itself nothing is lost, whatever its bounds say of it.
    let is_end =
        peak == points.len().checked_sub(1) && points.iter().rev().skip(1).all(|p| p.truth_share.hi <= last.lo);
    let nothing = Bounded::from_interval(Interval::point(0.0), Grade::Certified);
    Some(if is_end { nothing } else { drop.clamped(0.0, 1.0) })
}

fn point(setting: &Setting<'_>, stages: &[Stage], i: usize) -> Point {
    let (stage, mdp) = (&stages[i], setting.solver.mdp());
    let both = setting.solver.evaluate_closely(&stage.policy, &[&setting.truth.reward, &setting.proxy.reward]);
    let (mut truth, proxy) = (both[0].at_start(mdp), both[1].at_start(mdp));
    for other in &stage.others {
        let other = setting.solver.evaluate_closely(other, &[&setting.truth.reward])[0].at_start(mdp);
        (truth.lo, truth.hi) = (truth.lo.min(other.lo), truth.hi.max(other.hi));
    }
    let away = step(&stages[0], stage);
    let (kl, chi2) = divergences(mdp, &setting.start, stage);
    let rate = stages.get(i + 1).and_then(|next| {
        let next = step(stage, next);
        let size = dot(&next, &next).sqrt();
        let is_long = size > STEP * dot(&stage.occupancy, &stage.occupancy).sqrt();
        stage.rate.or_else(|| is_long.then(|| stopping::rate(&setting.up, &next)))
    });
    Point {
        parameter: stage.parameter,
        proxy,
        truth,
        proxy_share: share(proxy, setting.proxy),
        truth_share: share(truth, setting.truth),
        distance: dot(&away, &away).sqrt(),
        kl,
        chi2,
        rate,
        policy: stage.policy.clone(),
    }
}

fn step(from: &Stage, to: &Stage) -> Vec<f64> {
    to.occupancy.iter().zip(&from.occupancy).map(|(b, a)| b - a).collect()
}

/// `(J - min) / rho`.
fn share(j: Bounded, range: &ReturnRange) -> Bounded {
    match (j - range.min).checked_div(range.rho) {
        Some(share) => share.clamped(0.0, 1.0),
        None => Bounded::from_interval(Interval { lo: 0.0, hi: 1.0 }, Grade::Bounded),
    }
}

/// KL and chi-squared of actions from those of the start, averaged over the states where there is a choice to come to.
fn divergences(mdp: &Mdp, start: &Policy, stage: &Stage) -> (f64, f64) {
    let (mut kl, mut chi2, mut total) = (0.0, 0.0, 0.0);
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        let visits: f64 = stage.occupancy[mdp.rows(s)].iter().sum();
        if visits <= 0.0 {
            continue;
        }
        let (mut here, mut square) = (0.0, -1.0);
        for (row, p) in stage.policy.support(mdp, s) {
            let q = start.prob(s, row);
            here += p * (p / q).ln();
            square += p * (p / q);
        }
        total += visits;
        kl += visits * here;
        chi2 += visits * square;
    }
    if total > 0.0 { (f64::max(kl / total, 0.0), f64::max(chi2 / total, 0.0)) } else { (0.0, 0.0) }
}

/// The first point whose next step is not shown to be safe.
fn stop(setting: &Setting<'_>, stages: &[Stage], points: &[Point]) -> Option<Stop> {
    let is_safe = |rate: f64| rate >= setting.sine + ROUNDING;
    let index = points.iter().position(|point| point.rate.is_some_and(|rate| !is_safe(rate)))?;
    let (rate, next) = (points[index].rate?, stages.get(index + 1)?);
    let is_lost = rate < setting.sine - ROUNDING;
    let theta = setting.sine.min(1.0).asin();
    let loser = is_lost.then(|| stopping::worst_truth(&setting.up, &step(&stages[index], next), theta));
    let loses = match is_lost {
        true => Decision::Yes(Evidence::Bounds),
        false => {
            Decision::Undecided(Doubt::bounds("the rate of the step and the sine of the angle in exact arithmetic"))
        }
    };
    Some(Stop { index, rate, loses, loser })
}
