//! What becomes of the truth while the proxy is optimised: Goodhart curves, and when to stop.
//!
//! Owns: paths of policies of rising proxy (steepest ascent, soft, best of n), the true return along them, the stopping
//! rule for truths within an angle, laws of over-optimisation.
//! May use: `base`, `model`, `solve`, `returns`, `canon`, `distance`, `soft`.
//! Must not: draw; curves are plain numbers.
//! To add one: another path is a file that ends in a list of stages, a word in [`Path`] and a line in [`goodhart`].

mod best_of_n;
mod cone;
mod curve;
mod laws;
mod soft;
mod steepest;
mod stopping;

use crate::analysis::canon::{Context, flow_projection};
use crate::analysis::distance::{Distance, Pair, angle_degrees};
use crate::analysis::returns::ReturnRange;
use crate::base::sum::{dot, max_abs};
use crate::base::{Bounded, Code, Diag, Result};
use crate::model::{Policy, Reward};
use crate::solve::Solver;

pub use best_of_n::{best_of_n, chi2_without_ties, kl_without_ties, reason_against};
pub use curve::{Curve, End, Point, Stop};
pub use laws::{Law, Shape};
pub use steepest::MOST_STATES;
pub use stopping::{worst_change, worst_truth};

/// A way from the start to the proxy's optimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Straight up in the space of occupancies, along faces where one is met (Karwowski et al. 2024).
    Steepest,
    /// Optimal for the proxy less a temperature times the KL of actions from the start's, the temperature falling.
    Soft,
    /// The answers of highest proxy among `n` from the start policy.
    BestOfN,
}

impl Path {
    /// The word used in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Path::Steepest => "steepest",
            Path::Soft => "soft",
            Path::BestOfN => "best-of-n",
        }
    }

    /// What the parameter of its points is.
    pub fn parameter(self) -> &'static str {
        match self {
            Path::Steepest => "length of the way",
            Path::Soft => "temperature",
            Path::BestOfN => "n",
        }
    }
}

/// What to follow, and from where.
#[derive(Clone, Debug)]
pub struct Request {
    /// Paths, in order.
    pub paths: Vec<Path>,
    /// Where they begin.
    pub start: Policy,
    /// Angle within which the truth is known to lie; the angle there is, if `None`.
    pub angle_degrees: Option<f64>,
    /// Largest `n` of best of n.
    pub most_draws: u64,
}

impl Request {
    /// Every path from a policy, up to 1,024 draws.
    pub fn from(start: Policy) -> Self {
        Request { paths: vec![Path::Steepest, Path::Soft, Path::BestOfN], start, angle_degrees: None, most_draws: 1024 }
    }
}

/// Two rewards on one model, neither of them trivial, and where paths begin.
struct Setting<'a> {
    solver: &'a Solver<'a>,
    truth: &'a ReturnRange,
    proxy: &'a ReturnRange,
    start: &'a Policy,
    /// The projection of the proxy on directions of occupancies, of length 1.
    up: Vec<f64>,
    /// Sine of the angle of stopping.
    sine: f64,
}

/// Goodhart curves of a pair of rewards.
#[derive(Clone, Debug)]
pub struct Goodhart {
    /// Angle between the projections of the two rewards, in degrees.
    pub angle: Bounded,
    /// The angle the stopping rule allows for, at most 90 degrees.
    pub allowed_angle: f64,
    /// One curve for each path that could be followed.
    pub curves: Vec<Curve>,
    /// Paths that could not be followed, and why.
    pub left_out: Vec<(Path, String)>,
}

/// Follows the paths. `Ok(Err)` says why there is nothing to follow: a trivial reward. Refused are angles below 0 and above
/// 180 degrees.
pub fn goodhart(
    solver: &Solver<'_>,
    truth: &ReturnRange,
    proxy: &ReturnRange,
    request: &Request,
) -> Result<std::result::Result<Goodhart, &'static str>> {
    if let Some(angle) = request.angle_degrees
        && !(0.0..=180.0).contains(&angle)
    {
        return Diag::new(Code::BadNumber, format!("the angle is {angle} degrees"))
            .expected("a number from 0 to 180")
            .err();
    }
    match (truth.is_trivial(), proxy.is_trivial()) {
        (true, _) => return Ok(Err("every policy earns the same under the truth, so nothing can be lost")),
        (_, true) => return Ok(Err("every policy earns the same under the proxy, so there is no way up")),
        _ => {}
    }
    let p = flow_projection(solver, &proxy.reward)?;
    let (Some(up), Some(angle)) = (unit(&p), angle_between(solver, truth, proxy)) else {
        return Ok(Err("the direction of a reward cannot be told from rounding"));
    };
    // An angle that is not quite known is taken at its largest, which stops earlier. Beyond a right one the proxy says
    // nothing about the truth, and nothing is safe.
    let asked = request.angle_degrees.unwrap_or(angle.hi);
    let sine = if asked > 90.0 { f64::INFINITY } else { asked.to_radians().sin() };
    let setting = Setting { solver, truth, proxy, start: &request.start, up, sine };
    let (mut curves, mut left_out) = (Vec::new(), Vec::new());
    for &path in &request.paths {
        let stages = match path {
            Path::Steepest => steepest::stages(&setting),
            Path::Soft => soft::stages(&setting),
            Path::BestOfN => best_of_n::stages(&setting, request.most_draws),
        };
        match stages {
            Ok(stages) => curves.push(curve::of(&setting, path, stages)),
            Err(why) => left_out.push((path, why)),
        }
    }
    Ok(Ok(Goodhart { angle, allowed_angle: asked.min(90.0), curves, left_out }))
}

/// Scaled to length 1, by the largest entry first so that small numbers do not vanish; `None` for zero.
fn unit(x: &[f64]) -> Option<Vec<f64>> {
    let largest = max_abs(x);
    let scaled: Vec<f64> = x.iter().map(|x| x / largest).collect();
    let length = dot(&scaled, &scaled).sqrt();
    (largest > 0.0).then(|| scaled.iter().map(|x| x / length).collect())
}

fn angle_between(solver: &Solver<'_>, truth: &ReturnRange, proxy: &ReturnRange) -> Option<Bounded> {
    let reference = Policy::uniform(solver.mdp());
    let [x, y] = [truth, proxy].map(|range| Reward::per_row(range.reward.r.clone()));
    let pair = Pair { x: &x, y: &y, range_x: truth, range_y: proxy };
    match angle_degrees(&Context { solver, reference: &reference }, &pair) {
        Distance::Value(angle) => Some(angle),
        Distance::Undefined(_) => None,
    }
}
