//! Many rewards as points: every metric but range STARC is a norm of differences of vectors worked out once a reward.
//!
//! A norm over transitions becomes a plain one when entries are scaled by what they count: `sqrt(P)` in the weighted L2,
//! the number of next states for an entry that does not depend on them. The numbers and bounds are those of
//! [`distances`](super::distances) up to rounding.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::norm::{Norm, Power};
use super::pearson::{self, Spread};
use super::starc::{Known, MAX_ENTRIES, OfRows, entries, error_of, norms, too_many};
use super::zero::{Size, Zero, hull};
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
    size: Size,
    /// One a reward; why it has no place, where the metric is not defined for it.
    points: Vec<Result<Point, String>>,
    power: Power,
    of: Of,
}

/// What the points are.
enum Of {
    /// Normalised forms.
    Forms {
        by: &'static Norm,
        in_norm: &'static Norm,
        is_constant_in_next: bool,
        /// Whether a form is zero for trivial rewards, and for no others.
        is_zero_if_trivial: bool,
    },
    /// Standardised ones.
    Standard,
}

#[derive(Clone)]
struct Point {
    x: Vec<f64>,
    /// Whether the form is zero, its norm as it is measured, and how far its error moves any distance.
    known: Known,
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
                Err(diag) => Ok(Self::nowhere(context.mdp(), rewards.len(), diag.message)),
            },
        }
    }

    /// The same from canonical forms that are known.
    pub fn of_forms(
        context: &Context<'_>,
        (canon, by, in_norm): (&Canon, &'static Norm, &'static Norm),
        rewards: &[Input<'_>],
        forms: &[Canonical],
    ) -> Result<Self> {
        let mdp = context.mdp();
        let per_row = forms.iter().all(Canonical::is_constant_in_next);
        let is_short = per_row || (by.is_weighted && in_norm.is_weighted);
        if !is_short && entries(mdp) > MAX_ENTRIES {
            return Ok(Self::nowhere(context.mdp(), rewards.len(), too_many(mdp)));
        }
        let length = match (per_row, in_norm.is_weighted) {
            (true, _) => mdp.n_rows(),
            (false, true) => mdp.nnz(),
            (false, false) => mdp.n_rows() * mdp.n_states(),
        };
        check_room(length, rewards.len())?;
        let (of_row, size) = (OfRows::of(mdp), Size::of(mdp));
        let place = |form: &Canonical| {
            let sums = norms(mdp, form, &of_row, true);
            let zero = Zero::of(size, form, &sums, by, None);
            let ratio = sums.get(in_norm) / sums.get(by);
            let known = Known { zero, ratio, error: error_of(mdp, form, &sums, by, in_norm) };
            let factor = zero.factor(sums.get(by));
            if factor == 0.0 {
                return Ok(Point { x: vec![0.0; length], known });
            }
            let mut x = match per_row {
                true => scaled_rows(mdp, form, in_norm, &of_row),
                false => scaled_entries(mdp, form, in_norm, &of_row, length),
            };
            x.iter_mut().for_each(|x| *x *= factor);
            Ok(Point { x, known })
        };
        debug_assert_eq!(forms.len(), rewards.len());
        let points = forms.par_iter().map(place).collect();
        let is_zero_if_trivial = canon.removes_redistribution && (0..mdp.n_states()).all(|s| mdp.is_reachable(s));
        let of = Of::Forms { by, in_norm, is_constant_in_next: per_row, is_zero_if_trivial };
        Ok(Points { size: Size::of(mdp), points, power: in_norm.power, of })
    }

    /// The same where it is known, of each reward, whether all policies earn it alike: what that tells of forms that may be
    /// zero.
    pub fn knowing(mut self, is_trivial: impl Fn(usize) -> Option<bool>) -> Self {
        let Of::Forms { is_zero_if_trivial, .. } = self.of else { return self };
        for (i, point) in self.points.iter_mut().enumerate() {
            let Ok(point) = point else { continue };
            let decided = is_trivial(i).filter(|&trivial| is_zero_if_trivial || !trivial);
            point.known.zero = point.known.zero.knowing(decided);
        }
        self
    }

    /// Standardised forms: half their distance in L2 is `sqrt((1 - corr) / 2)`.
    fn pearson(context: &Context<'_>, id: &str, rewards: &[Input<'_>]) -> Result<Self> {
        let forms = match canon::find(id).and_then(|canon| canon.apply_all(context, rewards)) {
            Ok(forms) => forms,
            Err(diag) => return Ok(Self::nowhere(context.mdp(), rewards.len(), diag.message)),
        };
        let everywhere = id == "epic";
        let mdp = context.mdp();
        check_room(if everywhere { mdp.n_rows() * mdp.n_states() } else { mdp.nnz() }, rewards.len())?;
        let place = |form: &Canonical| {
            let Spread { mean, deviation, error } = Spread::of(context, form, everywhere)?;
            let mut x = Vec::new();
            pearson::visit(context, form, form, everywhere, |w, v, _| {
                x.push(w.sqrt() * (v - mean) / (2.0 * deviation));
            });
            Ok(Point { x, known: Known { zero: Zero::No, ratio: 1.0, error } })
        };
        let points = forms.par_iter().map(place).collect();
        Ok(Points { size: Size::of(mdp), points, power: Power::Two, of: Of::Standard })
    }

    fn nowhere(mdp: &Mdp, n: usize, why: String) -> Self {
        Points { size: Size::of(mdp), points: vec![Err(why); n], power: Power::Two, of: Of::Standard }
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
        match self.of {
            Of::Forms { by, in_norm, is_constant_in_next, .. } => {
                hull(self.size, value, [x.known, y.known], (by, in_norm), is_constant_in_next)
            }
            Of::Standard => {
                let bounds = Interval::ball(value, pearson::ROUNDING * (value + 1.0) + x.known.error + y.known.error);
                Distance::Value(Bounded::around(value, bounds, Grade::Bounded).clamped(0.0, 1.0))
            }
        }
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
    let rows = form.form.base().iter().zip(&of_row.all).enumerate();
    rows.map(|(row, (x, of))| if of_row.counts(row) { x * weight(of) } else { 0.0 }).collect()
}

/// A form entry by entry, over the transitions that the norm sees.
fn scaled_entries(mdp: &Mdp, form: &Canonical, norm: &Norm, of_row: &OfRows, length: usize) -> Vec<f64> {
    let mut all = Vec::with_capacity(length);
    let mut buffer = vec![0.0; mdp.n_states()];
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            if !of_row.counts(row) {
                // A place of its own all the same, so that points have one length.
                all.resize(all.len() + if norm.is_weighted { mdp.transitions(row).len() } else { mdp.n_states() }, 0.0);
                continue;
            }
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
