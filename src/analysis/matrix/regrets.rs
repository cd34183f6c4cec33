//! What optimising one reward costs under another, for all pairs.
//!
//! A proxy's optimal policy visits each state so many times, whatever the truth: one linear solve a proxy, and a sum over
//! states a pair. Where a proxy leaves more than one action open, the luckiest and the unluckiest of its policies take
//! two more solves a pair, all of one proxy together.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::analysis::regret::worst_case;
use crate::analysis::returns::ReturnRange;
use crate::base::sum::gamma_n;
use crate::base::{Bounded, Grade, Interval};
use crate::model::Policy;
use crate::solve::{Sense, Solver, Task};

/// Solves in models restricted to the optimal actions of proxies that are made without being asked for: a few seconds on
/// models of some hundred states.
const TIE_SOLVES: usize = 20_000;

/// Which regret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegretKind {
    /// Of the policies that are optimal for the proxy.
    ProxyOptimal,
    /// Over all pairs of policies of which the proxy does not prefer the better.
    WorstCase,
}

/// Regrets of all pairs, in units of the truth.
#[derive(Clone, Debug)]
pub struct Regrets {
    /// Which regret.
    pub kind: RegretKind,
    n: usize,
    /// Luckiest and unluckiest, row (truth) after row.
    entries: Vec<[Bounded; 2]>,
    /// Proxies that leave more than one action open.
    pub tied: Vec<usize>,
    /// Those of them whose ties were not resolved: their entries are bounds between one optimal policy and all there
    /// is to lose.
    pub unresolved: Vec<usize>,
}

impl Regrets {
    /// Works out all pairs.
    pub(super) fn of(solver: &Solver<'_>, ranges: &[ReturnRange], kind: RegretKind, all_ties: bool) -> Self {
        let n = ranges.len();
        let mut regrets = Regrets { kind, n, entries: Vec::new(), tied: Vec::new(), unresolved: Vec::new() };
        match kind {
            RegretKind::ProxyOptimal => regrets.optimise(solver, ranges, all_ties),
            RegretKind::WorstCase => regrets.entries = worst_cases(solver, ranges),
        }
        regrets
    }

    /// Regret of the luckiest policy that is optimal for `proxy`. The worst case knows no luck.
    pub fn best(&self, truth: usize, proxy: usize) -> Bounded {
        self.entries[truth * self.n + proxy][0]
    }

    /// Regret of the unluckiest.
    pub fn worst(&self, truth: usize, proxy: usize) -> Bounded {
        self.entries[truth * self.n + proxy][1]
    }

    fn optimise(&mut self, solver: &Solver<'_>, ranges: &[ReturnRange], all_ties: bool) {
        let n = ranges.len();
        let visits: Vec<Visits> = ranges.par_iter().map(|range| Visits::of(solver, &range.best.policy)).collect();
        let one = |k: usize| {
            let (truth, proxy) = (k / n, k % n);
            let earned = visits[proxy].earned(&ranges[truth]);
            [lost(&ranges[truth], earned); 2]
        };
        self.entries = (0..n * n).into_par_iter().map(one).collect();
        self.tied = (0..n).filter(|&j| ranges[j].best.n_ties > 0).collect();
        // Rewards that leave the same actions open share everything.
        let mut alike: HashMap<&[bool], Vec<usize>> = HashMap::new();
        self.tied.iter().for_each(|&j| alike.entry(&ranges[j].best.optimal).or_default().push(j));
        let mut classes: Vec<Vec<usize>> = alike.into_values().collect();
        classes.sort_unstable();
        let mut left = if all_ties { usize::MAX } else { TIE_SOLVES };
        for class in classes {
            let is_affordable = left >= 2 * n && !solver.is_out_of_time();
            if is_affordable {
                left -= 2 * n;
            }
            let ends = is_affordable.then(|| between(solver, ranges, class[0]));
            for &j in &class {
                for i in 0..n {
                    let entry = &mut self.entries[i * n + j];
                    *entry = match &ends {
                        Some(ends) => ends[i],
                        // Not even the policy that was followed need be optimal.
                        None if ranges[j].best.doubt.is_some() => {
                            let all = Interval { lo: 0.0, hi: ranges[i].rho.hi };
                            entry.map(|x| Bounded::around(x.value, all, Grade::Certified))
                        }
                        None => [Bounded { lo: 0.0, ..entry[0] }, Bounded { hi: ranges[i].rho.hi, ..entry[1] }],
                    };
                }
            }
            if ends.is_none() {
                self.unresolved.extend(class);
            }
        }
        self.unresolved.sort_unstable();
        for i in 0..n {
            // What is optimal for a reward loses nothing of it.
            self.entries[i * n + i] = [Bounded::exact(0.0); 2];
        }
    }
}

/// Least and greatest regret under every truth of the policies that are optimal for a proxy: two solves a truth, in the
/// model restricted to the proxy's optimal actions.
fn between(solver: &Solver<'_>, ranges: &[ReturnRange], proxy: usize) -> Vec<[Bounded; 2]> {
    let best = &ranges[proxy].best;
    let warm = (!solver.sweeps_together()).then_some(best.policy.as_slice());
    let mut tasks: Vec<Task<'_>> = Vec::with_capacity(2 * ranges.len());
    for truth in ranges {
        let task = |sense| Task { allowed: Some(&best.optimal), warm, ..Task::new(&truth.reward, sense) };
        tasks.extend([Sense::Max, Sense::Min].map(task));
    }
    let returns: Vec<Bounded> = solver.values_all(&tasks).iter().map(|v| v.at_start(solver.mdp())).collect();
    let regret = |(truth, ends): (&ReturnRange, &[Bounded])| {
        let [lucky, unlucky] = [0, 1].map(|k| lost(truth, ends[k.min(ends.len() - 1)]));
        if best.doubt.is_none() {
            return [lucky, unlucky];
        }
        // Which of the actions kept are optimal is not known: either end may be anywhere between.
        let hull = Interval { lo: lucky.lo, hi: unlucky.hi };
        [lucky, unlucky].map(|end| Bounded::around(end.value, hull, Grade::Certified))
    };
    ranges.iter().zip(returns.chunks(2)).map(regret).collect()
}

/// What is missing to the best return.
fn lost(truth: &ReturnRange, earned: Bounded) -> Bounded {
    (truth.max - earned).clamped(0.0, truth.rho.hi)
}

fn worst_cases(solver: &Solver<'_>, ranges: &[ReturnRange]) -> Vec<[Bounded; 2]> {
    let n = ranges.len();
    let one = |k: usize| {
        let (truth, proxy) = (k / n, k % n);
        if truth == proxy {
            return [Bounded::exact(0.0); 2];
        }
        if solver.is_out_of_time() {
            return [Bounded::from_interval(Interval { lo: 0.0, hi: ranges[truth].rho.hi }, Grade::Certified); 2];
        }
        [worst_case(solver, &ranges[truth], &ranges[proxy]).value; 2]
    };
    (0..n * n).into_par_iter().map(one).collect()
}

/// How often a deterministic policy visits each state.
struct Visits {
    rows: Vec<usize>,
    /// Discounted visits, those of the chosen rows.
    visits: Vec<f64>,
    /// Bound on the sum of their errors, rounding included.
    error: f64,
}

impl Visits {
    fn of(solver: &Solver<'_>, rows: &[usize]) -> Self {
        let found = solver.occupancy(&Policy::Deterministic(rows.to_vec()));
        let total: f64 = found.occ_s.iter().map(|x| x.abs()).sum();
        // The residual behind the bound is itself a sum over predecessors, of terms that sum to at most this.
        let terms = 1.0 + 2.0 * total;
        let error = found.error + gamma_n(rows.len() + 4) * terms * solver.horizon().longest();
        Visits { rows: rows.to_vec(), visits: found.occ_s, error: error.next_up() }
    }

    /// Return under a reward: a sum over states, with bounds.
    fn earned(&self, truth: &ReturnRange) -> Bounded {
        let reward = &truth.reward;
        let (mut earned, mut size, mut total, mut largest) = (0.0, 0.0, 0.0, 0.0f64);
        for (&row, &visits) in self.rows.iter().zip(&self.visits) {
            let r = reward.r[row];
            earned += visits * r;
            size += (visits * r).abs();
            total += visits.abs();
            largest = largest.max(r.abs());
        }
        let rounding = gamma_n(self.rows.len() + 2);
        let radius = self.error * (largest + reward.err) + total * reward.err + 2.0 * rounding * size;
        Bounded::around(earned, Interval::ball(earned, radius * (1.0 + rounding) + f64::MIN_POSITIVE), Grade::Certified)
    }
}
