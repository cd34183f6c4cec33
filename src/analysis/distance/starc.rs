//! STARC distances: `m(x/n(x) - y/n(y))` for canonical forms `x`, `y` (Skalse et al. 2024, definition of the metric).
//!
//! A form is 0 or it is not: its error bounds tell, or what is known of its reward, and no tolerance does. Where neither
//! does, a distance is the hull over what may be. Rows of terminal states are no part of any norm: what is paid there is 0
//! by definition, for every reward.

use super::norm::{NORMS, Norm, Sums, of_ones};
use super::zero::{Size, Zero, decide_zero, hull};
use super::{Distance, Pair};
use crate::analysis::canon::{self, Canon, Canonical, Context};
use crate::base::sum::UNIT;
use crate::base::{Bounded, Grade, Interval};
use crate::model::{Mdp, Reward};

/// Largest number of entries rows x states that plain norms will visit.
pub(super) const MAX_ENTRIES: f64 = 4e9;

/// Forms and norms of one pair, worked out when first asked for.
pub(super) struct Table<'a> {
    context: &'a Context<'a>,
    pair: &'a Pair<'a>,
    forms: Vec<(&'static str, Result<Forms, String>)>,
    of_row: OfRows,
}

struct Forms {
    x: Canonical,
    y: Canonical,
    norms: [Sums; 2],
    /// Whether each form is zero, as far as what is known of its reward tells.
    decided: [Option<bool>; 2],
    /// By normalising norm, in the order of [`NORMS`].
    differences: [Option<Difference>; NORMS.len()],
}

/// Which forms are zero under one normalising norm, and all norms of the normalised difference.
#[derive(Clone, Copy, Default)]
struct Difference {
    norms: Sums,
    zero: [Zero; 2],
    factor: [f64; 2],
}

impl<'a> Table<'a> {
    pub(super) fn new(context: &'a Context<'a>, pair: &'a Pair<'a>) -> Self {
        Table { context, pair, forms: Vec::new(), of_row: OfRows::of(context.mdp()) }
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
        let difference = forms.difference(mdp, by, &self.of_row);
        forms.bounded(mdp, difference, by, in_norm)
    }
}

/// What norms ask of the rows of a model.
pub(super) struct OfRows {
    /// Sum and maximum of the probabilities of each row; 0 where a row is no part of norms.
    pub(super) all: Vec<(f64, f64)>,
    /// Whether each row is part of norms; empty where all are.
    counted: Vec<bool>,
}

impl OfRows {
    pub(super) fn of(mdp: &Mdp) -> Self {
        let mut all = super::norm::of_rows((0..mdp.n_rows()).map(|row| mdp.p(row).1));
        let mut counted = Vec::new();
        for s in (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)) {
            counted.resize(mdp.n_rows(), true);
            all[mdp.rows(s)].fill((0.0, 0.0));
            counted[mdp.rows(s)].fill(false);
        }
        OfRows { all, counted }
    }

    /// Whether a row is part of norms.
    pub(super) fn counts(&self, row: usize) -> bool {
        self.counted.get(row).copied().unwrap_or(true)
    }

    fn counts_all(&self) -> bool {
        self.counted.is_empty()
    }
}

impl Forms {
    fn new(context: &Context<'_>, pair: &Pair<'_>, canon: &Canon, of_row: &OfRows) -> crate::base::Result<Self> {
        let (x, y) = pair.forms(context, canon)?;
        let norms = [&x, &y].map(|form| norms(context.mdp(), form, of_row, true));
        let decided = [pair.range_x, pair.range_y].map(|range| decide_zero(context.mdp(), canon, range));
        Ok(Forms { x, y, norms, decided, differences: [None; NORMS.len()] })
    }

    fn is_constant_in_next(&self) -> bool {
        self.x.is_constant_in_next() && self.y.is_constant_in_next()
    }

    fn visits_all(&self, mdp: &Mdp) -> bool {
        self.is_constant_in_next() || entries(mdp) <= MAX_ENTRIES
    }

    fn difference(&mut self, mdp: &Mdp, by: &Norm, of_row: &OfRows) -> Difference {
        if let Some(found) = self.differences[by.index] {
            return found;
        }
        let size = Size::of(mdp);
        let start = |by: &Norm| {
            let mut difference = Difference::default();
            for i in 0..2 {
                let form = [&self.x, &self.y][i];
                difference.zero[i] = Zero::of(size, form, &self.norms[i], by, self.decided[i]);
                difference.factor[i] = difference.zero[i].factor(self.norms[i].get(by));
            }
            difference
        };
        if self.is_constant_in_next() {
            let mut difference = start(by);
            let ([a, b], n) = (difference.factor, mdp.n_states() as f64);
            let rows = self.x.form.base().iter().zip(self.y.form.base()).zip(&of_row.all).enumerate();
            for (_, ((x, y), &of_row)) in rows.filter(|(row, _)| of_row.counts(*row)) {
                difference.norms.row(a * x - b * y, n, of_row);
            }
            self.differences[by.index] = Some(difference);
            return difference;
        }
        // One pass over all entries for all normalising norms.
        let mut all: Vec<Difference> = NORMS.iter().map(start).collect();
        self.pass(mdp, of_row, &mut all);
        for (norm, difference) in NORMS.iter().zip(&all) {
            self.differences[norm.index] = Some(*difference);
        }
        all[by.index]
    }

    /// Norms of the normalised differences of forms that depend on the next state.
    fn pass(&self, mdp: &Mdp, of_row: &OfRows, all: &mut [Difference]) {
        let visit_all = entries(mdp) <= MAX_ENTRIES;
        let (mut x, mut y, mut d) = (Vec::new(), Vec::new(), Vec::new());
        let combine = |d: &mut Vec<f64>, [a, b]: [f64; 2], x: &[f64], y: &[f64]| {
            d.clear();
            d.extend(x.iter().zip(y).map(|(x, y)| a * x - b * y));
        };
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s).filter(|&row| of_row.counts(row)) {
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
    /// `(m(1) + m(x)/n(x) n(1)) e / (n(x) - n(1) e)`; summation adds its own rounding.
    fn bounded(&self, mdp: &Mdp, difference: Difference, by: &Norm, in_norm: &Norm) -> Distance {
        let value = difference.norms.get(in_norm);
        let forms = [&self.x, &self.y];
        let known: [Known; 2] = std::array::from_fn(|i| Known {
            zero: difference.zero[i],
            ratio: self.norms[i].get(in_norm) / self.norms[i].get(by),
            error: error_of(mdp, forms[i], &self.norms[i], by, in_norm),
        });
        hull(Size::of(mdp), value, known, (by, in_norm), self.is_constant_in_next())
    }
}

/// What is known of one of two forms.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub zero: Zero,
    /// `m(x)/n(x)`.
    pub ratio: f64,
    /// How far the error of the form moves a distance, where it is certainly not zero.
    pub error: f64,
}

/// Why a norm over all transitions is not worked out.
pub(super) fn too_many(mdp: &Mdp) -> String {
    let (rows, n) = (mdp.n_rows(), mdp.n_states());
    format!("needs all {rows} x {n} transitions, possible or not; use a P-weighted norm")
}

pub(super) fn entries(mdp: &Mdp) -> f64 {
    mdp.n_rows() as f64 * mdp.n_states() as f64
}

/// What rounding of sums, and of the probabilities in them, adds to the bounds of a distance of this value between forms whose
/// norms have these quotients.
pub(super) fn rounding(size: Size, value: f64, ratios: f64) -> f64 {
    (8.0 * UNIT * (size.n_states + size.n_rows) as f64 + 4.0 * size.p_error) * (value + ratios + 1.0)
}

/// How far an entrywise error of a form moves `m(x/n(x))`.
pub(super) fn error_of(mdp: &Mdp, form: &Canonical, norms: &Sums, by: &Norm, in_norm: &Norm) -> f64 {
    let ones = |norm| of_ones(norm, mdp.n_rows(), mdp.n_states());
    let n = norms.get(by);
    let ratio = norms.get(in_norm) / n;
    (ones(in_norm) + ratio * ones(by)) * form.err / (n - ones(by) * form.err)
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
        let rows = per_row.iter().zip(&of_row.all).enumerate().filter(|(row, _)| of_row.counts(*row));
        rows.for_each(|(_, (&x, &of_row))| sums.row(x, n, of_row));
        return sums;
    }
    let in_order = x.on_transitions(mdp).filter(|_| of_row.counts_all());
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
        for row in mdp.rows(s).filter(|&row| of_row.counts(row)) {
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
        Some(found) if found.zero == [Zero::No; 2] => found.factor,
        Some(found) if found.zero.contains(&Zero::Maybe) && !found.zero.contains(&Zero::Yes) => {
            return Distance::Undefined(
                "a reward may be one that all policies earn alike: its direction is lost in rounding".into(),
            );
        }
        Some(found) if !found.zero.contains(&Zero::Yes) => {
            return Distance::Value(Bounded::from_interval(Interval { lo: 0.0, hi: 180.0 }, Grade::Bounded));
        }
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
