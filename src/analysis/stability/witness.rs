//! The nearest reward under which the policy is no longer optimal.

use super::Optimum;
use super::ball::{Ball, Direction};
use super::radius::Radii;
use crate::model::{Mdp, Reward};

/// How far the witness goes beyond the radius, where the two actions only tie.
const BEYOND: f64 = 1.001;
/// What breaks a tie, relative to the largest reward: far below what anybody means. Where a tie is not certain it is at least
/// twice the gap that may be left.
const TIE_BREAK: f64 = 1e-6;

/// What the sum of two doubles may lose, of the reward and of the change, relative to the largest reward; a smaller change may
/// not be seen in their sum.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// A change of the reward that makes another action strictly better.
#[derive(Clone, Debug)]
pub struct Witness {
    /// What is added to the reward, over rows.
    pub change: Vec<f64>,
    /// Its largest entry: the upper bound of the radius and a thousandth of it, or more where the reward is so large that
    /// rounding would swallow that.
    pub size: f64,
    /// The row that becomes better.
    pub row: usize,
}

/// `radius sign(c)` at the pair that breaks first, a thousandth beyond or as much as doubles need; where actions tie already, a
/// small bonus for the other one. `None` where nothing can change the policy.
pub fn witness(mdp: &Mdp, reward: &Reward, optimum: &Optimum, radii: &Radii) -> Option<Witness> {
    let direction = radii.critical.as_ref()?;
    let row = direction.row;
    let largest = reward.max_abs(mdp);
    let mut change = vec![0.0; mdp.n_rows()];
    if optimum.optimal[row] {
        let size = (TIE_BREAK * if largest > 0.0 { largest } else { 1.0 }).max(2.0 * optimum.gap[row].hi);
        change[row] = size;
        return Some(Witness { change, size, row });
    }
    let radius = radii.of(Ball::Linf).size.hi;
    let size = (BEYOND * radius).max(radius + ROUNDING * largest);
    along(mdp, direction, size, &mut change);
    Some(Witness { change, size, row })
}

/// `size sign(c)`: of all changes no larger, the one that closes the gap most.
fn along(mdp: &Mdp, direction: &Direction, size: f64, change: &mut [f64]) {
    for (row, c) in direction.entries(mdp).filter(|&(_, c)| c != 0.0) {
        change[row] = size * c.signum();
    }
}
