//! Value-adjusted levelling: the advantage function of a fixed policy (Skalse et al. 2024).
//!
//! `c(R)(s,a,s') = r(s,a) - V(s) + gamma sum_s' P V = A(s,a)`, with `V` the value of `R` itself under the reference
//! policy. Shaping changes `V` by `-Phi`, which cancels; S'-redistribution changes neither `r` nor `V`.
//! Cost: one policy evaluation, and one more for each step of refinement.

use super::precise::{Precise, PreciseReward, largest, weights};
use super::twice::{TWICE_UNIT, Twice};
use super::{Canon, Canonical, Context, Run, shaped_error};
use crate::base::Result;
use crate::base::sum::UNIT;
use crate::model::Reward;
use crate::model::reward::ExpectedReward;

/// Steps of refinement at most: each gains about as many digits as a linear solve has right.
const STEPS: usize = 6;

pub(super) static CANON: Canon = Canon {
    id: "val",
    summary: "value-adjusted levelling: the advantage of the reference policy",
    removes_redistribution: true,
    reads_impossible: false,
    spreads_impossible: false,
    run: Run::Each(|context, _, expected| Ok(Value::of(context, expected).advantages())),
};

pub(super) static POTENTIAL: Canon = Canon {
    id: "val-potential",
    summary: "shaping by the reference policy's value; keeps S'-redistribution",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: false,
    run: Run::Each(|context, reward, expected| -> Result<Canonical> {
        let value = Value::of(context, expected);
        let mdp = context.mdp();
        let v: Vec<f64> = value.v.iter().map(|v| v.hi).collect();
        let off = value.off + UNIT * largest(&value.v);
        let err = (1.0 + mdp.gamma()) * off + shaped_error(mdp, reward, &v);
        Ok(Canonical { form: reward.shaped(mdp, &v), pair: None, potential: Some(v), err })
    }),
};

/// `V` of the reference policy in twice the working precision.
struct Value<'a> {
    precise: Precise<'a>,
    reward: PreciseReward,
    v: Vec<Twice>,
    /// Bound on the error of every entry.
    off: f64,
}

impl<'a> Value<'a> {
    /// One evaluation, refined by its residual until that is rounding.
    fn of(context: &Context<'a>, expected: &ExpectedReward) -> Self {
        let (solver, mdp) = (context.solver, context.mdp());
        let evaluate = |r: &ExpectedReward| solver.evaluate_closely(context.reference, &[r]).remove(0).v;
        let v = evaluate(expected).into_iter().map(Twice::from).collect();
        let (precise, reward) = (Precise::new(context), PreciseReward::new(expected));
        let mut value = Value { precise, reward, v, off: f64::INFINITY };
        let (mut left, mut bound) = value.residual(context);
        value.off = bound;
        for _ in 0..STEPS {
            if solver.is_out_of_time() || left.iter().all(|&d| d == 0.0) {
                break;
            }
            let mut rows = vec![0.0; mdp.n_rows()];
            (0..mdp.n_states()).for_each(|s| rows[mdp.rows(s)].fill(left[s]));
            let before = value.v.clone();
            let change = evaluate(&ExpectedReward::exact(rows));
            value.v.iter_mut().zip(change).for_each(|(v, d)| *v = *v + d.into());
            (left, bound) = value.residual(context);
            if bound < value.off {
                let is_done = bound > 0.5 * value.off;
                value.off = bound;
                if is_done {
                    break;
                }
            } else {
                value.v = before;
                break;
            }
        }
        value
    }

    /// `r + gamma P v - v` averaged by the reference policy, and the bound on the error of `v` that follows: the largest
    /// residual, its own error included, times the horizon.
    fn residual(&self, context: &Context<'_>) -> (Vec<f64>, f64) {
        let mdp = context.mdp();
        let mut left = vec![0.0; mdp.n_states()];
        let mut most = 0.0f64;
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            let (weights, off) = weights(mdp, context.reference, s);
            let (mut sum, mut error, mut size) = (Twice::default(), 0.0f64, 0.0);
            for &(row, weight) in &weights {
                let (d, e) = self.precise.backup(s, row, self.reward.at(row), &self.v);
                sum = sum + weight * d;
                error = error.max(e);
                size += weight.hi * d.hi.abs();
            }
            // Weights meant sum to 1, so that what they are off multiplies differences from `v(s)` alone.
            let mixing = (off + TWICE_UNIT * (weights.len() + 2) as f64) * size;
            left[s] = sum.hi;
            most = most.max(sum.hi.abs() + error + mixing);
        }
        (left, most * (1.0 + 1e-10) * context.solver.horizon().longest())
    }

    /// The advantages as a form; 0 where episodes have ended.
    fn advantages(self) -> Canonical {
        let mdp = self.precise.mdp;
        let mut form = vec![0.0; mdp.n_rows()];
        let mut err = 0.0f64;
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s) {
                let (advantage, error) = self.precise.backup(s, row, self.reward.at(row), &self.v);
                form[row] = advantage.hi;
                err = err.max(error + UNIT * advantage.hi.abs());
            }
        }
        err += (1.0 + mdp.gamma()) * self.off;
        let potential = self.v.iter().map(|v| v.hi).collect();
        Canonical { form: Reward::per_row(form), pair: None, potential: Some(potential), err: err * (1.0 + 8.0 * UNIT) }
    }
}
