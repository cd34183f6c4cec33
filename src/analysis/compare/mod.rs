//! Two rewards side by side: everything `compare` says, as one value.
//!
//! Owns: `Comparison`, which states change, how episodes end, the family between truth and proxy.
//! May use: `base`, `model`, `solve`, and every other room of `analysis`.
//! Must not: choose words or draw; that is `show`.
//! To add one: a new finding is a field of [`Comparison`] and a function in a file of its own.

mod along;
mod endings;

use std::sync::Arc;

use crate::analysis::canon::Context;
use crate::analysis::distance::{Distance, Metric, Pair, angle_degrees, distances};
use crate::analysis::regret::{Polygon, ProxyOptimal, WorstCase, polygon, proxy_optimal, worst_case};
use crate::analysis::returns::ReturnRange;
use crate::analysis::shaping::{Recovery, recover};
use crate::base::{Code, Diag, Result};
use crate::model::reward::expr::Linear;
use crate::model::{Mdp, Model, Policy, Reachable, Reward};
use crate::solve::{Options, Solver};

pub use along::{Along, Cliff};
pub use endings::EndingShare;

/// A reward as asked for: its text, the expression behind it if there is one, and its values.
#[derive(Clone, Debug)]
pub struct Query {
    /// As typed.
    pub text: String,
    /// The expression, unless the reward came from a file.
    pub linear: Option<Linear>,
    /// On the model.
    pub reward: Reward,
}

impl Query {
    /// The reward of an expression.
    pub fn of(model: &Model, text: &str) -> Result<Self> {
        let linear = model.expression(text)?;
        if linear.has_x() {
            return Diag::new(Code::Expression, format!("`{text}` has a free `x`, which only a family gives a value"))
                .help("put a number in its place, or vary it: plot cliff --vary 'goal - x*step' 0..0.1")
                .err();
        }
        let reward = model.reward(&linear, 0.0);
        reward.check_size(&linear.text)?;
        Ok(Query { text: linear.text.clone(), reward, linear: Some(linear) })
    }
}

/// What to work out.
#[derive(Clone)]
pub struct Request {
    /// Distances, in order.
    pub metrics: Vec<Metric>,
    /// Reference policy of VAL; uniform if `None`.
    pub reference: Option<Policy>,
    /// Whether to follow the family between truth and proxy where the model is small.
    pub along: bool,
    /// Corners of the return polygon to look for; 0 leaves it out.
    pub max_vertices: usize,
    /// How to solve.
    pub options: Options,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            metrics: Metric::defaults(),
            reference: None,
            along: true,
            max_vertices: 1_000,
            options: Options::default(),
        }
    }
}

/// One direction of regret: what `truth` loses when the proxy is optimised.
#[derive(Clone, Debug)]
pub struct Regret {
    /// Over all pairs of policies the proxy does not distinguish rightly.
    pub worst_case: WorstCase,
    /// Of the policies that are optimal for the proxy.
    pub proxy_optimal: ProxyOptimal,
}

impl Regret {
    /// Of rewards that certainly order all policies alike.
    fn nothing(self, truth: &ReturnRange) -> Self {
        Regret { worst_case: self.worst_case.nothing(), proxy_optimal: self.proxy_optimal.nothing_lost(truth) }
    }
}

/// A live state in which no action is optimal for both rewards.
#[derive(Clone, Debug, PartialEq)]
pub struct StateChange {
    /// State, as an index of the compared model.
    pub state: usize,
    /// Truth-optimal actions.
    pub truth: Vec<usize>,
    /// Proxy-optimal actions.
    pub proxy: Vec<usize>,
}

/// Everything `compare` knows.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The model asked about.
    pub model: Model,
    /// The part of it that can be reached, on which everything below was worked out.
    pub mdp: Arc<Mdp>,
    /// Original index of each state of `mdp`.
    pub kept: Vec<usize>,
    /// True reward.
    pub truth: Query,
    /// Proxy reward.
    pub proxy: Query,
    /// Scale and potential between them.
    pub recovery: Recovery,
    /// Distance of each metric id.
    pub distances: Vec<(String, Distance)>,
    /// Metric ids among them that depend on rewards of transitions that cannot happen.
    pub reads_impossible: Vec<String>,
    /// Angle of the P-weighted minimal forms.
    pub angle: Distance,
    /// Best and worst returns of the truth.
    pub truth_range: ReturnRange,
    /// Best and worst returns of the proxy.
    pub proxy_range: ReturnRange,
    /// Cost in truth of optimising the proxy.
    pub regret: Regret,
    /// Cost in proxy of optimising the truth.
    pub regret_reverse: Regret,
    /// All pairs of returns; `None` if not asked for.
    pub polygon: Option<Polygon>,
    /// Number of reachable states that are not absorbing.
    pub live_states: usize,
    /// Live states that change their best action.
    pub changed: Vec<StateChange>,
    /// How episodes end under a truth-optimal policy, then under the worst proxy-optimal one. Empty if none ends.
    pub endings: [Vec<EndingShare>; 2],
    /// The family between truth and proxy, where these differ by a multiple of one thing and the model is small.
    pub along: Option<Along>,
    /// Whether the time limit cut something short; the bounds hold.
    pub is_out_of_time: bool,
}

impl Comparison {
    /// Whether every solve behind it ended within its limits.
    pub fn is_converged(&self) -> bool {
        let ranges = [&self.truth_range, &self.proxy_range];
        let regrets = [&self.regret, &self.regret_reverse].map(|r| &r.proxy_optimal);
        !self.is_out_of_time
            && ranges.iter().all(|r| r.best.is_converged() && r.worst.is_converged())
            && regrets.iter().all(|r| r.lucky.is_converged() && r.unlucky.is_converged())
    }
}

/// Corners of the polygon that take a few seconds: a corner costs some twenty sweeps, or a dense elimination.
fn affordable_vertices(mdp: &Mdp) -> usize {
    const WORK: usize = 200_000_000;
    const AT_LEAST: usize = 16;
    let dense = if mdp.n_states() <= 1_000 { mdp.n_states().pow(3) / 100 } else { 0 };
    (WORK / (20 * mdp.nnz() + dense).max(1)).max(AT_LEAST)
}

/// Compares two rewards on one model.
pub fn compare(model: &Model, truth: Query, proxy: Query, request: &Request) -> Result<Comparison> {
    let part = Reachable::of(model);
    let mdp: &Mdp = &part.mdp;
    let solver = Solver::new(mdp, request.options)?;
    let (x, y) = (part.reward(model, &truth.reward), part.reward(model, &proxy.reward));
    let truth_range = ReturnRange::of(&solver, x.expected(mdp));
    let proxy_range = ReturnRange::of(&solver, y.expected(mdp));
    let reference = match &request.reference {
        None => Policy::uniform(mdp),
        Some(policy) => part.policy(model, policy),
    };
    let context = Context { solver: &solver, reference: &reference };
    let pair = Pair { x: &x, y: &y, range_x: &truth_range, range_y: &proxy_range };
    let mut found = distances(&context, &pair, &request.metrics);
    let recovery = recover(&context, (&x, &truth_range), (&y, &proxy_range))?;
    for (metric, distance) in request.metrics.iter().zip(&mut found) {
        if matches!(metric, Metric::Range) {
            *distance = Distance::Value(recovery.distance);
        }
    }
    let is_same = recovery.order.same.is_yes();
    let costs = |truth, proxy| {
        let regret = Regret {
            worst_case: worst_case(&solver, truth, proxy),
            proxy_optimal: proxy_optimal(&solver, truth, proxy),
        };
        if is_same { regret.nothing(truth) } else { regret }
    };
    let (regret, regret_reverse) = (costs(&truth_range, &proxy_range), costs(&proxy_range, &truth_range));
    let most = request.max_vertices.min(affordable_vertices(mdp));
    let polygon = (request.max_vertices > 0).then(|| polygon(&solver, &truth_range, &proxy_range, most));
    let endings = [&truth_range.best.policy, &regret.proxy_optimal.unlucky.policy]
        .map(|rows| endings::shares(&solver, &Policy::Deterministic(rows.clone())));
    let follow = || along::along(&solver, model, &part, (&truth, &truth_range), &proxy);
    let along = if request.along { follow() } else { None };
    let changed = changed(mdp, &truth_range, &proxy_range);
    let metric_ids = request.metrics.iter().map(Metric::to_string);
    Ok(Comparison {
        model: model.clone(),
        recovery,
        distances: metric_ids.zip(found).collect(),
        reads_impossible: request.metrics.iter().filter(|m| m.reads_impossible()).map(Metric::to_string).collect(),
        angle: angle_degrees(&context, &pair),
        regret,
        regret_reverse,
        polygon,
        live_states: (0..mdp.n_states()).filter(|&s| mdp.is_live(s)).count(),
        changed,
        is_out_of_time: solver.is_out_of_time(),
        endings,
        along,
        truth,
        proxy,
        truth_range,
        proxy_range,
        mdp: Arc::clone(&part.mdp),
        kept: part.kept,
    })
}

/// Actions of `s` whose row is marked.
fn actions(mdp: &Mdp, s: usize, optimal: &[bool]) -> Vec<usize> {
    mdp.rows(s).filter(|&row| optimal[row]).map(|row| mdp.action(row)).collect()
}

fn changed(mdp: &Mdp, truth: &ReturnRange, proxy: &ReturnRange) -> Vec<StateChange> {
    let (t, p) = (&truth.best.optimal, &proxy.best.optimal);
    (0..mdp.n_states())
        .filter(|&s| mdp.is_live(s) && !mdp.rows(s).any(|row| t[row] && p[row]))
        .map(|s| StateChange { state: s, truth: actions(mdp, s, t), proxy: actions(mdp, s, p) })
        .collect()
}
