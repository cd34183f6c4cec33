//! EPIC's and DARD's own distances: `sqrt((1 - corr) / 2)` of their forms.
//!
//! EPIC correlates over uniform `(s, a, s')`, DARD over uniform `(s, a)` with `s'` from the dynamics. Undefined when a
//! form does not vary.

use super::{Distance, Pair};
use crate::analysis::canon::{self, Canonical, Context};
use crate::base::sum::UNIT;
use crate::base::{Bounded, Grade, Interval};

/// Rounding of means and variances, relative to a distance plus one: generous, and far below what a distance can mean.
pub(super) const ROUNDING: f64 = 1e3 * UNIT;
/// Why there is no correlation.
const CONSTANT: &str = "the canonical reward is constant, so there is no correlation";
/// The same where it may be.
const UNKNOWN: &str = "the canonical reward may be constant: how it varies is lost in rounding";

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
    let spreads = [&x, &y].map(|form| Spread::of(context, form, everywhere));
    let (x_spread, y_spread) = match spreads {
        [Ok(x), Ok(y)] => (x, y),
        [Err(why), _] | [_, Err(why)] => return Distance::Undefined(why),
    };
    // Through the distance of standardised rewards, which keeps small distances accurate: 1 - corr = E(x - y)^2 / 2.
    let mut squared = 0.0;
    visit(context, &x, &y, everywhere, |w, x, y| {
        let d = (x - x_spread.mean) / x_spread.deviation - (y - y_spread.mean) / y_spread.deviation;
        squared += w * d * d;
    });
    let value = (squared / 4.0).max(0.0).sqrt().min(1.0);
    let radius = x_spread.error + y_spread.error + ROUNDING * (1.0 + value);
    Distance::Value(Bounded::around(value, Interval::ball(value, radius), Grade::Bounded).clamped(0.0, 1.0))
}

/// Mean and standard deviation of a form.
pub(super) struct Spread {
    pub mean: f64,
    pub deviation: f64,
    /// How far the error of the form moves a distance.
    pub error: f64,
}

impl Spread {
    /// Of a form that certainly varies; why there is no correlation otherwise.
    pub(super) fn of(context: &Context<'_>, form: &Canonical, everywhere: bool) -> Result<Self, String> {
        let (mut mean, mut largest, mut variance) = (0.0, 0.0f64, 0.0);
        visit(context, form, form, everywhere, |w, x, _| {
            mean += w * x;
            largest = largest.max(x.abs());
        });
        visit(context, form, form, everywhere, |w, x, _| variance += w * (x - mean) * (x - mean));
        let deviation = variance.sqrt();
        // Entries are off by this much, and so is a deviation at most; of a mean that is large beside it rounding is left.
        let off = form.err + ROUNDING * largest;
        if deviation <= 2.0 * off {
            let is_constant = variance == 0.0 && form.err == 0.0;
            return Err(if is_constant { CONSTANT } else { UNKNOWN }.to_owned());
        }
        Ok(Spread { mean, deviation, error: 2.0 * off / (deviation - off) })
    }
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
