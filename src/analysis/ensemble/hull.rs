//! Whether the truth is a weighted mean of the members, for every policy.

use clarabel::solver::SolverStatus;
use good_lp::{Expression, Solution, SolverModel, Variable, clarabel, constraint, variable, variables};

use crate::analysis::returns::ReturnRange;
use crate::base::sum::max_abs;
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// A mean that misses the truth by no more than this share of the largest reward is the truth: what an interior-point
/// answer is good to.
pub(super) const INSIDE: f64 = 1e-7;

/// Where the truth lies.
#[derive(Clone, Debug)]
pub enum Hull {
    /// In the convex hull of the members, up to 1e-7 of the largest reward.
    Inside {
        /// Weight of each member.
        weights: Vec<f64>,
    },
    /// Outside: no weighted mean is closer, on the worst row, than this share of the largest reward.
    Outside {
        /// The miss.
        miss: f64,
    },
    /// The linear program was not solved.
    Unknown,
}

/// The weighted mean of the members that misses the truth least, on the row where it misses most: a linear program in a
/// weight a member. Rewards are taken as averages over next states.
///
/// A mean as rewards, not only as orders: returns then are that mean too, which is what a lower bound needs.
pub fn hull(solver: &Solver<'_>, truth: &ReturnRange, members: &[ReturnRange]) -> Hull {
    let mdp = solver.mdp();
    let all = || members.iter().map(|m| &m.reward).chain([&truth.reward]);
    let scale = all().map(|r| max_abs(&r.r)).fold(0.0, f64::max);
    let even = 1.0 / members.len() as f64;
    if scale == 0.0 {
        return Hull::Inside { weights: vec![even; members.len()] };
    }
    let unit = |r: &ExpectedReward, row: usize| r.r[row] / scale;
    let mut vars = variables!();
    let weights: Vec<Variable> = members.iter().map(|_| vars.add(variable().min(0.0))).collect();
    let miss = vars.add(variable().min(0.0));
    let mut model = vars.minimise(miss).using(clarabel);
    let settings = model.settings();
    settings.verbose(false);
    settings.tol_gap_abs(1e-11).tol_gap_rel(1e-11).tol_feas(1e-11);
    let total: Expression = weights.iter().copied().map(Expression::from).sum();
    model = model.with(constraint!(total == 1.0));
    for row in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).flat_map(|s| mdp.rows(s)) {
        let mean: Expression = weights.iter().zip(members).map(|(&w, m)| unit(&m.reward, row) * w).sum();
        let off = mean - unit(&truth.reward, row);
        model = model.with(constraint!(off.clone() <= miss)).with(constraint!(-off <= miss));
    }
    let Ok(solution) = model.solve() else { return Hull::Unknown };
    // The wrapper reports success for inexact runs too; only the inner status can be believed.
    if solution.inner().status != SolverStatus::Solved {
        return Hull::Unknown;
    }
    match solution.value(miss) {
        miss if miss <= INSIDE => {
            Hull::Inside { weights: weights.iter().map(|&w| solution.value(w).max(0.0)).collect() }
        }
        miss => Hull::Outside { miss },
    }
}
