//! Value-adjusted levelling: the advantage function of a fixed policy (Skalse et al. 2024).
//!
//! `c(R)(s,a,s') = r(s,a) - V(s) + gamma sum_s' P V = A(s,a)`, with `V` the value of `R` itself under the reference
//! policy. Shaping changes `V` by `-Phi`, which cancels; S'-redistribution changes neither `r` nor `V`.
//! Cost: one policy evaluation.

use super::{Canon, Canonical, Context, Run};
use crate::base::Result;
use crate::model::Reward;
use crate::model::reward::ExpectedReward;

pub(super) static CANON: Canon = Canon {
    id: "val",
    summary: "value-adjusted levelling: the advantage of the reference policy",
    removes_redistribution: true,
    reads_impossible: false,
    spreads_impossible: false,
    run: Run::Each(|context, _, expected| {
        let (v, err) = reference_value(context, expected);
        let mdp = context.mdp();
        let mut form = expected.r.clone();
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                form[row] += mdp.gamma() * mdp.backup(row, &v) - v[s];
            }
        }
        Ok(Canonical { form: Reward::per_row(form), pair: None, potential: Some(v), err: err + expected.err })
    }),
};

pub(super) static POTENTIAL: Canon = Canon {
    id: "val-potential",
    summary: "shaping by the reference policy's value; keeps S'-redistribution",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: false,
    run: Run::Each(|context, reward, expected| -> Result<Canonical> {
        let (v, err) = reference_value(context, expected);
        let form = reward.shaped(context.mdp(), &v);
        Ok(Canonical { form, pair: None, potential: Some(v), err })
    }),
};

/// `V` of the reference policy, and a bound on what its error does to `gamma P V - V`.
fn reference_value(context: &Context<'_>, reward: &ExpectedReward) -> (Vec<f64>, f64) {
    let value = context.solver.evaluate_closely(context.reference, &[reward]).remove(0);
    let half_width = value.lo.iter().zip(&value.hi).fold(0.0f64, |m, (lo, hi)| m.max(hi - lo));
    (value.v, (1.0 + context.mdp().gamma()) * half_width)
}
