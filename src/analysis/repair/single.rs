//! One feature: the smallest coefficient, of either sign.

use dashu_ratio::RBig;

use super::check::Rows;
use super::{Check, Feature, Workshop, decimal};
use crate::analysis::family::{self, Family, Rewards};
use crate::analysis::returns::ReturnRange;
use crate::base::number::{Number, as_stored};
use crate::base::{self, Bounded, Decision, Doubt, Evidence, Grade, sum};

/// One feature with coefficients of both signs.
#[derive(Clone, Debug)]
pub struct Single {
    /// Name or expression.
    pub feature: String,
    /// Whether every policy earns the same of it: a shaping, which moves nothing.
    pub trivial: Decision,
    /// Whether some coefficient other than 0 mends.
    pub mends: Decision,
    /// Positive, then negative coefficients; empty for a trivial feature.
    pub sides: Vec<Side>,
}

/// Coefficients of one sign.
#[derive(Clone, Debug)]
pub struct Side {
    /// 1 or -1.
    pub sign: f64,
    /// Whether some coefficient of this sign mends.
    pub mends: Decision,
    /// The first interval of sizes that certainly mends.
    pub interval: Option<Interval>,
    /// Where that is undecided, the first interval of sizes that may mend: its check says how much may be lost there.
    pub may: Option<Interval>,
    /// Smallest size from which some optimal policies are truth-optimal, though not all, where that is less than it takes
    /// to mend and not so without the feature.
    pub some_from: Option<Bounded>,
    /// Sizes at which the optimal policy changes on the way.
    pub n_breakpoints: usize,
    /// Whether all coefficients were looked at.
    pub is_complete: bool,
}

/// An open interval of sizes `|c|` of a coefficient: at its ends the repaired proxy ties a truth-optimal policy with another.
#[derive(Clone, Debug)]
pub struct Interval {
    /// More than this mends. The lower bound is that of all sizes that may mend, the upper one that of those that do.
    pub above: Bounded,
    /// The number itself, where it is known.
    pub above_exactly: Option<RBig>,
    /// As long as it is less than this, between what certainly mends and what may; `None` for any amount.
    pub below: Option<Bounded>,
    /// The number itself, where it is known.
    pub below_exactly: Option<RBig>,
    /// A coefficient inside, with its sign.
    pub chosen: f64,
    /// The proxy with it, solved again.
    pub check: Check,
}

impl Side {
    /// Smallest size for sorting; infinite where nothing mends.
    pub fn size(&self) -> f64 {
        self.interval.as_ref().map_or(f64::INFINITY, |found| found.above.value)
    }
}

impl Single {
    /// The sign that takes less, if one mends.
    pub fn best(&self) -> Option<(&Side, &Interval)> {
        let mending = self.sides.iter().filter_map(|side| Some((side, side.interval.as_ref()?)));
        mending.min_by(|x, y| x.0.size().total_cmp(&y.0.size()))
    }
}

/// A family seen from the truth.
struct Ray<'a> {
    family: &'a Family,
    /// Whether all, and whether some, policies that are optimal in each piece are truth-optimal.
    pieces: Vec<[Decision; 2]>,
    /// The same at each breakpoint.
    points: Vec<[Decision; 2]>,
    unit: f64,
}

impl Workshop<'_> {
    /// Both signs of one feature.
    pub(super) fn single(&self, feature: &Feature) -> Single {
        let expected = feature.reward.expected(self.mdp);
        let trivial = ReturnRange::of(self.request.solver, expected).trivial;
        let sides = if trivial.is_yes() { &[][..] } else { &[1.0, -1.0] };
        let sides: Vec<Side> = sides.iter().map(|&sign| self.side(feature, sign)).collect();
        let mends = match &trivial {
            // With any amount of it the optimal policies are those of the proxy, some of which are not truth-optimal.
            Decision::Yes(evidence) => Decision::No(*evidence),
            _ => sides.iter().fold(Decision::No(Evidence::Exact), |any, side| any.or(side.mends.clone())),
        };
        Single { feature: feature.text.clone(), trivial, mends, sides }
    }

    /// Every coefficient of one sign, as a ray from the proxy to the feature.
    fn side(&self, feature: &Feature, sign: f64) -> Side {
        let request = self.request;
        let unit = unit(&request.proxy.expected(self.mdp).r, &feature.reward.expected(self.mdp).r);
        let rewards = Rewards::ray(self.mdp, request.proxy, &feature.reward, sign * unit);
        let family = Family::of(request.solver, request.mdp, &rewards, (0.0, 1.0), &family::Request::default());
        let evidence = if family.is_exact { Evidence::Exact } else { Evidence::Bounds };
        let seen = |may, doubt: &Option<Doubt>| self.agreement(Rows { may, doubt: doubt.as_ref(), evidence });
        let ray = Ray {
            pieces: family.pieces.iter().map(|p| seen(&p.optimal, &p.doubt)).collect(),
            points: family.breakpoints.iter().map(|b| seen(&b.optimal, &b.doubt)).collect(),
            family: &family,
            unit,
        };
        let inside = |(above, below): (Size, Option<Size>)| {
            let from = above.1.clone().unwrap_or_else(|| as_stored(above.0.hi));
            let to = below.as_ref().map(|(to, exactly)| exactly.clone().unwrap_or_else(|| as_stored(to.lo)));
            let chosen = RBig::from(sign as i32) * decimal::between(&from, to.as_ref(), unit);
            let feature = feature.reward.expected(self.mdp);
            let number = Number::of(chosen);
            let reward = request.proxy.expected(self.mdp).plus_exactly(&number, &feature);
            let (below, below_exactly) = below.map_or((None, None), |(below, exactly)| (Some(below), exactly));
            let check = self.check(reward);
            let (above, above_exactly) = above;
            Interval { above, above_exactly, below, below_exactly, chosen: number.value, check }
        };
        let interval = ray.interval(Decision::is_yes).map(inside);
        let may = if interval.is_none() { ray.interval(|all| !all.is_no()).map(inside) } else { None };
        let n_breakpoints = family.breakpoints.iter().filter(|b| b.x.lo > 0.0 && b.x.hi < 1.0).count();
        Side {
            sign,
            mends: ray.mends(),
            some_from: ray.some_from(interval.as_ref()),
            interval,
            may,
            n_breakpoints,
            is_complete: family.is_complete,
        }
    }
}

/// A size, and the fraction that it is where that is known.
type Size = (Bounded, Option<RBig>);

impl Ray<'_> {
    /// Whether some piece mends. In doubles a piece may hide within the bounds of a breakpoint.
    fn mends(&self) -> Decision {
        let hidden = self.points.iter().filter(|_| !self.family.is_exact);
        let any = self.pieces.iter().chain(hidden.filter(|point| !point[0].is_yes()));
        let any = any.fold(Decision::No(Evidence::Exact), |any, [all, _]| any.or(all.clone()));
        match any {
            Decision::No(_) if !self.family.is_complete => Decision::Undecided(Doubt::Limit),
            any => any,
        }
    }

    /// The first interval of sizes that mends, certainly or perhaps: ends of pieces beyond changes that nobody sees, or among
    /// truth-optimal policies.
    fn interval(&self, mends: impl Fn(&Decision) -> bool) -> Option<(Size, Option<Size>)> {
        let pieces = &self.family.pieces;
        let first = self.pieces.iter().position(|[all, _]| mends(all))?;
        let mut last = first;
        while let Some(point) = self.point_after(last)
            && mends(&self.points[point][0])
            && mends(&self.pieces[last + 1][0])
        {
            last += 1;
        }
        let from = &pieces[first];
        let mut above = coefficient(from.from, self.start_of(first), self.unit);
        let least = self.may_mend_from(first);
        if least < from.from.lo {
            above.0.lo = above.0.lo.min(coefficient(Bounded::exact(least), None, self.unit).0.lo);
            above.0.grade = above.0.grade.min(Grade::Certified);
            above.1 = None;
        }
        let to = &pieces[last];
        if to.to.lo >= 1.0 {
            return Some((above, None));
        }
        let mut below = coefficient(to.to, to.fractions[1].as_ref(), self.unit);
        let ends = self
            .point_after(last)
            .is_some_and(|point| self.points[point][0].is_no() || self.pieces[last + 1][0].is_no());
        if !ends {
            (below.0.hi, below.1) = (f64::INFINITY, None);
            below.0.grade = below.0.grade.min(Grade::Certified);
        }
        Some((above, Some(below)))
    }

    /// The breakpoint at which the next piece follows a piece, if nothing is missing between.
    fn point_after(&self, piece: usize) -> Option<usize> {
        let next = self.family.pieces.get(piece + 1)?;
        let meets = self.family.pieces[piece].to == next.from;
        self.family.breakpoints.iter().position(|b| b.x == next.from).filter(|_| meets)
    }

    /// The fraction at which a piece begins.
    fn start_of(&self, piece: usize) -> Option<&RBig> {
        self.family.pieces[piece].fractions[0].as_ref()
    }

    /// Where on the way to a piece something may mend already: a piece in doubt, or a stretch that is missing.
    fn may_mend_from(&self, piece: usize) -> f64 {
        if self.family.pieces[0].from.hi > 0.0 {
            return 0.0;
        }
        for i in 0..piece {
            if !self.pieces[i][0].is_no() {
                return self.family.pieces[i].from.lo;
            }
            match self.point_after(i) {
                Some(point) if self.family.is_exact || self.points[point][0].is_no() || i + 1 == piece => {}
                _ => return self.family.pieces[i].to.lo,
            }
        }
        self.family.pieces[piece].from.lo
    }

    /// Where some optimal policies are truth-optimal, certainly and first, before the interval that mends.
    fn some_from(&self, interval: Option<&Interval>) -> Option<Bounded> {
        let some = |decisions: &[Decision; 2]| decisions[0].is_no() && decisions[1].is_yes();
        let pieces = self.family.pieces.iter().zip(&self.pieces).filter(|(_, d)| some(d)).map(|(p, _)| p.from);
        let points = self.family.breakpoints.iter().zip(&self.points).filter(|(_, d)| some(d)).map(|(b, _)| b.x);
        let first = pieces.chain(points.filter(|x| x.hi < 1.0)).min_by(|x, y| x.value.total_cmp(&y.value))?;
        let size = coefficient(first, None, self.unit).0;
        let is_earlier = interval.is_none_or(|found| size.hi < found.above.lo);
        (first.lo > 0.0 && is_earlier).then_some(size)
    }
}

/// A power of two that makes the feature as large as the proxy.
fn unit(proxy: &[f64], feature: &[f64]) -> f64 {
    let (p, f) = (sum::max_abs(proxy), sum::max_abs(feature));
    let power = (p.log2() - f.log2()).round().clamp(-1000.0, 1000.0);
    if p == 0.0 || f == 0.0 { 1.0 } else { 2f64.powi(power as i32) }
}

/// `unit x / (1 - x)`.
fn coefficient(x: Bounded, exact: Option<&RBig>, unit: f64) -> Size {
    if let Some(x) = exact.filter(|x| **x < RBig::ONE) {
        let size = as_stored(unit) * x / (RBig::ONE - x);
        return (Bounded::of_fraction(&size), Some(size));
    }
    if x.lo == x.hi && x.value == 0.0 {
        return (Bounded::exact(0.0).at_most(x.grade), Some(RBig::ZERO));
    }
    let one = base::Interval::point(1.0);
    let bounds = x.interval().checked_div(one - x.interval()).map(|c| c.scale(unit));
    let bounds = bounds.unwrap_or(base::Interval { lo: 0.0, hi: f64::INFINITY });
    let bounds = base::Interval { lo: bounds.lo.max(0.0), ..bounds };
    let value = unit * x.value / (1.0 - x.value);
    (Bounded::around(value, bounds, x.grade.min(Grade::Certified)), None)
}
