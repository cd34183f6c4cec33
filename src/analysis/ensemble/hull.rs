//! Whether the truth is a weighted mean of the members, for every policy.

use dashu_ratio::RBig;

use super::nearest::{Nearest, nearest};
use crate::analysis::returns::ReturnRange;
use crate::base::number::as_stored;
use crate::base::sum::max_abs;
use crate::base::{Bounded, Doubt, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// Where the truth lies.
#[derive(Clone, Debug)]
pub enum Hull {
    /// In the convex hull of the members, without rounding.
    Inside {
        /// Weight of each member.
        weights: Vec<f64>,
    },
    /// Outside: the closest weighted mean misses it, on the row where it misses most, by this share of the largest reward.
    Outside {
        /// The miss; above its lower bound no mean comes.
        miss: Bounded,
    },
    /// Not decided, and why.
    Unknown(Doubt),
}

/// Decided in fractions, by the point of the hull that is nearest to the truth over the rows that count; it needs no
/// solve. Rewards are taken as averages over next states.
///
/// A mean as rewards, not only as orders: returns then are that mean too, which is what a lower bound needs.
pub fn hull(solver: &Solver<'_>, truth: &ReturnRange, members: &[ReturnRange]) -> Hull {
    let mdp = solver.mdp();
    let rewards: Vec<&ExpectedReward> = members.iter().map(|m| &m.reward).chain([&truth.reward]).collect();
    let counts = |s: &usize| !mdp.is_terminal(*s) && (mdp.gamma() > 0.0 || mdp.mu0()[*s] > 0.0);
    let rows = || (0..mdp.n_states()).filter(counts).flat_map(|s| mdp.rows(s));
    let entry = |reward: &ExpectedReward, row: usize| match &reward.fractions {
        Some(exact) => exact[row].clone(),
        None => as_stored(reward.r[row]),
    };
    let err = |reward: &ExpectedReward| if reward.fractions.is_some() { 0.0 } else { reward.err };
    let (last, of_members) = (err(&truth.reward), members.iter().map(|m| err(&m.reward)).fold(0.0, f64::max));
    let err = last + of_members;
    if !err.is_finite() {
        return Hull::Unknown(Doubt::InputRounding);
    }
    // The members less the truth, row by row; alike rows say the same.
    let mut columns: Vec<Vec<RBig>> = rows()
        .map(|row| {
            let meant = entry(&truth.reward, row);
            members.iter().map(|m| entry(&m.reward, row) - &meant).collect()
        })
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let found = nearest(members.len(), &columns, || solver.is_out_of_time());
    let Some(Nearest { weights, point, square }) = found else { return Hull::Unknown(Doubt::Limit) };
    if square == RBig::ZERO {
        return match err {
            0.0 => Hull::Inside { weights: weights.iter().map(|w| w.to_f64().value()).collect() },
            _ => Hull::Unknown(Doubt::InputRounding),
        };
    }
    // For every mean m, |m . point| >= square, so it misses by square / |point|_1 somewhere, less what inputs are off.
    let size = |x: &RBig| if *x < RBig::ZERO { -x.clone() } else { x.clone() };
    let total = point.iter().fold(RBig::ZERO, |sum, x| sum + size(x));
    let least = square / total - as_stored(err.next_up());
    if err > 0.0 && least <= RBig::ZERO {
        return Hull::Unknown(Doubt::InputRounding);
    }
    let most = point.iter().map(size).max().unwrap_or(RBig::ZERO) + as_stored(err.next_up());
    let scale = rewards.iter().map(|r| max_abs(&r.r)).fold(f64::MIN_POSITIVE, f64::max);
    let range = Interval { lo: Bounded::of_fraction(&least).lo.max(0.0), hi: Bounded::of_fraction(&most).hi };
    let range = range.checked_div(Interval::around(scale)).unwrap_or(range);
    Hull::Outside { miss: Bounded::around(range.hi, range, Grade::Certified) }
}
