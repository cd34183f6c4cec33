//! Potential shaping: applied, recovered, and the question whether two rewards are the same task; what else is added to
//! rewards to guide a learner, and what that costs.
//!
//! Owns: `apply`, `recover`, potentials, advice, potentials in time, tests of bonuses, look-ahead.
//! May use: `base`, `model`, `solve`, `returns`, `order`, `canon`, `distance`, `regret`, `family`.
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

use dashu_ratio::RBig;

use crate::analysis::canon::{self, Context};
use crate::analysis::distance::range_distance;
use crate::analysis::order::{Link, Order, guess, order};
use crate::analysis::returns::ReturnRange;
use crate::base::number::Number;
use crate::base::sum::{dot, max_abs};
use crate::base::{Bounded, Code, Decision, Diag, Grade, Interval, Result};
use crate::model::{Mdp, Reward};

/// What turns one reward into another.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Whether both order all policies alike, and then `R2 = scale R1 + gamma Phi(s') - Phi(s)` in expectation with a
    /// positive scale; and whether they order them in opposite ways.
    pub order: Order,
    /// The scale; that of a least-squares fit where the rewards are not one task.
    pub scale: f64,
    /// `Phi`, length S, likewise.
    pub potential: Vec<f64>,
    /// `rho(R2 - scale R1) / rho(R2)`: the share of the proxy's return range that shaping does not explain.
    pub remainder: Bounded,
    /// Range STARC between the rewards.
    pub distance: Bounded,
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

/// Recovers scale and potential between two rewards, in fractions where they are one task; otherwise by projecting both
/// on differences of occupancies.
///
/// With `M` that projection, `scale = <M r1, M r2> / <M r1, M r1>`, and the potential is the difference of the shaping
/// parts that the projections removed.
pub fn recover(context: &Context<'_>, x: (&Reward, &ReturnRange), y: (&Reward, &ReturnRange)) -> Result<Recovery> {
    let solver = context.solver;
    let mut distance = range_distance(solver, x.1, y.1);
    let mut found = order(solver, x.1, y.1, distance);
    if found.same.is_yes() && x.1.trivial.is_no() {
        distance = Bounded::exact(0.0);
    }
    if let Some(link) = &found.link {
        return Ok(linked(found.clone(), link, distance));
    }
    let (scale, potential) = fitted(context, x, y)?;
    if found.same.is_undecided()
        && let Some(link) = guess(context.mdp(), &x.1.reward, &y.1.reward, scale, &potential)
    {
        let is_same = link.scale > RBig::ZERO;
        found = Order { same: Decision::exact(is_same), opposite: Decision::exact(!is_same), link: Some(link.clone()) };
        let distance = if is_same && x.1.trivial.is_no() { Bounded::exact(0.0) } else { distance };
        return Ok(linked(found, &link, distance));
    }
    let factor = Number::from(-scale);
    let left = ReturnRange::near(solver, y.1.reward.plus_exactly(&factor, &x.1.reward), y.1);
    let rho = left.rho;
    let nothing = if x.1.is_trivial() { 0.0 } else { 1.0 };
    let remainder = match y.1.is_trivial() && x.1.trivial.is_undecided() {
        true => Bounded::from_interval(Interval { lo: 0.0, hi: 1.0 }, Grade::Certified),
        false => y.1.share(rho, nothing, f64::MAX),
    };
    Ok(Recovery { order: found, scale, potential, remainder, distance })
}

/// Rewards whose link is known exactly.
fn linked(order: Order, link: &Link, distance: Bounded) -> Recovery {
    let nearest = |x: &RBig| x.to_f64().value();
    Recovery {
        order,
        scale: nearest(&link.scale),
        potential: link.potential.iter().map(nearest).collect(),
        remainder: Bounded::exact(0.0),
        distance,
    }
}

/// Scale and potential of a least-squares fit.
fn fitted(context: &Context<'_>, x: (&Reward, &ReturnRange), y: (&Reward, &ReturnRange)) -> Result<(f64, Vec<f64>)> {
    let canon = canon::find("minimal-weighted")?;
    let (cx, cy) = (canon.apply(context, x.0)?, canon.apply(context, y.0)?);
    let (fx, fy) = (cx.form.base(), cy.form.base());
    // Scaled by the largest entry first, so that squares of 1e-200 do not vanish.
    let unit = 1.0 / max_abs(fx).max(f64::MIN_POSITIVE);
    let ux: Vec<f64> = fx.iter().map(|v| v * unit).collect();
    let square = dot(&ux, &ux);
    let scale = match (x.1.is_trivial() || square == 0.0, y.1.is_trivial()) {
        (true, _) => 1.0,
        (_, true) => 0.0,
        _ => unit * dot(&ux, fy) / square,
    };
    let mdp = context.mdp();
    let potential = match (&cx.potential, &cy.potential) {
        // Rewards vanish where episodes have ended, so a potential that explains them does too.
        (Some(px), Some(py)) => px
            .iter()
            .zip(py)
            .enumerate()
            .map(|(s, (px, py))| if mdp.is_terminal(s) { 0.0 } else { scale * px - py })
            .collect(),
        _ => Vec::new(),
    };
    Ok((scale, potential))
}
