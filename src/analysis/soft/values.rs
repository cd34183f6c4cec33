//! Soft values: `V(s) = tau log sum_a exp(Q(s,a) / tau)`, `Q = r + gamma P V`.

use super::softmax;
use crate::base::sum::gamma_n;
use crate::base::{Bounded, Interval};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::{Evaluation, Horizon, Solver};

/// Improvements after which it ends whatever it has. Each doubles the digits once a few are right; a small temperature first
/// takes the improvements that a policy without entropy takes. The bounds hold wherever it ends.
const MAX_STEPS: usize = 1_000;
/// Improvements in a row that bring the bounds no closer, after which it is rounding that moves the values.
const PATIENCE: usize = 4;

/// Values of the best policy under pay for entropy, with bounds, and that policy.
#[derive(Clone, Debug)]
pub struct SoftValues {
    /// Estimate of `V_tau`, length S; 0 at terminal states.
    pub v: Vec<f64>,
    /// Certified lower bounds.
    pub lo: Vec<f64>,
    /// Certified upper bounds.
    pub hi: Vec<f64>,
    /// `exp((Q - V) / tau)` over rows.
    pub policy: Policy,
    /// Policies evaluated.
    pub steps: usize,
    /// Whether no limit ended it: the bounds are then as close as rounding lets them be.
    pub is_converged: bool,
}

/// One backup of a vector.
struct Backup {
    q: Vec<f64>,
    v: Vec<f64>,
    /// Least and largest of `Tv - v` and 0, rounding counted.
    residual: Interval,
    /// Of that, what the rounding of this backup alone may be.
    rounding: f64,
}

impl SoftValues {
    /// Soft policy iteration from a vector, which is Newton's method on the soft Bellman equation: a policy's own entropy
    /// is added to its reward and its values solved for. Over the allowed rows, all where `allowed` is `None`.
    ///
    /// The bounds do not depend on the way: with `w` the solver's horizon, `V + c w` is a super- or subsolution of the
    /// soft equation as it is of the plain one, because `tau log sum exp` moves with the largest change of its terms.
    pub fn of(
        solver: &Solver<'_>,
        reward: &ExpectedReward,
        allowed: Option<&[bool]>,
        temperature: f64,
        from: &[f64],
    ) -> Self {
        let mdp = solver.mdp();
        let back_up = |v: &[f64]| Backup::of(mdp, reward, allowed, temperature, v);
        let mut v = from.to_vec();
        (0..v.len()).filter(|&s| mdp.is_terminal(s)).for_each(|s| v[s] = 0.0);
        let mut backup = back_up(&v);
        let mut best: Option<(Vec<f64>, Backup)> = None;
        let (mut steps, mut idle, mut is_converged) = (0, 0, true);
        // Nothing is to be gained where the residual is what rounding alone may make of it.
        while backup.left() > 1.5 * backup.rounding && idle < PATIENCE && steps < MAX_STEPS {
            if solver.is_out_of_time() {
                is_converged = false;
                break;
            }
            let policy = softmax(mdp, &backup.q, allowed, temperature);
            let next = evaluate(solver, reward, &policy, temperature);
            let after = back_up(&next);
            steps += 1;
            // Without rounding values rise with every improvement, until there is none.
            let noise = 4.0 * after.rounding.max(backup.rounding) * solver.horizon().longest();
            let rises = next.iter().zip(&v).any(|(next, v)| next - v > noise);
            let least = best.as_ref().map_or(backup.left(), |(_, best)| best.left().min(backup.left()));
            idle = if rises || after.left() < least { 0 } else { idle + 1 };
            let before = (std::mem::replace(&mut v, next), std::mem::replace(&mut backup, after));
            if best.as_ref().is_none_or(|(_, best)| before.1.left() < best.left()) {
                best = Some(before);
            }
        }
        if let Some((kept, of)) = best.filter(|(_, best)| best.left() < backup.left()) {
            (v, backup) = (kept, of);
        }
        let policy = softmax(mdp, &backup.q, allowed, temperature);
        let (lo, hi) = backup.bounds(mdp, solver.horizon(), &v);
        SoftValues { v, lo, hi, policy, steps, is_converged }
    }

    /// `mu0 . V_tau`.
    pub fn at_start(&self, mdp: &Mdp) -> Bounded {
        let (v, lo, hi) = (self.v.clone(), self.lo.clone(), self.hi.clone());
        Evaluation { v, lo, hi, method: "given", sweeps: self.steps }.at_start(mdp)
    }

    /// Largest distance of a value from its bounds.
    pub fn half_width(&self) -> f64 {
        let widths = self.v.iter().zip(self.lo.iter().zip(&self.hi)).map(|(v, (lo, hi))| (hi - v).max(v - lo));
        widths.fold(0.0, f64::max).next_up()
    }
}

/// Values of a policy whose entropy is paid `temperature` a nat.
fn evaluate(solver: &Solver<'_>, reward: &ExpectedReward, policy: &Policy, temperature: f64) -> Vec<f64> {
    let mdp = solver.mdp();
    let mut paid = reward.r.clone();
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        policy.support(mdp, s).for_each(|(row, p)| paid[row] -= temperature * p.ln());
    }
    let paid = ExpectedReward::exact(paid);
    // One evaluation a reward.
    solver.evaluate_closely(policy, &[&paid]).swap_remove(0).v
}

impl Backup {
    fn of(mdp: &Mdp, reward: &ExpectedReward, allowed: Option<&[bool]>, temperature: f64, v: &[f64]) -> Self {
        let (q, next) = (vec![0.0; mdp.n_rows()], vec![0.0; v.len()]);
        let mut backup = Backup { q, v: next, residual: Interval::point(0.0), rounding: 0.0 };
        let mut terms = Vec::new();
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            terms.clear();
            let mut error = 0.0f64;
            for row in mdp.rows(s).filter(|&row| allowed.is_none_or(|allowed| allowed[row])) {
                let (col, p) = mdp.p(row);
                let size = col.iter().zip(p).fold(0.0, |sum, (&t, &p)| sum + p * v[t as usize].abs());
                let q = reward.r[row] + mdp.gamma() * mdp.backup(row, v);
                backup.q[row] = q;
                // n + 3 operations, doubled to cover the rounding of the size itself; the last term covers underflow.
                let rounding = 2.0 * gamma_n(p.len() + 3) * (reward.r[row].abs() + size) + f64::MIN_POSITIVE;
                error = error.max(reward.err + rounding);
                terms.push(q);
            }
            let value = log_sum_exp(&terms, temperature);
            backup.v[s] = value.mid();
            // The soft maximum moves with the largest change of its terms.
            let change = value + Interval { lo: -error, hi: error } - Interval::point(v[s]);
            backup.rounding = backup.rounding.max(change.hi - change.lo);
            backup.residual = backup.residual.hull(change);
        }
        backup
    }

    /// Largest `|Tv - v|`.
    fn left(&self) -> f64 {
        self.residual.abs().hi
    }

    fn bounds(&self, mdp: &Mdp, horizon: &Horizon, v: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let of = |s: usize| {
            if mdp.is_terminal(s) {
                return (0.0, 0.0);
            }
            let bounds = Interval::point(v[s]) + self.residual.scale(horizon.at(s));
            (bounds.lo, bounds.hi)
        };
        (0..v.len()).map(of).unzip()
    }
}

/// `tau log sum exp(x / tau)` with every rounding counted. The largest term is taken out first, so that nothing overflows
/// and a small `tau` loses only terms below the rounding of the sum.
fn log_sum_exp(terms: &[f64], temperature: f64) -> Interval {
    let best = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let best = Interval::point(best);
    let one = |&x: &f64| {
        let x = Interval::point(x) - best;
        // `tau > 0` is checked at the door, so the quotient exists.
        x.checked_div(Interval::point(temperature)).unwrap_or(x).exp()
    };
    let total = terms.iter().map(one).fold(Interval::point(0.0), |sum, x| sum + x);
    // One of the terms is exactly 1.
    let total = Interval { lo: total.lo.max(1.0), ..total };
    best + total.ln().scale(temperature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_maxima_enclose_known_values() {
        // tau log 3 + x for three equal terms.
        for tau in [1e-9, 0.1, 1.0, 1e6] {
            let found = log_sum_exp(&[2.5, 2.5, 2.5], tau);
            let truth = 2.5 + tau * 3f64.ln();
            assert!(found.lo <= truth.next_up() && truth.next_down() <= found.hi, "{tau}");
            assert!(found.hi - found.lo <= 1e-14 * (2.5 + tau));
        }
        // A temperature far below the gap leaves the maximum.
        let found = log_sum_exp(&[1.0, 0.0], 1e-6);
        assert!(found.lo <= 1.0 && 1.0 <= found.hi && found.hi - found.lo < 1e-15);
    }
}
