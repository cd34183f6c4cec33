//! What a soft policy earns.

use super::SoftValues;
use crate::base::sum::{UNIT, gamma_n};
use crate::base::{Bounded, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// `-log` of the smallest double: terms below are nothing.
const DEEPEST: f64 = 745.0;

/// The return of the soft policy, whose double is known up to the bounds of its values.
///
/// With action values off by at most `delta`, `log pi` is off by at most `x = 2 delta / tau`, so a row of the policy by
/// `e^x - 1` in its sum; and the returns of two policies differ by at most the horizon times half of that times the range of
/// the action values of one of them (Kakade and Langford 2002). One policy evaluation.
pub(super) fn earned(solver: &Solver<'_>, reward: &ExpectedReward, soft: &SoftValues, temperature: f64) -> Bounded {
    let mdp = solver.mdp();
    // One evaluation a reward.
    let hard = solver.evaluate_closely(&soft.policy, &[reward]).swap_remove(0);
    let (lo, hi) = hard.q(mdp, reward);
    let largest = soft.v.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let eta = soft.half_width();
    let mut most = 0.0f64;
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s) && mdp.rows(s).len() > 1) {
        let rows = || mdp.rows(s);
        let delta = |row: usize| {
            let size = reward.r[row].abs() + largest;
            mdp.gamma() * eta + reward.err + 2.0 * gamma_n(mdp.p(row).1.len() + 3) * size
        };
        let delta = rows().map(delta).fold(0.0, f64::max);
        let n = mdp.rows(s).len() as f64;
        let x = 2.0 * delta / temperature + (4.0 * DEEPEST + n + 8.0) * UNIT;
        let moved = (x.exp_m1() + n * (-DEEPEST).exp()).min(2.0);
        let top = rows().map(|row| hi[row]).fold(f64::NEG_INFINITY, f64::max);
        let bottom = rows().map(|row| lo[row]).fold(f64::INFINITY, f64::min);
        // The probabilities of the double sum to 1 up to their rounding.
        let sum = (n + 2.0) * UNIT * top.abs().max(bottom.abs());
        most = most.max(0.5 * moved * (top - bottom) + sum);
    }
    let known = hard.at_start(mdp);
    let off = Interval::ball(0.0, 1.01 * most * solver.horizon().longest());
    let x = if most == 0.0 { known.interval() } else { known.interval() + off };
    Bounded::around(known.value, x, Grade::Certified)
}
