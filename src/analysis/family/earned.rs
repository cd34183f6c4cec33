//! What the truth gets along a family.

use super::Family;
use crate::analysis::regret::{OptimalRows, ProxyOptimal, proxy_optimal_of};
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Doubt};
use crate::solve::Solver;

/// Sets of optimal rows that are looked at together: enough for a batch, few enough to notice the clock.
const TOGETHER: usize = 64;

/// True returns of the policies that are optimal at some `x`, over all ties.
#[derive(Clone, Copy, Debug)]
pub struct Earned {
    /// True return of the luckiest.
    pub best: Bounded,
    /// True return of the unluckiest.
    pub worst: Bounded,
    /// What the luckiest lacks to the best possible true return.
    pub best_regret: Bounded,
    /// What the unluckiest lacks.
    pub worst_regret: Bounded,
}

impl From<ProxyOptimal> for Earned {
    fn from(found: ProxyOptimal) -> Self {
        Earned {
            best: found.best_return,
            worst: found.worst_return,
            best_regret: found.best,
            worst_regret: found.worst,
        }
    }
}

/// Fills in what is earned on every piece and at every breakpoint; a limit leaves the rest open.
pub(super) fn follow(solver: &Solver<'_>, truth: &ReturnRange, family: &mut Family) {
    let pieces = family.pieces.iter_mut().map(|p| (rows(&p.optimal, &p.doubt, &p.policy, p.n_ties), &mut p.earned));
    let points =
        family.breakpoints.iter_mut().map(|b| (rows(&b.optimal, &b.doubt, &b.policy, b.n_ties), &mut b.earned));
    let mut all: Vec<_> = pieces.chain(points).collect();
    for some in all.chunks_mut(TOGETHER) {
        if solver.is_out_of_time() {
            family.is_complete = false;
            return;
        }
        let sets: Vec<OptimalRows<'_>> = some.iter().map(|(set, _)| *set).collect();
        let found = proxy_optimal_of(solver, truth, &sets);
        some.iter_mut().zip(found).for_each(|((_, earned), found)| **earned = Some(found.into()));
    }
}

fn rows<'a>(optimal: &'a [bool], doubt: &'a Option<Doubt>, policy: &'a [usize], n_ties: usize) -> OptimalRows<'a> {
    OptimalRows { optimal, doubt: doubt.as_ref(), policy, n_ties }
}
