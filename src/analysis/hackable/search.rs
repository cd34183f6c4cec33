//! Deterministic policies that contradict each other: found by solves between the two rewards, and by single changes.

use super::Witness;
use crate::analysis::returns::ReturnRange;
use crate::base::Bounded;
use crate::model::Policy;
use crate::solve::{Evaluation, Sense, Solver, Task};

/// Weights between proxy and truth that are tried, two solves each: every 10 degrees of a quarter turn.
const DIRECTIONS: u32 = 8;

/// Two rewards on one model.
pub(super) struct Pair<'a> {
    pub solver: &'a Solver<'a>,
    pub truth: &'a ReturnRange,
    pub proxy: &'a ReturnRange,
}

/// A witness and the lesser share of its ranges by which it certainly contradicts.
#[derive(Clone)]
pub(super) struct Found {
    pub witness: Witness,
    pub share: f64,
}

impl Pair<'_> {
    /// The best of two finds.
    pub fn better(a: Option<Found>, b: Option<Found>) -> Option<Found> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b.share > a.share { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// Truth and proxy value of a policy.
    pub fn values(&self, policy: &Policy) -> [Evaluation; 2] {
        let mut both = self.solver.evaluate_closely(policy, &[&self.truth.reward, &self.proxy.reward]);
        let proxy = both.swap_remove(1);
        [both.swap_remove(0), proxy]
    }

    /// Truth and proxy return of a policy.
    pub fn returns(&self, policy: &Policy) -> (Bounded, Bounded) {
        let [truth, proxy] = self.values(policy).map(|e| e.at_start(self.solver.mdp()));
        (truth, proxy)
    }

    /// The two policies as a witness, in whichever direction the proxy rises, if the contradiction is certain.
    pub fn witness(&self, a: (Policy, (Bounded, Bounded)), b: (Policy, (Bounded, Bounded))) -> Option<Found> {
        let share = |x: f64, range: &ReturnRange| x / range.rho.hi;
        let [(from, from_returns), (to, to_returns)] = if a.1.1.value <= b.1.1.value { [a, b] } else { [b, a] };
        let rise = share((to_returns.1 - from_returns.1).lo, self.proxy);
        let fall = share((from_returns.0 - to_returns.0).lo, self.truth);
        let share = rise.min(fall);
        (share > 0.0).then_some(Found { witness: Witness { from, to, from_returns, to_returns }, share })
    }

    /// The pair of deterministic policies that contradicts most, among those that are extreme for a weighted difference of
    /// the rewards and those one action away from them; and how many policies were looked at.
    pub fn search(&self) -> (Option<Found>, usize) {
        let (x, y) = (self.truth.reward.scaled(self.truth.unit()), self.proxy.reward.scaled(self.proxy.unit()));
        let (mut best, mut n) = (None, 0);
        let mut warm = [self.truth.worst.policy.clone(), self.truth.best.policy.clone()];
        for k in 0..DIRECTIONS {
            if self.solver.is_out_of_time() {
                break;
            }
            let (sin, cos) = (f64::from(k + 1) * std::f64::consts::FRAC_PI_2 / f64::from(DIRECTIONS + 1)).sin_cos();
            let reward = y.scaled(sin).plus(-cos, &x);
            let ends = [(Sense::Max, 0), (Sense::Min, 1)].map(|(sense, i)| {
                warm[i] = self.solver.policy(&Task { warm: Some(&warm[i]), ..Task::new(&reward, sense) });
                let policy = Policy::Deterministic(warm[i].clone());
                let values = self.values(&policy);
                let [truth, proxy] = [0, 1].map(|i| values[i].at_start(self.solver.mdp()));
                (policy, (truth, proxy), values)
            });
            for (policy, returns, values) in &ends {
                best = Self::better(best, self.changed(policy, *returns, values));
            }
            let [a, b] = ends.map(|(policy, returns, _)| (policy, returns));
            best = Self::better(best, self.witness(a, b));
            n += 4;
        }
        (best, n)
    }

    /// The policy against itself with one action changed: the one of most visits times contradicting advantages. By the
    /// performance difference lemma the signs of the advantages are those of the changes of return.
    fn changed(&self, policy: &Policy, returns: (Bounded, Bounded), values: &[Evaluation; 2]) -> Option<Found> {
        let (mdp, Policy::Deterministic(rows)) = (self.solver.mdp(), policy) else { return None };
        let visits = self.solver.occupancy(policy).occ_s;
        let rewards = [&self.truth, &self.proxy];
        let advantage = |i: usize, s: usize, row: usize| {
            let q = rewards[i].reward.r[row] + mdp.gamma() * mdp.backup(row, &values[i].v);
            (q - values[i].v[s]) * rewards[i].unit()
        };
        let mut most: (f64, Option<(usize, usize)>) = (0.0, None);
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s).filter(|&row| row != rows[s]) {
                let (t, p) = (advantage(0, s, row), advantage(1, s, row));
                let size = visits[s] * t.abs().min(p.abs());
                if t * p < 0.0 && size > most.0 {
                    most = (size, Some((s, row)));
                }
            }
        }
        let (s, row) = most.1?;
        let mut other = rows.clone();
        other[s] = row;
        let other = Policy::Deterministic(other);
        let there = self.returns(&other);
        self.witness((policy.clone(), returns), (other, there))
    }
}
