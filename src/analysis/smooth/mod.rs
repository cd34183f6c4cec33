//! How fast values can change from state to state, where states have a distance.
//!
//! Owns: `Metric`, Lipschitz constants of rewards, kernels and values, transport distances between next states.
//! May use: `base`, `model`, `solve`.
//! Must not: read files or print.
//! To add one: a kind of metric is a constructor of [`Metric`]; another constant is a field of [`Smooth`].

mod metric;
mod transport;

use rayon::prelude::*;

use crate::base::{Bounded, Code, Diag, Grade, Interval, Result};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;
use crate::solve::{Solution, Solver};

pub use metric::Metric;
pub use transport::distance;

/// Most states whose pairs are all compared.
const STATES: usize = 2_000;

/// A Lipschitz constant, and a pair of states that needs it.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The smallest constant.
    pub value: Bounded,
    /// A pair that attains it, and the action; `None` where nothing differs.
    pub pair: Option<Attained>,
}

/// Where a constant is attained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attained {
    /// One state.
    pub s: usize,
    /// Another.
    pub t: usize,
    /// The action, of rewards and kernels.
    pub action: Option<usize>,
}

/// What the constants of reward and kernel say of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Promise {
    /// `L_r / (1 - gamma L_P)`: no optimal value, plain or soft, changes faster.
    Bound(Bounded),
    /// `gamma L_P` is at least 1: the kernel spreads states as fast as the discount forgets, or faster.
    Expanding,
    /// The bounds on `gamma L_P` reach across 1.
    Undecided,
    /// Two states offer different actions, so an action of one says nothing of the other.
    ActionsDiffer(usize, usize),
}

/// Lipschitz constants of a model with a metric.
#[derive(Clone, Debug)]
pub struct Smooth {
    /// `L_r = max_a Lip(r(., a))`.
    pub reward: Constant,
    /// `L_P = max_a max W1(P_sa, P_ta) / d(s, t)`, in the transport distance of the metric.
    pub kernel: Constant,
    /// `gamma L_P`.
    pub gamma_kernel: Bounded,
    /// The bound on `Lip(V*)`, if there is one.
    pub promise: Promise,
    /// `Lip(V*)` itself.
    pub value: Constant,
}

/// All constants; `None` if a limit was reached. Terminal states stay where they are and earn nothing, whatever the action.
///
/// O(S^2) rewards and values, O(A S^2) transport problems of the size of the rows; on a line a merge of two rows each.
pub fn smooth(
    solver: &Solver<'_>,
    metric: &Metric,
    reward: &ExpectedReward,
    optimum: &Solution,
) -> Result<Option<Smooth>> {
    let mdp = solver.mdp();
    if mdp.n_states() > STATES {
        return Diag::new(Code::TooLarge, format!("a metric on {} states has too many pairs", mdp.n_states()))
            .expected(format!("at most {STATES} states that can be reached"))
            .err();
    }
    let view = View { mdp, metric, reward };
    let Some(rewards) = view.largest(solver, |s, t| view.reward(s, t)) else { return Ok(None) };
    let Some(kernel) = view.largest(solver, |s, t| view.kernel(s, t)) else { return Ok(None) };
    let values = |s: usize, t: usize| {
        let [x, y] = [s, t].map(|s| Interval { lo: optimum.lo[s], hi: optimum.hi[s] });
        ((x - y).abs(), None)
    };
    let Some(value) = view.largest(solver, values) else { return Ok(None) };
    let (reward, kernel) = (rewards.into_constant(Grade::Certified), kernel.into_constant(Grade::Bounded));
    let gamma_kernel = kernel.value.interval().scale(mdp.gamma());
    let promise = match view.differing() {
        Some((s, t)) => Promise::ActionsDiffer(s, t),
        None if gamma_kernel.lo >= 1.0 => Promise::Expanding,
        None if gamma_kernel.hi >= 1.0 => Promise::Undecided,
        None => {
            let left = Interval::point(1.0) - gamma_kernel;
            match reward.value.interval().checked_div(left) {
                Some(bound) => Promise::Bound(Bounded::from_interval(bound, Grade::Bounded)),
                None => Promise::Undecided,
            }
        }
    };
    let gamma_kernel = Bounded::from_interval(gamma_kernel, Grade::Bounded);
    Ok(Some(Smooth { reward, kernel, gamma_kernel, promise, value: value.into_constant(Grade::Certified) }))
}

/// A largest quotient so far, with the pair that has the largest upper end.
#[derive(Clone, Copy)]
struct Largest {
    quotient: Interval,
    pair: Option<Attained>,
}

impl Largest {
    const NONE: Largest = Largest { quotient: Interval { lo: 0.0, hi: 0.0 }, pair: None };

    /// Of two: deterministic whatever the order in which they come.
    fn or(self, other: Largest) -> Largest {
        let key = |x: &Largest| x.pair.map(|pair| (pair.s, pair.t, pair.action));
        let is_other = match other.quotient.hi.total_cmp(&self.quotient.hi) {
            std::cmp::Ordering::Equal => key(&other).is_some_and(|o| key(&self).is_none_or(|s| o < s)),
            order => order.is_gt(),
        };
        let lo = self.quotient.lo.max(other.quotient.lo);
        let kept = if is_other { other } else { self };
        Largest { quotient: Interval { lo, hi: kept.quotient.hi }, pair: kept.pair }
    }

    fn into_constant(self, grade: Grade) -> Constant {
        let value = match self.pair {
            Some(_) => Bounded::from_interval(self.quotient, grade),
            None => Bounded::exact(0.0),
        };
        Constant { value, pair: self.pair }
    }
}

struct View<'a> {
    mdp: &'a Mdp,
    metric: &'a Metric,
    reward: &'a ExpectedReward,
}

impl View<'_> {
    /// Largest difference over distance of all pairs of states.
    fn largest(
        &self,
        solver: &Solver<'_>,
        difference: impl Fn(usize, usize) -> (Interval, Option<usize>) + Sync,
    ) -> Option<Largest> {
        let of_state = |s: usize| {
            if solver.is_out_of_time() {
                return None;
            }
            let pair = |t: usize| {
                let (difference, action) = difference(s, t);
                let d = self.metric.within(s, t);
                // Distances between different states are above zero.
                let quotient = difference.checked_div(d).unwrap_or(difference);
                let pair = (difference.hi > 0.0).then_some(Attained { s, t, action });
                Largest { quotient: Interval { lo: quotient.lo.max(0.0), ..quotient }, pair }
            };
            Some((s + 1..self.mdp.n_states()).map(pair).fold(Largest::NONE, Largest::or))
        };
        let states = (0..self.mdp.n_states()).into_par_iter();
        states.map(of_state).try_reduce(|| Largest::NONE, |x, y| Some(x.or(y)))
    }

    /// The larger of differences over the actions that both states offer.
    fn over_actions(
        &self,
        s: usize,
        t: usize,
        of: impl Fn(Option<usize>, Option<usize>) -> Interval,
    ) -> (Interval, Option<usize>) {
        let (mut most, mut action) = (Interval::point(0.0), None);
        for a in 0..self.mdp.n_actions() {
            let row = |s: usize| if self.mdp.is_terminal(s) { Some(None) } else { self.mdp.row(s, a).map(Some) };
            let (Some(x), Some(y)) = (row(s), row(t)) else { continue };
            let found = of(x, y);
            if found.hi > most.hi {
                action = Some(a);
            }
            most = Interval { lo: most.lo.max(found.lo), hi: most.hi.max(found.hi) };
        }
        (most, action)
    }

    fn reward(&self, s: usize, t: usize) -> (Interval, Option<usize>) {
        let r = |row: Option<usize>| match row {
            Some(row) if self.reward.err == 0.0 => Interval::point(self.reward.r[row]),
            Some(row) => Interval::ball(self.reward.r[row], self.reward.err),
            None => Interval::point(0.0),
        };
        self.over_actions(s, t, |x, y| (r(x) - r(y)).abs())
    }

    fn kernel(&self, s: usize, t: usize) -> (Interval, Option<usize>) {
        let next = |s: usize, row: Option<usize>| match row {
            Some(row) => {
                let (col, p) = self.mdp.p(row);
                col.iter().zip(p).map(|(&t, &p)| (t as usize, p)).collect()
            }
            None => vec![(s, 1.0)],
        };
        self.over_actions(s, t, |x, y| distance(self.metric, &next(s, x), &next(t, y)))
    }

    /// Two states, neither of them terminal, that offer different actions.
    fn differing(&self) -> Option<(usize, usize)> {
        let mdp = self.mdp;
        let offered = |s: usize| mdp.rows(s).map(|row| mdp.action(row)).collect::<Vec<_>>();
        let mut live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s));
        let first = live.next()?;
        let actions = offered(first);
        live.find(|&s| offered(s) != actions).map(|s| (first, s))
    }
}
