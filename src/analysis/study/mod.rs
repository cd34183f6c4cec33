//! Studies: one question asked of many drawn models.
//!
//! Owns: the tabular experiment of the STARC paper, its random draws, correlations with their intervals.
//! May use: `base`, `model`, `solve`, and every other room of `analysis`.
//! Must not: define a metric or a regret of its own, choose words, or keep the draws of more than one environment a
//! thread.
//! To add one: a new study is a file with a spec and a result; its draws go to `draw.rs`, its words to `show::answer`.

mod correlate;
mod draw;
mod observe;

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPoolBuilder;
use sha2::{Digest, Sha256};

use crate::analysis::distance::Metric;
use crate::base::{Bounded, Code, Diag, Result};
use crate::solve::Limits;

pub use correlate::{CONFIDENCE, Moments, correlation, student_quantile};
pub use draw::{Drawn, environment, reward};
pub use observe::{Counts, Observations, Sample, observe};

/// Most environments of one run: their summaries take 30 kB each.
pub const MAX_ENVIRONMENTS: usize = 20_000;

/// What a distance is correlated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Mean over both directions of the normalised regret of optimising the other reward. With ties, half-way between
    /// the luckiest and the unluckiest optimal policy.
    OptimalPolicy,
    /// Mean over both directions of the exact normalised worst-case regret.
    WorstCase,
}

/// Both targets, in the order of every result.
pub const TARGETS: [Target; 2] = [Target::OptimalPolicy, Target::WorstCase];

/// Published correlations with the mean regret of optimal policies, of forms normalised and measured by L2 (Skalse et al.
/// 2024, the table of the tabular experiment): metric id and value.
pub static PUBLISHED: &[(&str, f64)] =
    &[("starc-none-l2", 0.618), ("starc-val-l2", 0.856), ("starc-epic-l2", 0.778), ("starc-dard-l2", 0.782)];

/// The experiment: environments x pairs x interpolants. The default is the size of the paper's table.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Models, each drawn from its own stream of random numbers.
    pub environments: usize,
    /// Pairs of rewards drawn on each model.
    pub pairs: usize,
    /// Rewards on the way from the first of a pair to the second, that one included, each compared with the first.
    pub interpolants: usize,
    /// S.
    pub n_states: usize,
    /// A.
    pub n_actions: usize,
    /// Discount.
    pub gamma: f64,
    /// Seed of all streams.
    pub seed: u64,
    /// Threads; as many as there are processors if `None`. Results do not depend on it.
    pub threads: Option<usize>,
    /// When to stop with the environments done so far.
    pub limits: Limits,
}

impl Default for Spec {
    fn default() -> Self {
        Spec {
            environments: 384,
            pairs: 8,
            interpolants: 16,
            n_states: 32,
            n_actions: 4,
            gamma: 0.95,
            seed: 1,
            threads: None,
            limits: Limits::default(),
        }
    }
}

impl Spec {
    /// Comparisons in one environment.
    pub fn comparisons(&self) -> usize {
        self.pairs * self.interpolants
    }
}

/// How one distance fares.
#[derive(Clone, Debug)]
pub struct Line {
    /// The distance.
    pub metric: Metric,
    /// Comparisons for which it is defined.
    pub defined: usize,
    /// Pearson correlation with each of [`TARGETS`]; `None` where the distance or the target does not vary.
    pub correlation: [Option<Bounded>; 2],
}

/// The finished experiment.
#[derive(Clone, Debug)]
pub struct StarcTable {
    /// What was asked for.
    pub spec: Spec,
    /// Environments that went in: the first ones, all of them unless a limit was reached.
    pub environments: usize,
    /// What the draws were like.
    pub counts: Counts,
    /// SHA-256 over all transition probabilities and rewards, in order.
    pub digest: String,
    /// One line a metric, in the order of [`Metric::all`].
    pub lines: Vec<Line>,
}

impl StarcTable {
    /// Whether every environment asked for went in.
    pub fn is_complete(&self) -> bool {
        self.environments == self.spec.environments
    }

    /// The line of a metric id.
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.metric.to_string() == id)
    }
}

/// Runs the experiment. `done` counts finished environments, for whoever shows progress.
///
/// Environments are handed out in order and put together in order, so the result depends on the spec alone, and a run
/// cut short by its limits is the run of a smaller spec.
pub fn starc_table(spec: &Spec, done: &AtomicUsize) -> Result<StarcTable> {
    let metrics = Metric::all();
    let threads = spec.threads.unwrap_or(0);
    let pool = match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool,
        Err(e) => {
            return Diag::new(Code::Threads, format!("the threads cannot be started: {e}"))
                .help("ask for fewer with --threads")
                .err();
        }
    };
    let next = AtomicUsize::new(0);
    let work = |_: rayon::BroadcastContext<'_>| -> Result<Vec<(usize, Observations)>> {
        let mut mine = Vec::new();
        loop {
            let e = next.fetch_add(1, Ordering::Relaxed);
            if e >= spec.environments {
                return Ok(mine);
            }
            let Some(observed) = observe(spec, &metrics, e, |_| {})? else { return Ok(mine) };
            mine.push((e, observed));
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut all = Vec::new();
    for part in pool.broadcast(work) {
        all.extend(part?);
    }
    all.sort_by_key(|(e, _)| *e);
    // What lies behind an environment that was cut short is dropped, so that the rest can be had again.
    let all: Vec<Observations> =
        all.into_iter().enumerate().take_while(|(i, (e, _))| i == e).map(|(_, (_, observed))| observed).collect();
    Ok(put_together(spec, metrics, &all))
}

fn put_together(spec: &Spec, metrics: Vec<Metric>, all: &[Observations]) -> StarcTable {
    let mut counts = Counts::default();
    let mut hasher = Sha256::new();
    for observed in all {
        counts += observed.counts;
        hasher.update(observed.digest);
    }
    let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let lines = metrics.into_iter().enumerate().map(|(i, metric)| {
        let of = |target: usize| -> Vec<Moments> { all.iter().map(|o| o.moments[i][target]).collect() };
        let by_target = [of(0), of(1)];
        let defined = by_target[0].iter().map(|m| m.n as usize).sum();
        Line { metric, defined, correlation: by_target.map(|clusters| correlation(&clusters)) }
    });
    StarcTable { spec: spec.clone(), environments: all.len(), counts, digest, lines: lines.collect() }
}
