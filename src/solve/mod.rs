//! Second floor: values, policies and occupancies, each with bounds on its own error.
//!
//! Owns: `Solver`, the registry of methods, policy evaluation, occupancy, certified bounds.
//! May use: `base`, `model`.
//! Must not: compare rewards, read files, print.
//! To add one: a new method is one file with a `METHOD`, and one line in [`METHODS`].

mod batch;
mod certify;
mod chain;
mod evaluate;
mod exact;
mod gap;
mod interval;
mod limits;
mod lp;
mod mpi;
mod pi;
mod proof;
mod q;
mod rests;
mod shift;
mod small;
mod sweep;
mod vi;

use std::sync::OnceLock;

use serde::Serialize;

use crate::base::{Code, Diag, Doubt, Result, sum};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};

use chain::{Aim, Chain};
use proof::Proof;
use small::Small;
use sweep::Shape;

pub use certify::Horizon;
pub use chain::Way;
pub use evaluate::{Endings, Evaluation, Occupancy};
pub use exact::{ExactValues, Exactly, Optimum};
pub use gap::Advantages;
pub use limits::{Limits, Meter, Stop};
pub use rests::Rests;
pub use shift::{Shift, Shifts};

/// Whether to look for the best or the worst policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Largest return.
    Max,
    /// Smallest return.
    Min,
}

impl Sense {
    /// 1 for max, -1 for min.
    fn sign(self) -> f64 {
        match self {
            Sense::Max => 1.0,
            Sense::Min => -1.0,
        }
    }
}

/// Why a method stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The bounds are as close as was asked, or as rounding allows.
    Converged,
    /// The time limit was reached; the bounds hold.
    TimeLimit,
    /// The sweep limit was reached; the bounds hold.
    SweepLimit,
    /// It was asked to stop; the bounds hold.
    Interrupted,
    /// The memory limit was reached; the bounds hold.
    MemoryLimit,
}

/// One way to solve a model.
pub struct Method {
    /// Name on the command line.
    pub id: &'static str,
    /// One line for `--help`.
    pub summary: &'static str,
    run: fn(&Solver<'_>, &Task<'_>) -> Iterate,
}

/// All methods, best known first.
pub static METHODS: &[&Method] =
    &[&pi::METHOD, &mpi::METHOD, &vi::METHOD, &batch::METHOD, &interval::METHOD, &lp::METHOD, &exact::METHOD];

/// What a caller may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// `None`: chosen by size.
    pub method: Option<&'static str>,
    /// Half width of the value bounds asked for, relative to `max |r|` times the horizon.
    pub tolerance: f64,
    /// When to stop with the best bounds so far.
    pub limits: Limits,
    /// Sweeps for one solve.
    pub max_sweeps: usize,
}

impl Default for Options {
    fn default() -> Self {
        // 1e-10 is far below any difference a report shows and still above rounding at gamma = 0.9999.
        Options { method: None, tolerance: 1e-10, limits: Limits::default(), max_sweeps: 10_000_000 }
    }
}

/// One optimisation: a reward, a direction, perhaps a restriction of the actions and a policy to start from.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Reward over rows.
    pub reward: &'a ExpectedReward,
    /// Best or worst.
    pub sense: Sense,
    /// Rows that may be used; every state keeps at least one.
    pub allowed: Option<&'a [bool]>,
    /// Rows to start from.
    pub warm: Option<&'a [usize]>,
}

impl<'a> Task<'a> {
    /// The plain problem.
    pub fn new(reward: &'a ExpectedReward, sense: Sense) -> Self {
        Task { reward, sense, allowed: None, warm: None }
    }
}

/// What a method hands back: an estimate, a policy, and how hard it worked. Bounds are put on by the caller.
struct Iterate {
    v: Vec<f64>,
    policy: Vec<usize>,
    sweeps: usize,
    outcome: Outcome,
    /// The optimal value is certainly within this of `v`, if the method knows.
    half: Option<f64>,
    /// What else the method knows for certain, if anything.
    proof: Option<Proof>,
}

/// Optimal values with bounds, and a policy.
#[derive(Clone, Debug)]
pub struct Values {
    /// Estimate of the optimal value, length S.
    pub v: Vec<f64>,
    /// Certified lower bounds.
    pub lo: Vec<f64>,
    /// Certified upper bounds.
    pub hi: Vec<f64>,
    /// One greedy row per state.
    pub policy: Vec<usize>,
    /// Method that ran.
    pub method: &'static str,
    /// Sweeps or improvement steps.
    pub sweeps: usize,
    /// Why it stopped.
    pub outcome: Outcome,
}

/// Optimal values with bounds, and the rows that may be optimal.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Estimate of the optimal value, length S.
    pub v: Vec<f64>,
    /// Certified lower bounds.
    pub lo: Vec<f64>,
    /// Certified upper bounds.
    pub hi: Vec<f64>,
    /// One greedy row per state.
    pub policy: Vec<usize>,
    /// Rows whose action may be optimal: every optimal one is among them.
    pub optimal: Vec<bool>,
    /// Why some of them may not be, where a state has several; `None` where they are just the optimal ones.
    pub doubt: Option<Doubt>,
    /// States, other than terminal ones, with a tie among `optimal`.
    pub n_ties: usize,
    /// Method that ran.
    pub method: &'static str,
    /// Sweeps or improvement steps.
    pub sweeps: usize,
    /// Why it stopped.
    pub outcome: Outcome,
    /// The values themselves, from a method that does not round.
    pub exact: Option<ExactValues>,
}

/// A model ready to be solved for many rewards.
pub struct Solver<'a> {
    mdp: &'a Mdp,
    options: Options,
    horizon: Horizon,
    shape: OnceLock<Shape>,
    small: OnceLock<Option<Small>>,
    rests: OnceLock<Rests>,
}

impl Solution {
    /// Takes over what is known without rounding.
    pub fn prove(&mut self, solver: &Solver<'_>, found: Optimum) {
        found.proof().narrow(solver.mdp, self);
    }
}

impl<'a> Solver<'a> {
    /// Prepares a model. With discount 1 this solves for the longest expected episode.
    pub fn new(mdp: &'a Mdp, options: Options) -> Result<Self> {
        if let Some(id) = options.method
            && !METHODS.iter().any(|m| m.id == id)
        {
            return Diag::new(Code::MetricUnknown, format!("there is no method `{id}`"))
                .nearest(id, METHODS.iter().map(|m| m.id))
                .err();
        }
        if options.method == Some(exact::METHOD.id) {
            exact::check_size(mdp)?;
        }
        let horizon = Horizon::discounted(mdp);
        let mut solver =
            Solver { mdp, options, horizon, shape: OnceLock::new(), small: OnceLock::new(), rests: OnceLock::new() };
        if mdp.gamma() == 1.0 {
            solver.horizon = Horizon::episodic(&solver)?;
        }
        Ok(solver)
    }

    /// The same model and limits with another method.
    pub fn with_method(&self, id: &'static str) -> Result<Solver<'a>> {
        Solver::new(self.mdp, Options { method: Some(id), ..self.options })
    }

    /// The model.
    pub fn mdp(&self) -> &'a Mdp {
        self.mdp
    }

    fn shape(&self) -> Shape {
        *self.shape.get_or_init(|| Shape::of(self.mdp))
    }

    /// The model written out, if it is small.
    fn small(&self) -> Option<&Small> {
        self.small.get_or_init(|| Small::new(self.mdp)).as_ref()
    }

    /// Bound on the expected discounted number of steps left.
    pub fn horizon(&self) -> &Horizon {
        &self.horizon
    }

    /// Largest possible `|J|` for this reward: `max |r|` times the horizon. The scale for "is this zero?".
    pub fn scale(&self, reward: &ExpectedReward) -> f64 {
        sum::max_abs(&reward.r) * self.horizon.longest()
    }

    /// Optimal values of a task, with certified bounds and the set of possibly optimal actions.
    pub fn optimise(&self, task: &Task<'_>) -> Solution {
        let method = self.choose();
        let mut iterate = (method.run)(self, task);
        let proof = iterate.proof.take();
        let mut solution = certify::solution(self, task, iterate, method.id);
        if let Some(proof) = proof {
            proof.narrow(self.mdp, &mut solution);
        }
        self.settle(task, &mut solution);
        solution
    }

    /// Tells ties from near ties in fractions, and finds values that bounds do not enclose closely, where the model is small
    /// enough.
    fn settle(&self, task: &Task<'_>, solution: &mut Solution) {
        /// Bounds farther apart than this, relative to the largest value, are not close.
        const CLOSE: f64 = 1e-10;
        let largest = sum::max_abs(&solution.v);
        let is_close = solution.lo.iter().zip(&solution.hi).all(|(lo, hi)| hi - lo <= CLOSE * largest);
        let is_settled = solution.doubt.is_none() && (is_close || solution.exact.is_some());
        if is_settled || solution.outcome != Outcome::Converged {
            return;
        }
        match self.exactly_for(task.reward) {
            Ok((room, rewards)) => match room.optimum(&rewards, task.sense, task.allowed, &solution.policy) {
                Ok(found) => solution.prove(self, found),
                Err(doubt) => solution.doubt = solution.doubt.is_some().then_some(doubt),
            },
            Err(doubt) => solution.doubt = solution.doubt.is_some().then_some(doubt),
        }
    }

    /// Optimal values of a task with certified bounds, without the search for ties: one pass over the model less.
    pub fn values(&self, task: &Task<'_>) -> Values {
        let method = self.choose();
        let iterate = (method.run)(self, task);
        certify::values(self, task, iterate, method.id)
    }

    /// A policy that is optimal up to the method's tolerance, without bounds: for searches that certify at their end.
    pub fn policy(&self, task: &Task<'_>) -> Vec<usize> {
        (self.choose().run)(self, task).policy
    }

    /// Such a policy, and its returns for two other rewards: on small models without another linear solve.
    pub fn policy_and_returns(&self, task: &Task<'_>, rewards: [&ExpectedReward; 2]) -> (Vec<usize>, [f64; 2]) {
        let policy = match self.small() {
            Some(small) if self.choose().id == pi::METHOD.id => {
                let (found, returns) = pi::run_small(self, small, task, rewards);
                if found.outcome == Outcome::Converged {
                    return (found.policy, returns);
                }
                // The last improvement has not been evaluated.
                found.policy
            }
            _ => self.policy(task),
        };
        let returns = self.returns(&policy, rewards);
        (policy, returns)
    }

    /// Returns of a deterministic policy for each of several rewards, without bounds: one linear solve.
    pub fn returns<const N: usize>(&self, rows: &[usize], rewards: [&ExpectedReward; N]) -> [f64; N] {
        let (visits, _) = self.visits(&Policy::Deterministic(rows.to_vec()), &self.closely());
        rewards.map(|reward| rows.iter().zip(&visits).map(|(&row, d)| d * reward.r[row]).sum())
    }

    /// The chain of a policy. Without discount the terminal states are cut off: nothing is earned there, and the time
    /// spent there has no end.
    fn chain(&self, policy: &Policy) -> Chain<'a> {
        let chain = Chain::new(self.mdp, policy);
        if self.mdp.gamma() < 1.0 { chain } else { chain.restricted(|s| !self.mdp.is_terminal(s)) }
    }

    /// A linear system solved as closely as rounding allows.
    fn closely(&self) -> Aim {
        Aim { residual: 0.0, memory: self.memory_of_a_solve(), limits: self.options.limits, has_signs: false }
    }

    /// A linear system solved until the errors of its solution are at most `error`.
    fn within(&self, error: f64) -> Aim {
        /// Part of the error that is left to the residual; the rest is for the bounds that are put around it.
        const PART: f64 = 0.5;
        Aim { residual: PART * error / self.horizon.longest(), ..self.closely() }
    }

    /// Bytes that the factors of a linear system may take: half as much again as the model's arrays, or what nobody misses.
    fn memory_of_a_solve(&self) -> usize {
        const SMALL: usize = 64 << 20;
        let arrays = 12 * self.mdp.nnz() + 16 * self.mdp.n_rows();
        (arrays + arrays / 2).max(SMALL)
    }

    /// Discounted visits to every state from the start, and how they were found. With discount 1 those of terminal states
    /// mean nothing.
    fn visits(&self, policy: &Policy, aim: &Aim) -> (Vec<f64>, Way) {
        match self.small() {
            Some(small) => (small.visits(self.mdp, policy), Way::Direct),
            None => {
                let solved = self.chain(policy).solve_transposed(self.mdp.gamma(), self.mdp.mu0(), aim);
                (solved.x, solved.way)
            }
        }
    }

    fn choose(&self) -> &'static Method {
        /// Above this many states policy iteration's linear solves lose to sweeps on models without structure.
        const PI_STATES: usize = 20_000;
        let id = match self.options.method {
            Some(id) => id,
            None if self.mdp.n_states() <= PI_STATES || self.mdp.gamma() == 1.0 => "pi",
            None => "mpi",
        };
        // `new` checked a chosen id, and both defaults are in the list.
        METHODS.iter().find(|m| m.id == id).unwrap_or(&METHODS[0])
    }
}
