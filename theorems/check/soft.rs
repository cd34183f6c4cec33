//! Entropy-regularised values and policies as intervals that certainly contain them.
//!
//! The soft Bellman operator `(T V)(s) = tau ln sum_a exp((r + gamma P V)(s,a) / tau)` is monotone and turns `V + c` into
//! `TV + gamma c`, so for any `V` the soft value is between `V + min(TV - V) / (1 - gamma)` and
//! `V + max(TV - V) / (1 - gamma)`. Doubles look for a good `V`; intervals take the bounds. The same holds for the operator
//! of one policy.

use super::{Q, World, real};
use truenorth::base::Interval;

/// Sweeps after which an estimate is good enough whatever the discount: bounds hold for any estimate.
const SWEEPS: usize = 4_000;
/// A sweep that moves no value by more than this, relative to 1 and the value, is the last.
const STILL: f64 = 1e-15;

/// Soft values and the soft policy of one reward at one temperature.
#[derive(Clone, Debug)]
pub struct Soft {
    /// `V_tau`, length S.
    pub v: Vec<Interval>,
    /// `Q_tau` over rows.
    pub q: Vec<Interval>,
    /// `pi_tau` over rows.
    pub pi: Vec<Interval>,
    /// `ln pi_tau` over rows.
    pub log_pi: Vec<Interval>,
}

fn over(x: Interval, tau: Interval) -> Interval {
    x.checked_div(tau).expect("temperatures are positive")
}

fn sum(x: impl IntoIterator<Item = Interval>) -> Interval {
    x.into_iter().fold(Interval::point(0.0), |sum, x| sum + x)
}

/// `tau ln sum exp(x / tau)`.
pub fn soft_max(x: &[Interval], tau: Interval) -> Interval {
    let top = Interval::point(x.iter().map(|x| x.hi).fold(f64::NEG_INFINITY, f64::max));
    top + tau * sum(x.iter().map(|&x| over(x - top, tau).exp())).ln()
}

/// `ln softmax(x / tau)`.
pub fn log_softmax(x: &[Interval], tau: Interval) -> Vec<Interval> {
    // Differences first: they are narrow where the numbers themselves share an error.
    x.iter().map(|&x_a| -sum(x.iter().map(|&x_b| over(x_b - x_a, tau).exp())).ln()).collect()
}

/// How much a softmax at temperature 1 moves around the distribution `p`, from the sup norm of logits to the sum norm of
/// probabilities: `max_B 4 p(B) (1 - p(B))` over sets of actions.
pub fn softmax_sensitivity(p: &[Q]) -> Q {
    let masses = p.iter().fold(vec![Q::ZERO], |masses, p| {
        let with: Vec<Q> = masses.iter().map(|m| m + p).collect();
        [masses, with].concat()
    });
    masses.iter().map(|m| Q::from(4u8) * m * (Q::ONE - m)).max().unwrap_or(Q::ZERO)
}

/// `sum |x - y|`.
pub fn l1_between(x: &[Interval], y: &[Interval]) -> Interval {
    sum(x.iter().zip(y).map(|(&x, &y)| (x - y).abs()))
}

/// The largest of some intervals' numbers; 0 of none.
pub fn greatest(x: impl IntoIterator<Item = Interval>) -> Interval {
    let larger = |x: Interval, y: Interval| Interval { lo: x.lo.max(y.lo), hi: x.hi.max(y.hi) };
    x.into_iter().reduce(larger).unwrap_or(Interval::point(0.0))
}

/// Doubles near a world's numbers, for estimates.
struct Near {
    p: Vec<Vec<f64>>,
    gamma: f64,
}

impl Near {
    fn of(world: &World) -> Self {
        let double = |x: &Q| x.to_f64().value();
        Near {
            p: world.all_rows().iter().map(|row| row.p.iter().map(double).collect()).collect(),
            gamma: double(&world.gamma),
        }
    }

    /// An estimate of the fixed point of `step`, which makes a state's value of its actions'.
    fn fixed_point(&self, world: &World, r: &[f64], step: impl Fn(usize, &[f64]) -> f64) -> Vec<f64> {
        let mut v = vec![0.0; world.n_states()];
        for _ in 0..SWEEPS {
            let next = |row: usize| self.p[row].iter().zip(&v).map(|(p, v)| p * v).sum::<f64>();
            let q: Vec<f64> = (0..world.n_rows()).map(|row| r[row] + self.gamma * next(row)).collect();
            let new: Vec<f64> = (0..world.n_states()).map(|s| step(s, &q[world.rows(s)])).collect();
            let is_still = new.iter().zip(&v).all(|(x, y)| (x - y).abs() <= STILL * x.abs().max(1.0));
            v = new;
            if is_still {
                break;
            }
        }
        v
    }
}

impl World {
    /// `r + gamma P v` over rows.
    fn q_within(&self, r: &[Interval], v: &[Interval]) -> Vec<Interval> {
        let gamma = real(&self.gamma);
        let next = |row: usize| {
            let possible = self.row(row).p.iter().zip(v).filter(|(p, _)| !p.is_zero());
            sum(possible.map(|(p, &v)| real(p) * v))
        };
        (0..self.n_rows()).map(|row| r[row] + gamma * next(row)).collect()
    }

    /// The bounds that follow from an estimate and what one backup adds to it.
    fn within(&self, v: &[f64], added: &[Interval]) -> Vec<Interval> {
        let horizon = Interval::point(1.0).checked_div(real(&(Q::ONE - &self.gamma))).expect("the discount is below 1");
        let least = added.iter().map(|d| d.lo).fold(f64::INFINITY, f64::min);
        let most = added.iter().map(|d| d.hi).fold(f64::NEG_INFINITY, f64::max);
        let error = Interval { lo: least, hi: most } * horizon;
        v.iter().map(|&v| Interval::point(v) + error).collect()
    }

    /// Soft values of a reward over rows at a positive temperature.
    pub fn soft(&self, r: &[Q], tau: &Q) -> Soft {
        let (near, t) = (Near::of(self), tau.to_f64().value());
        let doubles: Vec<f64> = r.iter().map(|r| r.to_f64().value()).collect();
        let step = |_: usize, q: &[f64]| {
            let top = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            top + t * q.iter().map(|q| ((q - top) / t).exp()).sum::<f64>().ln()
        };
        let v = near.fixed_point(self, &doubles, step);
        let (r, tau): (Vec<Interval>, _) = (r.iter().map(real).collect(), real(tau));
        let points: Vec<Interval> = v.iter().map(|&v| Interval::point(v)).collect();
        let q = self.q_within(&r, &points);
        let added: Vec<Interval> = (0..v.len()).map(|s| soft_max(&q[self.rows(s)], tau) - points[s]).collect();
        let v = self.within(&v, &added);
        let q = self.q_within(&r, &v);
        let log_pi: Vec<Interval> = (0..v.len()).flat_map(|s| log_softmax(&q[self.rows(s)], tau)).collect();
        Soft { v, pi: log_pi.iter().map(|x| x.exp()).collect(), log_pi, q }
    }

    /// Values of a policy and a reward over rows that are known within intervals, length S.
    pub fn evaluate_within(&self, pi: &[Interval], r: &[Interval]) -> Vec<Interval> {
        let mids = |x: &[Interval]| x.iter().map(|x| x.mid()).collect::<Vec<f64>>();
        let weights = mids(pi);
        let step = |s: usize, q: &[f64]| q.iter().zip(&weights[self.rows(s)]).map(|(q, w)| q * w).sum::<f64>();
        let v = Near::of(self).fixed_point(self, &mids(r), step);
        let points: Vec<Interval> = v.iter().map(|&v| Interval::point(v)).collect();
        let q = self.q_within(r, &points);
        // Probabilities sum to 1, so what a backup adds is the average of `q - v`.
        let added = |s: usize| sum(self.rows(s).map(|row| pi[row] * (q[row] - points[s])));
        self.within(&v, &(0..v.len()).map(added).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Size, Tape, number};
    use super::*;

    fn contains(x: Interval, truth: f64, slack: f64) -> bool {
        x.lo - slack <= truth && truth <= x.hi + slack && x.hi - x.lo < 1e-9
    }

    #[test]
    fn equal_rewards_have_a_closed_form() {
        // V = (r + tau ln A) / (1 - gamma) = (2 + ln 3 / 2) / (1 - 9/10).
        let world = World::moves("9/10", &[("s", "x", "s"), ("s", "y", "s"), ("s", "z", "s")]);
        let soft = world.soft(&vec![number("2"); 3], &number("1/2"));
        assert!(contains(soft.v[0], 10.0 * (2.0 + 0.5 * 3f64.ln()), 1e-14));
        assert!(soft.pi.iter().all(|&pi| contains(pi, 1.0 / 3.0, 0.0)));
    }

    #[test]
    fn a_bandit_is_its_softmax() {
        let world = World::bandit(&["x", "y"]);
        let soft = world.soft(&[number("1"), number("0")], &number("1/2"));
        assert!(contains(soft.pi[0], 1.0 / (1.0 + (-2f64).exp()), 1e-15));
        assert!(contains(soft.v[0], 0.5 * (1.0 + 2f64.exp()).ln(), 1e-15));
    }

    #[test]
    fn a_softmax_moves_most_where_some_actions_have_mass_one_half() {
        let p = |parts: &[&str]| parts.iter().map(|x| number(x)).collect::<Vec<_>>();
        assert_eq!(softmax_sensitivity(&p(&["1/3", "1/3", "1/3"])), number("8/9"));
        assert_eq!(softmax_sensitivity(&p(&["1/2", "1/3", "1/6"])), Q::ONE);
        assert_eq!(softmax_sensitivity(&p(&["1", "0"])), Q::ZERO);
    }

    /// Newton's method on the same equation shares no step with the sweeps.
    #[test]
    fn soft_policy_iteration_in_fractions_agrees() {
        for seed in 0..20 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().states(1, 3));
            let r = draw.reward("r", &world);
            let soft = world.soft(&r, &Q::ONE);
            let read = |x: f64| Q::try_from(x).unwrap();
            let mut pi = world.uniform();
            for _ in 0..12 {
                let paid = r.iter().zip(&pi).map(|(r, p)| r - read(p.to_f64().value().ln())).collect::<Vec<_>>();
                let v = world.evaluate(&pi, &paid);
                let v: Vec<f64> = v.iter().map(|v| v.to_f64().value()).collect();
                let near = Near::of(&world);
                let q = |row: usize| {
                    r[row].to_f64().value() + near.gamma * near.p[row].iter().zip(&v).map(|(p, v)| p * v).sum::<f64>()
                };
                for s in 0..world.n_states() {
                    let total: f64 = world.rows(s).map(|row| (q(row) - v[s]).exp()).sum();
                    world.rows(s).for_each(|row| pi[row] = read((q(row) - v[s]).exp() / total));
                }
            }
            for (found, pi) in soft.pi.iter().zip(&pi) {
                assert!(contains(*found, pi.to_f64().value(), 1e-10), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_pure_policy_is_worth_what_elimination_says() {
        for seed in 0..40 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small());
            let (pi, r) = (draw.policy("pi", &world), draw.reward("r", &world));
            let within = |x: &[Q]| x.iter().map(real).collect::<Vec<_>>();
            let found = world.evaluate_within(&within(&pi), &within(&r));
            for (found, truth) in found.iter().zip(world.evaluate(&pi, &r)) {
                let truth = real(&truth);
                assert!(found.lo <= truth.hi && truth.lo <= found.hi && found.hi - found.lo < 1e-9, "seed {seed}");
            }
        }
    }
}
