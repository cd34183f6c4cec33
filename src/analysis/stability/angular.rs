//! Radii that do not depend on shaping and scale.

use super::ball::Ball;
use super::radius::Radii;
use crate::analysis::canon::{self, Context};
use crate::base::sum::{self, gamma_n};
use crate::base::{Bounded, Grade, Interval, Result};
use crate::model::Reward;

/// The radius against the size of what the reward prefers: its projection `r0` on differences of occupancies.
#[derive(Clone, Copy, Debug)]
pub struct Relative {
    /// `||r0||_inf`.
    pub size_inf: Bounded,
    /// `||r0||_2`.
    pub size_l2: Bounded,
    /// Radius in the largest entry, divided by that of `r0`.
    pub linf: Option<Bounded>,
    /// Angle between `r0` and the nearest canonical form with another optimal policy, `asin(radius_2 / ||r0||_2)` in degrees.
    pub degrees: Option<Bounded>,
}

/// Relative and angular radius. No advantage changes by shaping, so the radius in L2 is that among canonical forms too. `None`
/// within where the reward is trivial: it prefers nothing. Cost of a least-squares problem in S unknowns.
pub fn relative(context: &Context<'_>, reward: &Reward, radii: &Radii) -> Result<Relative> {
    let form = canon::find("minimal-weighted")?.apply(context, reward)?;
    let r0 = form.form.base();
    let n = r0.len();
    let (square, largest) = (sum::dot(r0, r0), sum::max_abs(r0));
    let l2 = square.sqrt();
    // The error of every entry, and the roundings of the norm.
    let off = form.err * (n as f64).sqrt() + 4.0 * gamma_n(8) * l2;
    let around = |x: f64, off: f64| {
        let ball = Interval::ball(x, off);
        Bounded::around(x, Interval { lo: ball.lo.max(0.0), hi: ball.hi }, Grade::Certified)
    };
    let (size_inf, size_l2) = (around(largest, form.err), around(l2, off));
    let share = |radius: Bounded, size: Bounded| match radius.hi.is_finite() {
        true => radius.checked_div(size),
        false => None,
    };
    let sine = share(radii.of(Ball::L2).size, size_l2).map(|x| x.clamped(0.0, 1.0));
    Ok(Relative {
        size_inf,
        size_l2,
        linf: share(radii.of(Ball::Linf).size, size_inf),
        degrees: sine.map(|x| {
            let degree = Interval::around(180.0 / std::f64::consts::PI);
            let angle = x.interval().asin() * degree;
            let angle = Interval { lo: angle.lo.max(0.0), hi: angle.hi };
            match x.hi == 0.0 {
                true => Bounded { grade: x.grade, ..Bounded::exact(0.0) },
                false => Bounded::around(x.value.asin().to_degrees(), angle, Grade::Certified),
            }
        }),
    })
}
