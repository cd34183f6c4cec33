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

use crate::base::{Bounded, Grade, Interval, Result};
use crate::model::{Mdp, Reward};
use crate::solve::{Options, Solver};

use ladder::{At, Walk};
use pencil::Whole;
use poly::Point;

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
    /// 1, or the discount above which the rounding of the stored probabilities decides.
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

/// Probabilities that miss 1 by a rounding put roots next to 1 that are not the model's; they are looked at no closer
/// than this.
const NEAR_ONE: f64 = 1.0 - 1.0 / (1u64 << 30) as f64;

/// All discounts in `(from, to)` at which the optimal policy changes; `0 <= from < to <= 1`.
///
/// Small models by the pencil (see [`Method`]), which then goes on to 1 for the Blackwell discount; larger ones by
/// bisection. `truth` is evaluated along the way. The discount of `mdp` is used for the radius alone.
pub fn ladder(
    mdp: &Mdp,
    reward: &Reward,
    truth: Option<&Reward>,
    (from, to): (f64, f64),
    options: Options,
) -> Result<Ladder> {
    let whole = (pencil::least_work(mdp) <= WORK).then(|| Whole::new(mdp, &reward.rational(mdp)));
    let mut found = match whole.filter(|whole| whole.work() <= WORK) {
        Some(whole) => exact(&whole, mdp, reward, (from, to), options)?,
        None => bracket::ladder(mdp, reward, (from, to), options)?,
    };
    for rung in &mut found.rungs {
        let ends = [rung.from.value, rung.to.value];
        rung.value = value(mdp, reward, rung, ends, options)?;
        if let Some(truth) = truth {
            rung.truth = value(mdp, truth, rung, ends, options)?;
        }
    }
    Ok(found)
}

fn value(mdp: &Mdp, reward: &Reward, rung: &Rung, ends: [f64; 2], options: Options) -> Result<[Option<Bounded>; 2]> {
    let at = |gamma: f64| -> Result<Option<Bounded>> {
        if gamma >= 1.0 {
            return Ok(None);
        }
        let mdp = mdp.with_gamma(gamma);
        let solver = Solver::new(&mdp, options)?;
        let policy = crate::model::Policy::Deterministic(rung.policy.clone());
        let values = solver.evaluate(&policy, &[&reward.expected(&mdp)]);
        Ok(values.first().map(|values| values.at_start(&mdp)))
    };
    Ok([at(ends[0])?, at(ends[1])?])
}

fn exact(whole: &Whole<'_>, mdp: &Mdp, reward: &Reward, (from, to): (f64, f64), options: Options) -> Result<Ladder> {
    let last = if mdp.row_sums() == (1.0, 1.0) || whole.sums_to_one() { 1.0 } else { NEAR_ONE };
    let out_of_time = || options.limits.reached().is_some();
    // Any policy will do to begin with; one that is optimal nearby saves improvements.
    let begin = |gamma: f64| -> Result<Vec<usize>> {
        let near = mdp.with_gamma(gamma);
        let solver = Solver::new(&near, options)?;
        Ok(solver.policy(&crate::solve::Task::new(&reward.expected(&near), crate::solve::Sense::Max)))
    };
    let mut walk = Walk::new(whole, begin(from.min(NEAR_ONE))?, At::Point(Point::of(from)), &out_of_time);
    let to_point = Point::of(to.min(last));
    while walk.step(&to_point) {}
    let reached = walk.reached(&to_point);
    let mut ladder = Ladder {
        from,
        to,
        method: Method::Pencil,
        rungs: walk.rungs(from, to),
        switches: walk.switches.clone(),
        touches: walk.touches.clone(),
        always_tied: walk.always_tied(),
        blackwell: None,
        radius: None,
        is_complete: reached,
    };
    // The walk goes on from where it stands.
    let last_point = Point::of(last);
    while walk.step(&last_point) {}
    if walk.reached(&last_point) {
        let ends = walk.switches.iter().map(|x| x.gamma).chain(walk.touches.iter().map(|x| x.gamma));
        let gamma = ends.max_by(|x, y| x.value.total_cmp(&y.value));
        ladder.blackwell = Some(Blackwell {
            gamma: gamma.unwrap_or(Bounded::exact(from)),
            is_below_search: gamma.is_none(),
            certified_to: last,
            policy: walk.policy().to_vec(),
        });
    }
    let gamma = mdp.gamma();
    if gamma < 1.0 && !out_of_time() {
        let policy = begin(gamma)?;
        let mut at = Walk::new(whole, policy, At::Point(Point::of(gamma)), &out_of_time);
        ladder.radius = at.radius(gamma, last);
    }
    ladder.is_complete &= !out_of_time();
    Ok(ladder)
}

/// A number that lies in an interval, rounding counted.
fn between((lo, hi): (f64, f64)) -> Bounded {
    if lo == hi { Bounded::exact(lo) } else { Bounded::from_interval(Interval { lo, hi }, Grade::Certified) }
}
