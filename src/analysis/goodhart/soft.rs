//! Policies that are paid for the proxy and charged for leaving the start, cheaper and cheaper.
//!
//! `pi ~ start exp(Q / tau)` maximises the proxy less `tau` times the KL of its actions from the start's; with a uniform
//! start that is the entropy-regularised optimum.

use super::curve::{Stage, Stages};
use super::flow::settled;
use super::{End, Setting};
use crate::analysis::soft::SoftValues;
use crate::model::reward::ExpectedReward;

/// Highest and lowest temperature, in units of the largest loss that one action can bring: nearly the start, nearly greedy.
const TEMPERATURES: (f64, f64) = (10.0, 1e-3);
/// Temperatures for each factor of ten.
const PER_DECADE: u32 = 10;

/// The start, then temperature after temperature.
pub(super) fn stages(setting: &Setting<'_>) -> Result<Stages, String> {
    let (solver, proxy) = (setting.solver, setting.proxy);
    let mdp = solver.mdp();
    let live =
        || (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).flat_map(|s| mdp.rows(s).map(move |row| (s, row)));
    let mut allowed = vec![true; mdp.n_rows()];
    live().for_each(|(s, row)| allowed[row] = setting.start.prob(s, row) > 0.0);
    let v_star = &proxy.best.v;
    let loss = |(s, row): (usize, usize)| v_star[s] - proxy.reward.r[row] - mdp.gamma() * mdp.backup(row, v_star);
    let scale = live().map(loss).fold(0.0, f64::max);
    let start = &setting.start;
    let mut stages = vec![Stage::of(f64::INFINITY, start.clone(), setting.visits(start))];
    let mut v = v_star.clone();
    let decades = (TEMPERATURES.0 / TEMPERATURES.1).log10();
    let n = (decades * f64::from(PER_DECADE)).round() as u32;
    for k in 0..=n {
        if solver.is_out_of_time() {
            return Ok(Stages { stages, end: End::Limit });
        }
        let temperature = scale * TEMPERATURES.0 * 10f64.powf(-f64::from(k) / f64::from(PER_DECADE));
        let mut paid = proxy.reward.r.clone();
        live().filter(|&(_, row)| allowed[row]).for_each(|(s, row)| {
            paid[row] += temperature * setting.start.prob(s, row).ln();
        });
        let paid = ExpectedReward::rounded(paid, proxy.reward.err);
        let soft = SoftValues::of(solver, &paid, Some(&allowed), temperature, &v);
        if !soft.is_converged && solver.is_out_of_time() {
            return Ok(Stages { stages, end: End::Limit });
        }
        v = soft.v;
        let policy = settled(mdp, &soft.policy);
        stages.push(Stage::of(temperature, policy.clone(), setting.visits(&policy)));
    }
    Ok(Stages { stages, end: End::Last })
}
