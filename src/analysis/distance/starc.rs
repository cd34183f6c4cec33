//! STARC distances: `m(x/n(x) - y/n(y))` for canonical forms `x`, `y` (Skalse et al. 2024, definition of the metric).
//!
//! A form with `n(c(R)) <= 1e-9 n(R)` is called 0, relative to the input, because dividing rounding by itself makes
//! noise of size 1. Forms that do not read impossible transitions are compared with what the reward pays on possible
//! ones.

use super::norm::{NORMS, Norm, Sums, of_ones};
use super::{Distance, Pair};
use crate::analysis::canon::{self, Canon, Canonical, Context};
use crate::base::sum::UNIT;
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;

/// Below this fraction of the reward itself a canonical form is rounding (theory: STARC, definition 3).
pub(super) const ZERO: f64 = 1e-9;
/// Largest number of entries rows x states that plain norms will visit.
const MAX_ENTRIES: f64 = 4e9;

/// Forms and norms of one pair, worked out when first asked for.
pub(super) struct Table<'a> {
    context: &'a Context<'a>,
    pair: &'a Pair<'a>,
    forms: Vec<(&'static str, Result<Forms, String>)>,
    raw: Option<[Sums; 2]>,
}

struct Forms {
    x: Canonical,
    y: Canonical,
    norms: [Sums; 2],
    /// For each normalising norm, in the order of [`NORMS`]; worked out together, when first asked for.
    differences: Option<[Difference; NORMS.len()]>,
}

/// Which forms are zero under one normalising norm, and all norms of the normalised difference.
#[derive(Clone, Copy, Default)]
struct Difference {
    norms: Sums,
    zero: [bool; 2],
    factor: [f64; 2],
}

impl<'a> Table<'a> {
    pub(super) fn new(context: &'a Context<'a>, pair: &'a Pair<'a>) -> Self {
        Table { context, pair, forms: Vec::new(), raw: None }
    }

    /// One distance.
    pub(super) fn distance(&mut self, canon: &'static Canon, by: &'static Norm, in_norm: &'static Norm) -> Distance {
        let mdp = self.context.mdp();
        let place = match self.forms.iter().position(|(id, _)| *id == canon.id) {
            Some(place) => place,
            None => {
                let forms = Forms::new(self.context, self.pair, canon).map_err(|d| d.message);
                self.forms.push((canon.id, forms));
                self.forms.len() - 1
            }
        };
        let raw = *self.raw.get_or_insert_with(|| {
            let wrap = |r: &crate::model::Reward| Canonical { form: r.clone(), pair: None, potential: None, err: 0.0 };
            [norms(mdp, &wrap(self.pair.x)), norms(mdp, &wrap(self.pair.y))]
        });
        let forms = match &mut self.forms[place].1 {
            Ok(forms) => forms,
            Err(why) => return Distance::Undefined(why.clone()),
        };
        if !forms.visits_all(mdp) && (!by.is_weighted || !in_norm.is_weighted) {
            return Distance::Undefined(format!(
                "needs all {} x {} transitions, possible or not; use a P-weighted norm",
                mdp.n_rows(),
                mdp.n_states()
            ));
        }
        let difference = forms.differences(mdp, canon, &raw)[by.index];
        forms.bounded(mdp, difference, by, in_norm)
    }
}

impl Forms {
    fn new(context: &Context<'_>, pair: &Pair<'_>, canon: &Canon) -> crate::base::Result<Self> {
        let (x, y) = (canon.apply(context, pair.x)?, canon.apply(context, pair.y)?);
        let norms = [norms(context.mdp(), &x), norms(context.mdp(), &y)];
        Ok(Forms { x, y, norms, differences: None })
    }

    fn visits_all(&self, mdp: &Mdp) -> bool {
        let constant = self.x.is_constant_in_next() && self.y.is_constant_in_next();
        constant || entries(mdp) <= MAX_ENTRIES
    }

    /// One pass over all entries for all normalising norms.
    fn differences(&mut self, mdp: &Mdp, canon: &Canon, raw: &[Sums; 2]) -> [Difference; NORMS.len()] {
        if let Some(found) = self.differences {
            return found;
        }
        let mut all = [Difference::default(); NORMS.len()];
        for (difference, by) in all.iter_mut().zip(NORMS) {
            for i in 0..2 {
                let norm = |sums: &Sums| if canon.reads_impossible { sums.get(by) } else { sums.get_weighted(by) };
                difference.zero[i] = norm(&self.norms[i]) <= ZERO * norm(&raw[i]);
                difference.factor[i] = if difference.zero[i] { 0.0 } else { 1.0 / self.norms[i].get(by) };
            }
        }
        let constant = self.x.is_constant_in_next() && self.y.is_constant_in_next();
        let visit_all = !constant && entries(mdp) <= MAX_ENTRIES;
        let (mut x, mut y, mut d) = (Vec::new(), Vec::new(), Vec::new());
        let combine = |d: &mut Vec<f64>, [a, b]: [f64; 2], x: &[f64], y: &[f64]| {
            d.clear();
            d.extend(x.iter().zip(y).map(|(x, y)| a * x - b * y));
        };
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                self.x.fill_support(mdp, s, row, &mut x);
                self.y.fill_support(mdp, s, row, &mut y);
                for difference in &mut all {
                    combine(&mut d, difference.factor, &x, &y);
                    difference.norms.weighted(&d, mdp.p(row).1);
                    if constant {
                        difference.norms.plain(&d[..1], mdp.n_states() as f64);
                    }
                }
                if visit_all {
                    x.resize(mdp.n_states(), 0.0);
                    y.resize(mdp.n_states(), 0.0);
                    self.x.fill_row(s, row, &mut x);
                    self.y.fill_row(s, row, &mut y);
                    for difference in &mut all {
                        combine(&mut d, difference.factor, &x, &y);
                        difference.norms.plain(&d, 1.0);
                    }
                }
            }
        }
        self.differences = Some(all);
        all
    }

    /// Bounds: an entrywise error `e` of a form moves `m(x/n(x))` by at most
    /// `(m(1) + m(x)/n(x) n(1)) e / n(x)`; summation adds its own rounding.
    fn bounded(&self, mdp: &Mdp, difference: Difference, by: &Norm, in_norm: &Norm) -> Distance {
        let value = difference.norms.get(in_norm);
        let ones = |norm| of_ones(norm, mdp.n_rows(), mdp.n_states());
        let mut radius = 8.0 * UNIT * (mdp.n_states() + mdp.n_rows()) as f64 * (value + 1.0);
        for (i, form) in [&self.x, &self.y].into_iter().enumerate() {
            if !difference.zero[i] {
                let n = self.norms[i].get(by);
                let ratio = self.norms[i].get(in_norm) / n;
                radius += (ones(in_norm) + ratio * ones(by)) * form.err / n;
            }
        }
        let bounds = Interval::ball(value, radius);
        Distance::Value(Bounded::around(value, bounds, Grade::Bounded).clamped(0.0, f64::INFINITY))
    }
}

fn entries(mdp: &Mdp) -> f64 {
    mdp.n_rows() as f64 * mdp.n_states() as f64
}

/// Norm of a canonical form; `None` where the form is too large for a norm over impossible transitions.
pub fn norm_of(mdp: &Mdp, form: &Canonical, norm: &Norm) -> Option<f64> {
    let visited = norm.is_weighted || form.is_constant_in_next() || entries(mdp) <= MAX_ENTRIES;
    visited.then(|| norms(mdp, form).get(norm))
}

/// All norms of a form.
fn norms(mdp: &Mdp, form: &Canonical) -> Sums {
    let mut sums = Sums::default();
    let mut x = Vec::new();
    let constant = form.is_constant_in_next();
    let all = !constant && entries(mdp) <= MAX_ENTRIES;
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            form.fill_support(mdp, s, row, &mut x);
            sums.weighted(&x, mdp.p(row).1);
            if constant {
                sums.plain(&x[..1], mdp.n_states() as f64);
            } else if all {
                x.resize(mdp.n_states(), 0.0);
                form.fill_row(s, row, &mut x);
                sums.plain(&x, 1.0);
            }
        }
    }
    sums
}

/// Angle between the P-weighted minimal forms, in degrees: 0 same order, 180 opposite order.
///
/// With `u`, `v` the forms divided by their L2 norms, `2 atan2(|u - v|, |u + v|)`, which keeps all digits at both ends
/// where the arc cosine of a scalar product loses half of them. Undefined when a reward is trivial.
pub fn angle_degrees(context: &Context<'_>, pair: &Pair<'_>) -> Distance {
    let mut table = Table::new(context, pair);
    // Both ids are in their lists.
    let (Ok(canon), l2) = (canon::find("minimal-weighted"), &NORMS[1]) else {
        return Distance::Undefined("no minimal-weighted form".into());
    };
    let d = match table.distance(canon, l2, l2) {
        Distance::Value(d) => d,
        undefined => return undefined,
    };
    let Some(Ok(forms)) = table.forms.first().map(|(_, forms)| forms.as_ref()) else {
        return Distance::Undefined("no minimal-weighted form".into());
    };
    let factor = match forms.differences {
        Some(all) if !all[l2.index].zero.contains(&true) => all[l2.index].factor,
        _ => return Distance::Undefined("a reward that all policies earn alike has no direction".into()),
    };
    // The forms do not depend on the next state, so the norm over transitions is sqrt(S) times that over rows.
    let squares = forms.x.form.base().iter().zip(forms.y.form.base()).map(|(x, y)| factor[0] * x + factor[1] * y);
    let together = (squares.map(|x| x * x).sum::<f64>() * context.mdp().n_states() as f64).sqrt();
    // Both lengths are off by the same errors of the forms.
    let radius = (d.hi - d.value).max(d.value - d.lo);
    let apart = (d.value, (d.value - radius).max(0.0), d.value + radius);
    let joint = (together, (together - radius).max(0.0), together + radius);
    let angle = |d: f64, s: f64| 2.0 * d.atan2(s).to_degrees();
    let bounds = Interval {
        lo: angle(apart.1, joint.2) * (1.0 - 4.0 * UNIT),
        hi: (angle(apart.2, joint.1) * (1.0 + 4.0 * UNIT)).min(180.0),
    };
    Distance::Value(Bounded::around(angle(apart.0, joint.0), bounds, Grade::Bounded))
}
