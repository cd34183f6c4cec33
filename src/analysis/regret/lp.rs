//! Worst-case regret as a linear program over two occupancies: slow, and shares nothing with the dual.
//!
//! Maximise `<eta1 - eta2, r1>` over two occupancies subject to `<eta2 - eta1, r2> >= 0`: 2 |rows| variables, 2 S flow
//! equations, one inequality. An independent oracle for models of up to a few hundred states.

use clarabel::solver::SolverStatus;
use good_lp::{Expression, Solution, SolverModel, Variable, clarabel, constraint, variable, variables};

use crate::base::sum::max_abs;
use crate::base::{Code, Diag, Result};
use crate::model::Mdp;
use crate::model::reward::ExpectedReward;

/// Worst-case regret in units of the true return, without bounds: an interior-point answer, good to about 1e-8 of
/// `max |r1|` times the horizon. Rows of terminal states are left out; nothing is earned there.
pub fn worst_case_by_lp(mdp: &Mdp, truth: &ExpectedReward, proxy: &ExpectedReward) -> Result<f64> {
    // Interior-point tolerances are absolute: rewards are scaled to size 1 and the answer scaled back.
    let scale = [truth, proxy].map(|r| max_abs(&r.r));
    if scale[0] == 0.0 {
        return Ok(0.0);
    }
    let unit = |c: f64| if c > 0.0 { 1.0 / c } else { 0.0 };
    let mut vars = variables!();
    let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
    let mut copy = || -> Vec<Option<Variable>> {
        let mut eta = vec![None; mdp.n_rows()];
        for row in live.iter().flat_map(|&s| mdp.rows(s)) {
            eta[row] = Some(vars.add(variable().min(0.0)));
        }
        eta
    };
    let etas = [copy(), copy()];
    let earn = |eta: &[Option<Variable>], r: &ExpectedReward, c: f64| -> Expression {
        eta.iter().zip(&r.r).filter_map(|(v, r)| v.map(|v| (c * r) * v)).sum()
    };
    let (r1, r2) = (unit(scale[0]), unit(scale[1]));
    let objective = earn(&etas[0], truth, r1) - earn(&etas[1], truth, r1);
    let slack = earn(&etas[1], proxy, r2) - earn(&etas[0], proxy, r2);
    let mut model = vars.maximise(objective).using(clarabel);
    let settings = model.settings();
    settings.verbose(false);
    settings.tol_gap_abs(1e-11).tol_gap_rel(1e-11).tol_feas(1e-11);
    for eta in &etas {
        let mut flow: Vec<Expression> = vec![Expression::from(0.0); mdp.n_states()];
        for &s in &live {
            for row in mdp.rows(s) {
                let Some(v) = eta[row] else { continue };
                flow[s] += v;
                let (col, p) = mdp.p(row);
                for (&t, &p) in col.iter().zip(p) {
                    flow[t as usize] -= (mdp.gamma() * p) * v;
                }
            }
        }
        for &s in &live {
            model = model.with(constraint!(std::mem::take(&mut flow[s]) == mdp.mu0()[s]));
        }
    }
    model = model.with(constraint!(slack >= 0.0));
    let failed = |why: String| {
        Diag::new(Code::Numerical, format!("the linear program was not solved: {why}"))
            .help("the dual, `worst_case`, needs no linear program")
    };
    let solution = model.solve().map_err(|e| Box::new(failed(e.to_string())))?;
    // The wrapper reports success for unbounded and inexact runs too; only the inner status can be believed.
    match solution.inner().status {
        SolverStatus::Solved => {}
        status => return failed(format!("{status:?}")).err(),
    }
    let value = |eta: &[Option<Variable>]| -> f64 {
        eta.iter().zip(&truth.r).filter_map(|(v, r)| v.map(|v| r * solution.value(v))).sum()
    };
    Ok(value(&etas[0]) - value(&etas[1]))
}
