//! How well a proxy goes with the truth where the reference is: as written, and with all shaping removed.

use dashu_ratio::RBig;

use super::exactly::unless_limited;
use super::{Maybe, Visits};
use crate::analysis::canon::gram::{self, Gram};
use crate::base::sum::{self, UNIT};
use crate::base::{Bounded, Decision, Doubt, Evidence, Grade, Interval};
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// Part of the potential that one pass of least squares may leave to the next.
const ACCURACY: f64 = 1e-9;

/// One reward seen from the reference.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The reward less its mean under the reference, over rows; 0 where the reference never is.
    pub centred: Vec<f64>,
    /// Standard deviation under the reference.
    pub sigma: Bounded,
    /// Whether that is zero: the reference never sees the reward vary.
    pub flat: Decision,
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
    /// Whether `r > 0`; no, where there is none.
    pub positive: Decision,
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
        let mut seen = Seen::new(reference, centred, reward.err + drift + 4.0 * UNIT * largest, 0.0);
        seen.flat = flat(reference, reward);
        seen.settled()
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
        let mut seen = Seen::new(reference, left, reward.err + round, off);
        // A constant is shaping by a constant potential.
        let is_constant = flat(reference, reward);
        let decided = if is_constant.is_yes() { is_constant } else { seen.flat };
        seen.flat = decided.or_else(|| flat_unshaped(solver, reference, reward));
        seen.settled()
    };
    Correlation::of(reference, seen(truth), seen(proxy))
}

/// Whether a reward is one number wherever the reference goes. A comparison of entries; terminal states are entries too.
fn flat(reference: &Visits, reward: &ExpectedReward) -> Decision {
    let mut rows = (0..reference.support.len()).filter(|&row| reference.support[row]);
    let Some(first) = rows.next() else { return Decision::structure(true) };
    if let Some(exact) = &reward.fractions {
        return Decision::exact(rows.all(|row| exact[row] == exact[first]));
    }
    let ends = rows.fold([reward.r[first]; 2], |[lo, hi], row| [lo.min(reward.r[row]), hi.max(reward.r[row])]);
    let apart = (ends[1] - ends[0]).next_down();
    match apart > (2.0 * reward.err).next_up() {
        true => Decision::No(Evidence::Bounds),
        false if ends[0] == ends[1] && reward.err == 0.0 => Decision::exact(true),
        false => Decision::Undecided(Doubt::InputRounding),
    }
}

/// Whether a reward is all shaping wherever the reference goes: then the advantages of a policy that stays there vanish.
fn flat_unshaped(solver: &Solver<'_>, reference: &Visits, reward: &ExpectedReward) -> Decision {
    let found = || -> Result<bool, Doubt> {
        let mdp = solver.mdp();
        let (room, exact) = solver.exactly_for(reward).map_err(|doubt| unless_limited(solver, doubt))?;
        let row = |s: usize| mdp.rows(s).find(|&row| reference.support[row]).unwrap_or(mdp.rows(s).start);
        let advantages = room.advantages(&(0..mdp.n_states()).map(row).collect::<Vec<_>>(), &exact)?;
        Ok((0..mdp.n_rows()).all(|row| !reference.support[row] || advantages[row] == RBig::ZERO))
    };
    found().map_or_else(Decision::Undecided, Decision::exact)
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
    fn new(reference: &Visits, centred: Vec<f64>, err: f64, off: f64) -> Self {
        let square = reference.mean(|row| centred[row] * centred[row]);
        let largest = reference.largest(|row| centred[row]);
        let rounding = sum::gamma_n(4) * square;
        let error = reference.error * largest * largest + 2.0 * err * square.sqrt() + err * err + rounding;
        let x = Interval { lo: (square - error - off * off).max(0.0), hi: square + error }.sqrt();
        let sigma = Bounded::around(square.sqrt(), x, Grade::Bounded);
        let flat = Decision::is_positive(sigma, || Doubt::InputRounding).not();
        Seen { flat, centred, sigma, err, off }
    }

    /// What does not vary has no spread.
    fn settled(mut self) -> Self {
        if self.flat.is_yes() {
            self.centred.fill(0.0);
            self.sigma = Bounded::exact(0.0);
        }
        self
    }
}

impl Correlation {
    fn of(reference: &Visits, truth: Seen, proxy: Seen) -> Self {
        let (r, left) = match (truth.flat.answer(), proxy.flat.answer()) {
            (Some(false), Some(false)) => Self::measured(reference, &truth, &proxy),
            (Some(true), Some(true)) => Self::none("neither reward varies"),
            (Some(true), _) => Self::none("the true reward does not vary"),
            (_, Some(true)) => Self::none("the proxy does not vary"),
            (None, _) => Self::none("it is not certain that the true reward varies"),
            (_, None) => Self::none("it is not certain that the proxy varies"),
        };
        let flat = truth.flat.clone().or(proxy.flat.clone());
        let doubt = || Doubt::bounds("closer bounds on the correlation");
        let positive = match &r {
            Ok(r) => Decision::is_positive(*r, doubt),
            Err(_) if flat.is_no() => Decision::Undecided(doubt()),
            Err(_) => flat.not(),
        };
        Correlation { truth, proxy, r, left, positive }
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
            + proxy.off * truth.off
            + sum::gamma_n(4) * reference.mean(|row| (x[row] * y[row]).abs());
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

    /// Weight `sigma_proxy sqrt(1 - r^2)` at which the penalised proxy is the lower bound on the truth, if `r > 0`.
    pub fn weight(&self) -> Maybe<f64> {
        match (&self.left, self.positive.answer()) {
            (Err(why), _) => Err(why.clone()),
            (Ok(left), Some(true)) => Ok(self.proxy.sigma.value * left.value),
            (Ok(_), Some(false)) => Err("the correlation is not positive, so the proxy bounds nothing".into()),
            (Ok(_), None) => Err("the sign of the correlation is not certain".into()),
        }
    }
}
