//! How well a proxy goes with the truth where the reference is: as written, and with all shaping removed.

use super::{Maybe, Visits};
use crate::analysis::canon::gram::{self, Gram};
use crate::base::sum::{self, UNIT};
use crate::base::{Bounded, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// A spread below this fraction of the largest conceivable one is rounding, not variation.
const FLAT: f64 = 1e-12;

/// Part of the potential that one pass of least squares may leave to the next.
const ACCURACY: f64 = 1e-9;

/// One reward seen from the reference.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The reward less its mean under the reference, over rows; 0 where the reference never is.
    pub centred: Vec<f64>,
    /// Standard deviation under the reference.
    pub sigma: Bounded,
    /// Whether that is zero up to rounding.
    pub is_flat: bool,
    /// Bound on the error of every entry of `centred`.
    err: f64,
    /// How far `centred` may be from the best representative, in the norm of the reference; 0 for rewards as written.
    off: f64,
}

/// Truth and proxy seen from the reference.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// What is meant.
    pub truth: Seen,
    /// What is optimised.
    pub proxy: Seen,
    /// The correlation `r`, or why there is none.
    pub r: Maybe<Bounded>,
    /// `sqrt(1 - r^2)`, without the cancellation that this has near `r = 1`.
    pub left: Maybe<Bounded>,
}

/// The correlation of `r(s,a) = sum_s' P(s'|s,a) R(s,a,s')` as written (Laidlaw, Singhal and Dragan 2025, definition 4.1).
///
/// Rewards are averaged over next states first: that changes no return, and it can only take noise away. Spreads of the
/// transitions themselves would be larger, and the bounds weaker.
pub fn raw(reference: &Visits, truth: &ExpectedReward, proxy: &ExpectedReward) -> Correlation {
    let seen = |reward: &ExpectedReward| {
        let mean = reference.mean(|row| reward.r[row]);
        let centred: Vec<f64> =
            (0..reward.r.len()).map(|row| if reference.support[row] { reward.r[row] - mean } else { 0.0 }).collect();
        let largest = sum::max_abs(&reward.r);
        // The mean is as wrong as the occupancy and the reward make it.
        let drift = reference.error * sum::max_abs(&centred) + reward.err;
        Seen::new(reference, centred, reward.err + drift + UNIT * largest, 0.0, FLAT * largest)
    };
    Correlation::of(reference, seen(truth), seen(proxy))
}

/// The correlation of the canonical forms, and the potential whose shaping makes each of them.
///
/// The canonical form `r - G Phi` has the least spread under the reference among all rewards that differ by shaping:
/// one weighted least-squares problem. It is zero on average, and the same for all rewards of one shaping class.
pub fn canonical(
    solver: &Solver<'_>,
    gram: &Gram<'_>,
    reference: &Visits,
    truth: &ExpectedReward,
    proxy: &ExpectedReward,
) -> Correlation {
    let seen = |reward: &ExpectedReward| {
        let (left, off, round) = projected(solver, gram, reference, reward);
        Seen::new(reference, left, reward.err + round, off, FLAT * solver.scale(reward))
    };
    Correlation::of(reference, seen(truth), seen(proxy))
}

/// `r - G Phi` on the support, its distance from the best one in the norm of the reference, and rounding.
fn projected(
    solver: &Solver<'_>,
    gram: &Gram<'_>,
    reference: &Visits,
    reward: &ExpectedReward,
) -> (Vec<f64>, f64, f64) {
    let mdp = solver.mdp();
    let q = &reference.occ_sa;
    // States the reference never visits have no equation: their potential is 0.
    let extra: Vec<f64> = reference.reached.iter().map(|&r| f64::from(u8::from(!r))).collect();
    let masked = |x: &[f64]| -> Vec<f64> { x.iter().zip(q).map(|(x, q)| x * q).collect() };
    let mut left: Vec<f64> = (0..q.len()).map(|row| if reference.support[row] { reward.r[row] } else { 0.0 }).collect();
    let (mut b, mut size) = (vec![0.0; mdp.n_states()], 0.0);
    // A second pass on what is left takes away what elimination or iterations left behind.
    for _ in 0..2 {
        gram::transpose(mdp, &masked(&left), &mut b);
        let Some(phi) = gram.solve(q, &extra, &b, ACCURACY) else { break };
        let shaping = gram::apply(mdp, &phi);
        size += sum::max_abs(&phi);
        (0..q.len()).filter(|&row| reference.support[row]).for_each(|row| left[row] -= shaping[row]);
    }
    gram::transpose(mdp, &masked(&left), &mut b);
    // ||G x||_q >= (1 - sqrt(gamma)) ||x||_d: with y = x - gamma P x, ||P^k y||_d^2 <= gamma^-k ||y||_d^2, because d
    // holds gamma^k d P^k. So a residual b leaves at most this distance.
    let slack = reference.error * sum::max_abs(&left);
    let states = (0..b.len()).filter(|&s| reference.reached[s]);
    let total: f64 = states.map(|s| (b[s].abs() + slack).powi(2) / reference.occ_s[s]).sum();
    let off = total.sqrt() / (1.0 - mdp.gamma().sqrt());
    (left, off, 4.0 * UNIT * (sum::max_abs(&reward.r) + 2.0 * size))
}

impl Seen {
    fn new(reference: &Visits, centred: Vec<f64>, err: f64, off: f64, flat: f64) -> Self {
        let square = reference.mean(|row| centred[row] * centred[row]);
        let largest = reference.largest(|row| centred[row]);
        let error = reference.error * largest * largest + 2.0 * err * square.sqrt() + err * err;
        let x = Interval { lo: (square - error - off * off).max(0.0), hi: square + error }.sqrt();
        let sigma = Bounded::around(square.sqrt(), x, Grade::Bounded);
        Seen { is_flat: sigma.value <= flat, centred, sigma, err, off }
    }
}

impl Correlation {
    fn of(reference: &Visits, truth: Seen, proxy: Seen) -> Self {
        let (r, left) = match (truth.is_flat, proxy.is_flat) {
            (false, false) => Self::measured(reference, &truth, &proxy),
            (true, true) => Self::none("neither reward varies"),
            (true, false) => Self::none("the true reward does not vary"),
            (false, true) => Self::none("the proxy does not vary"),
        };
        Correlation { truth, proxy, r, left }
    }

    fn none(why: &str) -> (Maybe<Bounded>, Maybe<Bounded>) {
        let reason = format!("{why} under the reference, so there is no correlation");
        (Err(reason.clone()), Err(reason))
    }

    fn measured(reference: &Visits, truth: &Seen, proxy: &Seen) -> (Maybe<Bounded>, Maybe<Bounded>) {
        let (x, y) = (&proxy.centred, &truth.centred);
        let product = reference.mean(|row| x[row] * y[row]);
        let (top_x, top_y) = (reference.largest(|row| x[row]), reference.largest(|row| y[row]));
        let error = reference.error * top_x * top_y
            + proxy.err * truth.sigma.hi
            + truth.err * proxy.sigma.hi
            + proxy.err * truth.err
            + proxy.off * truth.off;
        let covariance = Bounded::around(product, Interval::ball(product, error), Grade::Bounded);
        let quotient = covariance.checked_div(proxy.sigma).and_then(|x| x.checked_div(truth.sigma));
        let Some(r) = quotient.map(|r| r.clamped(-1.0, 1.0)) else {
            return Self::none("a spread cannot be told from zero");
        };
        // The norm of x/sigma_x - r y/sigma_y; what is wrong with its parts moves it by no more than they are wrong.
        let (sx, sy) = (proxy.sigma, truth.sigma);
        let apart = |row: usize| x[row] / sx.value - r.value * y[row] / sy.value;
        let square = reference.mean(|row| apart(row).powi(2));
        let moved = reference.error * reference.largest(apart).powi(2);
        let share = |seen: &Seen| (seen.sigma.width() + seen.off + seen.err) / seen.sigma.value;
        let parts = share(proxy) + share(truth) + r.width();
        let x = Interval {
            lo: ((square - moved).max(0.0).sqrt() - parts).max(0.0),
            hi: ((square + moved).sqrt() + parts).min(1.0),
        };
        (Ok(r), Ok(Bounded::around(square.sqrt().min(1.0), x, Grade::Bounded)))
    }

    /// Whether `r > 0`: `None` where there is no correlation or its sign is not certain. One that cannot be told from
    /// zero is not positive.
    pub fn is_positive(&self) -> Option<bool> {
        /// Correlations of this size are rounding.
        const ZERO: f64 = 1e-9;
        let r = self.r.as_ref().ok()?;
        match (r.lo > 0.0 && r.value > ZERO, r.hi <= ZERO) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// Weight `sigma_proxy sqrt(1 - r^2)` at which the penalised proxy is the lower bound on the truth, if `r > 0`.
    pub fn weight(&self) -> Maybe<f64> {
        match (&self.left, self.is_positive()) {
            (Err(why), _) => Err(why.clone()),
            (Ok(left), Some(true)) => Ok(self.proxy.sigma.value * left.value),
            (Ok(_), Some(false)) => Err("the correlation is not positive, so the proxy bounds nothing".into()),
            (Ok(_), None) => Err("the sign of the correlation is not certain".into()),
        }
    }
}
