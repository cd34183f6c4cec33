//! The nearest reward of all that mends: every action's reward may move.
//!
//! A policy `t` is optimal from the start for `r + D` iff some `V` has `V >= r + D + gamma P V` for every action, with
//! equality along `t` where `t` gets from the start: such a `V` is at least the optimal value everywhere, and the value of
//! `t` where it counts. Both `D` and `V` are unknown, and all of it is linear; what happens elsewhere is up to `V`, so no
//! continuation has to be chosen. If `t` is truth-optimal, taking a little off every action that is not, where truth-optimal
//! policies get, makes `r + D` mend: so the least `|D|` over all such `t` is the infimum.
//!
//! Of the answer of an interior-point solver only `V` is kept: with it the smallest `D` is known, action by action. That is
//! the upper bound, once a reward made of it has been solved and mends; the lower one is that of [`flows`](super::flows).

use std::sync::Arc;

use dashu_ratio::RBig;

use super::check::Rows;
use super::rivals::at_most;
use super::targets::{Targets, Tried};
use super::{Check, Norm, Workshop, program};
use crate::analysis::family::{Agreement, agreement, visited};
use crate::base::number::shortest;
use crate::base::{Bounded, Doubt, Grade, Interval, sum};
use crate::model::reward::ExpectedReward;

/// Gaps larger than this many times the largest along the target are cut off in the program: no such action comes near.
const FAR: f64 = 1e6;
/// Margins by which other actions are to lose, as powers of two of the largest change; the first is tried first. All are
/// checked.
const MARGINS: [i32; 6] = [-36, -32, -28, -22, -16, -10];

/// The nearest reward by one norm.
#[derive(Clone, Debug)]
pub struct Nearest {
    /// How changes of the reward of each action are measured.
    pub norm: Norm,
    /// The infimum of the distances of rewards that mend: none below the lower bound does, and the upper one is that of
    /// `mending`, infinite without one.
    pub distance: Bounded,
    /// A reward that mends, close to that distance; `None` if none was found that certainly does.
    pub mending: Option<Mending>,
    /// Truth-optimal policies tried.
    pub n_targets: usize,
    /// Whether these are all.
    pub tried: Tried,
}

/// A reward that certainly mends.
#[derive(Clone, Debug)]
pub struct Mending {
    /// Over rows.
    pub reward: Vec<f64>,
    /// Rows that were changed, by more than a thousandth of the largest change.
    pub n_changed: usize,
    /// The reward, solved again.
    pub check: Check,
}

/// The least change found for one target.
struct Moved {
    /// Over rows.
    change: Vec<f64>,
    size: f64,
    /// Largest gap along the target.
    scale: f64,
}

impl Workshop<'_> {
    /// The nearest reward over the truth-optimal policies; `None` if a limit was reached before one was tried, or there are too
    /// many and none of those tried certainly is one.
    pub(super) fn nearest(&self, norm: Norm, targets: &Targets) -> Option<Nearest> {
        // Where not all are tried no lower bound is proved, and what may not be truth-optimal proves no upper one.
        let is_open = !targets.tried.is_all();
        let must = Rows::from(&self.truth.best).must(self.mdp);
        let is_certain = |target: &[usize]| {
            let mut used = vec![false; self.mdp.n_rows()];
            target.iter().for_each(|&row| used[row] = true);
            agreement(self.mdp, &used, &must) == Agreement::All
        };
        let gaps = self.gaps();
        let mut best: Option<Moved> = None;
        let (mut n_targets, mut below, mut tried) = (0, f64::INFINITY, targets.tried.clone());
        for target in &targets.policies {
            if self.request.solver.is_out_of_time() {
                tried = Tried::Cut(Doubt::Limit);
                break;
            }
            if is_open && !is_certain(target) {
                continue;
            }
            n_targets += 1;
            let (lo, found) = self.least(norm, target, &gaps, !is_open);
            below = below.min(lo);
            if best.as_ref().is_none_or(|least| found.size < least.size) {
                best = Some(found);
            }
            if below <= 0.0 && best.as_ref().is_some_and(|least| least.size == 0.0) {
                // Nothing is nearer.
                tried = Tried::All;
                break;
            }
        }
        let least = best?;
        let mending = self.mending(&least, norm);
        let lo = if tried.is_all() { below } else { 0.0 };
        let (hi, mending) = mending.map_or((f64::INFINITY, None), |(size, mending)| (size, Some(mending)));
        let bounds = Interval { lo: lo.min(hi), hi };
        Some(Nearest {
            norm,
            distance: Bounded::around(least.size, bounds, Grade::Certified),
            mending,
            n_targets,
            tried,
        })
    }

    /// A lower bound on the change with which a policy is optimal, if asked for, and a change with which it is, up to rounding.
    fn least(&self, norm: Norm, target: &[usize], gaps: &[Interval], from_below: bool) -> (f64, Moved) {
        let mdp = self.mdp;
        let mut on_path = vec![false; mdp.n_rows()];
        target.iter().for_each(|&row| on_path[row] = true);
        let seen = visited(mdp, &on_path);
        let path: Vec<usize> = (0..mdp.n_states()).filter(|&s| seen[s] && !mdp.is_terminal(s)).collect();
        let scale = path.iter().fold(0.0f64, |m, &s| m.max(gaps[target[s]].hi));
        let still = Moved { scale, ..self.moved(norm, target, &seen, gaps, &vec![0.0; mdp.n_states()]) };
        if scale == 0.0 || !scale.is_finite() {
            return (0.0, still);
        }
        let (least, rows) = self.program(norm, target, &seen, gaps, scale);
        let Some(found) = least.solve(self.request.solver.options().limits.deadline) else { return (0.0, still) };
        let w: Vec<f64> = found.x[mdp.n_rows()..][..mdp.n_states()].iter().map(|w| scale * w).collect();
        let moved = Moved { scale, ..self.moved(norm, target, &seen, gaps, &w) };
        let mut prices = vec![0.0; mdp.n_rows()];
        rows[0]
            .iter()
            .zip(&found.equal)
            .chain(rows[1].iter().zip(&found.at_most))
            .for_each(|(&row, y)| prices[row] = *y);
        let lo = if from_below { self.at_least(norm, target, gaps, &prices) } else { 0.0 };
        (lo, if moved.size < still.size { moved } else { still })
    }

    /// The smallest change with which `V + w` proves a policy optimal: what is left along it, and what others gain elsewhere.
    fn moved(&self, norm: Norm, target: &[usize], seen: &[bool], gaps: &[Interval], w: &[f64]) -> Moved {
        let mdp = self.mdp;
        let mut change = vec![0.0; mdp.n_rows()];
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s) {
                let left = gaps[row] + self.left_by(row, s, w);
                change[row] = if seen[s] && target[s] == row { left.mid() } else { left.mid().min(0.0) };
            }
        }
        Moved { size: norm.of(&change), change, scale: 0.0 }
    }

    /// A reward made of such a change that certainly mends, and how far it is.
    fn mending(&self, least: &Moved, norm: Norm) -> Option<(f64, Mending)> {
        let mdp = self.mdp;
        let proxy = self.request.proxy.expected(mdp);
        let truth = &self.truth.best.optimal;
        let near = visited(mdp, truth);
        // Where nothing has to move, and so close to it that rounding would undo it, the proxy itself is the measure, and the
        // truth where that is nothing.
        let unit = least.scale.max(sum::max_abs(&proxy.r) * 2f64.powi(-8));
        let sizes = [unit, sum::max_abs(&self.truth.reward.r), 1.0];
        let unit = sizes.into_iter().find(|size| *size > 0.0).unwrap_or(1.0);
        let ended = |row: usize| mdp.is_terminal(mdp.state(row));
        for margin in MARGINS.map(|power| unit * 2f64.powi(power)) {
            if self.request.solver.is_out_of_time() {
                return None;
            }
            let moved = |row: usize| {
                let other = near[mdp.state(row)] && !truth[row];
                proxy.r[row] + least.change[row] - if other { margin } else { 0.0 }
            };
            // Nothing is earned where episodes have ended, and nothing there was asked of the program.
            let reward: Vec<f64> =
                (0..mdp.n_rows()).map(|row| if ended(row) { proxy.r[row] } else { moved(row) }).collect();
            // What a file says that it is written to.
            let exactly: Arc<Vec<RBig>> = Arc::new(reward.iter().map(|&r| shortest(r)).collect());
            let change: Vec<f64> = (0..mdp.n_rows())
                .map(|row| match &proxy.fractions {
                    Some(fractions) => Bounded::of_fraction(&(&exactly[row] - &fractions[row])).interval(),
                    None => Interval::around(reward[row]) - Interval::ball(proxy.r[row], proxy.err),
                })
                .enumerate()
                .map(|(row, change)| if ended(row) { 0.0 } else { change.lo.abs().max(change.hi.abs()) })
                .collect();
            let check = self.check(ExpectedReward::of_fractions(exactly));
            if check.all.is_yes() {
                let largest = sum::max_abs(&change);
                let n_changed = change.iter().filter(|d| **d > 1e-3 * largest).count();
                return Some((at_most(norm, change.into_iter()), Mending { reward, n_changed, check }));
            }
        }
        None
    }

    /// Changes first, one a row; then what is added to the values, one a state; then, for the largest entry, that. All in
    /// units of `scale`. Rows of its equations and of its first inequalities come along.
    fn program(
        &self,
        norm: Norm,
        target: &[usize],
        seen: &[bool],
        gaps: &[Interval],
        scale: f64,
    ) -> (program::Program, [Vec<usize>; 2]) {
        let mdp = self.mdp;
        let (n_rows, n) = (mdp.n_rows(), mdp.n_states());
        let mut least = program::Program::new(n_rows + n + 1);
        match norm {
            Norm::Linf => least.linear[n_rows + n] = 1.0,
            Norm::L2 => least.quadratic[..n_rows].fill(1.0),
        }
        let (mut equal, mut at_most, mut live) = (Vec::new(), Vec::new(), Vec::new());
        for s in (0..n).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s) {
                let (col, p) = mdp.p(row);
                let next = col.iter().zip(p).filter(|(t, _)| !mdp.is_terminal(**t as usize));
                let mut left: Vec<(usize, f64)> = next.map(|(&t, &p)| (n_rows + t as usize, mdp.gamma() * p)).collect();
                left.extend([(row, 1.0), (n_rows + s, -1.0)]);
                let right = (gaps[row].mid() / scale).min(FAR);
                live.push(row);
                if seen[s] && target[s] == row {
                    least.equal(left, right);
                    equal.push(row);
                } else {
                    least.at_most(left, right);
                    at_most.push(row);
                }
            }
        }
        if norm == Norm::Linf {
            for row in live {
                least.at_most(vec![(row, 1.0), (n_rows + n, -1.0)], 0.0);
                least.at_most(vec![(row, -1.0), (n_rows + n, -1.0)], 0.0);
            }
        }
        (least, [equal, at_most])
    }
}
