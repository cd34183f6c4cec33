//! How the optimal policy changes with the discount.
//!
//! Owns: the discounts at which it switches, touch points, the Blackwell discount, the radius of a discount.
//! May use: `base`, `model`, `solve`.
//! Must not: read files or print.
//! To add one: another question about the whole ladder is a new file that takes [`Ladder`]s or a policy's pairs.

mod bracket;
mod ladder;
mod modular;
mod pencil;
mod poly;
mod root;

use dashu_ratio::RBig;

use crate::base::number::{Number, as_stored};
use crate::base::{Bounded, Grade, Interval, Result};
use crate::model::{Mdp, Policy, Reward};
use crate::solve::{Options, Sense, Solver, Task};

use ladder::Walk;
use pencil::Whole;
use root::Root;

/// Whether all switches are known, or those that bisection came across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Roots of the advantages as polynomials with whole coefficients: every switch and every touch point.
    Pencil,
    /// Solutions at chosen discounts: a switch lies in each bracket, and others may hide between.
    Bisection,
}

/// The discounts between two ends, cut where the optimal policy changes.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// First discount; what holds right above it.
    pub from: f64,
    /// Last discount.
    pub to: f64,
    /// How it was found.
    pub method: Method,
    /// Policies, lowest discounts first.
    pub rungs: Vec<Rung>,
    /// One entry for each state that changes its action, lowest discounts first.
    pub switches: Vec<Switch>,
    /// Discounts at which another action ties with the optimal one and stays behind on both sides.
    pub touches: Vec<Touch>,
    /// Rows that tie with the policy of some rung at every discount: no switch. Without repetition.
    pub always_tied: Vec<usize>,
    /// Above which discount nothing changes any more.
    pub blackwell: Option<Blackwell>,
    /// How far the model's own discount is from a change.
    pub radius: Option<Radius>,
    /// Whether no limit ended the search early.
    pub is_complete: bool,
}

/// Discounts at which one policy is optimal.
#[derive(Clone, Debug)]
pub struct Rung {
    /// Lower end.
    pub from: Bounded,
    /// Upper end.
    pub to: Bounded,
    /// One row a state.
    pub policy: Vec<usize>,
    /// Its return from the start at both ends; none at discount 1.
    pub value: [Option<Bounded>; 2],
    /// Its return for the true reward, if that was given.
    pub truth: [Option<Bounded>; 2],
}

/// A state that changes its action.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// At this discount.
    pub gamma: Bounded,
    /// The state.
    pub state: usize,
    /// Row below.
    pub from: usize,
    /// Row above.
    pub to: usize,
}

/// An action that ties at one discount alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// That discount.
    pub gamma: Bounded,
    /// The state.
    pub state: usize,
    /// The row that ties there with the optimal one.
    pub row: usize,
}

/// The policy of patient agents.
#[derive(Clone, Debug)]
pub struct Blackwell {
    /// Above this discount the same policies are optimal up to `certified_to`, and no others: the last switch or touch
    /// point. The lower end of the search where there is none.
    pub gamma: Bounded,
    /// Whether that is the lower end of the search, so that the true one may be lower.
    pub is_below_search: bool,
    /// Up to which discount this is known: 1.
    pub certified_to: f64,
    /// One row a state.
    pub policy: Vec<usize>,
}

/// How far a discount may move before another action ties.
#[derive(Clone, Debug)]
pub struct Radius {
    /// The discount.
    pub gamma: f64,
    /// Nearest tie below, none down to 0.
    pub below: Option<Bounded>,
    /// Nearest tie above, none up to 1.
    pub above: Option<Bounded>,
    /// Distance to the nearer one, or to the end of [0, 1) where there is none.
    pub radius: Bounded,
}

/// The pencil is used up to about this many operations on machine words a policy; a second or two.
const WORK: f64 = 2e8;

/// Discounts nearer to 1 are not solved by bisection.
const NEAR_ONE: f64 = 1.0 - 1.0 / (1u64 << 30) as f64;

/// All discounts in `(from, to)` at which the optimal policy changes; `0 <= from < to <= 1`. A double stands for the shortest
/// decimal that reads as it.
///
/// Small models whose numbers are known by the pencil (see [`Method`]), which then goes on to 1 for the Blackwell discount;
/// larger ones, and those of which only doubles are known, by bisection. `truth` is evaluated along the way. The discount of
/// `mdp` is used for the radius alone.
pub fn ladder(
    mdp: &Mdp,
    reward: &Reward,
    truth: Option<&Reward>,
    range: (impl Into<Number>, impl Into<Number>),
    options: Options,
) -> Result<Ladder> {
    let range = (range.0.into(), range.1.into());
    let is_small = pencil::least_work(mdp) <= WORK;
    let known = if is_small { mdp.fractions().zip(reward.fractions(mdp)) } else { None };
    let whole = known.and_then(|(fractions, rewards)| Whole::new(mdp, &fractions, &rewards, WORK));
    let mut found = match whole {
        Some(whole) => exact(&whole, mdp, reward, &range, options)?,
        None => bracket::ladder(mdp, reward, (range.0.value, range.1.value), options)?,
    };
    let last = found.rungs.len().saturating_sub(1);
    for (i, rung) in found.rungs.iter_mut().enumerate() {
        let from = if i == 0 { End::Given(&range.0) } else { End::Within(rung.from) };
        // Of what a limit left open the last discount is a double.
        let to = if i == last && rung.to.value == range.1.value { End::Given(&range.1) } else { End::Within(rung.to) };
        rung.value = value(mdp, reward, &rung.policy, [&from, &to], options)?;
        if let Some(truth) = truth {
            rung.truth = value(mdp, truth, &rung.policy, [&from, &to], options)?;
        }
    }
    Ok(found)
}

/// An end of a stretch of discounts.
enum End<'a> {
    /// A number given.
    Given(&'a Number),
    /// A root, or a bracket.
    Within(Bounded),
}

/// Return of a policy at two discounts; none at 1. At a discount that is known up to an interval of width `w` it is within
/// `w max |r| / (1 - g)^2` of that at one in it, `g` being the upper end: `dJ/dg = mu0 (I - g P)^-1 P V`.
fn value(
    mdp: &Mdp,
    reward: &Reward,
    policy: &[usize],
    ends: [&End<'_>; 2],
    options: Options,
) -> Result<[Option<Bounded>; 2]> {
    let stored = |x: f64| Number { value: x, exact: as_stored(x) };
    let at = |end: &End<'_>| -> Result<Option<Bounded>> {
        let (gamma, width, hi) = match end {
            End::Given(gamma) => ((*gamma).clone(), 0.0, gamma.value),
            End::Within(x) if x.lo == x.hi => (stored(x.value), 0.0, x.hi),
            End::Within(x) => (stored(x.value), (x.hi - x.lo).next_up(), x.hi),
        };
        if hi >= 1.0 {
            return Ok(None);
        }
        let mdp = mdp.with_gamma(gamma);
        let solver = Solver::new(&mdp, options)?;
        let reward = reward.expected(&mdp);
        let values = solver.evaluate(&Policy::Deterministic(policy.to_vec()), &[&reward]);
        let Some(known) = values.first().map(|values| values.at_start(&mdp)) else { return Ok(None) };
        if width == 0.0 {
            return Ok(Some(in_fractions(&solver, &reward, policy).unwrap_or(known)));
        }
        let left = Interval::point(1.0) - Interval::point(hi);
        let slope = Interval::point(crate::base::sum::max_abs(&reward.r) + reward.err).checked_div(left * left);
        let off = slope.map_or(f64::INFINITY, |slope| slope.scale(width).hi);
        Ok(Some(Bounded::around(known.value, known.interval() + Interval { lo: -off, hi: off }, Grade::Certified)))
    };
    Ok([at(ends[0])?, at(ends[1])?])
}

/// The return itself, where the model and the reward are known and it is affordable.
fn in_fractions(
    solver: &Solver<'_>,
    reward: &crate::model::reward::ExpectedReward,
    policy: &[usize],
) -> Option<Bounded> {
    let (room, rewards) = solver.exactly_for(reward).ok()?;
    let values = room.values(policy, &rewards).ok()?;
    Some(Bounded::of_fraction(&values.dot(&room.fractions.mu0)))
}

fn exact(
    whole: &Whole<'_>,
    mdp: &Mdp,
    reward: &Reward,
    (from, to): &(Number, Number),
    options: Options,
) -> Result<Ladder> {
    let out_of_time = || options.limits.reached().is_some();
    // Any policy will do to begin with; one that is optimal nearby saves improvements.
    let begin = |gamma: f64| -> Result<Vec<usize>> {
        let near = mdp.with_gamma(gamma.min(NEAR_ONE));
        let solver = Solver::new(&near, options)?;
        Ok(solver.policy(&Task::new(&reward.expected(&near), Sense::Max)))
    };
    let mut walk = Walk::new(whole, begin(from.value)?, Root::of(&from.exact), &out_of_time);
    let end = Root::of(&to.exact);
    while walk.step(&end) {}
    let reached = walk.reached(&end);
    let [start, stop] = [from, to].map(|x| Bounded::of_fraction(&x.exact));
    let mut ladder = Ladder {
        from: from.value,
        to: to.value,
        method: Method::Pencil,
        rungs: walk.rungs(start, stop),
        switches: walk.switches.clone(),
        touches: walk.touches.clone(),
        always_tied: walk.always_tied(),
        blackwell: None,
        radius: None,
        is_complete: reached,
    };
    if let Some(last) = ladder.rungs.last_mut().filter(|_| !reached) {
        // Cut short: how far it is still the best one is not known.
        last.to = Bounded::around(last.from.value, Interval { lo: last.from.lo, hi: stop.hi }, Grade::Certified);
    }
    // The walk goes on from where it stands.
    let one = Root::of(&RBig::ONE);
    while walk.step(&one) {}
    if walk.reached(&one) {
        let ends = walk.switches.iter().map(|x| x.gamma).chain(walk.touches.iter().map(|x| x.gamma));
        let gamma = ends.max_by(|x, y| x.value.total_cmp(&y.value));
        ladder.blackwell = Some(Blackwell {
            gamma: gamma.unwrap_or(start),
            is_below_search: gamma.is_none(),
            certified_to: 1.0,
            policy: walk.policy().to_vec(),
        });
    }
    let gamma = mdp.fractions().map(|fractions| fractions.gamma.clone()).filter(|gamma| *gamma < RBig::ONE);
    if let Some(gamma) = gamma.filter(|_| !out_of_time()) {
        let at = Walk::new(whole, begin(mdp.gamma())?, Root::of(&gamma), &out_of_time);
        ladder.radius = at.radius(&gamma);
    }
    ladder.is_complete &= !out_of_time();
    Ok(ladder)
}

/// A number that lies in an interval, rounding counted.
fn between((lo, hi): (f64, f64)) -> Bounded {
    if lo == hi { Bounded::exact(lo) } else { Bounded::from_interval(Interval { lo, hi }, Grade::Certified) }
}
