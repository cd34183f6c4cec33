//! Distributions beside each other: occupancies that sum to 1, divergences, and what rewards do between them.

use std::borrow::Borrow;

use super::surd::{Lowered, signed_square};
use super::{Q, World, combination, dot, minus, real};
use truenorth::base::Interval;

/// The sum.
pub fn total<T: Borrow<Q>>(x: impl IntoIterator<Item = T>) -> Q {
    x.into_iter().fold(Q::ZERO, |sum, x| sum + x.borrow())
}

impl World {
    /// Occupancy over rows that sums to 1: `(1 - gamma) sum_t gamma^t Pr(s_t = s, a_t = a)`.
    pub fn measure(&self, pi: &[Q]) -> Vec<Q> {
        let scale = Q::ONE - &self.gamma;
        self.occupancy(pi).iter().map(|x| x * &scale).collect()
    }

    /// What a distribution over rows says of states.
    pub fn over_its_states(&self, mu: &[Q]) -> Vec<Q> {
        (0..self.n_states()).map(|s| total(&mu[self.rows(s)])).collect()
    }

    /// The policy that has an occupancy, uniform in states that are not visited. If `mu` is no occupancy, neither is it
    /// that of the result.
    pub fn policy_with(&self, mu: &[Q]) -> Vec<Q> {
        let visits = self.over_its_states(mu);
        let uniform = self.uniform();
        let share = |row: usize| match &visits[self.row(row).s] {
            none if none.is_zero() => uniform[row].clone(),
            all => &mu[row] / all,
        };
        (0..self.n_rows()).map(share).collect()
    }

    /// The reward less the shaping that is nearest to it in the norm `sum w x^2`: the same order of policies, the
    /// smallest norm.
    pub fn canonical_under(&self, w: &[Q], r: &[Q]) -> Vec<Q> {
        minus(r, &self.drift(&self.nearest_potential(r, w)))
    }
}

/// `x` less its mean under a distribution.
fn centred(q: &[Q], x: &[Q]) -> Vec<Q> {
    let mean = dot(q, x);
    x.iter().map(|x| x - &mean).collect()
}

/// Covariance of two rewards under a distribution.
pub fn covariance(q: &[Q], x: &[Q], y: &[Q]) -> Q {
    let weighted: Vec<Q> = centred(q, x).iter().zip(q).map(|(x, q)| x * q).collect();
    dot(&weighted, y)
}

/// Whether `q` is positive wherever `p` is.
pub fn is_covered(p: &[Q], q: &[Q]) -> bool {
    p.iter().zip(q).all(|(p, q)| p.is_zero() || !q.is_zero())
}

/// `chi2(p || q) = sum p^2 / q - 1` over the support of `q`: the divergence itself where `q` covers `p`.
pub fn chi2(p: &[Q], q: &[Q]) -> Q {
    p.iter().zip(q).filter(|(_, q)| !q.is_zero()).fold(-Q::ONE, |sum, (p, q)| sum + p * p / q)
}

/// `KL(p || q)` in nats; infinite where `q` does not cover `p`.
pub fn kl(p: &[Q], q: &[Q]) -> Interval {
    if !is_covered(p, q) {
        return Interval::point(f64::INFINITY);
    }
    let terms = p.iter().zip(q).filter(|(p, _)| !p.is_zero());
    terms.fold(Interval::point(0.0), |sum, (p, q)| sum + real(p) * real(&(p / q)).ln())
}

/// What a proxy and a truth do from a reference distribution to another one. Standard deviations and the correlation
/// `r` are roots; their squares are kept.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Gain of the proxy.
    pub proxy: Q,
    /// Gain of the truth.
    pub truth: Q,
    /// `sigma~^2`, of the proxy under the reference.
    pub var_proxy: Q,
    /// `sigma^2`, of the truth under the reference.
    pub var_truth: Q,
    /// `r sigma sigma~`.
    pub covariance: Q,
    /// Squared distance of the two distributions: [`chi2`] unless replaced.
    pub chi2: Q,
}

impl Moved {
    /// From `reference` to `other`.
    pub fn between(reference: &[Q], other: &[Q], proxy: &[Q], truth: &[Q]) -> Self {
        let step = minus(other, reference);
        Moved { proxy: dot(&step, proxy), truth: dot(&step, truth), ..Self::measured(reference, proxy, truth) }
            .with_chi2(chi2(other, reference))
    }

    fn measured(weights: &[Q], proxy: &[Q], truth: &[Q]) -> Self {
        Moved {
            proxy: Q::ZERO,
            truth: Q::ZERO,
            var_proxy: covariance(weights, proxy, proxy),
            var_truth: covariance(weights, truth, truth),
            covariance: covariance(weights, proxy, truth),
            chi2: Q::ZERO,
        }
    }

    /// The same with moments under other weights.
    #[must_use]
    pub fn with_moments_under(self, weights: &[Q], proxy: &[Q], truth: &[Q]) -> Self {
        let Moved { proxy: x, truth: y, chi2, .. } = self;
        Moved { proxy: x, truth: y, chi2, ..Self::measured(weights, proxy, truth) }
    }

    /// The same with another squared distance; what is negative counts as 0.
    #[must_use]
    pub fn with_chi2(self, chi2: Q) -> Self {
        Moved { chi2: chi2.max(Q::ZERO), ..self }
    }

    /// Whether `r` is defined.
    pub fn is_defined(&self) -> bool {
        !self.var_proxy.is_zero() && !self.var_truth.is_zero()
    }

    /// `r |r|`.
    pub fn signed_r2(&self) -> Q {
        signed_square(&self.covariance) / (&self.var_proxy * &self.var_truth)
    }

    /// `1 - r^2`.
    fn rest(&self) -> Q {
        Q::ONE - &self.covariance * &self.covariance / (&self.var_proxy * &self.var_truth)
    }

    /// `lambda^2 chi2 = sigma~^2 (1 - r^2) chi2`.
    pub fn penalty(&self) -> Q {
        &self.var_proxy * self.rest() * &self.chi2
    }

    /// `sigma / r (x - sqrt((1 - r^2) chi2))` with `x` the gain of the proxy in its standard deviations: what
    /// the gain of the truth cannot fall below for `r > 0`.
    pub fn bound(&self) -> Lowered {
        let slope = &self.var_truth / &self.covariance;
        Lowered { from: &slope * &self.proxy, square: &slope * &slope * self.penalty() }
    }

    /// `sigma (r x - sqrt((1 - r^2) (chi2 - x^2)))`: the least gain of a truth with this `sigma` and `r`.
    pub fn sharp_bound(&self) -> Lowered {
        let unexplained = (&self.chi2 - &self.proxy * &self.proxy / &self.var_proxy).max(Q::ZERO);
        Lowered {
            from: &self.covariance * &self.proxy / &self.var_proxy,
            square: &self.var_truth * self.rest() * unexplained,
        }
    }
}

/// Of all truths with one `sigma` and one correlation with the proxy, one that falls most from `reference` to `other`:
/// `a R~ - b (L - 1 - x z~)` with `L = other / reference`, up to a constant. `b >= 0`; the correlation has the sign of
/// `a`.
pub fn least_favourable(reference: &[Q], other: &[Q], proxy: &[Q], a: &Q, b: &Q) -> Vec<Q> {
    let excess: Vec<Q> =
        reference.iter().zip(other).map(|(q, p)| if q.is_zero() { Q::ZERO } else { p / q - Q::ONE }).collect();
    let slope = dot(&minus(other, reference), proxy) / covariance(reference, proxy, proxy);
    let rest = combination(&excess, &-slope, &centred(reference, proxy));
    proxy.iter().zip(&rest).map(|(r, rest)| a * r - b * rest).collect()
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;

    fn q(list: &[&str]) -> Vec<Q> {
        list.iter().map(|x| number(x)).collect()
    }

    #[test]
    fn moments_and_divergences_are_those_of_a_fair_coin() {
        let (fair, biased) = (q(&["1/2", "1/2"]), q(&["3/4", "1/4"]));
        assert_eq!(chi2(&biased, &fair), number("1/4"));
        assert_eq!(covariance(&fair, &q(&["1", "-1"]), &q(&["3", "1"])), number("1"));
        let nats = kl(&biased, &fair);
        let known = 0.75f64 * 1.5f64.ln() + 0.25 * 0.5f64.ln();
        assert!(nats.lo <= known && known <= nats.hi && nats.hi - nats.lo < 1e-14);
        assert_eq!(kl(&fair, &q(&["1", "0"])).lo, f64::INFINITY);
    }

    #[test]
    fn the_least_favourable_truth_attains_the_sharp_bound() {
        let (reference, other) = (q(&["1/2", "1/4", "1/4"]), q(&["1/4", "1/4", "1/2"]));
        let proxy = q(&["0", "1", "1"]);
        let truth = least_favourable(&reference, &other, &proxy, &number("1/3"), &number("2"));
        let moved = Moved::between(&reference, &other, &proxy, &truth);
        let bound = moved.sharp_bound();
        assert_eq!(signed_square(&(&bound.from - &moved.truth)), bound.square);
        assert!(bound.from > moved.truth);
    }

    #[test]
    fn an_occupancy_gives_back_its_policy() {
        let world = World::moves("1/2", &[("a", "go", "b"), ("a", "stay", "a"), ("b", "go", "a"), ("b", "stay", "b")]);
        let pi = q(&["1/3", "2/3", "3/4", "1/4"]);
        let mu = world.measure(&pi);
        assert_eq!(total(&mu), Q::ONE);
        assert_eq!(world.policy_with(&mu), pi);
    }
}
