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
use crate::model::{Mdp, Reward};

/// Below this fraction of the reward itself a canonical form is rounding (theory: STARC, definition 3).
pub(super) const ZERO: f64 = 1e-9;
/// Largest number of entries rows x states that plain norms will visit.
pub(super) const MAX_ENTRIES: f64 = 4e9;

/// Forms and norms of one pair, worked out when first asked for.
pub(super) struct Table<'a> {
    context: &'a Context<'a>,
    pair: &'a Pair<'a>,
    forms: Vec<(&'static str, Result<Forms, String>)>,
    /// Norms of the rewards; those over impossible transitions only in the second place.
    raw: [Option<[Sums; 2]>; 2],
    of_row: OfRows,
}

struct Forms {
    x: Canonical,
    y: Canonical,
    norms: [Sums; 2],
    /// By normalising norm, in the order of [`NORMS`].
    differences: [Option<Difference>; NORMS.len()],
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
        Table { context, pair, forms: Vec::new(), raw: [None; 2], of_row: OfRows::of(context.mdp()) }
    }

    /// One distance.
    pub(super) fn distance(&mut self, canon: &'static Canon, by: &'static Norm, in_norm: &'static Norm) -> Distance {
        let mdp = self.context.mdp();
        let place = match self.forms.iter().position(|(id, _)| *id == canon.id) {
            Some(place) => place,
            None => {
                let forms = Forms::new(self.context, self.pair, canon, &self.of_row).map_err(|d| d.message);
                self.forms.push((canon.id, forms));
                self.forms.len() - 1
            }
        };
        let forms = match &mut self.forms[place].1 {
            Ok(forms) => forms,
            Err(why) => return Distance::Undefined(why.clone()),
        };
        if !forms.visits_all(mdp) && (!by.is_weighted || !in_norm.is_weighted) {
            return Distance::Undefined(too_many(mdp));
        }
        let pair = [self.pair.x, self.pair.y];
        let everywhere = canon.reads_impossible;
        let raw = self.raw[usize::from(everywhere)]
            .get_or_insert_with(|| pair.map(|reward| norms(mdp, reward, &self.of_row, everywhere)));
        let difference = forms.difference(mdp, canon, raw, by, &self.of_row);
        forms.bounded(mdp, difference, by, in_norm)
    }
}

/// Sum and maximum of the probabilities of each row.
pub(super) struct OfRows(pub(super) Vec<(f64, f64)>);

impl OfRows {
    pub(super) fn of(mdp: &Mdp) -> Self {
        OfRows(super::norm::of_rows((0..mdp.n_rows()).map(|row| mdp.p(row).1)))
    }
}

impl Forms {
    fn new(context: &Context<'_>, pair: &Pair<'_>, canon: &Canon, of_row: &OfRows) -> crate::base::Result<Self> {
        let (x, y) = pair.forms(context, canon)?;
        let norms = [&x, &y].map(|form| norms(context.mdp(), form, of_row, true));
        Ok(Forms { x, y, norms, differences: [None; NORMS.len()] })
    }

    fn is_constant_in_next(&self) -> bool {
        self.x.is_constant_in_next() && self.y.is_constant_in_next()
    }

    fn visits_all(&self, mdp: &Mdp) -> bool {
        self.is_constant_in_next() || entries(mdp) <= MAX_ENTRIES
    }

    fn difference(&mut self, mdp: &Mdp, canon: &Canon, raw: &[Sums; 2], by: &Norm, of_row: &OfRows) -> Difference {
        if let Some(found) = self.differences[by.index] {
            return found;
        }
        let start = |by: &Norm| {
            let mut difference = Difference::default();
            for i in 0..2 {
                difference.zero[i] = is_zero(canon, by, &self.norms[i], &raw[i]);
                difference.factor[i] = if difference.zero[i] { 0.0 } else { 1.0 / self.norms[i].get(by) };
            }
            difference
        };
        if self.is_constant_in_next() {
            let mut difference = start(by);
            let ([a, b], n) = (difference.factor, mdp.n_states() as f64);
            for ((x, y), &of_row) in self.x.form.base().iter().zip(self.y.form.base()).zip(&of_row.0) {
                difference.norms.row(a * x - b * y, n, of_row);
            }
            self.differences[by.index] = Some(difference);
            return difference;
        }
        // One pass over all entries for all normalising norms.
        let mut all: Vec<Difference> = NORMS.iter().map(start).collect();
        self.pass(mdp, &mut all);
        for (norm, difference) in NORMS.iter().zip(&all) {
            self.differences[norm.index] = Some(*difference);
        }
        all[by.index]
    }

    /// Norms of the normalised differences of forms that depend on the next state.
    fn pass(&self, mdp: &Mdp, all: &mut [Difference]) {
        let visit_all = entries(mdp) <= MAX_ENTRIES;
        let (mut x, mut y, mut d) = (Vec::new(), Vec::new(), Vec::new());
        let combine = |d: &mut Vec<f64>, [a, b]: [f64; 2], x: &[f64], y: &[f64]| {
            d.clear();
            d.extend(x.iter().zip(y).map(|(x, y)| a * x - b * y));
        };
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                self.x.fill_support(mdp, s, row, &mut x);
                self.y.fill_support(mdp, s, row, &mut y);
                for difference in &mut *all {
                    combine(&mut d, difference.factor, &x, &y);
                    difference.norms.weighted(&d, mdp.p(row).1);
                }
                if visit_all {
                    x.resize(mdp.n_states(), 0.0);
                    y.resize(mdp.n_states(), 0.0);
                    self.x.fill_row(s, row, &mut x);
                    self.y.fill_row(s, row, &mut y);
                    for difference in &mut *all {
                        combine(&mut d, difference.factor, &x, &y);
                        difference.norms.plain(&d);
                    }
                }
            }
        }
    }

    /// Bounds: an entrywise error `e` of a form moves `m(x/n(x))` by at most
    /// `(m(1) + m(x)/n(x) n(1)) e / n(x)`; summation adds its own rounding.
    fn bounded(&self, mdp: &Mdp, difference: Difference, by: &Norm, in_norm: &Norm) -> Distance {
        let value = difference.norms.get(in_norm);
        let mut radius = rounding(mdp, value);
        for (i, form) in [&self.x, &self.y].into_iter().enumerate() {
            if !difference.zero[i] {
                radius += error_of(mdp, form, &self.norms[i], by, in_norm);
            }
        }
        let bounds = Interval::ball(value, radius);
        Distance::Value(Bounded::around(value, bounds, Grade::Bounded).clamped(0.0, f64::INFINITY))
    }
}

/// Why a norm over all transitions is not worked out.
pub(super) fn too_many(mdp: &Mdp) -> String {
    let (rows, n) = (mdp.n_rows(), mdp.n_states());
    format!("needs all {rows} x {n} transitions, possible or not; use a P-weighted norm")
}

pub(super) fn entries(mdp: &Mdp) -> f64 {
    mdp.n_rows() as f64 * mdp.n_states() as f64
}

/// Whether a form is called 0 beside its reward. Forms that do not read impossible transitions are compared with what the
/// reward pays on possible ones.
pub(super) fn is_zero(canon: &Canon, by: &Norm, form: &Sums, raw: &Sums) -> bool {
    let norm = |sums: &Sums| if canon.reads_impossible { sums.get(by) } else { sums.get_weighted(by) };
    norm(form) <= ZERO * norm(raw)
}

/// What rounding of sums adds to the bounds of a distance of this value.
pub(super) fn rounding(mdp: &Mdp, value: f64) -> f64 {
    8.0 * UNIT * (mdp.n_states() + mdp.n_rows()) as f64 * (value + 1.0)
}

/// How far an entrywise error of a form moves `m(x/n(x))`.
pub(super) fn error_of(mdp: &Mdp, form: &Canonical, norms: &Sums, by: &Norm, in_norm: &Norm) -> f64 {
    let ones = |norm| of_ones(norm, mdp.n_rows(), mdp.n_states());
    let n = norms.get(by);
    let ratio = norms.get(in_norm) / n;
    (ones(in_norm) + ratio * ones(by)) * form.err / n
}

/// Norm of a canonical form; `None` where the form is too large for a norm over impossible transitions.
pub fn norm_of(mdp: &Mdp, form: &Canonical, norm: &Norm) -> Option<f64> {
    let visited = norm.is_weighted || form.is_constant_in_next() || entries(mdp) <= MAX_ENTRIES;
    visited.then(|| norms(mdp, form, &OfRows::of(mdp), !norm.is_weighted).get(norm))
}

/// Numbers on transitions, of which norms are taken.
pub(super) trait Entries {
    /// Values of the rows, if no entry depends on the next state.
    fn per_row(&self) -> Option<&[f64]>;
    /// Values of all stored transitions, if they are kept just so.
    fn on_transitions(&self, mdp: &Mdp) -> Option<&[f64]>;
    fn fill_row(&self, s: usize, row: usize, out: &mut [f64]);
    fn fill_support(&self, mdp: &Mdp, s: usize, row: usize, out: &mut Vec<f64>);
}

impl Entries for Reward {
    fn per_row(&self) -> Option<&[f64]> {
        self.is_constant_in_next().then(|| self.base())
    }

    fn on_transitions(&self, mdp: &Mdp) -> Option<&[f64]> {
        self.on_transitions(mdp)
    }

    fn fill_row(&self, _: usize, row: usize, out: &mut [f64]) {
        self.fill_row(row, out);
    }

    fn fill_support(&self, mdp: &Mdp, _: usize, row: usize, out: &mut Vec<f64>) {
        self.fill_support(mdp, row, out);
    }
}

impl Entries for Canonical {
    fn per_row(&self) -> Option<&[f64]> {
        self.is_constant_in_next().then(|| self.form.base())
    }

    fn on_transitions(&self, mdp: &Mdp) -> Option<&[f64]> {
        self.pair.is_none().then(|| self.form.on_transitions(mdp)).flatten()
    }

    fn fill_row(&self, s: usize, row: usize, out: &mut [f64]) {
        self.fill_row(s, row, out);
    }

    fn fill_support(&self, mdp: &Mdp, s: usize, row: usize, out: &mut Vec<f64>) {
        self.fill_support(mdp, s, row, out);
    }
}

/// All norms; those over impossible transitions stay 0 where they are not wanted or there are too many.
pub(super) fn norms(mdp: &Mdp, x: &impl Entries, of_row: &OfRows, everywhere: bool) -> Sums {
    let mut sums = Sums::default();
    if let Some(per_row) = x.per_row() {
        let n = mdp.n_states() as f64;
        per_row.iter().zip(&of_row.0).for_each(|(&x, &of_row)| sums.row(x, n, of_row));
        return sums;
    }
    let in_order = x.on_transitions(mdp);
    if let Some(values) = in_order {
        sums.weighted(values, mdp.all_transitions().1);
        if everywhere && mdp.nnz() as f64 == entries(mdp) {
            sums.plain(values);
            return sums;
        }
        if !everywhere {
            return sums;
        }
    }
    let visit_all = everywhere && entries(mdp) <= MAX_ENTRIES;
    let mut buffer = Vec::new();
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            if in_order.is_none() {
                x.fill_support(mdp, s, row, &mut buffer);
                sums.weighted(&buffer, mdp.p(row).1);
            }
            if visit_all {
                buffer.resize(mdp.n_states(), 0.0);
                x.fill_row(s, row, &mut buffer);
                sums.plain(&buffer);
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
    let factor = match forms.differences[l2.index] {
        Some(found) if !found.zero.contains(&true) => found.factor,
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
