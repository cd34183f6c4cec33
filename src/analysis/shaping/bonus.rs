//! Whether a bonus is a shaping; if not, the closest one, and what the rest costs.

use std::sync::Arc;

use crate::analysis::canon::{Context, closest_shaping};
use dashu_ratio::RBig;

use crate::analysis::family::{Agreement, Family, Piece, Request, Rewards, agreement};
use crate::analysis::regret::{ProxyOptimal, WorstCase, proxy_optimal, worst_case};
use crate::analysis::returns::ReturnRange;
use crate::base::number::shortest;
use crate::base::{Bounded, Decision, Doubt, Evidence, Grade, Interval, Result};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Reward};
use crate::solve::Solver;

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
    pub is_shaping: Decision,
    /// Whether it is that shaping on every transition that can happen, and not only on average over next states.
    pub on_every_transition: Decision,
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
    /// What is optimal for `R + xi bonus` is optimal for `R` for all `xi` below this one, or up to 1; bounds reach from where
    /// that may end to where it certainly has.
    pub harmless_below: Bounded,
    /// Whether that is the end of the range: the bonus is harmless at full size.
    pub is_harmless: Decision,
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
    let walks = (range.trivial.is_no() && is_certain(mdp)).then(|| walks(mdp, &range)).flatten();
    Ok(Bonus {
        is_shaping: range.trivial.clone(),
        on_every_transition: is_everywhere(solver, bonus, &range),
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
    // Ties at a point do not matter on the way down: the first piece that costs something does.
    let costs: Vec<Decision> = family.pieces.iter().map(|piece| costs(mdp, reward.1, piece)).collect();
    let end = Bounded::exact(1.0);
    let from = |place: Option<usize>| place.map_or(end, |i| family.pieces[i].from);
    let (may, certain) = (costs.iter().position(|x| !x.is_no()), costs.iter().position(Decision::is_yes));
    let harmless_below = match may == certain {
        true => from(may),
        false => {
            let x = Interval { lo: from(may).lo, hi: from(certain).hi };
            Bounded::around(from(certain).value, x, Grade::Certified)
        }
    };
    let none = costs.into_iter().fold(Decision::structure(true), |all, cost| all.and(cost.not()));
    let is_harmless = match family.is_complete || none.is_no() {
        true => none,
        false => Decision::Undecided(Doubt::Limit),
    };
    Fading { harmless_below, is_harmless, family }
}

/// Whether some policy that is optimal inside a piece is not optimal for the reward: by what it loses, or by which actions it
/// may take where it gets.
fn costs(mdp: &Mdp, reward: &ReturnRange, piece: &Piece) -> Decision {
    match piece.earned {
        Some(earned) if earned.worst_regret.lo > 0.0 => return Decision::Yes(Evidence::Bounds),
        Some(earned) if earned.worst_regret.hi <= 0.0 => return Decision::No(Evidence::Bounds),
        _ => {}
    }
    let doubt = piece.doubt.as_ref().or(reward.best.doubt.as_ref());
    match (doubt, agreement(mdp, &piece.optimal, &reward.best.optimal)) {
        (Some(doubt), _) => Decision::Undecided(doubt.clone()),
        (None, Agreement::All) => Decision::No(Evidence::Exact),
        (None, _) => Decision::Yes(Evidence::Exact),
    }
}

/// Whether every transition from a state that is not terminal is certain.
fn is_certain(mdp: &Mdp) -> bool {
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).all(|s| mdp.rows(s).all(|row| mdp.p(row).0.len() == 1))
}

/// Whether `R = gamma Phi(s') - Phi(s)` wherever something can happen, of a bonus that moves all returns alike or may do so. Then
/// `Phi` is less the value of any policy.
///
/// Where a row has a single next state the average is all there is. Else by bounds on the value; where they leave it open in
/// fractions, with the rewards of single transitions as the decimals they read as, where these have the average that is known.
fn is_everywhere(solver: &Solver<'_>, bonus: &Reward, range: &ReturnRange) -> Decision {
    let mdp = solver.mdp();
    let several = |row: &usize| !mdp.is_terminal(mdp.state(*row)) && mdp.p(*row).0.len() > 1;
    // The double of a number stands for anything next to it, and for what its terms were off.
    let off = bonus.entry_error();
    let gamma = Interval::around(mdp.gamma());
    let (mut values, mut open) = (Vec::new(), false);
    for row in (0..mdp.n_rows()).filter(several) {
        bonus.fill_support(mdp, row, &mut values);
        let phi = |s: usize| -Interval { lo: range.best.lo[s], hi: range.best.hi[s] };
        for (&t, &r) in mdp.p(row).0.iter().zip(&values) {
            let shaping = phi(t as usize) * gamma - phi(mdp.state(row));
            let miss = Interval::ball(r, off) - shaping;
            if miss.lo > 0.0 || miss.hi < 0.0 {
                return range.trivial.clone().and(Decision::No(Evidence::Bounds));
            }
            open = true;
        }
    }
    if !range.trivial.is_yes() || !open {
        return range.trivial.clone();
    }
    match is_everywhere_exactly(solver, bonus, range) {
        Ok(yes) => Decision::exact(yes),
        Err(doubt) => Decision::Undecided(doubt),
    }
}

fn is_everywhere_exactly(solver: &Solver<'_>, bonus: &Reward, range: &ReturnRange) -> Result<bool, Doubt> {
    let mdp = solver.mdp();
    let (room, rewards) = solver.exactly_for(&range.reward)?;
    let found = room.values(&range.best.policy, &rewards)?;
    let v: Vec<RBig> = (0..mdp.n_states()).map(|s| found.value(s)).collect();
    let mut values = Vec::new();
    let mut yes = true;
    for row in (0..mdp.n_rows()).filter(|&row| !mdp.is_terminal(mdp.state(row)) && mdp.p(row).0.len() > 1) {
        bonus.fill_support(mdp, row, &mut values);
        let read: Vec<RBig> = values.iter().map(|&r| shortest(r)).collect();
        let p = &room.fractions.p[mdp.transitions(row)];
        let mean = p.iter().zip(&read).fold(RBig::ZERO, |sum, (p, r)| sum + p * r);
        if mean != rewards[row] {
            return Err(Doubt::bounds("the rewards of single transitions as fractions"));
        }
        let shaping = |t: u32| &v[mdp.state(row)] - &room.fractions.gamma * &v[t as usize];
        yes &= mdp.p(row).0.iter().zip(&read).all(|(&t, r)| *r == shaping(t));
    }
    Ok(yes)
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
            let sum = Bounded::around(solution.v[s], sum, Grade::Certified);
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
