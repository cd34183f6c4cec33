//! Many rewards on one model: pairwise distances and regrets, which of them are the same task, what is near what.
//!
//! Owns: `Matrix`, its groups, its tree, its regrets.
//! May use: `base`, `model`, `solve`, `returns`, `canon`, `distance`, `regret`, `shaping`.
//! Must not: define a distance or a regret of its own; an entry is what two rewards alone would get.
//! To add one: another finding about all pairs is a file here and a field of [`Matrix`].

mod regrets;
mod same;
mod tree;

use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::canon::{self, Canonical, Context};
use crate::analysis::distance::{Metric, NORMS, Points, range_distances, trivial};
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Code, Decision, Diag, Grade, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Model, Policy, Reachable, Reward};
use crate::solve::{Options, Solver};

pub use regrets::{RegretKind, Regrets};
pub use same::SameTask;
pub use tree::{Merge, Tree, tree};

/// Most rewards: all pairs of them take about 2 GB.
pub const MOST: usize = 4_000;
/// Up to this many rewards the distance is range STARC, which takes two solves a pair.
pub const MOST_RANGES: usize = 32;

/// What to work out.
#[derive(Clone)]
pub struct Request {
    /// Distance; `None` chooses by the number of rewards.
    pub metric: Option<Metric>,
    /// Reference policy of VAL; uniform if `None`.
    pub reference: Option<Policy>,
    /// Which regret, if any.
    pub regret: Option<RegretKind>,
    /// Whether ties of proxies are resolved however many solves that takes.
    pub all_ties: bool,
    /// How to solve.
    pub options: Options,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            metric: None,
            reference: None,
            regret: Some(RegretKind::ProxyOptimal),
            all_ties: false,
            options: Options::default(),
        }
    }
}

/// What of a reward's returns is kept.
#[derive(Clone, Debug)]
pub struct Ends {
    /// `max_pi J`.
    pub max: Bounded,
    /// `min_pi J`.
    pub min: Bounded,
    /// `max - min`.
    pub rho: Bounded,
    /// Whether all policies earn the same.
    pub trivial: Decision,
}

impl Ends {
    /// A regret as a share of the return range; 0 for a trivial reward.
    pub fn share(&self, regret: Bounded) -> Bounded {
        match (&self.trivial, regret.checked_div(self.rho)) {
            (Decision::Yes(_), _) => Bounded::exact(0.0),
            (Decision::No(_), Some(share)) => share.clamped(0.0, 1.0),
            _ => Bounded::from_interval(Interval { lo: 0.0, hi: 1.0 }, Grade::Certified),
        }
    }
}

/// Everything known about all pairs of some rewards.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The part of the model that can be reached, on which everything was worked out.
    pub mdp: Arc<Mdp>,
    /// Names of the rewards, in order.
    pub names: Vec<String>,
    /// The distance.
    pub metric: Metric,
    /// Whether the number of rewards chose the distance.
    pub is_chosen: bool,
    /// Pairs `i < j`, row after row; see [`distance`](Self::distance).
    distances: Vec<Option<Bounded>>,
    /// Rewards without a distance to any other, and why.
    pub undefined: Vec<(usize, String)>,
    /// Returns of each reward.
    pub ends: Vec<Ends>,
    /// What optimising one costs under another, if asked for.
    pub regret: Option<Regrets>,
    /// Rewards that certainly order all policies alike.
    pub same: SameTask,
    /// Average-linkage tree over the rewards that have distances.
    pub tree: Tree,
    /// Rows of distances that a limit left out.
    pub n_missing: usize,
    /// Whether every limit was kept.
    pub is_complete: bool,
}

impl Matrix {
    /// Number of rewards.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no rewards.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Distance of two rewards, in any order; `None` where it is not defined.
    pub fn distance(&self, i: usize, j: usize) -> Option<Bounded> {
        let (i, j) = (i.min(j), i.max(j));
        match i == j {
            // Of a reward from itself it is zero by definition, where it is defined.
            true if self.undefined.iter().any(|(k, _)| *k == i) => None,
            true => Some(Bounded::exact(0.0)),
            false => self.distances[place(self.len(), i, j)],
        }
    }

    /// The closest other reward to each; the first of equals. `None` where no distance is defined.
    pub fn nearest(&self) -> Vec<Option<(usize, Bounded)>> {
        let of = |i: usize| {
            let others = (0..self.len()).filter(|&j| j != i).filter_map(|j| Some((j, self.distance(i, j)?)));
            others.min_by(|a, b| a.1.value.total_cmp(&b.1.value))
        };
        (0..self.len()).into_par_iter().map(of).collect()
    }
}

/// Place of the pair `i < j` among all pairs of `n`.
fn place(n: usize, i: usize, j: usize) -> usize {
    i * (2 * n - i - 1) / 2 + j - i - 1
}

/// Works out all pairs. Two solves a reward for the returns, one linear solve a reward for the regrets; more where proxies
/// have ties, and for range STARC and worst-case regret. Refused with fewer than two rewards, more than [`MOST`], or two
/// of one name.
pub fn matrix(model: &Model, rewards: Vec<(String, Reward)>, request: &Request) -> Result<Matrix> {
    check(&rewards)?;
    let part = Reachable::of(model);
    let mdp: &Mdp = &part.mdp;
    let solver = Solver::new(mdp, request.options)?;
    let (names, rewards): (Vec<String>, Vec<Reward>) =
        rewards.into_iter().map(|(name, reward)| (name, part.reward(model, &reward))).unzip();
    let expected: Vec<ExpectedReward> = rewards.par_iter().map(|reward| reward.expected(mdp)).collect();
    let ranges = ReturnRange::all(&solver, expected);
    let reference = match &request.reference {
        None => Policy::uniform(mdp),
        Some(policy) => part.policy(model, policy),
    };
    let context = Context { solver: &solver, reference: &reference };
    let metric = request.metric.unwrap_or_else(|| default_metric(names.len()));
    let inputs: Vec<(&Reward, &ExpectedReward)> = rewards.iter().zip(ranges.iter().map(|r| &r.reward)).collect();
    let forms = canon::find("minimal-weighted").and_then(|canon| canon.apply_all(&context, &inputs));
    let found = distances(&context, &metric, &inputs, &ranges, forms.as_deref().ok())?;
    let same = same::same_task(&solver, &ranges, forms.as_deref().ok());
    let regret = request.regret.map(|kind| Regrets::of(&solver, &ranges, kind, request.all_ties));
    let solves_ended = ranges.iter().all(|range| range.best.is_converged() && range.worst.is_converged());
    let mut matrix = Matrix {
        names,
        metric,
        is_chosen: request.metric.is_none(),
        distances: found.pairs,
        undefined: found.undefined,
        ends: ranges.iter().map(|r| Ends { max: r.max, min: r.min, rho: r.rho, trivial: r.trivial.clone() }).collect(),
        regret,
        same,
        tree: Tree::default(),
        n_missing: found.n_missing,
        is_complete: solves_ended && !solver.is_out_of_time(),
        mdp: Arc::clone(&part.mdp),
    };
    let defined: Vec<usize> = (0..matrix.len()).filter(|i| matrix.undefined.iter().all(|(k, _)| k != i)).collect();
    matrix.tree = tree(&defined, |i, j| matrix.distance(i, j).map_or(f64::INFINITY, |d| d.value));
    Ok(matrix)
}

fn check(rewards: &[(String, Reward)]) -> Result<()> {
    let n = rewards.len();
    if n < 2 {
        return Diag::new(Code::Usage, format!("{n} rewards have no pairs"))
            .expected("at least two rewards")
            .help("name them after the model, or give a file of them with --set")
            .err();
    }
    if n > MOST {
        return Diag::new(Code::TooLarge, format!("{n} rewards have {} pairs", n * (n - 1) / 2))
            .expected(format!("at most {MOST} rewards"))
            .help("take a part of the set")
            .err();
    }
    let mut names: Vec<&str> = rewards.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|w| w[0] == w[1]) {
        None => Ok(()),
        Some(twice) => Diag::new(Code::NameTwice, format!("the reward `{}` is there twice", twice[0]))
            .expected("every reward once, under a name of its own")
            .err(),
    }
}

/// Range STARC while its solves are few; beyond, the metric that is an angle and takes no solve a pair.
fn default_metric(n: usize) -> Metric {
    match canon::find("minimal-weighted") {
        Ok(canon) if n > MOST_RANGES => {
            let l2 = &NORMS[1];
            Metric::Starc { canon, by: l2, in_norm: l2 }
        }
        _ => Metric::Range,
    }
}

struct Pairs {
    pairs: Vec<Option<Bounded>>,
    undefined: Vec<(usize, String)>,
    n_missing: usize,
}

/// All pairs `i < j`. Rows that a limit leaves out get the bounds of the metric, where it has any.
fn distances(
    context: &Context<'_>,
    metric: &Metric,
    inputs: &[(&Reward, &ExpectedReward)],
    ranges: &[ReturnRange],
    forms: Option<&[Canonical]>,
) -> Result<Pairs> {
    let n = inputs.len();
    if let Metric::Range = metric {
        let mut pairs = Vec::with_capacity(n * (n - 1) / 2);
        let mut n_missing = 0;
        for i in 0..n {
            let others: Vec<&ReturnRange> = ranges[i + 1..].iter().collect();
            if context.solver.is_out_of_time() {
                let unknown = Bounded::from_interval(Interval { lo: 0.0, hi: 2.0 }, Grade::Certified);
                pairs.extend(others.iter().map(|_| Some(unknown)));
                n_missing += usize::from(!others.is_empty());
                continue;
            }
            pairs.extend(range_distances(context.solver, &ranges[i], &others).into_iter().map(Some));
        }
        return Ok(Pairs { pairs, undefined: Vec::new(), n_missing });
    }
    let points = match (metric, forms) {
        (Metric::Starc { canon, by, in_norm }, Some(forms)) if canon.id == "minimal-weighted" => {
            Points::of_forms(context, (canon, by, in_norm), inputs, forms)?
        }
        _ => Points::new(context, metric, inputs)?,
    }
    .knowing(|i| trivial(&ranges[i]));
    let row = |i: usize| (i + 1..n).map(|j| points.distance(i, j).value()).collect::<Vec<_>>();
    let rows: Vec<Vec<Option<Bounded>>> = (0..n).into_par_iter().map(row).collect();
    let undefined = (0..n).filter_map(|i| Some((i, points.why_undefined(i)?.to_owned()))).collect();
    Ok(Pairs { pairs: rows.concat(), undefined, n_missing: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_stand_row_after_row() {
        for n in [2, 3, 7] {
            let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
            assert!(pairs.enumerate().all(|(k, (i, j))| place(n, i, j) == k));
        }
    }

    #[test]
    fn the_metric_follows_the_number_of_rewards() {
        assert_eq!(default_metric(MOST_RANGES).to_string(), "starc-range");
        assert_eq!(default_metric(MOST_RANGES + 1).to_string(), "starc-minimal-weighted-l2");
    }
}
