//! A coefficient of the proxy varied: where does the true return fall off?

use super::Query;
use crate::analysis::regret::proxy_optimal_all;
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Code, Diag, Result, number};
use crate::model::Model;
use crate::model::reward::ExpectedReward;
use crate::model::reward::expr::{Affine, Linear};
use crate::solve::{Sense, Solution, Solver, Task};

/// Largest number of points in one sweep.
const MAX_POINTS: usize = 100_000;
/// A model above this many transitions is not swept unless asked.
const AUTO_TRANSITIONS: usize = 200_000;

/// A family of proxies and the values of its coefficient.
#[derive(Clone, Debug)]
pub struct SweepSpec {
    /// Expression in `x`.
    pub linear: Linear,
    /// Values of `x`, increasing.
    pub xs: Vec<f64>,
}

/// One member of the family.
#[derive(Clone, Debug)]
pub struct SweepPoint {
    /// Coefficient.
    pub x: f64,
    /// True return of the luckiest policy that is optimal for this proxy.
    pub best: Bounded,
    /// True return of the unluckiest.
    pub worst: Bounded,
    /// The proxy's own best return.
    pub proxy: Bounded,
}

/// Between two neighbouring points the true return falls off.
#[derive(Clone, Copy, Debug)]
pub struct Cliff {
    /// Index of the last point before the fall.
    pub before: usize,
    /// Size of the fall in true return, at least.
    pub drop: f64,
}

/// A finished sweep.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// What was varied.
    pub spec: SweepSpec,
    /// One entry a value of `x`.
    pub points: Vec<SweepPoint>,
    /// The one fall that matters, if there is one.
    pub cliff: Option<Cliff>,
}

impl SweepSpec {
    /// Reads `'goal - x*step'` and `from:to:points`.
    pub fn parse(model: &Model, expression: &str, range: &str) -> Result<Self> {
        let linear = model.expression(expression)?;
        if !linear.has_x() {
            return Diag::new(Code::Usage, format!("the sweep `{expression}` has no `x` to vary"))
                .expected("an expression such as `goal - x*step`")
                .err();
        }
        let refuse = || {
            Diag::new(Code::Usage, format!("cannot read the sweep range `{range}`"))
                .expected("from:to:points, such as 0:0.1:41")
        };
        let parts: Vec<&str> = range.split(':').collect();
        let [from, to, points] = parts.as_slice() else { return refuse().err() };
        let (Some(from), Some(to), Ok(points)) =
            (number::parse(from), number::parse(to), points.trim().parse::<usize>())
        else {
            return refuse().err();
        };
        if !(2..=MAX_POINTS).contains(&points) || from >= to {
            return refuse().help(format!("from below to, and 2 to {MAX_POINTS} points")).err();
        }
        // The size of a reward is convex in x, so the ends speak for what lies between.
        for x in [from, to] {
            let reward = model.reward(&linear, x);
            if reward.size() > 1.0 {
                reward.check_size(expression)?;
            }
        }
        Ok(SweepSpec { linear, xs: steps(from, to, points) })
    }
}

/// `points` values from `from` to `to`. Each is rounded to the decimals of the step, so 0.1 is 0.1 and not a sum.
fn steps(from: f64, to: f64, points: usize) -> Vec<f64> {
    let step = (to - from) / (points - 1) as f64;
    let decimals = (3 - step.log10().floor() as i32).clamp(0, 15) as usize;
    let value = |i: usize| {
        let exact = from + (to - from) * i as f64 / (points - 1) as f64;
        let rounded: f64 = format!("{exact:.decimals$}").parse().unwrap_or(exact);
        if (rounded - exact).abs() <= 1e-9 * step { rounded } else { exact }
    };
    (0..points).map(value).collect()
}

/// If the proxy is the truth plus a multiple of one other thing, the multiple from 0 to its value in round steps.
pub(super) fn choose(model: &Model, truth: &Query, proxy: &Query) -> Option<SweepSpec> {
    let (t, p) = (truth.linear.as_ref()?, proxy.linear.as_ref()?);
    let other = p.minus(t);
    let (name, c) = other.iter().next().filter(|_| other.len() == 1)?;
    let c = c.to_f64().value();
    if model.mdp().nnz() > AUTO_TRANSITIONS || t.terms.contains_key(name) {
        return None;
    }
    let size = c.abs();
    // The largest of 1, 2, 5 times a power of ten that makes at least five steps.
    let power = 10f64.powf((size / 5.0).log10().floor());
    let step = [5.0, 2.0, 1.0].iter().map(|m| m * power).find(|s| s * 5.0 <= size * (1.0 + 1e-9))?;
    let n = (size / step * (1.0 + 1e-9)).floor() as usize;
    let mut xs = steps(0.0, step * n as f64, n + 1);
    if size - xs[n] > 1e-9 * size {
        xs.push(size);
    }
    let mut terms = t.terms.clone();
    terms.insert(name.clone(), Affine { fixed: 0.0, slope: c.signum() });
    let sign = if c < 0.0 { '-' } else { '+' };
    let factor = if name.is_empty() { "x".to_owned() } else { format!("x*{name}") };
    Some(SweepSpec { linear: Linear::of_doubles(format!("{} {sign} {factor}", t.text), terms), xs })
}

/// Solves every member of the family; three solves a point. A limit that is reached ends the sweep early, with two points
/// at least.
pub fn sweep(
    solver: &Solver<'_>,
    truth: &ReturnRange,
    spec: &SweepSpec,
    reward_at: impl Fn(&Linear, f64) -> ExpectedReward,
) -> Sweep {
    /// Points that are solved together.
    const TOGETHER: usize = 64;
    let together = if solver.sweeps_together() { TOGETHER } else { 1 };
    let mut points: Vec<SweepPoint> = Vec::with_capacity(spec.xs.len());
    let mut last: Option<Solution> = None;
    for xs in spec.xs.chunks(together) {
        if points.len() >= 2 && solver.is_out_of_time() {
            break;
        }
        let rewards: Vec<ExpectedReward> = xs.iter().map(|&x| reward_at(&spec.linear, x)).collect();
        // One after the other, each starts from the policy of the last.
        let warm = last.as_ref().filter(|_| together == 1).map(|last| last.policy.as_slice());
        let tasks: Vec<Task<'_>> = rewards.iter().map(|r| Task { warm, ..Task::new(r, Sense::Max) }).collect();
        let proxies = solver.optimise_all(&tasks);
        let earned = proxy_optimal_all(solver, truth, &proxies);
        points.extend(xs.iter().zip(&proxies).zip(earned).map(|((&x, proxy), earned)| SweepPoint {
            x,
            best: earned.best_return,
            worst: earned.worst_return,
            proxy: proxy.at_start(solver.mdp()),
        }));
        last = proxies.into_iter().next_back();
    }
    let cliff = if points.len() == spec.xs.len() { cliff(truth, &points) } else { None };
    let xs = points.iter().map(|point| point.x).collect();
    Sweep { spec: SweepSpec { linear: spec.linear.clone(), xs }, points, cliff }
}

/// The largest fall between neighbours, if it is certainly a tenth of the return range and half of all that is lost.
fn cliff(truth: &ReturnRange, points: &[SweepPoint]) -> Option<Cliff> {
    let (before, drop) =
        points.windows(2).map(|w| w[0].worst.lo - w[1].worst.hi).enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = points.iter().map(|p| p.worst.hi).fold(f64::NEG_INFINITY, f64::max);
    let least = points.iter().map(|p| p.worst.lo).fold(f64::INFINITY, f64::min);
    (drop > 0.1 * truth.rho.hi && drop > 0.5 * (most - least)).then_some(Cliff { before, drop })
}
