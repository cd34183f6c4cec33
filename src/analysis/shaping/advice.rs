//! Advice: a potential of state and action (Wiewiora, Cottrell, Elkan 2003).
//!
//! Look-ahead advice pays `gamma Phi(s',a') - Phi(s,a)`. The action values of any policy become `Q - Phi`, so acting on
//! them alone follows the advice backwards; adding `Phi` again mends it. Look-back advice pays
//! `Phi(s,a) - Phi(s_before, a_before)/gamma`; the action values move by what the past has fixed, and adding `Phi` again
//! would be the slip.

use dashu_ratio::RBig;

use super::greedy::{Choice, Greedy, of_choice};
use crate::analysis::returns::ReturnRange;
use crate::base::number::as_stored;
use crate::base::sum::{UNIT, max_abs};
use crate::base::{Bounded, Code, Diag, Result};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::{Sense, Solver};

/// Which way the advice looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// To the action that will be taken next.
    Ahead,
    /// To the action that was taken before.
    Back,
}

/// What comes of advice.
#[derive(Clone, Debug)]
pub struct Advised {
    /// Which way it looks.
    pub look: Look,
    /// Acting on the shaped action values alone.
    pub alone: Greedy,
    /// Acting on the shaped action values plus the advice.
    pub corrected: Greedy,
    /// Largest difference between the shaped action values of an optimal policy, evaluated as they are paid, and
    /// `Q* - Phi`, as a share of the largest of all. `None` for look-back advice, whose values depend on the past.
    pub residual: Option<f64>,
}

/// Follows advice, one number a row.
pub fn advise(solver: &Solver<'_>, range: &ReturnRange, phi: &[f64], look: Look) -> Result<Advised> {
    let mdp = solver.mdp();
    if look == Look::Back && mdp.gamma() == 0.0 {
        return Diag::new(Code::GammaRange, "look-back advice divides by the discount, which is 0")
            .expected("a discount above 0")
            .help("use --look ahead")
            .err();
    }
    if let Some(s) = (0..mdp.n_states()).find(|&s| mdp.is_terminal(s) && mdp.rows(s).any(|row| phi[row] != 0.0)) {
        return Diag::new(
            Code::PotentialAtEnd,
            format!("the advice is not 0 at the terminal state `{}`", mdp.states().name(s)),
        )
        .expected("0 at every terminal state, where no action is taken any more")
        .err();
    }
    let v = &range.best.v;
    let backup = |row: usize, v: &[f64]| mdp.gamma() * mdp.backup(row, v);
    let q: Vec<f64> = (0..mdp.n_rows()).map(|row| range.reward.r[row] + backup(row, v)).collect();
    let plus = |sign: f64| -> Vec<f64> { q.iter().zip(phi).map(|(q, phi)| q + sign * phi).collect() };
    // Acting by `Q*`, whatever was taken off and added again, is acting optimally.
    let optimal = || {
        let (wrong, undecided, nothing) = (Vec::new(), Vec::new(), Bounded::exact(0.0));
        Greedy { rows: range.best.optimal.clone(), wrong, undecided, doubt: None, best: nothing, worst: nothing }
    };
    let moved = |sign: f64| {
        let (lo, hi) = range.best.q(mdp, &range.reward);
        let moved = plus(sign);
        let off = |row: usize| {
            let rounding = UNIT * (moved[row].abs() + phi[row].abs());
            (hi[row] - lo[row]).max((hi[row] - q[row]).max(q[row] - lo[row])) + 2.0 * rounding
        };
        let mut choice = Choice::of(mdp, &moved, &(0..mdp.n_rows()).map(off).collect::<Vec<_>>());
        let doubt = choice.settle(mdp, range, || {
            let (room, rewards) = solver.exactly_for(&range.reward)?;
            let best = room.optimum(&rewards, Sense::Max, None, &range.best.policy)?;
            let v: Vec<RBig> = (0..mdp.n_states()).map(|s| best.values.value(s)).collect();
            let all: Vec<RBig> = (0..mdp.n_rows())
                .map(|row| &rewards[row] + room.backup(row, &v) + as_stored(sign * phi[row]))
                .collect();
            Ok(Box::new(move |row: usize| all[row].clone()) as Box<dyn Fn(usize) -> RBig>)
        });
        of_choice(solver, range, choice, doubt)
    };
    if look == Look::Back {
        let (alone, corrected) = (optimal(), moved(1.0));
        return Ok(Advised { look, alone, corrected, residual: None });
    }
    // What an optimal policy earns with the advice paid as it comes.
    let policy = &range.best.policy;
    let next: Vec<f64> = policy.iter().map(|&row| phi[row]).collect();
    let paid: Vec<f64> = (0..mdp.n_rows()).map(|row| range.reward.r[row] + backup(row, &next) - phi[row]).collect();
    let paid = ExpectedReward::exact(paid);
    let shaped = solver.evaluate_closely(&Policy::Deterministic(policy.clone()), &[&paid]).remove(0).v;
    let values: Vec<f64> = (0..mdp.n_rows()).map(|row| paid.r[row] + backup(row, &shaped)).collect();
    let expected = plus(-1.0);
    let gap = values.iter().zip(&expected).fold(0.0f64, |m, (x, y)| m.max((x - y).abs()));
    let size = max_abs(&expected).max(max_abs(&q)).max(f64::MIN_POSITIVE);
    let (alone, corrected) = (moved(-1.0), optimal());
    Ok(Advised { look, alone, corrected, residual: Some(gap / size) })
}
