//! Steepest ascent of the proxy among occupancies: straight lines from face to face, up to the proxy's optimum.
//!
//! A linear function on a polytope has no other stationary point, so a path that ends elsewhere was stopped: by a limit, or
//! by rounding. Which it was is told by what its last policy earns, not by a slope that looks flat.

use super::cone::Ascent;
use super::curve::{Stage, Stages};
use super::flow::settled;
use super::{End, Setting};
use crate::base::sum::dot;
use crate::model::Policy;

/// Largest model on which this path is followed: a change of face is dense in the states.
pub const MOST_STATES: usize = 500;

/// A slope below this share of the proxy's own is called flat; whether it is the top is asked of the policy there.
const FLAT: f64 = 1e-13;

/// What is left of an entry after a step, as a share of what it was, below which it has arrived at zero together with the
/// entry that ends the step.
const ARRIVED: f64 = 1e-12;

/// Steps shorter than this share of the occupancy lead nowhere that could be seen: no corner is made of them.
const SHORT: f64 = 1e-13;

/// The corners of the path.
pub(super) fn stages(setting: &Setting<'_>) -> Result<Stages, String> {
    let solver = setting.solver;
    let mdp = solver.mdp();
    if mdp.n_states() > MOST_STATES {
        return Err(format!("the model has {} states; this path is followed up to {MOST_STATES}", mdp.n_states()));
    }
    let (mut x, mut policy) = (setting.visits(&setting.start), setting.start.clone());
    let mut length = 0.0;
    let mut ascent = Ascent::new(&setting.flow, setting.up.clone());
    let mut stages: Vec<Stage> = Vec::new();
    // A face is left for good, mostly; the slope falls at every corner, so the path ends.
    let mut steps = 16 * mdp.n_rows() + 256;
    let end = loop {
        x.iter_mut().filter(|x| **x < 0.0).for_each(|x| *x = 0.0);
        let at_zero: Vec<bool> = x.iter().map(|&x| x == 0.0).collect();
        let direction = ascent.direction(&at_zero);
        let slope = direction.as_ref().map_or(0.0, |d| dot(d, d).sqrt());
        let is_flat = slope <= FLAT;
        let d = direction.unwrap_or_default();
        let falling = || x.iter().zip(&d).filter(|(_, d)| **d < 0.0);
        let reach = falling().fold(f64::INFINITY, |t, (x, d)| f64::min(t, x / -d));
        let is_short = !is_flat && reach * slope <= SHORT * dot(&x, &x).sqrt();
        steps -= 1;
        let is_over = is_flat || steps == 0 || !reach.is_finite() || solver.is_out_of_time();
        if is_over || !is_short {
            stages.push(Stage { rate: (!is_flat).then_some(slope), ..Stage::of(length, policy.clone(), x.clone()) });
        }
        if is_over {
            break match is_flat {
                true if !d.is_empty() => End::Top,
                false if solver.is_out_of_time() => End::Limit,
                _ => End::Rounding,
            };
        }
        for (x, d) in x.iter_mut().zip(&d) {
            let next = *x + reach * d;
            // The entry that ends the step arrives at zero whatever rounding says, and with it those that end it too.
            *x = if *d < 0.0 && next <= ARRIVED * *x { 0.0 } else { next };
        }
        if !is_short {
            length += reach * slope;
        }
        policy = settled(mdp, &Policy::from_occupancy(mdp, &x));
    };
    Ok(Stages { stages, end })
}
