//! Many rewards on one model at once.
//!
//! Owns: the method `batch`, products of a model with sixteen vectors, `optimise_all` and `values_all`.
//! May use: `base`, `model`, and of `solve` the bounds of modified policy iteration and the other methods, one at a time.
//! Must not: let a result depend on the number of threads.
//! To add one: another precision or kind of row is a `Real` or a branch of `multiply` in `product.rs`.
//!
//! Sweeping many rewards together reads each probability once for sixteen of them and keeps the processor multiplying.
//! Value iteration is what can be shared: policies differ, and with them the rows of any other step. A reward that mixes
//! too slowly for it is handed on, with the policy found so far.

mod backup;
mod group;
mod product;

use rayon::prelude::*;

use super::certify::doubt;
use super::chain::DENSE;
use super::{Iterate, Method, Outcome, Solution, Solver, Task, Values, mpi};
use crate::model::Mdp;
use group::{Group, Rules};
use product::{LANES, Rows};

pub(super) static METHOD: Method =
    Method { id: "batch", summary: "value iteration in mixed precision, many rewards at once; best on full rows", run };

/// Rewards that are worth sweeping together, if nobody says how to solve them.
const MANY: usize = 6;
/// Transitions of the longest row at most: bounds in single precision mean little beyond.
const LONGEST: usize = 1 << 20;
/// Values at most, so that no product of them overflows.
const LARGEST: f64 = 1e200;
/// States above which groups take turns, each on all threads: their arrays are large.
const IN_TURN: usize = 4_096;

/// Where a reward begins in a group.
struct Start {
    /// Its place among the tasks.
    place: usize,
    /// Values found so far.
    v: Option<Vec<f64>>,
    scale: f64,
    centre: f64,
    sweeps: usize,
}

/// How a reward ends in a group.
enum End {
    Found(Found),
    /// Too slow; a greedy policy to go on from.
    Slow(Vec<usize>),
    /// To be put together with others.
    Left(Start),
}

/// Values with bounds.
struct Found {
    v: Vec<f64>,
    /// The optimal values are within this of `v`.
    half: f64,
    policy: Vec<usize>,
    /// Rows that may be optimal, if asked for.
    optimal: Vec<bool>,
    n_ties: usize,
    sweeps: usize,
    outcome: Outcome,
}

impl Found {
    /// Bounds, rounded outwards.
    fn bounds(&self, mdp: &Mdp) -> (Vec<f64>, Vec<f64>) {
        let around = |(s, &v): (usize, &f64)| match mdp.is_terminal(s) {
            true => (v, v),
            false => ((v - self.half).next_down(), (v + self.half).next_up()),
        };
        self.v.iter().enumerate().map(around).unzip()
    }

    fn solution(self, mdp: &Mdp) -> Solution {
        let (lo, hi) = self.bounds(mdp);
        let Found { v, policy, optimal, n_ties, sweeps, outcome, .. } = self;
        let doubt = doubt(n_ties, outcome);
        Solution { v, lo, hi, policy, optimal, n_ties, doubt, method: METHOD.id, sweeps, outcome, exact: None }
    }

    fn values(self, mdp: &Mdp) -> Values {
        let (lo, hi) = self.bounds(mdp);
        let Found { v, policy, sweeps, outcome, .. } = self;
        Values { v, lo, hi, policy, method: METHOD.id, sweeps, outcome }
    }
}

/// A batch of one.
fn run(solver: &Solver<'_>, task: &Task<'_>) -> Iterate {
    if is_fit(solver, task) {
        let ends = sweep(solver, std::slice::from_ref(task), vec![0], None, false);
        if let Some((_, End::Found(Found { v, half, policy, sweeps, outcome, .. }))) = ends.into_iter().next() {
            return Iterate { v, policy, sweeps, outcome, half: Some(half), proof: None };
        }
    }
    mpi::rounds(solver, &Task { warm: None, ..*task }, 0)
}

/// Whether a reward can be swept in single precision at all.
fn is_fit(solver: &Solver<'_>, task: &Task<'_>) -> bool {
    solver.mdp.gamma() < 1.0
        && solver.shape().layout.longest() <= LONGEST
        && solver.scale(task.reward) * solver.horizon.longest() < LARGEST
}

/// Sweeps the tasks at some places in groups until all have ended; groups whose rewards are mostly done are merged.
fn sweep<'a>(
    solver: &Solver<'a>,
    tasks: &[Task<'_>],
    places: Vec<usize>,
    budget: Option<usize>,
    with_ties: bool,
) -> Vec<(usize, End)> {
    let rows = Rows::new(solver.mdp);
    let begin = |place| Start { place, v: None, scale: 0.0, centre: 0.0, sweeps: 0 };
    let mut waiting: Vec<Start> = places.into_iter().map(begin).collect();
    let mut ends = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let rules = Rules { may_leave: waiting.len() > LANES, budget, with_ties };
        let group = |starts: &[Start]| Group::new(solver, &rows, tasks, starts).run(rules);
        let ended: Vec<Vec<(usize, End)>> = match solver.mdp.n_states() > IN_TURN {
            true => waiting.chunks(LANES).map(group).collect(),
            false => waiting.par_chunks(LANES).map(group).collect(),
        };
        waiting.clear();
        for (place, end) in ended.into_iter().flatten() {
            match end {
                End::Left(start) => waiting.push(start),
                end => ends.push((place, end)),
            }
        }
    }
    ends
}

impl Solution {
    /// Whether it was found by sweeping many rewards together: then its bounds are as close as asked and no closer.
    pub fn is_swept_together(&self) -> bool {
        self.method == METHOD.id
    }
}

impl Solver<'_> {
    /// Whether many rewards are likely to be swept together; if not, each is better started from the policy of another.
    pub fn sweeps_together(&self) -> bool {
        match self.options.method {
            Some(id) => id == METHOD.id,
            // Where episodes end, values do not mix.
            None => self.mdp.gamma() < 1.0 && self.shape().is_closed && self.budget() > 2 * group::LOOK,
        }
    }

    /// What [`optimise`](Self::optimise) finds for each of some tasks, in their order: optimal values with certified
    /// bounds, and the rows that may be optimal. The larger the number of rewards, the less each of them costs.
    pub fn optimise_all(&self, tasks: &[Task<'_>]) -> Vec<Solution> {
        let solutions = self.all(tasks, true, |solver, task| solver.optimise(task), Found::solution);
        let settled = |(task, solution): (&Task<'_>, Solution)| {
            // The bounds of sweeps are no closer than asked; those of a solve of its own tell most ties from near ties.
            let again = solution.is_swept_together() && solution.doubt.is_some() && solution.is_converged();
            match again && self.options.method.is_none() {
                true => self.optimise(&Task { warm: Some(&solution.policy), ..*task }),
                false => solution,
            }
        };
        tasks.par_iter().zip(solutions).map(settled).collect()
    }

    /// What [`values`](Self::values) finds for each of some tasks, in their order.
    pub fn values_all(&self, tasks: &[Task<'_>]) -> Vec<Values> {
        self.all(tasks, false, |solver, task| solver.values(task), Found::values)
    }

    fn all<T: Send>(
        &self,
        tasks: &[Task<'_>],
        with_ties: bool,
        single: impl Fn(&Self, &Task<'_>) -> T + Sync,
        from: impl Fn(Found, &Mdp) -> T + Sync,
    ) -> Vec<T> {
        let places = self.worth_sweeping(tasks);
        let mut ends: Vec<Option<End>> = tasks.iter().map(|_| None).collect();
        if !places.is_empty() {
            let budget = self.options.method.is_none().then(|| self.budget());
            for (place, end) in sweep(self, tasks, places, budget, with_ties) {
                ends[place] = Some(end);
            }
        }
        let finish = |(task, end): (&Task<'_>, Option<End>)| match end {
            Some(End::Found(found)) => from(found, self.mdp),
            Some(End::Slow(policy)) => single(self, &Task { warm: Some(&policy), ..*task }),
            Some(End::Left(_)) | None => single(self, task),
        };
        tasks.par_iter().zip(ends).map(finish).collect()
    }

    /// Places of the tasks to be swept together: all of them if the method says so; if there is none, those without a
    /// policy to start from, provided there are many.
    fn worth_sweeping(&self, tasks: &[Task<'_>]) -> Vec<usize> {
        let is_asked = self.options.method == Some(METHOD.id);
        if !is_asked && (tasks.len() < MANY || !self.sweeps_together()) {
            return Vec::new();
        }
        let fits = |place: &usize| {
            let task = &tasks[*place];
            is_fit(self, task) && (is_asked || task.warm.is_none())
        };
        let places: Vec<usize> = (0..tasks.len()).filter(fits).collect();
        if is_asked || places.len() >= MANY { places } else { Vec::new() }
    }

    /// Sweeps, of a group that is full, that cost what a reward costs on its own.
    fn budget(&self) -> usize {
        let (mdp, n) = (self.mdp, self.mdp.n_states());
        if self.choose().id != "pi" {
            /// Modified policy iteration reads the model about twelve times where this takes thirty sweeps, and less
            /// often still where it takes more.
            const SWEEPS: usize = 150;
            return SWEEPS;
        }
        /// Improvements of a policy.
        const STEPS: usize = 5;
        /// Entries of full rows that take as long as one of an elimination...
        const FULL: usize = 24;
        /// ...entries of sparse rows...
        const SPARSE: usize = 8;
        /// ...and rows.
        const ROWS: usize = 2;
        /// Beyond the largest elimination, iterations take over, which cost about as much as this.
        const MOST: usize = 10_000;
        let entries = if product::is_full(mdp) { n * mdp.n_rows() / FULL } else { mdp.nnz() / SPARSE };
        let eliminations = STEPS * n * n.min(DENSE) * n.min(DENSE) / 3;
        (eliminations / (entries + mdp.n_rows() / ROWS + n)).min(MOST)
    }
}
