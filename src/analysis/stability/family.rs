//! Radii for changes that may only be combinations of some rewards: coefficients that are not known well.
//!
//! `<c_sa, F_i>` is the advantage of the i-th reward under the optimal policy, so one evaluation a reward gives all pairs. A pair
//! whose advantages all vanish can never flip this way: it is structural.

use super::Optimum;
use super::radius::{Radius, candidates};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::{Advantages, Solver};

/// Norms of the coefficients, with their keys.
pub const NORMS: [&str; 3] = ["linf", "l2", "l1"];

/// How far `r + sum theta_i F_i` keeps the optimal policy.
#[derive(Clone, Debug)]
pub struct FamilyRadius {
    /// Radii of `theta` in the order of [`NORMS`]; infinite where no combination changes the policy.
    pub radii: [Radius; 3],
    /// The nearest `theta` by largest entry at which another action is as good; `None` where there is none.
    pub theta: Option<Vec<f64>>,
    /// Pairs that no combination can flip.
    pub structural: usize,
    /// All pairs.
    pub pairs: usize,
}

/// The radius within a family. One policy evaluation a member; O(members x rows) after it.
pub fn family(solver: &Solver<'_>, optimum: &Optimum, members: &[&ExpectedReward]) -> FamilyRadius {
    let mdp = solver.mdp();
    let policy = Policy::Deterministic(optimum.rows.clone());
    let values = solver.evaluate_closely(&policy, members);
    let advantages: Vec<Advantages> = members.iter().zip(&values).map(|(r, of)| solver.advantages(r, of)).collect();
    let pairs = candidates(mdp, optimum);
    let infinite = Radius { size: Bounded::exact(f64::INFINITY), row: None };
    let mut found = FamilyRadius { radii: [infinite; 3], theta: None, structural: 0, pairs: pairs.len() };
    for row in pairs {
        if advantages.iter().all(|of| of.a[row].abs() <= of.error[row]) {
            found.structural += 1;
            continue;
        }
        let before = found.radii[0].size.value;
        for (radius, dual) in found.radii.iter_mut().zip(duals(&advantages, row)) {
            take(radius, row, optimum.gap[row], dual);
        }
        let size = found.radii[0].size.value;
        if size < before {
            found.theta = Some(advantages.iter().map(|of| size * sign(of.a[row])).collect());
        }
    }
    found
}

fn sign(a: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a.signum() }
}

/// Dual norms of the advantages of a row, each with what their errors allow.
fn duals(advantages: &[Advantages], row: usize) -> [Interval; 3] {
    let (mut one, mut two, mut most) = ((0.0, 0.0), (0.0f64, 0.0f64), (0.0f64, 0.0f64));
    for of in advantages {
        let (a, e) = (of.a[row].abs(), of.error[row]);
        one = (one.0 + a, one.1 + e);
        two = (two.0 + a * a, two.1 + e * e);
        most = (most.0.max(a), most.1.max(e));
    }
    // A few roundings of each, far below the errors of the advantages, are covered by a factor.
    let around = |(x, e): (f64, f64)| {
        let ball = Interval::ball(x, 1.01 * e + 8.0 * f64::EPSILON * x);
        Interval { lo: ball.lo.max(0.0), hi: ball.hi }
    };
    [around(one), around((two.0.sqrt(), two.1.sqrt())), around(most)]
}

fn take(radius: &mut Radius, row: usize, gap: Bounded, dual: Interval) {
    let value = gap.value / (dual.lo + (dual.hi - dual.lo) / 2.0);
    let lo = radius.size.lo.min((gap.lo / dual.hi).next_down().max(0.0));
    let hi = if dual.lo > 0.0 { radius.size.hi.min((gap.hi / dual.lo).next_up()) } else { radius.size.hi };
    let (value, row) = if value < radius.size.value { (value, Some(row)) } else { (radius.size.value, radius.row) };
    // Pairs called structural vanish up to rounding only.
    *radius = Radius { size: Bounded::around(value, Interval { lo, hi }, Grade::Bounded), row };
}
