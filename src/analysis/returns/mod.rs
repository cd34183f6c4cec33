//! Best and worst returns of a reward, and the return range that makes rewards comparable.
//!
//! Owns: `ReturnRange`, the rule for calling a reward trivial.
//! May use: `base`, `model`, `solve`.
//! Must not: look at two rewards at once.
//! To add one: another one-reward summary is a new function here.

use crate::base::{Bounded, Grade};
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solution, Solver, Task};

/// A return range below this fraction of the largest conceivable return is rounding, not preference.
///
/// Decided relative to `max |r|` times the horizon, so scaling a reward does not change the answer. Shaping leaves
/// rounding of about 1e-16 on this scale; 1e-12 is far above that and far below any range that matters.
const TRIVIAL: f64 = 1e-12;

/// Best and worst policies of one reward: `rho(R) = max_pi J_R(pi) - min_pi J_R(pi)`.
#[derive(Clone, Debug)]
pub struct ReturnRange {
    /// Reward over rows.
    pub reward: ExpectedReward,
    /// Optimal values and policies.
    pub best: Solution,
    /// Pessimal values and policies.
    pub worst: Solution,
    /// `max_pi J`.
    pub max: Bounded,
    /// `min_pi J`.
    pub min: Bounded,
    /// `rho`, the return range.
    pub rho: Bounded,
    /// Whether all policies earn the same, up to rounding.
    pub is_trivial: bool,
}

impl ReturnRange {
    /// Two solves.
    pub fn of(solver: &Solver<'_>, reward: ExpectedReward) -> Self {
        let best = solver.optimise(&Task::new(&reward, Sense::Max));
        let worst = solver.optimise(&Task::new(&reward, Sense::Min));
        Self::from_solutions(solver, reward, best, worst)
    }

    /// Of several rewards on one model: two solves a reward, all of them together.
    pub fn all(solver: &Solver<'_>, rewards: Vec<ExpectedReward>) -> Vec<Self> {
        /// Bounds of values that were swept together need not be close enough to tell a trivial reward; below this
        /// many times that limit it is left to a solve of its own.
        const DOUBT: f64 = 1e4;
        let both = |reward| [Sense::Max, Sense::Min].map(|sense| Task::new(reward, sense));
        let tasks: Vec<Task<'_>> = rewards.iter().flat_map(both).collect();
        let mut solutions = solver.optimise_all(&tasks).into_iter();
        let mut ranges = Vec::with_capacity(rewards.len());
        for reward in rewards {
            // Two solutions a reward.
            let (Some(best), Some(worst)) = (solutions.next(), solutions.next()) else { break };
            let range = Self::from_solutions(solver, reward, best, worst);
            let is_shared = range.best.is_swept_together() || range.worst.is_swept_together();
            let is_doubtful = range.rho.lo <= DOUBT * TRIVIAL * solver.scale(&range.reward);
            let again = is_shared && is_doubtful && !solver.is_out_of_time();
            ranges.push(if again { Self::of(solver, range.reward) } else { range });
        }
        ranges
    }

    /// Two solves, started from the optimal and pessimal policies of a similar reward.
    pub fn near(solver: &Solver<'_>, reward: ExpectedReward, other: &ReturnRange) -> Self {
        let task = |sense, warm| Task { warm: Some(warm), ..Task::new(&reward, sense) };
        let best = solver.optimise(&task(Sense::Max, &other.best.policy));
        let worst = solver.optimise(&task(Sense::Min, &other.worst.policy));
        Self::from_solutions(solver, reward, best, worst)
    }

    fn from_solutions(solver: &Solver<'_>, reward: ExpectedReward, best: Solution, worst: Solution) -> Self {
        let (max, min) = (best.at_start(solver.mdp()), worst.at_start(solver.mdp()));
        let difference = max - min;
        let is_trivial = difference.value <= TRIVIAL * solver.scale(&reward);
        let rho = if is_trivial {
            Bounded { value: 0.0, lo: 0.0, hi: difference.hi.max(0.0), grade: Grade::Bounded }
        } else {
            difference.clamped(0.0, f64::INFINITY)
        };
        ReturnRange { reward, best, worst, max, min, rho, is_trivial }
    }

    /// `1 / rho` as a plain factor, 1 for a trivial reward.
    pub(super) fn unit(&self) -> f64 {
        if self.is_trivial { 1.0 } else { 1.0 / self.rho.value }
    }
}
