//! DARD's dynamics-aware form under uniform actions (Wulfe et al. 2022).
//!
//! `C(R)(s,a,s') = R + gamma q(s') - q(s) - gamma k(s,s')`, `q(x) = E_A E_{S'~P(x,A)} R(x,A,S')`,
//! `k(s,s') = E_A E_{u~P(s,A)} E_{v~P(s',A)} R(u,A,v)`, the same action in both. Because `v` follows `s'` and not `u`, it
//! reads rewards of impossible transitions; and because `k` is not of the form `f(s') - f(s)`, the result is in general
//! not equivalent to `R`.

use nalgebra::DMatrix;

use super::{Canon, Canonical, Run, needs_discount, shaped_error};
use crate::base::sum;
use crate::base::{Code, Diag};

/// Largest number of states: the form costs O(S^3 A) time and O(S^2) memory.
const MAX_STATES: usize = 1_000;

pub(super) static CANON: Canon = Canon {
    id: "dard",
    summary: "DARD's dynamics-aware form, uniform actions; not an equivalent reward in general",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: true,
    run: Run::Each(|context, reward, expected| {
        let mdp = context.mdp();
        needs_discount(mdp, "dard")?;
        let (n, n_actions) = (mdp.n_states(), mdp.n_actions());
        if n > MAX_STATES {
            return Diag::new(Code::TooLarge, format!("`dard` costs S^3 A operations; {n} states are too many"))
                .expected(format!("at most {MAX_STATES} states"))
                .err();
        }
        if mdp.n_rows() != n * n_actions {
            return Diag::new(
                Code::MetricUnknown,
                "`dard` plays the same action in two states, so every state must offer every action",
            )
            .err();
        }
        let mut size = 0.0f64;
        let mut buffer = vec![0.0; n];
        let mut k = DMatrix::zeros(n, n);
        for a in 0..n_actions {
            // Every state offers every action, so its row is at offset `a`.
            let row_of = |s: usize| mdp.rows(s).start + a;
            let mut p = DMatrix::zeros(n, n);
            let mut r = DMatrix::zeros(n, n);
            for s in 0..n {
                let (col, val) = mdp.p(row_of(s));
                col.iter().zip(val).for_each(|(&t, &x)| p[(s, t as usize)] = x);
                reward.fill_row(row_of(s), &mut buffer);
                size = size.max(sum::max_abs(&buffer));
                (0..n).for_each(|t| r[(s, t)] = buffer[t]);
            }
            k += &p * r * p.transpose();
        }
        let share = 1.0 / n_actions as f64;
        let q: Vec<f64> = (0..n).map(|s| share * sum::sum(expected.r[mdp.rows(s)].iter().copied())).collect();
        k *= -mdp.gamma() * share;
        let form = reward.shaped(mdp, &q);
        // Two matrix products of stochastic rows: n roundings each, relative to max |R|, and one an action; what the inputs
        // are off enters by two rows of probabilities in `k`, and by one in `q`, which is there twice.
        let rounding = (4 * n + 2 * n_actions + 24) as f64 * sum::UNIT;
        let inputs = 5.0 * mdp.p_error() + 3.0 * mdp.gamma_error();
        let of_q = expected.err + reward.entry_error();
        let err = (rounding + inputs) * size + 3.0 * of_q + shaped_error(mdp, reward, &q);
        Ok(Canonical { form, pair: Some(k), potential: None, err })
    }),
};
