//! Whether a bonus is a shaping; if not, the closest one, and what the rest costs.

use std::sync::Arc;

use crate::analysis::canon::{Context, closest_shaping};
use crate::analysis::family::{Family, Request, Rewards};
use crate::analysis::regret::{ProxyOptimal, WorstCase, proxy_optimal, worst_case};
use crate::analysis::returns::ReturnRange;
use crate::base::sum::max_abs;
use crate::base::{Bounded, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Reward};

/// A transition that misses a shaping by less than this part of the bonus misses it by rounding.
const NEARLY: f64 = 1e-9;
/// States from which closed walks are looked for.
const MOST_WALKS: usize = 5_000;

/// A way through a model without chance: some moves, and then a round that is walked for ever.
#[derive(Clone, Debug)]
pub struct Walk {
    /// States in order, the first being where it begins.
    pub states: Vec<usize>,
    /// Rows taken, one a state.
    pub rows: Vec<usize>,
    /// Place of the state that follows the last one; 0 if the whole walk is closed.
    pub back_to: usize,
    /// Discounted sum of the bonus along it.
    pub sum: Bounded,
}

impl Walk {
    /// Whether it comes back to where it began.
    pub fn is_closed(&self) -> bool {
        self.back_to == 0
    }
}

/// What a bonus does.
#[derive(Clone, Debug)]
pub struct Bonus {
    /// Whether it moves all returns alike: it is a shaping in expectation, and no policy can feel it.
    pub is_shaping: bool,
    /// Whether it is that shaping on every transition that can happen, and not only on average over next states.
    pub on_every_transition: bool,
    /// Its potential, or that of the closest shaping by P-weighted least squares; 0 at terminal states.
    pub potential: Vec<f64>,
    /// What the closest shaping leaves, over rows.
    pub rest: ExpectedReward,
    /// Return range of the bonus, which is that of the rest.
    pub range: Bounded,
    /// That as a share of the reward's return range; `None` for a trivial reward.
    pub share: Option<Bounded>,
    /// Under the reward: of what is optimal for reward plus bonus.
    pub proxy_optimal: ProxyOptimal,
    /// Under the reward: over all pairs of policies of which reward plus bonus does not prefer the better.
    pub worst_case: WorstCase,
    /// Where nothing is left to chance, two walks from one state with different sums: a shaping pays minus its potential
    /// along either. Best and worst.
    pub walks: Option<[Walk; 2]>,
}

/// A bonus that fades: the rewards `R + xi bonus` for `xi` from 0 to 1.
#[derive(Clone, Debug)]
pub struct Fading {
    /// All pieces with the same optimal actions.
    pub family: Family,
    /// What is optimal for `R + xi bonus` is optimal for `R` for all `xi` below this one, or up to 1.
    pub harmless_below: Bounded,
    /// Whether that is the end of the range: the bonus is harmless at full size.
    pub is_harmless: bool,
}

/// Tests a bonus on the reachable part of a model. Six solves, one least-squares problem, and the dual of worst-case
/// regret.
pub fn bonus(context: &Context<'_>, reward: &ReturnRange, bonus: &Reward) -> Result<Bonus> {
    let (mdp, solver) = (context.mdp(), context.solver);
    let expected = bonus.expected(mdp);
    let (potential, rest) = closest_shaping(context, &expected)?;
    let range = ReturnRange::of(solver, expected);
    let total = ReturnRange::of(solver, reward.reward.plus(1.0, &range.reward));
    let share = (!reward.is_trivial()).then(|| range.rho.checked_div(reward.rho)).flatten();
    let walks = (!range.is_trivial() && is_certain(mdp)).then(|| walks(mdp, &range)).flatten();
    Ok(Bonus {
        is_shaping: range.is_trivial(),
        on_every_transition: range.is_trivial() && is_everywhere(mdp, bonus, &potential),
        potential,
        rest,
        range: range.rho,
        share,
        proxy_optimal: proxy_optimal(solver, reward, &total),
        worst_case: worst_case(solver, reward, &total),
        walks,
    })
}

/// Lets a bonus fade, as with a learner that keeps the value of the reward and that of the advice apart and weighs the
/// second less and less: at fixed values it acts by those of `R + xi bonus`.
pub fn fade(context: &Context<'_>, mdp: &Arc<Mdp>, reward: (&Reward, &ReturnRange), bonus: &Reward) -> Fading {
    let rewards = Rewards::new(mdp, reward.0, bonus);
    let request = Request { truth: Some(reward.1), ..Request::default() };
    let family = Family::of(context.solver, mdp, &rewards, (0.0, 1.0), &request);
    // Ties at a point do not matter on the way down: the first piece that certainly costs something does.
    let noticeable = 1e-9 * reward.1.rho.hi;
    let costs = |piece: &&crate::analysis::family::Piece| piece.earned.is_some_and(|e| e.worst_regret.lo > noticeable);
    let first = family.pieces.iter().find(costs).map(|piece| piece.from);
    let end = Bounded::exact(1.0);
    Fading { harmless_below: first.unwrap_or(end), is_harmless: first.is_none() && family.is_complete, family }
}

/// Whether every transition from a state that is not terminal is certain.
fn is_certain(mdp: &Mdp) -> bool {
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).all(|s| mdp.rows(s).all(|row| mdp.p(row).0.len() == 1))
}

/// Whether `R = gamma Phi(s') - Phi(s)` wherever something can happen.
fn is_everywhere(mdp: &Mdp, bonus: &Reward, phi: &[f64]) -> bool {
    let size = bonus.max_abs(mdp).max(max_abs(phi));
    let mut values = Vec::new();
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).all(|s| {
        mdp.rows(s).all(|row| {
            bonus.fill_support(mdp, row, &mut values);
            let miss = |(&t, r): (&u32, &f64)| (r - (mdp.gamma() * phi[t as usize] - phi[s])).abs();
            mdp.p(row).0.iter().zip(&values).map(miss).all(|miss| miss <= NEARLY * size)
        })
    })
}

/// The state from which the bonus differs most between its best and its worst walk; closed walks first.
fn walks(mdp: &Mdp, range: &ReturnRange) -> Option<[Walk; 2]> {
    let gap = |s: usize| range.best.lo[s] - range.worst.hi[s];
    let mut states: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s) && gap(s) > 0.0).collect();
    states.sort_by(|&s, &t| gap(t).total_cmp(&gap(s)));
    states.truncate(MOST_WALKS);
    let both = |s: usize| {
        [&range.best, &range.worst].map(|solution| {
            let sum = Interval { lo: solution.lo[s], hi: solution.hi[s] };
            let sum = Bounded::around(solution.v[s], sum, crate::base::Grade::Certified);
            walk(mdp, &solution.policy, s, sum)
        })
    };
    // Most closed walks first, and of those the widest gap.
    let closed = |walks: &[Walk; 2]| walks.iter().filter(|walk| walk.is_closed()).count();
    let mut best: Option<[Walk; 2]> = None;
    for walks in states.iter().map(|&s| both(s)) {
        if best.as_ref().is_none_or(|best| closed(&walks) > closed(best)) {
            best = Some(walks);
        }
    }
    best
}

fn walk(mdp: &Mdp, policy: &[usize], start: usize, sum: Bounded) -> Walk {
    let mut place = vec![usize::MAX; mdp.n_states()];
    let (mut states, mut rows, mut s) = (Vec::new(), Vec::new(), start);
    while place[s] == usize::MAX {
        place[s] = states.len();
        states.push(s);
        rows.push(policy[s]);
        s = mdp.p(policy[s]).0[0] as usize;
    }
    Walk { states, rows, back_to: place[s], sum }
}
