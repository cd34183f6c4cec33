//! EPIC's and DARD's own distances: `sqrt((1 - corr) / 2)` of their forms.
//!
//! EPIC correlates over uniform `(s, a, s')`, DARD over uniform `(s, a)` with `s'` from the dynamics. Undefined when a
//! form does not vary.

use super::{Distance, Pair};
use crate::analysis::canon::{self, Canonical, Context};
use crate::base::sum::UNIT;
use crate::base::{Bounded, Grade, Interval};

/// Variance below this fraction of the second moment of the reward is rounding.
pub(super) const NO_VARIANCE: f64 = 1e-18;
/// Rounding of means and variances, relative to a distance plus one: generous, and far below what a distance can mean.
pub(super) const ROUNDING: f64 = 1e3 * UNIT;
/// Why there is no correlation.
pub(super) const CONSTANT: &str = "the canonical reward is constant, so there is no correlation";

pub(super) fn distance(context: &Context<'_>, pair: &Pair<'_>, id: &str) -> Distance {
    let canon = match canon::find(id) {
        Ok(canon) => canon,
        Err(diag) => return Distance::Undefined(diag.message),
    };
    let (x, y) = match pair.forms(context, canon) {
        Ok(forms) => forms,
        Err(diag) => return Distance::Undefined(diag.message),
    };
    let everywhere = id == "epic";
    // The zero test looks at the rewards themselves, over the same transitions.
    let wrap = |r: &crate::model::Reward| Canonical { form: r.clone(), pair: None, potential: None, err: 0.0 };
    let raw = moments(context, &wrap(pair.x), &wrap(pair.y), everywhere);
    let m = moments(context, &x, &y, everywhere);
    for (variance, second) in [(m.var_x, raw.second_x), (m.var_y, raw.second_y)] {
        if variance <= NO_VARIANCE * second || variance == 0.0 {
            return Distance::Undefined(CONSTANT.into());
        }
    }
    // Through the distance of standardised rewards, which keeps small distances accurate: 1 - corr = E(x - y)^2 / 2.
    let squared = m.standardised_gap(context, &x, &y, everywhere);
    let value = (squared / 4.0).max(0.0).sqrt().min(1.0);
    let noise = |err: f64, variance: f64| 2.0 * err / variance.sqrt();
    let radius = noise(x.err, m.var_x) + noise(y.err, m.var_y) + ROUNDING * (1.0 + value);
    Distance::Value(Bounded::around(value, Interval::ball(value, radius), Grade::Bounded).clamped(0.0, 1.0))
}

struct Moments {
    mean_x: f64,
    mean_y: f64,
    var_x: f64,
    var_y: f64,
    second_x: f64,
    second_y: f64,
}

/// Calls `f(weight, x, y)` for every transition under the coverage distribution.
pub(super) fn visit(
    context: &Context<'_>,
    x: &Canonical,
    y: &Canonical,
    everywhere: bool,
    mut f: impl FnMut(f64, f64, f64),
) {
    let mdp = context.mdp();
    let n = mdp.n_states();
    let (mut xs, mut ys) = (vec![0.0; n], vec![0.0; n]);
    for s in 0..n {
        let weight = 1.0 / (n * mdp.rows(s).len()) as f64;
        for row in mdp.rows(s) {
            if everywhere {
                xs.resize(n, 0.0);
                ys.resize(n, 0.0);
                x.fill_row(s, row, &mut xs);
                y.fill_row(s, row, &mut ys);
                xs.iter().zip(&ys).for_each(|(x, y)| f(weight / n as f64, *x, *y));
            } else {
                x.fill_support(mdp, s, row, &mut xs);
                y.fill_support(mdp, s, row, &mut ys);
                let p = mdp.p(row).1;
                p.iter().zip(xs.iter().zip(&ys)).for_each(|(p, (x, y))| f(weight * p, *x, *y));
            }
        }
    }
}

fn moments(context: &Context<'_>, x: &Canonical, y: &Canonical, everywhere: bool) -> Moments {
    let (mut mean_x, mut mean_y, mut second_x, mut second_y) = (0.0, 0.0, 0.0, 0.0);
    visit(context, x, y, everywhere, |w, x, y| {
        mean_x += w * x;
        mean_y += w * y;
        second_x += w * x * x;
        second_y += w * y * y;
    });
    let (mut var_x, mut var_y) = (0.0, 0.0);
    visit(context, x, y, everywhere, |w, x, y| {
        var_x += w * (x - mean_x) * (x - mean_x);
        var_y += w * (y - mean_y) * (y - mean_y);
    });
    Moments { mean_x, mean_y, var_x, var_y, second_x, second_y }
}

impl Moments {
    /// `E (z_x - z_y)^2 = 2 (1 - corr)` with `z` standardised.
    fn standardised_gap(&self, context: &Context<'_>, x: &Canonical, y: &Canonical, everywhere: bool) -> f64 {
        let (sx, sy) = (self.var_x.sqrt(), self.var_y.sqrt());
        let mut gap = 0.0;
        visit(context, x, y, everywhere, |w, x, y| {
            let d = (x - self.mean_x) / sx - (y - self.mean_y) / sy;
            gap += w * d * d;
        });
        gap
    }
}
