//! Soft values and policies by soft policy iteration in long floating point and fractions.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use dashu_int::IBig;

use crate::truth::hold::{Held, largest_return};
use crate::truth::num::{Q, Span, abs, dot, int, near, power, q};
use crate::truth::world::Part;

/// Binary digits of exponentials.
const DIGITS: usize = 220;

type Long = FBig<HalfEven, 2>;

fn long(x: &Q) -> Long {
    let whole = |n: IBig| Long::from(n).with_precision(DIGITS).value();
    whole(x.numerator().clone()) / whole(x.denominator().clone().into())
}

fn back(x: &Long) -> Q {
    Q::from(x.repr().significand().clone()) * power(2, x.repr().exponent() as i32)
}

/// A soft policy and its values.
pub struct Soft {
    /// Of each row.
    pub policy: Vec<Q>,
    /// `V_tau` of each live state.
    pub v: Vec<Q>,
}

/// `tau log sum exp(q / tau)` over some rows, and the probabilities.
fn softmax(q: &[Q], tau: &Q, from_uniform: bool) -> (Q, Vec<Q>) {
    let best = q.iter().max().expect("an action").clone();
    let weight = |x: &Q| {
        let exponent = (x - &best) / tau;
        // Below every double.
        if exponent < int(-3_000) { Long::ZERO } else { long(&exponent).exp() }
    };
    let weights: Vec<Long> = q.iter().map(weight).collect();
    let total = weights.iter().fold(long(&Q::ZERO), |sum, w| sum + w);
    // KL from the uniform policy in place of entropy: the mean of the exponentials in place of their sum.
    let count = if from_uniform { q.len() } else { 1 };
    let scaled = &total / long(&int(count as i64));
    let log = if q.len() == 1 { Q::ZERO } else { back(&scaled.with_precision(DIGITS).value().ln()) };
    let total = back(&total);
    (best + tau * log, weights.iter().map(|w| back(w) / &total).collect())
}

/// The same number to some three hundred bits.
fn short(x: Q) -> Q {
    let span = Span::from(x).short();
    span.lo
}

impl Soft {
    /// Paid for its entropy.
    pub fn new(part: &Part, r: &[Q], tau: &Q) -> Self {
        Self::of(part, r, tau, false)
    }

    /// Charged for its KL from the uniform policy.
    pub fn from_uniform(part: &Part, r: &[Q], tau: &Q) -> Self {
        Self::of(part, r, tau, true)
    }

    fn of(part: &Part, r: &[Q], tau: &Q, from_uniform: bool) -> Self {
        let mut v = part.value(&part.uniform(), r);
        let mut policy = Vec::new();
        // Newton's method from below: the error is squared each time.
        for _ in 0..100 {
            policy.clear();
            let mut entropy = Vec::new();
            for rows in &part.of {
                let values: Vec<Q> = rows.clone().map(|row| part.backup(row, r, &v)).collect();
                let (log, weights) = softmax(&values, tau, from_uniform);
                // tau H = tau log sum exp - sum pi q.
                entropy.push(log - dot(&weights, &values));
                policy.extend(weights.into_iter().map(short));
            }
            // What the policy earns with its entropy paid for, from one row a state.
            let paid: Vec<Q> = part.rows.iter().enumerate().map(|(row, of)| &r[row] + &entropy[of.at]).collect();
            // Weights are doubles of long floats; rescaled they sum to 1.
            for rows in &part.of {
                let sum = policy[rows.clone()].iter().fold(Q::ZERO, |sum, w| sum + w);
                rows.clone().for_each(|row| policy[row] = &policy[row] / &sum);
            }
            let next: Vec<Q> = part.value(&policy, &paid).into_iter().map(short).collect();
            let moved = next.iter().zip(&v).map(|(x, y)| abs(&(x - y))).max().unwrap_or(Q::ZERO);
            let size = next.iter().map(abs).max().unwrap_or(Q::ZERO) + tau;
            v = next;
            if moved <= size * power(2, -120) {
                break;
            }
        }
        Soft { policy, v }
    }
}

/// A number known to some digits.
fn about(x: &Q, digits: i32) -> Span {
    let slack = abs(x) * power(10, -digits);
    Span { lo: x - &slack, hi: x + &slack }
}

pub fn hold_soft(held: &mut Held, part: &Part, r: &[Q], tau: &Q, soft: &Soft) {
    let size = largest_return(&part.gamma, r) + tau;
    held.bounded("soft.0.value_at_start", &about(&dot(&part.mu, &soft.v), 25), &size);
    let occupancy = part.occupancy(&soft.policy);
    let earned = dot(&occupancy, r);
    held.bounded("soft.0.return", &about(&earned, 25), &size);
    let best = dot(&part.mu, &part.optimum(r, true));
    let lost = &best - &earned;
    let slack = &size * power(10, -25);
    held.bounded("soft.0.loss", &Span { lo: &lost - &slack, hi: &lost + &slack }, &size);
    for (at, v) in soft.v.iter().enumerate() {
        let s = part.live[at];
        let bound =
            |key: &str| held.at(&format!("soft.0.v_bounds.{key}.{s}")).as_f64().filter(|x| x.is_finite()).map(q);
        let fits = bound("lo").is_some_and(|lo| lo <= v + &slack) && bound("hi").is_some_and(|hi| hi >= v - &slack);
        let found = format!(
            "{:?} to {:?}, right is {:e}",
            bound("lo").as_ref().map(near),
            bound("hi").as_ref().map(near),
            near(v)
        );
        held.holds("soft.v_bounds miss the truth", fits, || format!("state {s}: {found}"));
    }
    for (row, right) in part.rows.iter().zip(&soft.policy) {
        let path = format!("soft.0.policy.{}.{}", part.live[row.at], row.action);
        let found = held.at(&path).as_f64().map(q);
        let off = found.as_ref().map(|x| abs(&(x - right)));
        held.holds("soft.policy is off", off.is_some_and(|off| off <= power(10, -6)), || {
            format!("{path} = {:?}, right is {:e}", found.as_ref().map(near), near(right))
        });
    }
    hold_lipschitz(held, part, tau, &soft.policy, &size);
}

/// `max_s max_sigma |(1/tau) sum_a sigma_a pi(a|s) (N_sa - sum_b pi(b|s) N_sb)|_1`, in doubles from exact visits.
fn hold_lipschitz(held: &mut Held, part: &Part, tau: &Q, policy: &[Q], size: &Q) {
    let n = part.n();
    // M = (I - gamma P_pi)^-1, row by row: visits from each state.
    let from = |start: usize| {
        let mut one = part.clone();
        one.mu = (0..n).map(|s| Q::from(u8::from(s == start))).collect();
        one.visits(policy)
    };
    let visits: Vec<Vec<Q>> = (0..n).map(from).collect();
    // N of a row on all rows.
    let spread = |row: usize| -> Vec<Q> {
        let state = |t: usize| (0..n).fold(Q::ZERO, |sum, u| sum + &part.rows[row].p[u] * &visits[u][t]);
        let later: Vec<Q> = (0..n).map(|t| &part.gamma * state(t)).collect();
        let entry = |k: usize| &policy[k] * &later[part.rows[k].at] + Q::from(u8::from(k == row));
        (0..part.rows.len()).map(entry).collect()
    };
    let mut largest = Q::ZERO;
    for rows in &part.of {
        let all: Vec<Vec<Q>> = rows.clone().map(spread).collect();
        let weights = &policy[rows.clone()];
        let mean = |k: usize| all.iter().zip(weights).fold(Q::ZERO, |sum, (n, w)| sum + w * &n[k]);
        let means: Vec<Q> = (0..policy.len()).map(mean).collect();
        let tilt: Vec<Vec<Q>> =
            all.iter().zip(weights).map(|(n, w)| n.iter().zip(&means).map(|(x, m)| w * (x - m)).collect()).collect();
        for signs in 0..1usize << (rows.len() - 1) {
            let sign = |i: usize| if signs >> i & 1 == 1 { int(-1) } else { Q::ONE };
            let entry = |k: usize| tilt.iter().enumerate().fold(Q::ZERO, |sum, (i, t)| sum + sign(i) * &t[k]);
            let total = (0..policy.len()).fold(Q::ZERO, |sum, k| sum + abs(&entry(k)));
            largest = Q::max(largest, total);
        }
    }
    let truth = largest / tau;
    let room = size / tau + Q::ONE / tau;
    held.bounded("soft.0.lipschitz_local", &about(&truth, 20), &(room * int(1_000)));
}
