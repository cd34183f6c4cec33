//! Policies that have to be beaten, and what they earn.

use dashu_ratio::RBig;

use super::{Norm, Workshop};
use crate::base::number::as_stored;
use crate::base::{Interval, sum};
use crate::model::reward::ExpectedReward;
use crate::model::{Policy, Reward};

/// Bounds on a number; one number twice where it is known.
pub(super) type Span = [RBig; 2];

/// A policy to be beaten, seen from the one that is to beat it.
pub(super) struct Rival {
    pub policy: Vec<usize>,
    /// What it earns: of the truth, of the proxy, of each feature.
    pub returns: Vec<Span>,
    /// `J_P(v) - J_P(t)`.
    pub h: Span,
    /// `J_Fk(v) - J_Fk(t)`.
    pub g: Vec<Span>,
}

impl Rival {
    pub(super) fn new(policy: Vec<usize>, returns: Vec<Span>, target: &[Span]) -> Self {
        let minus = |i: usize| [&returns[i][0] - &target[i][1], &returns[i][1] - &target[i][0]];
        let g = (2..returns.len()).map(minus).collect();
        Rival { h: minus(1), g, policy, returns }
    }

    /// Whether it is certainly worse in truth than a policy that earns this.
    pub(super) fn is_worse(&self, target: &[Span]) -> bool {
        self.returns[0][1] < target[0][0]
    }

    /// `h`, or the middle of what it may be.
    pub(super) fn h(&self) -> RBig {
        middle(&self.h)
    }

    /// `g` of a feature, likewise.
    pub(super) fn g(&self, k: usize) -> RBig {
        middle(&self.g[k])
    }

    /// `h + theta . g`, likewise.
    pub(super) fn value(&self, theta: &[RBig]) -> RBig {
        theta.iter().enumerate().fold(self.h(), |sum, (k, theta)| sum + self.g(k) * theta)
    }
}

fn middle(x: &Span) -> RBig {
    if x[0] == x[1] { x[0].clone() } else { (&x[0] + &x[1]) / RBig::from(2) }
}

/// A lower bound on the norm of all coefficients with which no rival beats the target, from weights on the rivals.
///
/// `h + theta . g <= 0` for each of them, so `sum w h <= -theta . sum w g <= |theta| |sum w g|*` with the dual norm: any
/// weights `w >= 0` give a bound, the prices of the program that was solved the best one.
pub(super) fn lower_bound(norm: Norm, rivals: &[Rival], weights: &[RBig]) -> Lower {
    let used = || rivals.iter().zip(weights).filter(|(_, w)| **w > RBig::ZERO);
    let h = used().fold(RBig::ZERO, |sum, (rival, w)| sum + w * &rival.h[0]);
    let n = rivals.first().map_or(0, |rival| rival.g.len());
    // The larger end of what each sum may be.
    let size = |k: usize| {
        let end = |i: usize| used().fold(RBig::ZERO, |sum, (rival, w)| sum + w * &rival.g[k][i]);
        let (lo, hi) = (end(0), end(1));
        if hi > -&lo { hi } else { -lo }
    };
    let nothing = Lower { lo: 0.0, exactly: Some(RBig::ZERO) };
    if h <= RBig::ZERO {
        return nothing;
    }
    match norm {
        Norm::Linf => {
            let total = (0..n).fold(RBig::ZERO, |sum, k| sum + size(k));
            if total.is_zero() {
                return nothing;
            }
            let bound = h / total;
            Lower { lo: crate::base::Bounded::of_fraction(&bound).lo.max(0.0), exactly: Some(bound) }
        }
        Norm::L2 => {
            let square = (0..n).map(size).fold(RBig::ZERO, |sum, x| sum + &x * &x);
            if square.is_zero() {
                return nothing;
            }
            let bound = crate::base::Bounded::of_fraction(&(&h * &h / square)).interval().sqrt();
            Lower { lo: bound.lo.max(0.0), exactly: None }
        }
    }
}

/// A lower bound, and the fraction that it is, if it is one.
pub(super) struct Lower {
    pub lo: f64,
    pub exactly: Option<RBig>,
}

/// An upper bound on the norm of a vector of fractions, and the number itself where it is one.
pub(super) fn size_of(norm: Norm, theta: &[RBig]) -> (Interval, Option<RBig>) {
    match norm {
        Norm::Linf => {
            let abs = |x: &RBig| if *x < RBig::ZERO { -x } else { x.clone() };
            let largest = theta.iter().map(abs).max().unwrap_or(RBig::ZERO);
            (crate::base::Bounded::of_fraction(&largest).interval(), Some(largest))
        }
        Norm::L2 => {
            let square = theta.iter().fold(RBig::ZERO, |sum, x| sum + x * x);
            let square = crate::base::Bounded::of_fraction(&square).interval();
            (square.sqrt(), None)
        }
    }
}

impl Workshop<'_> {
    /// What a policy earns of some rewards from the start: in fractions if that is affordable, else within bounds. `None` where
    /// a limit or an overflow ends that.
    pub(super) fn earned(&self, rows: &[usize], rewards: &[&Reward]) -> Option<Vec<Span>> {
        let mdp = self.mdp;
        if let Ok(room) = &self.room {
            let visits = room.visits(rows).ok()?;
            let one = |reward: &&Reward| {
                let r = reward.fractions(mdp)?;
                let live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s) && !visits[s].is_zero());
                let sum = live.fold(RBig::ZERO, |sum, s| sum + &visits[s] * &r[rows[s]]);
                Some([sum.clone(), sum])
            };
            return rewards.iter().map(one).collect();
        }
        let expected: Vec<ExpectedReward> = rewards.iter().map(|reward| reward.expected(mdp)).collect();
        let all: Vec<&ExpectedReward> = expected.iter().collect();
        let found = self.request.solver.evaluate_closely(&Policy::Deterministic(rows.to_vec()), &all);
        let bounds = found.iter().map(|evaluation| evaluation.at_start(mdp).interval());
        bounds.map(|x| (x.lo.is_finite() && x.hi.is_finite()).then(|| [as_stored(x.lo), as_stored(x.hi)])).collect()
    }
}

/// The norm of a vector of doubles, rounded up.
pub(super) fn at_most(norm: Norm, x: impl Iterator<Item = f64>) -> f64 {
    let x: Vec<f64> = x.collect();
    let value = norm.of(&x);
    match norm {
        Norm::Linf => value,
        // A square and a sum each, doubled to cover the rounding of the bound itself; squares may fall below the doubles.
        Norm::L2 => {
            (value * (1.0 + 2.0 * sum::gamma_n(x.len() + 2)) + x.len() as f64 * f64::MIN_POSITIVE.sqrt()).next_up()
        }
    }
}
