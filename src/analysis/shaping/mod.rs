//! Potential shaping: applied, recovered, and the question whether two rewards are the same task; what else is added to
//! rewards to guide a learner, and what that costs.
//!
//! Owns: `apply`, `recover`, potentials, advice, potentials in time, tests of bonuses, look-ahead.
//! May use: `base`, `model`, `solve`, `returns`, `canon`, `distance`, `regret`, `family`.
//! Must not: print or read files.
//! To add one: another potential is a function that returns a vector over states.

mod advice;
mod bonus;
mod dynamic;
mod greedy;
mod potential;

pub use advice::{Advised, Look, advise};
pub use bonus::{Bonus, Fading, Walk, bonus, fade};
pub use dynamic::{Collected, Dynamic, dynamic};
pub use greedy::{Greedy, LookAhead, Step, greedy, look_ahead};
pub use potential::{by_distance, moves_to, optimal_value};

use crate::analysis::canon::{self, Context};
use crate::analysis::distance::range_distance;
use crate::analysis::returns::ReturnRange;
use crate::base::sum::{dot, max_abs};
use crate::base::{Bounded, Code, Diag, Grade, Result};
use crate::model::{Mdp, Reward};

/// Range distance up to which two rewards are called the same task: what rounding a few hundred decimals leaves.
pub const SAME: f64 = 1e-9;

/// What turns one reward into another.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Whether `R2 = scale R1 + gamma Phi(s') - Phi(s)` in expectation, up to [`SAME`].
    pub recovered: bool,
    /// Factor of least-squares fit.
    pub scale: f64,
    /// `Phi`, length S.
    pub potential: Vec<f64>,
    /// `rho(R2 - scale R1) / rho(R2)`: the share of the proxy's return range that shaping does not explain.
    pub remainder: Bounded,
    /// Whether both order all policies alike.
    pub same_order: bool,
}

/// `R + gamma Phi(s') - Phi(s)`.
///
/// Refused if `Phi` is not 0 at a terminal state: reward there is zero by definition, so the sum would not telescope
/// and the order of policies could change (Grzes 2017).
pub fn apply(mdp: &Mdp, reward: &Reward, phi: &[f64]) -> Result<Reward> {
    check_ends(mdp, phi)?;
    Ok(reward.shaped(mdp, phi))
}

/// Refuses a potential that is not 0 at a terminal state.
pub fn check_ends(mdp: &Mdp, phi: &[f64]) -> Result<()> {
    if let Some(s) = (0..mdp.n_states()).find(|&s| mdp.is_terminal(s) && phi[s] != 0.0) {
        return Diag::new(
            Code::PotentialAtEnd,
            format!("the potential is {} at the terminal state `{}`", phi[s], mdp.states().name(s)),
        )
        .expected("0 at every terminal state, or the order of policies can change")
        .help("set it to 0 there, or use --zero-at-end; to pay for ending in a state, add a reward on the transitions into it")
        .err();
    }
    Ok(())
}

/// Recovers scale and potential between two rewards by projecting both on differences of occupancies.
///
/// With `M` that projection, `scale = <M r1, M r2> / <M r1, M r1>`, and the potential is the difference of the shaping
/// parts that the projections removed.
pub fn recover(context: &Context<'_>, x: (&Reward, &ReturnRange), y: (&Reward, &ReturnRange)) -> Result<Recovery> {
    let canon = canon::find("minimal-weighted")?;
    let (cx, cy) = (canon.apply(context, x.0)?, canon.apply(context, y.0)?);
    let (fx, fy) = (cx.form.base(), cy.form.base());
    // Scaled by the largest entry first, so that squares of 1e-200 do not vanish.
    let unit = 1.0 / max_abs(fx).max(f64::MIN_POSITIVE);
    let ux: Vec<f64> = fx.iter().map(|v| v * unit).collect();
    let scale = if x.1.is_trivial() { 1.0 } else { unit * dot(&ux, fy) / dot(&ux, &ux) };
    let mut potential: Vec<f64> = match (&cx.potential, &cy.potential) {
        (Some(px), Some(py)) => px.iter().zip(py).map(|(px, py)| scale * px - py).collect(),
        _ => Vec::new(),
    };
    let solver = context.solver;
    let distance = range_distance(solver, x.1, y.1);
    let same_order = distance.value <= SAME;
    let remainder = match (x.1.is_trivial(), y.1.is_trivial()) {
        (_, true) => Bounded::exact(if x.1.is_trivial() { 0.0 } else { 1.0 }).at_most(Grade::Bounded),
        (true, false) => Bounded::exact(1.0).at_most(Grade::Bounded),
        (false, false) => {
            let left = ReturnRange::near(solver, y.1.reward.plus(-scale, &x.1.reward), y.1);
            let rho = (left.max - left.min).clamped(0.0, f64::INFINITY);
            rho.checked_div(y.1.rho).unwrap_or(rho)
        }
    };
    let recovered = same_order && scale > 0.0;
    if recovered {
        // Rewards vanish where episodes have ended, so a potential that explains them does too; rounding leaves a trace.
        let mdp = context.mdp();
        potential.iter_mut().enumerate().filter(|(s, _)| mdp.is_terminal(*s)).for_each(|(_, phi)| *phi = 0.0);
    }
    Ok(Recovery { recovered, scale, potential, remainder, same_order })
}
