//! EPIC's canonically shaped reward under uniform coverage (Gleave et al. 2021).
//!
//! `C(R)(s,a,s') = R + gamma m(s') - m(s) - gamma mean(m)`, with `m(x)` the mean of `R(x, A, S')` over a uniform available
//! action and a uniform next state. Kills exactly potential shaping; blind to S'-redistribution.

use super::{Canon, Canonical, Run, needs_discount, shaped_error};
use crate::base::sum;

pub(super) static CANON: Canon = Canon {
    id: "epic",
    summary: "EPIC's canonically shaped reward, uniform coverage",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: true,
    run: Run::Each(|context, reward, _| {
        let mdp = context.mdp();
        needs_discount(mdp, "epic")?;
        let n = mdp.n_states();
        let mut buffer = vec![0.0; n];
        let mut m = vec![0.0; n];
        let (mut size, mut longest) = (0.0f64, 0);
        for s in 0..n {
            longest = longest.max(mdp.rows(s).len());
            for row in mdp.rows(s) {
                reward.fill_row(row, &mut buffer);
                size = size.max(sum::max_abs(&buffer));
                m[s] += sum::sum(buffer.iter().copied()) / (n * mdp.rows(s).len()) as f64;
            }
        }
        let mean = sum::sum(m.iter().copied()) / n as f64;
        let form = reward.shaped(mdp, &m).shifted(-mdp.gamma() * mean);
        // A mean is off by what its entries are, a rounding an action and a few more; the form holds three means, and
        // entries of up to four times the size are stored, lowered and read.
        let of_mean = reward.entry_error() + (longest + 8) as f64 * sum::UNIT * size;
        let err = 3.0 * of_mean + mdp.gamma_error() * size + shaped_error(mdp, reward, &m) + 16.0 * sum::UNIT * size;
        Ok(Canonical { form, pair: None, potential: Some(m), err })
    }),
};
