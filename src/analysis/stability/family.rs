//! Radii for changes that may only be combinations of some rewards: coefficients that are not known well.
//!
//! `<c_sa, F_i>` is the advantage of the i-th reward under the optimal policy, so one evaluation a reward gives all pairs. A pair
//! whose advantages all vanish can never flip this way: it is structural.

use dashu_ratio::RBig;

use super::Optimum;
use super::fractions::advantage;
use super::radius::{Radius, candidates};
use crate::base::{Bounded, Doubt, Grade, Interval};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::{Advantages, ExactValues, Exactly, Solver};

/// Norms of the coefficients, with their keys.
pub const NORMS: [&str; 3] = ["linf", "l2", "l1"];
/// An advantage whose bounds are farther apart than this part of it is replaced by its fraction, where that is affordable. A
/// matter of how much is worked out: nothing is decided by it.
const CLOSE: f64 = 1e-9;

/// How far `r + sum theta_i F_i` keeps the optimal policy.
#[derive(Clone, Debug)]
pub struct FamilyRadius {
    /// Radii of `theta` in the order of [`NORMS`]; infinite where no combination changes the policy.
    pub radii: [Radius; 3],
    /// The nearest `theta` by largest entry at which another action is as good; `None` where there is none.
    pub theta: Option<Vec<f64>>,
    /// Pairs that certainly no combination can flip.
    pub structural: usize,
    /// Pairs of which it is not known whether any can.
    pub undecided: usize,
    /// Why it is not.
    pub doubt: Option<Doubt>,
    /// All pairs.
    pub pairs: usize,
}

/// The radius within a family. One policy evaluation a member; O(members x rows) after it, and where bounds leave it open
/// whether an advantage vanishes, an exact evaluation a member.
pub fn family(solver: &Solver<'_>, optimum: &Optimum, members: &[&ExpectedReward]) -> FamilyRadius {
    let mdp = solver.mdp();
    let policy = Policy::Deterministic(optimum.rows.clone());
    let values = solver.evaluate_closely(&policy, members);
    let advantages: Vec<Advantages> = members.iter().zip(&values).map(|(r, of)| solver.advantages(r, of)).collect();
    let pairs = candidates(mdp, optimum);
    let infinite = Radius { size: Bounded::exact(f64::INFINITY), row: None };
    let (mut structural, mut undecided, mut doubt) = (0, 0, None);
    let mut found =
        FamilyRadius { radii: [infinite; 3], theta: None, structural, undecided, doubt: None, pairs: pairs.len() };
    let mut exactly: Option<Result<Members<'_>, Doubt>> = None;
    for row in pairs {
        let mut of: Vec<(f64, Interval)> =
            advantages.iter().map(|of| (of.a[row], Interval::ball(of.a[row], of.error[row]))).collect();
        let is_close = of.iter().all(|(_, x)| x.hi - x.lo <= CLOSE * x.lo.max(-x.hi));
        if !is_close {
            match exactly.get_or_insert_with(|| Members::of(solver, optimum, members)) {
                Ok(exact) => of = exact.advantages(solver, row),
                Err(why) => doubt = Some(why.clone()),
            }
        }
        if of.iter().all(|(_, x)| x.lo == 0.0 && x.hi == 0.0) {
            structural += 1;
            continue;
        }
        undecided += usize::from(of.iter().all(|(_, x)| x.lo <= 0.0 && x.hi >= 0.0));
        let before = found.radii[0].size.value;
        for (radius, dual) in found.radii.iter_mut().zip(duals(&of)) {
            take(radius, row, optimum.gap[row], dual);
        }
        let size = found.radii[0].size.value;
        if size < before {
            found.theta = Some(of.iter().map(|(a, _)| size * sign(*a)).collect());
        }
    }
    if !optimum.is_decided() {
        // Of a policy that may not be the optimal one nothing but the least is known.
        for radius in &mut found.radii {
            let x = Interval { lo: 0.0, hi: f64::INFINITY };
            radius.size = Bounded::around(radius.size.value, x, Grade::Certified);
        }
        doubt = Some(optimum.why_open());
    }
    let doubt = doubt.filter(|_| undecided > 0 || !optimum.is_decided());
    FamilyRadius { structural, undecided, doubt, ..found }
}

/// The members of a family in fractions, evaluated under the optimal policy.
struct Members<'a> {
    room: Exactly<'a>,
    of: Vec<(std::sync::Arc<Vec<RBig>>, ExactValues)>,
}

impl<'a> Members<'a> {
    fn of(solver: &'a Solver<'a>, optimum: &Optimum, members: &[&ExpectedReward]) -> Result<Self, Doubt> {
        let room = solver.exactly()?;
        let one = |member: &&ExpectedReward| {
            let rewards = member.fractions.clone().ok_or(Doubt::InputRounding)?;
            let values = room.values(&optimum.rows, &rewards)?;
            Ok((rewards, values))
        };
        let of = members.iter().map(one).collect::<Result<_, Doubt>>()?;
        Ok(Members { room, of })
    }

    /// Advantages of a row: the nearest double, and the double it is or the two around it.
    fn advantages(&self, solver: &Solver<'_>, row: usize) -> Vec<(f64, Interval)> {
        let one = |(rewards, values): &(std::sync::Arc<Vec<RBig>>, ExactValues)| {
            let a = Bounded::of_fraction(&advantage(&self.room, solver.mdp(), values, rewards, row));
            (a.value, a.interval())
        };
        self.of.iter().map(one).collect()
    }
}

fn sign(a: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a.signum() }
}

/// Dual norms of the advantages of a row: sum, root of squares, largest.
fn duals(of: &[(f64, Interval)]) -> [Interval; 3] {
    let sizes = || of.iter().map(|(_, a)| a.abs());
    let zero = || Interval::point(0.0);
    let one = sizes().fold(zero(), |sum, x| sum + x);
    let most = sizes().fold(zero(), |most, x| Interval { lo: most.lo.max(x.lo), hi: most.hi.max(x.hi) });
    // Of a single member all three are its size, without a square and a root.
    let two = if of.len() == 1 { one } else { sizes().fold(zero(), |sum, x| sum + x * x).sqrt() };
    let floor = |x: Interval| Interval { lo: x.lo.max(0.0), hi: x.hi };
    [floor(one), floor(two), floor(most)]
}

fn take(radius: &mut Radius, row: usize, gap: Bounded, dual: Interval) {
    let value = gap.value / (dual.lo + (dual.hi - dual.lo) / 2.0);
    let down = (gap.lo / dual.hi).next_down().max(0.0);
    let lo = if gap.lo > 0.0 { radius.size.lo.min(down) } else { 0.0 };
    let hi = if dual.lo > 0.0 { radius.size.hi.min((gap.hi / dual.lo).next_up()) } else { radius.size.hi };
    let hi = if gap.hi == 0.0 && dual.lo > 0.0 { 0.0 } else { hi };
    let (value, row) = if value < radius.size.value { (value, Some(row)) } else { (radius.size.value, radius.row) };
    *radius = Radius { size: Bounded::around(value, Interval { lo, hi }, Grade::Certified), row };
}
