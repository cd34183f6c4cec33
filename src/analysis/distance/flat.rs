//! Canonical forms written out entry by entry, for many pairs of rewards on one small model.
//!
//! A canonical form is linear in its reward, so the forms of `(1 - t) R1 + t R2` are blends of two forms that are worked
//! out once. All norms of one form, or of the normalised difference of two, take one pass of plain loops over memory.
//! The numbers are those of [`distances`](super::distances) up to rounding; they carry no bounds, which is for callers
//! whose own uncertainty is larger by many orders, such as correlations over a sample.

use super::norm::{NORMS, Sums, of_ones};
use super::pearson::ROUNDING;
use crate::analysis::canon::Canonical;
use crate::model::Mdp;

/// Entries taken side by side, so that the compiler can use vector instructions; the order of every sum is fixed.
const LANES: usize = 4;

/// Transition probabilities written out, and the weights of uniform coverage.
pub struct FlatModel {
    n_states: usize,
    n_rows: usize,
    /// `P[row, s']`, zeros included.
    p: Vec<f64>,
    /// Sum and maximum of `P(.|row)`.
    of_row: Vec<(f64, f64)>,
    /// Weight of a row when states, and the actions each offers, are equally likely.
    coverage: Vec<f64>,
    /// Rows that are no part of norms, those of terminal states; empty where there are none.
    left_out: Vec<bool>,
}

/// One canonical form with its norms.
#[derive(Clone, Debug)]
pub struct Flat {
    /// `[rows, s']`, or `[rows]` when no entry depends on the next state.
    entries: Vec<f64>,
    norms: Sums,
    /// Bound on the error of every entry.
    err: f64,
}

/// Over which transitions a Pearson distance correlates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All `(s, a, s')` alike, as EPIC does.
    Everywhere,
    /// `s'` from the dynamics, as DARD does.
    Possible,
}

/// Distances by normalising norm, then measuring norm, in the order of [`NORMS`].
pub type NormTable = [[f64; NORMS.len()]; NORMS.len()];

impl FlatModel {
    /// Writes a model out: O(S^2 A) memory.
    pub fn new(mdp: &Mdp) -> Self {
        let n_states = mdp.n_states();
        let mut p = vec![0.0; mdp.n_rows() * n_states];
        let mut coverage = Vec::with_capacity(mdp.n_rows());
        let mut left_out = Vec::new();
        for s in 0..n_states {
            let rows = mdp.rows(s);
            let weight = 1.0 / (n_states * rows.len()) as f64;
            if mdp.is_terminal(s) {
                left_out.resize(mdp.n_rows(), false);
                left_out[rows.clone()].fill(true);
            }
            for row in rows {
                let (col, val) = mdp.p(row);
                col.iter().zip(val).for_each(|(&t, &x)| p[row * n_states + t as usize] = x);
                coverage.push(weight);
            }
        }
        let of_row =
            p.chunks_exact(n_states).map(|row| row.iter().fold((0.0, 0.0), |(s, m), &x| (s + x, f64::max(m, x))));
        FlatModel { n_states, n_rows: mdp.n_rows(), of_row: of_row.collect(), p, coverage, left_out }
    }

    /// A form of this model written out.
    pub fn flat(&self, mdp: &Mdp, form: &Canonical) -> Flat {
        if form.is_constant_in_next() {
            return self.measured(form.form.base().to_vec(), form.err);
        }
        let mut entries = vec![0.0; self.p.len()];
        for s in 0..self.n_states {
            for row in mdp.rows(s) {
                form.fill_row(s, row, &mut entries[row * self.n_states..(row + 1) * self.n_states]);
            }
        }
        self.measured(entries, form.err)
    }

    /// The form of `(1 - t) R1 + t R2` from those of `R1` and `R2` by the same canonicalisation.
    pub fn blend(&self, t: f64, x: &Flat, y: &Flat) -> Flat {
        let entries = match (self.is_constant(x), self.is_constant(y)) {
            (true, false) => self.mix(t, &self.spread(x), &y.entries),
            (false, true) => self.mix(t, &x.entries, &self.spread(y)),
            _ => self.mix(t, &x.entries, &y.entries),
        };
        // Three roundings of an entry.
        let largest = entries.iter().fold(0.0, |m, x| f64::max(m, x.abs()));
        let err = (1.0 - t).abs() * x.err + t.abs() * y.err + 2.0 * f64::EPSILON * largest;
        self.measured(entries, err)
    }

    fn mix(&self, t: f64, x: &[f64], y: &[f64]) -> Vec<f64> {
        x.iter().zip(y).map(|(x, y)| (1.0 - t) * x + t * y).collect()
    }

    fn measured(&self, entries: Vec<f64>, err: f64) -> Flat {
        let mut flat = Flat { entries, norms: Sums::default(), err };
        flat.norms = self.norms(1.0, &flat, 0.0, &flat);
        flat
    }

    /// All STARC distances of two forms by one canonicalisation. A form that may be zero, for all that its error says, is
    /// taken for zero.
    pub fn starc(&self, forms: [&Flat; 2]) -> NormTable {
        let mut table = NormTable::default();
        for (distances, by) in table.iter_mut().zip(NORMS) {
            let factor = forms.map(|form| {
                let norm = form.norms.get(by);
                if norm <= of_ones(by, self.n_rows, self.n_states) * form.err { 0.0 } else { 1.0 / norm }
            });
            let sums = self.norms(factor[0], forms[0], -factor[1], forms[1]);
            distances.iter_mut().zip(NORMS).for_each(|(d, norm)| *d = sums.get(norm));
        }
        table
    }

    /// All norms of `a x + b y`.
    fn norms(&self, a: f64, x: &Flat, b: f64, y: &Flat) -> Sums {
        let mut sums = Lanes::default();
        match (self.is_constant(x), self.is_constant(y)) {
            (true, true) => {
                let rows = x.entries.iter().zip(&y.entries).enumerate();
                for (row, (x, y)) in rows.filter(|(row, _)| self.counts(*row)) {
                    sums.row((a * x + b * y).abs(), self.n_states as f64, self.of_row[row]);
                }
            }
            (false, false) => self.fold(&mut sums, a, &x.entries, b, &y.entries),
            (true, false) => self.fold(&mut sums, a, &self.spread(x), b, &y.entries),
            (false, true) => self.fold(&mut sums, a, &x.entries, b, &self.spread(y)),
        }
        sums.total()
    }

    fn counts(&self, row: usize) -> bool {
        !self.left_out.get(row).copied().unwrap_or(false)
    }

    fn fold(&self, sums: &mut Lanes, a: f64, x: &[f64], b: f64, y: &[f64]) {
        if self.left_out.is_empty() {
            return Self::fold_part(sums, (a, x), (b, y), &self.p);
        }
        for row in (0..self.n_rows).filter(|&row| self.counts(row)) {
            let part = row * self.n_states..(row + 1) * self.n_states;
            Self::fold_part(sums, (a, &x[part.clone()]), (b, &y[part.clone()]), &self.p[part]);
        }
    }

    fn fold_part(sums: &mut Lanes, (a, x): (f64, &[f64]), (b, y): (f64, &[f64]), p: &[f64]) {
        let size = |x: f64, y: f64| (a * x + b * y).abs();
        let whole = x.len() - x.len() % LANES;
        for k in (0..whole).step_by(LANES) {
            let (x, y, p) = (&x[k..k + LANES], &y[k..k + LANES], &p[k..k + LANES]);
            for lane in 0..LANES {
                sums.entry(lane, size(x[lane], y[lane]), p[lane]);
            }
        }
        for k in whole..x.len() {
            sums.entry(0, size(x[k], y[k]), p[k]);
        }
    }

    /// Whether a form is stored as one number a row. With one state both layouts are the same.
    fn is_constant(&self, x: &Flat) -> bool {
        x.entries.len() == self.n_rows
    }

    fn spread(&self, x: &Flat) -> Vec<f64> {
        x.entries.iter().flat_map(|&x| std::iter::repeat_n(x, self.n_states)).collect()
    }

    /// `sqrt((1 - corr) / 2)` of two forms; `None` where a form does not vary by more than its error.
    pub fn pearson(&self, coverage: Coverage, forms: [&Flat; 2]) -> Option<f64> {
        let (x, y) = (self.standard(coverage, forms[0])?, self.standard(coverage, forms[1])?);
        let mut squared = 0.0;
        self.visit(coverage, forms, |w, v, u| {
            let gap = (v - x.0) * x.1 - (u - y.0) * y.1;
            squared += w * gap * gap;
        });
        Some((squared / 4.0).sqrt().min(1.0))
    }

    /// Mean and inverse standard deviation.
    fn standard(&self, coverage: Coverage, form: &Flat) -> Option<(f64, f64)> {
        let (mut mean, mut largest) = (0.0, 0.0f64);
        self.visit(coverage, [form, form], |w, x, _| {
            mean += w * x;
            largest = largest.max(x.abs());
        });
        let mut variance = 0.0;
        self.visit(coverage, [form, form], |w, x, _| variance += w * (x - mean) * (x - mean));
        let off = form.err + ROUNDING * largest;
        (variance.sqrt() > off).then(|| (mean, 1.0 / variance.sqrt()))
    }

    fn visit(&self, coverage: Coverage, forms: [&Flat; 2], mut f: impl FnMut(f64, f64, f64)) {
        let n = self.n_states;
        let at = |form: &Flat, row: usize, t: usize| match self.is_constant(form) {
            true => form.entries[row],
            false => form.entries[row * n + t],
        };
        for row in 0..self.n_rows {
            for t in 0..n {
                let share = match coverage {
                    Coverage::Everywhere => 1.0 / n as f64,
                    Coverage::Possible => self.p[row * n + t],
                };
                f(self.coverage[row] * share, at(forms[0], row, t), at(forms[1], row, t));
            }
        }
    }
}

/// Norms under way, a few entries side by side.
#[derive(Default)]
struct Lanes([[f64; LANES]; NORMS.len()]);

impl Lanes {
    #[inline(always)]
    fn entry(&mut self, lane: usize, x: f64, p: f64) {
        let [one, two, inf, weighted_one, weighted_two, weighted_inf] = &mut self.0;
        let px = p * x;
        one[lane] += x;
        two[lane] += x * x;
        // Not `f64::max`, whose care for NaN keeps the loop from being vectorised.
        inf[lane] = if x > inf[lane] { x } else { inf[lane] };
        weighted_one[lane] += px;
        weighted_two[lane] += px * x;
        weighted_inf[lane] = if px > weighted_inf[lane] { px } else { weighted_inf[lane] };
    }

    /// A whole row of equal entries, with the sum and the maximum of its probabilities.
    fn row(&mut self, x: f64, times: f64, (sum, max): (f64, f64)) {
        let [one, two, inf, weighted_one, weighted_two, weighted_inf] = &mut self.0;
        one[0] += times * x;
        two[0] += times * x * x;
        inf[0] = inf[0].max(x);
        weighted_one[0] += sum * x;
        weighted_two[0] += sum * x * x;
        weighted_inf[0] = weighted_inf[0].max(max * x);
    }

    fn total(&self) -> Sums {
        Sums::from_totals(
            self.0.map(|lanes| lanes.iter().sum()),
            self.0.map(|lanes| lanes.iter().fold(0.0, |m, &x| f64::max(m, x))),
        )
    }
}
