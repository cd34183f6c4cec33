//! Best and worst returns of a reward, and the return range that makes rewards comparable.
//!
//! Owns: `ReturnRange`, the decision whether a reward is trivial.
//! May use: `base`, `model`, `solve`.
//! Must not: look at two rewards at once.
//! To add one: another one-reward summary is a new function here.

use dashu_ratio::RBig;

use crate::base::sum::max_abs;
use crate::base::{Bounded, Decision, Doubt, Evidence, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solution, Solver, Task};

/// A return range known less closely than this, relative to itself, is worked out in fractions where that is affordable.
const CLOSE: f64 = 1e-9;

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
    /// Whether all policies earn the same.
    pub trivial: Decision,
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
        /// Bounds of values that were swept together are no closer than asked; a range known less closely than this,
        /// relative to itself, is left to a solve of its own.
        const FAR: f64 = 1e-2;
        let both = |reward| [Sense::Max, Sense::Min].map(|sense| Task::new(reward, sense));
        let tasks: Vec<Task<'_>> = rewards.iter().flat_map(both).collect();
        let mut solutions = solver.optimise_all(&tasks).into_iter();
        let mut ranges = Vec::with_capacity(rewards.len());
        for reward in rewards {
            // Two solutions a reward.
            let (Some(best), Some(worst)) = (solutions.next(), solutions.next()) else { break };
            let range = Self::from_solutions(solver, reward, best, worst);
            let is_shared = range.best.is_swept_together() || range.worst.is_swept_together();
            let is_doubtful = range.rho.width() > FAR * range.rho.lo;
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
        let rho = (max - min).clamped(0.0, f64::INFINITY);
        let mut range = ReturnRange { trivial: Decision::No(Evidence::Bounds), reward, best, worst, max, min, rho };
        if rho.lo > 0.0 && rho.width() <= CLOSE * rho.lo {
            return range;
        }
        if max_abs(&range.reward.r) == 0.0 && range.reward.err == 0.0 {
            let nothing = Bounded::exact(0.0);
            (range.max, range.min, range.rho) = (nothing, nothing, nothing);
            range.trivial = Decision::Yes(Evidence::Structure);
            return range;
        }
        if let Err(doubt) = range.settle(solver)
            && rho.lo <= 0.0
        {
            let is_limited = !range.best.is_converged() || !range.worst.is_converged();
            range.trivial = Decision::Undecided(if is_limited { Doubt::Limit } else { doubt });
        }
        range
    }

    /// Best and worst return in fractions.
    fn settle(&mut self, solver: &Solver<'_>) -> Result<(), Doubt> {
        let (room, rewards) = solver.exactly_for(&self.reward)?;
        let end = |sense, solution: &mut Solution| {
            if solution.exact.is_none() {
                solution.prove(solver, room.optimum(&rewards, sense, None, &solution.policy)?);
            }
            // `prove` leaves exact values.
            Ok(solution.exact.as_ref().map_or(RBig::ZERO, |values| values.dot(&room.fractions.mu0)))
        };
        let (max, min) = (end(Sense::Max, &mut self.best)?, end(Sense::Min, &mut self.worst)?);
        [self.max, self.min] = [&max, &min].map(Bounded::of_fraction);
        self.trivial = Decision::exact(max == min);
        self.rho = Bounded::of_fraction(&(max - min));
        Ok(())
    }

    /// Whether all policies certainly earn the same.
    pub fn is_trivial(&self) -> bool {
        self.trivial.is_yes()
    }

    /// `1 / rho` as a plain factor, 1 for a reward that may be trivial and shows no range.
    pub(super) fn unit(&self) -> f64 {
        if self.rho.value > 0.0 { 1.0 / self.rho.value } else { 1.0 }
    }

    /// A number that is divided by the return range, with what it may be where the range may be zero.
    pub fn share(&self, x: Bounded, if_trivial: f64, most: f64) -> Bounded {
        match (&self.trivial, x.checked_div(self.rho)) {
            (Decision::Yes(_), _) => Bounded::exact(if_trivial),
            (Decision::No(_), Some(share)) => share.clamped(0.0, most),
            _ => {
                let value = if self.rho.value > 0.0 { (x.value / self.rho.value).clamp(0.0, most) } else { if_trivial };
                Bounded::around(value, Interval { lo: 0.0, hi: most }, Grade::Certified)
            }
        }
    }
}
