//! Workloads e: many pairs of rewards on small models.

use rayon::prelude::*;

use super::export::Folder;
use super::measure::Stopwatch;
use super::{Measured, Settings, Workload, mean};
use truenorth::analysis::canon::Context;
use truenorth::analysis::distance::{Metric, Pair, distances};
use truenorth::analysis::regret::{proxy_optimal, worst_case};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::{Bounded, Code, Diag, Result};
use truenorth::model::mdp::random;
use truenorth::model::{Mdp, Policy, Reward};
use truenorth::solve::{Options, Solver};
use truenorth_show::answer::bench::Check;

pub static E: Workload = Workload {
    id: "e",
    title: "10,000 pairs, S=32 A=4, gamma 0.95: VAL L2 distance, regret of the proxy's optimum",
    run: |settings| run(&Pairs::draw(settings)?, false, settings),
    export: |settings, folder| export(&Pairs::draw(settings)?, false, folder),
};

pub static E_PLUS: Workload = Workload {
    id: "e+",
    title: "the same pairs, and worst-case regret both ways",
    run: |settings| run(&Pairs::draw(settings)?, true, settings),
    export: |settings, folder| export(&Pairs::draw(settings)?, true, folder),
};

/// S and A of every model.
const SIZE: (usize, usize) = (32, 4);
/// Numbers in one reward R(s,a,s').
const ENTRIES: usize = SIZE.0 * SIZE.1 * SIZE.0;
/// Pairs on each model, where there are that many.
const PAIRS: usize = 100;

/// The models, and the rewards of their pairs in one piece, `[M, pairs, 2, S, A, S]`.
struct Pairs {
    mdps: Vec<Mdp>,
    per_mdp: usize,
    rewards: Vec<f64>,
}

impl Pairs {
    /// Transitions as the STARC paper draws them; rewards R(s,a,s') standard normal; start uniform.
    fn draw(settings: &Settings) -> Result<Self> {
        let count = settings.count(100 * PAIRS);
        let (n_mdps, per_mdp) = (count.div_ceil(PAIRS), count.min(PAIRS));
        let mut rng = random::rng(settings.seed);
        let draw = |_| random::starc_paper(&mut rng, SIZE.0, SIZE.1, 0.95);
        let mdps = (0..n_mdps).map(draw).collect::<Result<_>>()?;
        let rewards = random::normals(&mut rng, n_mdps * per_mdp * 2 * ENTRIES);
        Ok(Pairs { mdps, per_mdp, rewards })
    }

    /// The rewards of all pairs on each model.
    fn each(&self) -> impl IndexedParallelIterator<Item = (&Mdp, &[f64])> {
        self.mdps.par_iter().zip(self.rewards.par_chunks(self.per_mdp * 2 * ENTRIES))
    }
}

/// What is asked of one pair, first the truth, then the proxy.
struct Compared {
    distance: Bounded,
    /// Of the worst policy that is optimal for the proxy, as a share of the return range.
    regret: Bounded,
    /// Worst-case regret normalised, both ways.
    worst_case: Option<[Bounded; 2]>,
}

impl Compared {
    /// Every number in the order of [`NAMES`].
    fn numbers(&self) -> impl Iterator<Item = Bounded> {
        [self.distance, self.regret].into_iter().chain(self.worst_case.into_iter().flatten())
    }
}

/// Names of the arrays, and with `mean_` before them of the checks.
const NAMES: [&str; 4] = ["distance", "regret", "worst_case", "worst_case_reverse"];

/// What is measured: all pairs from arrays of rewards, in order.
fn compare_all(pairs: &Pairs, with_worst_case: bool) -> Result<Vec<Compared>> {
    let metric = [Metric::parse("starc-val-l2")?];
    let on_model = |(mdp, rewards): (&Mdp, &[f64])| -> Result<Vec<Compared>> {
        let solver = Solver::new(mdp, Options::default())?;
        let reference = Policy::uniform(mdp);
        let context = Context { solver: &solver, reference: &reference };
        let pairs = rewards.par_chunks(2 * ENTRIES).map(|pair| pair.split_at(ENTRIES));
        pairs.map(|(x, y)| compare(&context, &metric, x, y, with_worst_case)).collect()
    };
    let compared: Vec<Vec<Compared>> = pairs.each().map(on_model).collect::<Result<_>>()?;
    Ok(compared.into_iter().flatten().collect())
}

fn compare(context: &Context<'_>, metric: &[Metric], x: &[f64], y: &[f64], with_worst_case: bool) -> Result<Compared> {
    let (mdp, solver) = (context.mdp(), context.solver);
    // Every action is available and every state possible, so all entries are those of stored transitions.
    let (x, y) = (Reward::per_transition(mdp, x.to_vec()), Reward::per_transition(mdp, y.to_vec()));
    let range_x = ReturnRange::of(solver, x.expected(mdp));
    let range_y = ReturnRange::of(solver, y.expected(mdp));
    let pair = Pair { x: &x, y: &y, range_x: &range_x, range_y: &range_y };
    let distance = distances(context, &pair, metric).first().and_then(|d| d.value());
    let Some(distance) = distance else {
        return Diag::new(Code::Numerical, "a distance of random rewards is not defined").err();
    };
    let worst = |x, y| worst_case(solver, x, y).normalised;
    Ok(Compared {
        distance,
        regret: proxy_optimal(solver, &range_x, &range_y).worst_normalised,
        worst_case: with_worst_case.then(|| [worst(&range_x, &range_y), worst(&range_y, &range_x)]),
    })
}

fn run(pairs: &Pairs, with_worst_case: bool, settings: &Settings) -> Result<Measured> {
    let mut watch = Stopwatch::default();
    let mut compared = Vec::new();
    while watch.goes_on(settings.repeat) {
        compared = watch.lap(|| compare_all(pairs, with_worst_case))?;
    }
    let error = compared.iter().flat_map(Compared::numbers).fold(0.0f64, |m, b| m.max(b.width() / 2.0));
    let columns = columns(&compared);
    let means: Vec<Bounded> = columns.iter().map(|column| mean(column)).collect();
    // The list of models is never empty: `Settings::count` is at least 1.
    let grade = means.iter().map(|b| b.grade).min().unwrap_or(truenorth::base::Grade::None);
    let checks = NAMES.iter().zip(&means).map(|(name, b)| Check::new(&format!("mean_{name}"), *b)).collect();
    Ok(Measured { count: compared.len(), checks, ..Measured::new(&pairs.mdps[0], watch, "pairs", error, grade) })
}

/// The numbers of all pairs, one list a name.
fn columns(compared: &[Compared]) -> Vec<Vec<Bounded>> {
    let width = compared.first().map_or(0, |c| c.numbers().count());
    (0..width).map(|i| compared.iter().filter_map(|c| c.numbers().nth(i)).collect()).collect()
}

fn export(pairs: &Pairs, with_worst_case: bool, folder: &Folder) -> Result<()> {
    let (n_mdps, (n, n_actions)) = (pairs.mdps.len(), SIZE);
    let p: Vec<&[f64]> = pairs.mdps.iter().flat_map(|mdp| (0..mdp.n_rows()).map(|row| mdp.p(row).1)).collect();
    folder.floats("p", &[n_mdps, n, n_actions, n], &p)?;
    folder.floats("rewards", &[n_mdps, pairs.per_mdp, 2, n, n_actions, n], &[&pairs.rewards])?;
    let shape = [n_mdps, pairs.per_mdp];
    for (name, column) in NAMES.iter().zip(columns(&compare_all(pairs, with_worst_case)?)) {
        let bound = |pick: fn(&Bounded) -> f64| column.iter().map(pick).collect::<Vec<f64>>();
        folder.floats(&format!("{name}_lo"), &shape, &[&bound(|b| b.lo)])?;
        folder.floats(&format!("{name}_hi"), &shape, &[&bound(|b| b.hi)])?;
    }
    Ok(())
}
