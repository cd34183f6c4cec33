//! The regret of policies that are optimal for the proxy: best and worst over all of them.

use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Doubt, Grade, Interval};
use crate::solve::{Sense, Solution, Solver, Task};

/// What the proxy's optimum earns under the truth.
#[derive(Clone, Debug)]
pub struct ProxyOptimal {
    /// True return of the luckiest proxy-optimal policy.
    pub best_return: Bounded,
    /// True return of the unluckiest.
    pub worst_return: Bounded,
    /// `max J1` minus `best_return`.
    pub best: Bounded,
    /// `max J1` minus `worst_return`.
    pub worst: Bounded,
    /// `best / rho(R1)`; 0 for a trivial truth.
    pub best_normalised: Bounded,
    /// `worst / rho(R1)`.
    pub worst_normalised: Bounded,
    /// States in which the proxy leaves more than one action open.
    pub n_ties: usize,
    /// Why some of these ties may be none; then all the numbers above are hulls over what may be optimal.
    pub doubt: Option<Doubt>,
    /// A luckiest policy.
    pub lucky: Solution,
    /// An unluckiest policy.
    pub unlucky: Solution,
}

impl ProxyOptimal {
    /// What is optimal for a proxy that certainly orders all policies as the truth does.
    pub fn nothing_lost(self, truth: &ReturnRange) -> Self {
        let nothing = Bounded::exact(0.0);
        ProxyOptimal {
            best_return: truth.max,
            worst_return: truth.max,
            best: nothing,
            worst: nothing,
            best_normalised: nothing,
            worst_normalised: nothing,
            ..self
        }
    }
}

/// The optimal rows of a proxy.
#[derive(Clone, Copy)]
pub struct OptimalRows<'a> {
    /// All that may be.
    pub optimal: &'a [bool],
    /// Why some of them may not be.
    pub doubt: Option<&'a Doubt>,
    /// One a state, to start from.
    pub policy: &'a [usize],
    /// States with several of them.
    pub n_ties: usize,
}

impl<'a> From<&'a Solution> for OptimalRows<'a> {
    fn from(proxy: &'a Solution) -> Self {
        OptimalRows {
            optimal: &proxy.optimal,
            doubt: proxy.doubt.as_ref(),
            policy: &proxy.policy,
            n_ties: proxy.n_ties,
        }
    }
}

/// Two solves in the model restricted to the proxy's optimal actions; one where nothing is tied.
///
/// The restriction keeps every action that may be optimal. Where some may not be, which of them are is not known, but one
/// in every state is: so both the luckiest and the unluckiest optimal policy earn something between the ends of all that
/// may be optimal, and that is what the bounds say.
pub fn proxy_optimal(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> ProxyOptimal {
    let rows = OptimalRows::from(&proxy.best);
    let lucky = solver.optimise(&restricted(truth, rows, Sense::Max));
    // Without ties there is only one such policy.
    let unlucky = match rows.n_ties {
        0 => lucky.clone(),
        _ => solver.optimise(&restricted(truth, rows, Sense::Min)),
    };
    earned(solver, truth, rows, [lucky, unlucky])
}

/// Of several proxies, given by their optimal solutions: two solves each, all of them together.
pub fn proxy_optimal_all(solver: &Solver<'_>, truth: &ReturnRange, proxies: &[Solution]) -> Vec<ProxyOptimal> {
    let rows: Vec<OptimalRows<'_>> = proxies.iter().map(OptimalRows::from).collect();
    proxy_optimal_of(solver, truth, &rows)
}

/// The same of proxies given by their optimal rows.
pub fn proxy_optimal_of(solver: &Solver<'_>, truth: &ReturnRange, proxies: &[OptimalRows<'_>]) -> Vec<ProxyOptimal> {
    let both = |&proxy| SENSES.map(|sense| restricted(truth, proxy, sense));
    let mut tasks: Vec<Task<'_>> = proxies.iter().flat_map(both).collect();
    if solver.sweeps_together() {
        tasks.iter_mut().for_each(|task| task.warm = None);
    }
    let mut solutions = solver.optimise_all(&tasks).into_iter();
    // Two solutions a proxy.
    let one = |&proxy| Some(earned(solver, truth, proxy, [solutions.next()?, solutions.next()?]));
    proxies.iter().filter_map(one).collect()
}

/// A regret known less closely than this, relative to the return range, is worked out in fractions where that is affordable.
const CLOSE: f64 = 1e-9;
const SENSES: [Sense; 2] = [Sense::Max, Sense::Min];

/// The truth among the optimal actions of a proxy, started from the proxy's policy.
fn restricted<'a>(truth: &'a ReturnRange, proxy: OptimalRows<'a>, sense: Sense) -> Task<'a> {
    Task { allowed: Some(proxy.optimal), warm: Some(proxy.policy), ..Task::new(&truth.reward, sense) }
}

/// Return and regret of the luckiest and the unluckiest without rounding.
fn in_fractions(
    solver: &Solver<'_>,
    truth: &ReturnRange,
    proxy: OptimalRows<'_>,
    near: [&[usize]; 2],
) -> Result<[(Bounded, Bounded); 2], Doubt> {
    let (room, rewards) = solver.exactly_for(&truth.reward)?;
    let earns = |sense, allowed, near: &[usize]| {
        Ok(room.optimum(&rewards, sense, allowed, near)?.values.dot(&room.fractions.mu0))
    };
    let max = earns(Sense::Max, None, &truth.best.policy)?;
    let end = |sense, near| {
        let earned = earns(sense, Some(proxy.optimal), near)?;
        Ok((Bounded::of_fraction(&earned), Bounded::of_fraction(&(&max - earned))))
    };
    Ok([end(Sense::Max, near[0])?, end(Sense::Min, near[1])?])
}

fn earned(
    solver: &Solver<'_>,
    truth: &ReturnRange,
    proxy: OptimalRows<'_>,
    [lucky, unlucky]: [Solution; 2],
) -> ProxyOptimal {
    let mdp = solver.mdp();
    let (mut best_return, mut worst_return) = (lucky.at_start(mdp), unlucky.at_start(mdp));
    if proxy.doubt.is_some() {
        let hull = Interval { lo: worst_return.lo, hi: best_return.hi };
        best_return = Bounded::around(best_return.value, hull, Grade::Certified);
        worst_return = Bounded::around(worst_return.value, hull, Grade::Certified);
    }
    let regret = |earned: Bounded| (truth.max - earned).clamped(0.0, truth.rho.hi);
    let (mut best, mut worst) = (regret(best_return), regret(worst_return));
    let is_wide = |regret: Bounded| regret.width() > CLOSE * truth.rho.lo.max(f64::MIN_POSITIVE);
    if proxy.doubt.is_none()
        && (is_wide(best) || is_wide(worst))
        && let Ok(found) = in_fractions(solver, truth, proxy, [&lucky.policy, &unlucky.policy])
    {
        [(best_return, best), (worst_return, worst)] = found;
    }
    let normalised = |regret: Bounded| truth.share(regret, 0.0, 1.0);
    ProxyOptimal {
        best_return,
        worst_return,
        best,
        worst,
        best_normalised: normalised(best),
        worst_normalised: normalised(worst),
        n_ties: proxy.n_ties,
        doubt: proxy.doubt.cloned(),
        lucky,
        unlucky,
    }
}
