//! Many rewards as points: every metric but range STARC is a norm of differences of vectors worked out once a reward.
//!
//! A norm over transitions becomes a plain one when entries are scaled by what they count: `sqrt(P)` in the weighted L2,
//! the number of next states for an entry that does not depend on them. The numbers and bounds are those of
//! [`distances`](super::distances) up to rounding.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::norm::{Norm, Power};
use super::pearson::{self, NO_VARIANCE};
use super::starc::{MAX_ENTRIES, OfRows, entries, error_of, is_zero, norms, rounding, too_many};
use super::{Distance, Metric};
use crate::analysis::canon::{self, Canon, Canonical, Context};
use crate::base::{Bounded, Code, Diag, Grade, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Reward};

/// Most numbers of all points together: 4 GiB.
const MOST: usize = 1 << 29;

/// A reward and its expectation.
pub type Input<'a> = (&'a Reward, &'a ExpectedReward);

/// Rewards as points of a normed space.
pub struct Points {
    /// One a reward; why it has no place, where the metric is not defined for it.
    points: Vec<Result<Point, String>>,
    power: Power,
    /// Rounding of a distance, relative to its value plus one.
    rounding: f64,
    /// Largest distance there is.
    most: f64,
}

#[derive(Clone)]
struct Point {
    x: Vec<f64>,
    /// How far the error of the form moves any distance.
    slack: f64,
}

impl Points {
    /// Places rewards for any metric but `starc-range`, which is no norm of a form. Refused where all points together do
    /// not fit into memory.
    pub fn new(context: &Context<'_>, metric: &Metric, rewards: &[Input<'_>]) -> Result<Self> {
        match metric {
            Metric::Range => Diag::new(Code::MetricUnknown, "`starc-range` needs solves, not points").err(),
            Metric::Epic => Self::pearson(context, "epic", rewards),
            Metric::Dard => Self::pearson(context, "dard", rewards),
            Metric::Starc { canon, by, in_norm } => match canon.apply_all(context, rewards) {
                Ok(forms) => Self::of_forms(context, (canon, by, in_norm), rewards, &forms),
                Err(diag) => Ok(Self::nowhere(rewards.len(), diag.message)),
            },
        }
    }

    /// The same from canonical forms that are known.
    pub fn of_forms(
        context: &Context<'_>,
        (canon, by, in_norm): (&Canon, &Norm, &Norm),
        rewards: &[Input<'_>],
        forms: &[Canonical],
    ) -> Result<Self> {
        let mdp = context.mdp();
        let per_row = forms.iter().all(Canonical::is_constant_in_next);
        let is_short = per_row || (by.is_weighted && in_norm.is_weighted);
        if !is_short && entries(mdp) > MAX_ENTRIES {
            return Ok(Self::nowhere(rewards.len(), too_many(mdp)));
        }
        let length = match (per_row, in_norm.is_weighted) {
            (true, _) => mdp.n_rows(),
            (false, true) => mdp.nnz(),
            (false, false) => mdp.n_rows() * mdp.n_states(),
        };
        check_room(length, rewards.len())?;
        let of_row = OfRows::of(mdp);
        let place = |(form, (reward, _)): (&Canonical, &Input<'_>)| {
            let sums = norms(mdp, form, &of_row, true);
            let raw = norms(mdp, *reward, &of_row, canon.reads_impossible);
            if is_zero(canon, by, &sums, &raw) {
                return Ok(Point { x: vec![0.0; length], slack: 0.0 });
            }
            let factor = 1.0 / sums.get(by);
            let mut x = match per_row {
                true => scaled_rows(mdp, form, in_norm, &of_row),
                false => scaled_entries(mdp, form, in_norm, length),
            };
            x.iter_mut().for_each(|x| *x *= factor);
            Ok(Point { x, slack: error_of(mdp, form, &sums, by, in_norm) })
        };
        let points = forms.par_iter().zip(rewards).map(place).collect();
        let most = if by.id == in_norm.id { 2.0 } else { f64::INFINITY };
        // One rounding more than in a single comparison: entries are scaled before they are subtracted.
        Ok(Points { points, power: in_norm.power, rounding: 2.0 * rounding(mdp, 0.0), most })
    }

    /// Standardised forms: half their distance in L2 is `sqrt((1 - corr) / 2)`.
    fn pearson(context: &Context<'_>, id: &str, rewards: &[Input<'_>]) -> Result<Self> {
        let forms = match canon::find(id).and_then(|canon| canon.apply_all(context, rewards)) {
            Ok(forms) => forms,
            Err(diag) => return Ok(Self::nowhere(rewards.len(), diag.message)),
        };
        let everywhere = id == "epic";
        let mdp = context.mdp();
        check_room(if everywhere { mdp.n_rows() * mdp.n_states() } else { mdp.nnz() }, rewards.len())?;
        let place = |(form, (reward, _)): (&Canonical, &Input<'_>)| {
            let raw = Canonical { form: (*reward).clone(), pair: None, potential: None, err: 0.0 };
            let (mut mean, mut second, mut variance) = (0.0, 0.0, 0.0);
            pearson::visit(context, form, &raw, everywhere, |w, x, r| {
                mean += w * x;
                second += w * r * r;
            });
            pearson::visit(context, form, form, everywhere, |w, x, _| variance += w * (x - mean) * (x - mean));
            if variance <= NO_VARIANCE * second || variance == 0.0 {
                return Err(pearson::CONSTANT.to_owned());
            }
            let deviation = variance.sqrt();
            let mut x = Vec::new();
            pearson::visit(context, form, form, everywhere, |w, v, _| {
                x.push(w.sqrt() * (v - mean) / (2.0 * deviation));
            });
            Ok(Point { x, slack: 2.0 * form.err / deviation })
        };
        let points = forms.par_iter().zip(rewards).map(place).collect();
        Ok(Points { points, power: Power::Two, rounding: pearson::ROUNDING, most: 1.0 })
    }

    fn nowhere(n: usize, why: String) -> Self {
        Points { points: vec![Err(why); n], power: Power::Two, rounding: 0.0, most: 0.0 }
    }

    /// Number of rewards.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Why a reward has no distances, if it has none.
    pub fn why_undefined(&self, i: usize) -> Option<&str> {
        self.points[i].as_ref().err().map(String::as_str)
    }

    /// Distance of two rewards. O(length of a form).
    pub fn distance(&self, i: usize, j: usize) -> Distance {
        let (x, y) = match (&self.points[i], &self.points[j]) {
            (Ok(x), Ok(y)) => (x, y),
            (Err(why), _) | (_, Err(why)) => return Distance::Undefined(why.clone()),
        };
        let value = gap(self.power, &x.x, &y.x);
        let bounds = Interval::ball(value, self.rounding * (value + 1.0) + x.slack + y.slack);
        Distance::Value(Bounded::around(value, bounds, Grade::Bounded).clamped(0.0, self.most))
    }
}

fn check_room(length: usize, n: usize) -> Result<()> {
    if length.saturating_mul(n) <= MOST {
        return Ok(());
    }
    Diag::new(Code::TooLarge, format!("{n} forms of {length} numbers each do not fit into memory"))
        .expected(format!("at most {MOST} numbers"))
        .help("use a metric whose forms do not depend on the next state, such as starc-minimal-weighted-l2")
        .err()
}

/// A form of one number a row, each scaled by what the row counts.
fn scaled_rows(mdp: &Mdp, form: &Canonical, norm: &Norm, of_row: &OfRows) -> Vec<f64> {
    let n = mdp.n_states() as f64;
    let weight = |&(sum, largest): &(f64, f64)| match (norm.power, norm.is_weighted) {
        (Power::One, false) => n,
        (Power::Two, false) => n.sqrt(),
        (Power::Inf, false) => 1.0,
        (Power::One, true) => sum,
        (Power::Two, true) => sum.sqrt(),
        (Power::Inf, true) => largest,
    };
    form.form.base().iter().zip(&of_row.0).map(|(x, row)| x * weight(row)).collect()
}

/// A form entry by entry, over the transitions that the norm sees.
fn scaled_entries(mdp: &Mdp, form: &Canonical, norm: &Norm, length: usize) -> Vec<f64> {
    let mut all = Vec::with_capacity(length);
    let mut buffer = vec![0.0; mdp.n_states()];
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            if !norm.is_weighted {
                form.fill_row(s, row, &mut buffer);
                all.extend_from_slice(&buffer);
                continue;
            }
            form.fill_support(mdp, s, row, &mut buffer);
            let weight = |p: f64| if norm.power == Power::Two { p.sqrt() } else { p };
            all.extend(buffer.iter().zip(mdp.p(row).1).map(|(x, &p)| x * weight(p)));
        }
    }
    all
}

/// Norm of `x - y`.
fn gap(power: Power, x: &[f64], y: &[f64]) -> f64 {
    let add = |sum: f64, d: f64| sum + d;
    let larger = |most: f64, d: f64| if d > most { d } else { most };
    match power {
        Power::One => Arch::new().dispatch(Fold { x, y, take: |d: f64| d.abs(), join: add }),
        Power::Two => Arch::new().dispatch(Fold { x, y, take: |d: f64| d * d, join: add }).sqrt(),
        Power::Inf => Arch::new().dispatch(Fold { x, y, take: |d: f64| d.abs(), join: larger }),
    }
}

/// What `take` makes of the entries of `x - y`, joined.
struct Fold<'a, T, J> {
    x: &'a [f64],
    y: &'a [f64],
    take: T,
    join: J,
}

/// Entries taken side by side; the order of every sum is fixed.
const LANES: usize = 8;

impl<T: Fn(f64) -> f64, J: Fn(f64, f64) -> f64> WithSimd for Fold<'_, T, J> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut lanes = [0.0; LANES];
        let ((xs, x_rest), (ys, y_rest)) = (self.x.as_chunks::<LANES>(), self.y.as_chunks::<LANES>());
        for (x, y) in xs.iter().zip(ys) {
            for lane in 0..LANES {
                lanes[lane] = (self.join)(lanes[lane], (self.take)(x[lane] - y[lane]));
            }
        }
        for (lane, (x, y)) in x_rest.iter().zip(y_rest).enumerate() {
            lanes[lane] = (self.join)(lanes[lane], (self.take)(x - y));
        }
        lanes.into_iter().fold(0.0, &self.join)
    }
}
