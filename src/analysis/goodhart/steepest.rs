//! Steepest ascent of the proxy among occupancies: straight lines from face to face, up to the proxy's optimum.

use super::cone::Ascent;
use super::curve::{Stage, Stages};
use super::{End, Setting};
use crate::base::sum::{dot, max_abs};
use crate::model::Policy;

/// Largest model on which this path is followed: each change of face is a dense system in the states.
pub const MOST_STATES: usize = 500;

/// A slope below this share of the proxy's own is called flat: what rounding leaves at the top.
const FLAT: f64 = 1e-9;

/// An entry of the occupancy below this share of the largest has arrived at zero.
const EMPTY: f64 = 1e-14;

/// The corners of the path.
pub(super) fn stages(setting: &Setting<'_>) -> Result<Stages, String> {
    let solver = setting.solver;
    let mdp = solver.mdp();
    if mdp.n_states() > MOST_STATES {
        return Err(format!("the model has {} states; this path is followed up to {MOST_STATES}", mdp.n_states()));
    }
    let mut x = solver.occupancy(setting.start).occ_sa;
    let (mut length, mut policy) = (0.0, setting.start.clone());
    let mut ascent = Ascent::new(solver, setting.up.clone());
    let mut stages = Vec::new();
    // A face is left for good, mostly; the slope falls at every corner, so the path ends.
    let most = 8 * mdp.n_rows() + 64;
    let end = loop {
        let empty = EMPTY * max_abs(&x);
        x.iter_mut().filter(|x| **x <= empty).for_each(|x| *x = 0.0);
        let at_zero: Vec<bool> = x.iter().map(|&x| x == 0.0).collect();
        let Ok(d) = ascent.direction(&at_zero) else { break End::Rounding };
        let slope = dot(&d, &d).sqrt();
        let reach = x.iter().zip(&d).filter(|(_, d)| **d < 0.0).fold(f64::INFINITY, |t, (x, d)| f64::min(t, x / -d));
        let is_top = slope <= FLAT;
        let rate = (!is_top).then_some(slope);
        stages.push(Stage { parameter: length, policy, occupancy: x.clone(), rate });
        if is_top {
            break End::Top;
        }
        if stages.len() >= most || reach <= 0.0 || !reach.is_finite() {
            break End::Rounding;
        }
        if solver.is_out_of_time() {
            break End::Limit;
        }
        for (x, d) in x.iter_mut().zip(&d) {
            // The entry that ends the step arrives at zero whatever rounding says.
            *x = if *d < 0.0 && *x <= reach * -d { 0.0 } else { *x + reach * d };
        }
        length += reach * slope;
        policy = Policy::from_occupancy(mdp, &x);
    };
    // Where the path breaks off before its first corner, there is still its start.
    if stages.is_empty() {
        stages.push(Stage { parameter: 0.0, policy: setting.start.clone(), occupancy: x, rate: None });
    }
    Ok(Stages { stages, end })
}
