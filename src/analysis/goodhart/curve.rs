//! The truth along a path.

use super::{Path, Setting, stopping};
use crate::analysis::returns::ReturnRange;
use crate::base::sum::dot;
use crate::base::{Bounded, Grade, Interval};
use crate::model::{Mdp, Policy};

/// A rate this little below the sine is not below it: a step along the proxy's own direction has rate 1 up to rounding.
const SLACK: f64 = 1e-12;
/// Steps shorter than this share of the occupancy have no direction beyond rounding.
const STEP: f64 = 1e-10;

/// One policy of a path.
pub(super) struct Stage {
    pub parameter: f64,
    pub policy: Policy,
    pub occupancy: Vec<f64>,
    /// Rate of the step to the next stage, where the path knows it.
    pub rate: Option<f64>,
}

/// A path, and how it ended.
pub(super) struct Stages {
    pub stages: Vec<Stage>,
    pub end: End,
}

/// How a path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the proxy's optimum, up to rounding.
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
    /// Index of the last safe point.
    pub index: usize,
    /// Rate of the step that is not taken.
    pub rate: f64,
    /// A truth over rows, within the allowed angle, that loses from that step.
    pub loser: Vec<f64>,
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
    /// Index of the point of highest truth.
    pub peak: usize,
    /// Truth at the peak less truth at the end, as a share of its range: the normalised drop height.
    pub drop: Bounded,
    /// Where the rule says to stop; `None` if every step of the path is safe.
    pub stop: Option<Stop>,
}

pub(super) fn of(setting: &Setting<'_>, path: Path, Stages { stages, end }: Stages) -> Curve {
    let points: Vec<Point> = (0..stages.len()).map(|i| point(setting, &stages, i)).collect();
    let mut peak = 0;
    for (i, point) in points.iter().enumerate() {
        // The first of points that cannot be told apart.
        if point.truth_share.lo > points[peak].truth_share.hi {
            peak = i;
        }
    }
    let stop = stop(setting, &stages, &points);
    let drop = match (points.get(peak), points.last()) {
        (Some(peak), Some(last)) => (peak.truth_share - last.truth_share).clamped(0.0, 1.0),
        _ => Bounded::exact(0.0),
    };
    Curve { path, points, end, peak, drop, stop }
}

fn point(setting: &Setting<'_>, stages: &[Stage], i: usize) -> Point {
    let (stage, mdp) = (&stages[i], setting.solver.mdp());
    let both = setting.solver.evaluate_closely(&stage.policy, &[&setting.truth.reward, &setting.proxy.reward]);
    let (truth, proxy) = (both[0].at_start(mdp), both[1].at_start(mdp));
    let away = step(&stages[0], stage);
    let (kl, chi2) = divergences(mdp, setting.start, stage);
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

/// The first point whose next step is not safe.
fn stop(setting: &Setting<'_>, stages: &[Stage], points: &[Point]) -> Option<Stop> {
    let is_unsafe = |rate: f64| rate < setting.sine * (1.0 - SLACK);
    let index = points.iter().position(|point| point.rate.is_some_and(is_unsafe))?;
    let (rate, next) = (points[index].rate?, stages.get(index + 1)?);
    let theta = setting.sine.min(1.0).asin();
    let loser = stopping::worst_truth(&setting.up, &step(&stages[index], next), theta);
    Some(Stop { index, rate, loser })
}
