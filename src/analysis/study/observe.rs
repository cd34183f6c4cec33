//! One environment: every distance and both regrets of every comparison, reduced to moments.
//!
//! What all comparisons share is worked out once: the model written out, the canonical forms of the two rewards of a
//! pair (those of the rewards between them are blends), the solves of the first reward. The solves of a blend start
//! from the policies of the blend before it.

use std::ops::AddAssign;

use sha2::{Digest, Sha256};

use super::correlate::Moments;
use super::draw::{self, Drawn};
use super::{Spec, TARGETS};
use crate::analysis::canon::{CANONS, Context};
use crate::analysis::distance::{Coverage, Flat, FlatModel, Metric, NormTable, range_distance};
use crate::analysis::regret::{ProxyOptimal, proxy_optimal, worst_case};
use crate::analysis::returns::ReturnRange;
use crate::base::Result;
use crate::model::{Mdp, Policy};
use crate::solve::{Options, Solver};

/// A normalised worst-case regret this close to 1 is called complete.
const COMPLETE: f64 = 1.0 - 1e-9;

/// How often something was drawn or found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Comparisons.
    pub comparisons: usize,
    /// Rewards drawn.
    pub rewards: usize,
    /// Rewards drawn sparse.
    pub sparse: usize,
    /// Comparisons in which a reward is trivial: all policies earn the same.
    pub trivial: usize,
    /// Comparisons in which a reward has more than one optimal policy, up to the resolution of the solver.
    pub tied: usize,
    /// Comparisons in which the worst-case regret is all there is to lose, in at least one direction.
    pub complete: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.comparisons += other.comparisons;
        self.rewards += other.rewards;
        self.sparse += other.sparse;
        self.trivial += other.trivial;
        self.tied += other.tied;
        self.complete += other.complete;
    }
}

/// One comparison of a reward with a blend of it and another.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Which pair of the environment.
    pub pair: usize,
    /// Share of the second reward in the blend.
    pub t: f64,
    /// Distances in the order of the metrics; `None` where undefined.
    pub distances: Vec<Option<f64>>,
    /// Regrets in the order of [`TARGETS`].
    pub regrets: [f64; TARGETS.len()],
}

/// What is kept of one environment.
#[derive(Clone, Debug)]
pub struct Observations {
    /// Of each metric, with each of [`TARGETS`].
    pub moments: Vec<[Moments; TARGETS.len()]>,
    /// What was drawn and found.
    pub counts: Counts,
    /// SHA-256 of transition probabilities and rewards.
    pub digest: [u8; 32],
}

/// Draws and measures environment `index`; `see` is shown every comparison. `None` when a limit of the spec was reached
/// on the way.
pub fn observe(
    spec: &Spec,
    metrics: &[Metric],
    index: usize,
    mut see: impl FnMut(&Sample),
) -> Result<Option<Observations>> {
    let (mdp, mut rng) = draw::environment(spec, index)?;
    let solver = Solver::new(&mdp, Options::default())?;
    let reference = Policy::uniform(&mdp);
    let context = Context { solver: &solver, reference: &reference };
    let flat = FlatModel::new(&mdp);
    let mut hasher = Sha256::new();
    (0..mdp.n_rows()).for_each(|row| feed(&mut hasher, mdp.p(row).1));
    let mut counts = Counts::default();
    let mut samples: Vec<Sample> = Vec::with_capacity(spec.comparisons());
    for pair in 0..spec.pairs {
        let drawn = [draw::reward(&mdp, &mut rng), draw::reward(&mdp, &mut rng)];
        for drawn in &drawn {
            feed(&mut hasher, &drawn.entries);
            counts.rewards += 1;
            counts.sparse += usize::from(drawn.is_sparse);
        }
        let forms = Forms::new(&context, &flat, &drawn);
        let [x, y] = drawn.map(|drawn| drawn.reward(mdp.n_states()).expected(&mdp));
        let truth = ReturnRange::of(&solver, x.clone());
        let mut near = truth.clone();
        for k in 1..=spec.interpolants {
            if spec.limits.reached().is_some() {
                return Ok(None);
            }
            let t = k as f64 / spec.interpolants as f64;
            let blend = ReturnRange::near(&solver, x.scaled(1.0 - t).plus(t, &y), &near);
            let regrets = regrets(&solver, &truth, &blend, &mut counts);
            let range = range_distance(&solver, &truth, &blend).value;
            let distances = forms.distances(&flat, t, range, metrics);
            let sample = Sample { pair, t, distances, regrets };
            see(&sample);
            samples.push(sample);
            near = blend;
        }
    }
    let moments = (0..metrics.len())
        .map(|i| {
            [0, 1].map(|target| {
                Moments::of(samples.iter().filter_map(|s| s.distances[i].map(|d| (d, s.regrets[target]))))
            })
        })
        .collect();
    Ok(Some(Observations { moments, counts, digest: hasher.finalize().into() }))
}

fn feed(hasher: &mut Sha256, numbers: &[f64]) {
    numbers.iter().for_each(|x| hasher.update(x.to_le_bytes()));
}

/// Both targets for two rewards.
fn regrets(solver: &Solver<'_>, x: &ReturnRange, y: &ReturnRange, counts: &mut Counts) -> [f64; TARGETS.len()] {
    let (there, back) = (proxy_optimal(solver, x, y), proxy_optimal(solver, y, x));
    let worst = [worst_case(solver, x, y), worst_case(solver, y, x)].map(|w| w.normalised.value);
    let middle = |p: &ProxyOptimal| (p.best_normalised.value + p.worst_normalised.value) / 2.0;
    counts.comparisons += 1;
    counts.trivial += usize::from(x.is_trivial() || y.is_trivial());
    counts.tied += usize::from(there.n_ties + back.n_ties > 0);
    counts.complete += usize::from(worst.iter().any(|&w| w >= COMPLETE));
    [(middle(&there) + middle(&back)) / 2.0, (worst[0] + worst[1]) / 2.0]
}

/// The canonical forms of the two rewards of a pair.
struct Forms {
    /// In the order of [`CANONS`]; `None` where one is not defined.
    canonical: Vec<Option<[Flat; 2]>>,
}

impl Forms {
    fn new(context: &Context<'_>, flat: &FlatModel, drawn: &[Drawn; 2]) -> Self {
        let mdp: &Mdp = context.mdp();
        let rewards = drawn.each_ref().map(|drawn| drawn.reward(mdp.n_states()));
        let canonical = CANONS.iter().map(|canon| {
            let form = |i: usize| canon.apply(context, &rewards[i]).ok().map(|form| flat.flat(mdp, &form));
            Some([form(0)?, form(1)?])
        });
        Forms { canonical: canonical.collect() }
    }

    /// Distances between the first reward and a blend.
    fn distances(&self, flat: &FlatModel, t: f64, range: f64, metrics: &[Metric]) -> Vec<Option<f64>> {
        let mut pearson = [None; 2];
        let tables: Vec<Option<NormTable>> = CANONS
            .iter()
            .zip(&self.canonical)
            .map(|(canon, forms)| {
                let [x, y] = forms.as_ref()?;
                let blend = flat.blend(t, x, y);
                match canon.id {
                    "epic" => pearson[0] = flat.pearson(Coverage::Everywhere, [x, &blend]),
                    "dard" => pearson[1] = flat.pearson(Coverage::Possible, [x, &blend]),
                    _ => {}
                }
                Some(flat.starc([x, &blend]))
            })
            .collect();
        let distance = |metric: &Metric| match metric {
            Metric::Range => Some(range),
            Metric::Epic => pearson[0],
            Metric::Dard => pearson[1],
            Metric::Starc { canon, by, in_norm } => {
                let place = CANONS.iter().position(|c| c.id == canon.id)?;
                tables[place].map(|table| table[by.place()][in_norm.place()])
            }
        };
        metrics.iter().map(distance).collect()
    }
}
