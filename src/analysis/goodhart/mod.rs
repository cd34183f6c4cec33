//! What becomes of the truth while the proxy is optimised: Goodhart curves, and when to stop.
//!
//! Owns: paths of policies of rising proxy (steepest ascent, soft, best of n), the true return along them, the stopping
//! rule for truths within an angle, laws of over-optimisation.
//! May use: `base`, `model`, `solve`, `returns`, `soft`.
//! Must not: draw; curves are plain numbers.
//! To add one: another path is a file that ends in a list of stages, a word in [`Path`] and a line in [`goodhart`].

mod best_of_n;
mod cone;
mod curve;
mod factor;
mod flow;
mod laws;
mod soft;
mod steepest;
mod stopping;

use crate::analysis::returns::ReturnRange;
use crate::base::sum::{UNIT, dot, max_abs};
use crate::base::{Bounded, Code, Diag, Grade, Result};
use crate::model::Policy;
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;
use flow::{Flow, settled};

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
    /// Settled where episodes have ended.
    start: Policy,
    /// The rows that count.
    flow: Flow,
    /// The projection of the proxy on directions of occupancies, of length 1; 0 on rows that do not count.
    up: Vec<f64>,
    /// Sine of the angle of stopping.
    sine: f64,
}

impl Setting<'_> {
    /// Discounted visits of a policy on the rows that count, 0 on the others.
    fn visits(&self, policy: &Policy) -> Vec<f64> {
        self.flow.only(self.solver.occupancy(policy).occ_sa)
    }
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
    let flow = Flow::of(solver.mdp());
    let (Some(meant), Some(up)) = (Direction::of(&flow, &truth.reward), Direction::of(&flow, &proxy.reward)) else {
        return Ok(Err("the direction of a reward cannot be told from rounding"));
    };
    let angle = up.angle(&meant);
    // An angle that is not quite known is taken at its largest, which stops earlier. Beyond a right one the proxy says
    // nothing about the truth, and nothing is safe.
    let asked = request.angle_degrees.unwrap_or(angle.hi);
    let sine = if asked > 90.0 { f64::INFINITY } else { asked.to_radians().sin() };
    // One start for everybody: what a policy does after an end must not be seen.
    let start = settled(solver.mdp(), &request.start);
    let setting = Setting { solver, truth, proxy, start, flow, up: up.unit, sine };
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

/// Where a reward points among the differences of occupancies.
struct Direction {
    /// Of length 1.
    unit: Vec<f64>,
    /// How far the true one may be from it.
    error: f64,
}

impl Direction {
    /// `None` where rounding hides it.
    fn of(flow: &Flow, reward: &ExpectedReward) -> Option<Self> {
        let largest = max_abs(&flow.only(reward.r.clone()));
        let scaled: Vec<f64> = flow.only(reward.r.iter().map(|x| x / largest).collect());
        let p = flow.projection(&scaled);
        let length = dot(&p, &p).sqrt();
        // A projection makes no difference longer: what rounding and the sums over next states did to an entry.
        let entry = 8.0 * UNIT + reward.err / largest;
        let error = 2.0 * entry * (p.len() as f64).sqrt() / length;
        let first = Direction { unit: p.iter().map(|x| x / length).collect(), error };
        if !(largest > 0.0 && error < 1e-3) {
            return None;
        }
        // Once more: what the first pass left is small beside the reward, not beside its projection.
        let again = flow.projection(&first.unit);
        let length = dot(&again, &again).sqrt();
        Some(Direction { unit: again.iter().map(|x| x / length).collect(), ..first })
    }

    /// The angle to another, in degrees.
    fn angle(&self, other: &Direction) -> Bounded {
        let apart = |sign: f64| {
            let d: Vec<f64> = self.unit.iter().zip(&other.unit).map(|(x, y)| x - sign * y).collect();
            dot(&d, &d).sqrt()
        };
        // Twice the angle whose tangent is half the difference over half the sum, which has all its digits everywhere.
        let angle = 2.0 * apart(1.0).atan2(apart(-1.0));
        let error = 2.0 * (self.error + other.error) + 8.0 * UNIT;
        let (lo, hi) = ((angle - error).max(0.0), (angle + error).min(std::f64::consts::PI));
        let [value, lo, hi] = [angle, lo, hi].map(f64::to_degrees);
        Bounded { value, lo, hi, grade: Grade::Bounded }
    }
}
