//! The nearest reward of all that mends: every action's reward may move.
//!
//! A policy `t` is optimal from the start for `r + D` iff some `V` has `V >= r + D + gamma P V` for every action, with
//! equality along `t` where `t` gets from the start: such a `V` is at least the optimal value everywhere, and the value of
//! `t` where it counts. Both `D` and `V` are unknown, and all of it is linear; what happens elsewhere is up to `V`, so no
//! continuation has to be chosen.

use super::targets::Targets;
use super::{Check, Norm, Workshop, program};
use crate::analysis::family::{Agreement, visited};
use crate::base::{Bounded, Grade, sum};
use crate::model::reward::ExpectedReward;

/// Margins by which other actions are to lose, in units of the largest reward: enough to be told from a tie.
const MARGINS: [f64; 4] = [1e-6, 1e-5, 1e-4, 1e-3];

/// The nearest reward by one norm.
#[derive(Clone, Debug)]
pub struct Nearest {
    /// How changes of the reward of each action are measured.
    pub norm: Norm,
    /// Every distance above this has a reward that mends, none below does; the upper bound is that of `reward`.
    pub distance: Bounded,
    /// A reward over rows that mends, close to that distance.
    pub reward: Vec<f64>,
    /// Rows that were changed, by more than a thousandth of the largest change.
    pub n_changed: usize,
    /// The reward, solved again.
    pub check: Check,
    /// Truth-optimal policies tried.
    pub n_targets: usize,
    /// Whether these are all.
    pub is_all: bool,
}

impl Workshop<'_> {
    /// The nearest reward over the truth-optimal policies; `None` if none was found or a limit was reached.
    pub(super) fn nearest(&self, norm: Norm, targets: &Targets) -> Option<Nearest> {
        let mut best: Option<(program::Found, &Vec<usize>)> = None;
        let (mut n_targets, mut below) = (0, f64::INFINITY);
        for target in &targets.policies {
            if self.request.solver.is_out_of_time() {
                break;
            }
            n_targets += 1;
            let Some(found) = self.program(norm, target, 0.0).solve() else { continue };
            below = below.min(found.below);
            if best.as_ref().is_none_or(|(least, _)| found.value < least.value) {
                best = Some((found, target));
            }
        }
        let (least, target) = best?;
        let is_all = targets.is_all && n_targets == targets.policies.len();
        let scale = self.scale();
        // What is left of zero by an interior-point solver, and by the root of that.
        let size = |value: f64| match norm {
            _ if value < 1e-12 => 0.0,
            Norm::Linf => scale * value,
            Norm::L2 => scale * (2.0 * value).sqrt(),
        };
        for margin in MARGINS {
            let found = self.program(norm, target, margin).solve()?;
            let proxy = self.request.proxy.expected(self.mdp).r;
            let mut change: Vec<f64> = found.x[..self.mdp.n_rows()].iter().map(|d| scale * d).collect();
            // Nothing is earned where episodes have ended, and nothing there was asked of the program.
            let ended = (0..self.mdp.n_states()).filter(|&s| self.mdp.is_terminal(s));
            ended.for_each(|s| change[self.mdp.rows(s)].fill(0.0));
            let reward: Vec<f64> = proxy.iter().zip(&change).map(|(r, d)| r + d).collect();
            let check = self.check(ExpectedReward::exact(reward.clone()));
            if check.agreement != Agreement::All {
                continue;
            }
            let (value, reached) = (size(least.value), norm.of(&change));
            let largest = sum::max_abs(&change);
            let lo = if is_all { (size(below) - 1e-7 * scale).max(0.0).min(value) } else { 0.0 };
            return Some(Nearest {
                norm,
                distance: Bounded { value, lo, hi: reached.max(value), grade: Grade::Bounded },
                n_changed: change.iter().filter(|d| d.abs() > 1e-3 * largest).count(),
                reward,
                check,
                n_targets,
                is_all,
            });
        }
        None
    }

    /// Largest reward, the unit of the program.
    fn scale(&self) -> f64 {
        let size = sum::max_abs(&self.request.proxy.expected(self.mdp).r);
        if size > 0.0 { size } else { 1.0 }
    }

    /// Changes first, one a row; then values, one a state; then, for the largest entry, that.
    fn program(&self, norm: Norm, target: &[usize], margin: f64) -> program::Program {
        let mdp = self.mdp;
        let (n_rows, n) = (mdp.n_rows(), mdp.n_states());
        let (proxy, scale) = (self.request.proxy.expected(mdp).r, self.scale());
        let truth = &self.truth.best.optimal;
        let mut on_path = vec![false; n_rows];
        target.iter().for_each(|&row| on_path[row] = true);
        let (on_path, near) = (visited(mdp, &on_path), visited(mdp, truth));
        let mut least = program::Program::new(n_rows + n + 1);
        match norm {
            Norm::Linf => least.linear[n_rows + n] = 1.0,
            Norm::L2 => least.quadratic[..n_rows].fill(1.0),
        }
        for s in (0..n).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s) {
                let (col, p) = mdp.p(row);
                let next = col.iter().zip(p).filter(|(t, _)| !mdp.is_terminal(**t as usize));
                let mut left: Vec<(usize, f64)> = next.map(|(&t, &p)| (n_rows + t as usize, mdp.gamma() * p)).collect();
                left.extend([(row, 1.0), (n_rows + s, -1.0)]);
                let right = -proxy[row] / scale;
                match on_path[s] && target[s] == row {
                    true => least.equal(left, right),
                    false => least.at_most(left, right - if near[s] && !truth[row] { margin } else { 0.0 }),
                }
                if norm == Norm::Linf {
                    least.at_most(vec![(row, 1.0), (n_rows + n, -1.0)], 0.0);
                    least.at_most(vec![(row, -1.0), (n_rows + n, -1.0)], 0.0);
                }
            }
        }
        least
    }
}
