//! Pearson correlations of samples that come in clusters, with intervals that know it.
//!
//! Comparisons in one environment share its dynamics, and those of one pair share two rewards, so they say less than
//! as many independent ones. Environments are independent. The interval is the jackknife over environments in
//! Fisher's coordinate `z = atanh r`, with Student's quantile for their number: deterministic, no resampling, and wide
//! where there are few.

use crate::base::{Bounded, Grade, Interval};

/// Confidence of every interval, each by itself.
pub const CONFIDENCE: f64 = 0.95;

/// A sum of squares below this fraction of the squared mean is the rounding of equal numbers.
const CONSTANT: f64 = 1e-26;

/// Largest correlation told from 1: `atanh` is infinite there.
const ALMOST_ONE: f64 = 1.0 - 1e-15;

/// Number, means and centred sums of squares and products of pairs of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// How many pairs.
    pub n: f64,
    /// Means.
    pub mean: [f64; 2],
    /// `sum (x - mean x)^2`, and the same for y.
    pub square: [f64; 2],
    /// `sum (x - mean x) (y - mean y)`.
    pub product: f64,
}

impl Moments {
    /// Two passes: means first, so that centred sums lose no digits.
    pub fn of(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let mut m = Moments::default();
        for (x, y) in pairs.clone() {
            m.n += 1.0;
            m.mean[0] += x;
            m.mean[1] += y;
        }
        if m.n == 0.0 {
            return m;
        }
        m.mean = m.mean.map(|sum| sum / m.n);
        for (x, y) in pairs {
            let (dx, dy) = (x - m.mean[0], y - m.mean[1]);
            m.square[0] += dx * dx;
            m.square[1] += dy * dy;
            m.product += dx * dy;
        }
        m
    }

    /// Both samples together (Chan, Golub and LeVeque 1983).
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        if self.n == 0.0 || other.n == 0.0 {
            return if self.n == 0.0 { other } else { self };
        }
        let n = self.n + other.n;
        let gap = [other.mean[0] - self.mean[0], other.mean[1] - self.mean[1]];
        let weight = self.n * other.n / n;
        Moments {
            n,
            mean: [0, 1].map(|i| self.mean[i] + gap[i] * other.n / n),
            square: [0, 1].map(|i| self.square[i] + other.square[i] + gap[i] * gap[i] * weight),
            product: self.product + other.product + gap[0] * gap[1] * weight,
        }
    }

    /// The correlation; `None` where one of the two does not vary.
    pub fn correlation(&self) -> Option<f64> {
        let varies = |i: usize| self.square[i] > CONSTANT * self.n * self.mean[i] * self.mean[i];
        if !varies(0) || !varies(1) {
            return None;
        }
        let r = self.product / (self.square[0].sqrt() * self.square[1].sqrt());
        r.is_finite().then(|| r.clamp(-1.0, 1.0))
    }
}

/// The correlation over all clusters together, with its interval; `None` where one of the two does not vary.
///
/// Fewer than two clusters say nothing about how clusters differ: the interval is then all of `[-1, 1]`. O(clusters).
pub fn correlation(clusters: &[Moments]) -> Option<Bounded> {
    let filled: Vec<Moments> = clusters.iter().copied().filter(|m| m.n > 0.0).collect();
    let n = filled.len();
    // `behind[e]` is everything from cluster `e` on.
    let mut behind = vec![Moments::default(); n + 1];
    for e in (0..n).rev() {
        behind[e] = filled[e].plus(behind[e + 1]);
    }
    let value = behind[0].correlation()?;
    let unknown = Bounded { value, lo: -1.0, hi: 1.0, grade: Grade::Statistical };
    if n < 2 {
        return Some(unknown);
    }
    let fisher = |r: f64| r.clamp(-ALMOST_ONE, ALMOST_ONE).atanh();
    let mut before = Moments::default();
    let mut without = Vec::with_capacity(n);
    for e in 0..n {
        let Some(r) = before.plus(behind[e + 1]).correlation() else { return Some(unknown) };
        without.push(fisher(r));
        before = before.plus(filled[e]);
    }
    let mean = without.iter().sum::<f64>() / n as f64;
    let spread: f64 = without.iter().map(|z| (z - mean) * (z - mean)).sum();
    let half = student_quantile(n - 1) * (spread * (n - 1) as f64 / n as f64).sqrt();
    let z = fisher(value);
    let bounds = Interval { lo: (z - half).tanh(), hi: (z + half).tanh() };
    Some(Bounded::around(value, Interval { lo: bounds.lo.min(value), hi: bounds.hi.max(value) }, Grade::Statistical))
}

/// The number that a Student variable of this many degrees of freedom exceeds in size with probability
/// `1 - CONFIDENCE`. By bisection of the closed form for whole degrees (Abramowitz and Stegun 26.7.3 and 26.7.4).
pub fn student_quantile(degrees: usize) -> f64 {
    let degrees = degrees.max(1);
    // In the angle with `t = sqrt(degrees) tan(angle)`; 60 halvings reach the resolution of doubles.
    let (mut lo, mut hi) = (0.0, std::f64::consts::FRAC_PI_2);
    for _ in 0..60 {
        let middle = (lo + hi) / 2.0;
        if inside(degrees, middle) < CONFIDENCE { lo = middle } else { hi = middle }
    }
    (degrees as f64).sqrt() * lo.tan()
}

/// Probability that a Student variable is smaller in size than `sqrt(degrees) tan(angle)`.
fn inside(degrees: usize, angle: f64) -> f64 {
    let (sin, cos) = angle.sin_cos();
    // Terms of cos^(k) with k of the parity of `degrees - 2`, each from the one before.
    let (mut term, mut sum, mut k) = if degrees % 2 == 1 { (cos, 0.0, 1) } else { (1.0, 0.0, 0) };
    while k + 2 <= degrees {
        sum += term;
        term *= cos * cos * (k + 1) as f64 / (k + 2) as f64;
        k += 2;
    }
    match degrees % 2 {
        1 => (angle + sin * sum) * std::f64::consts::FRAC_2_PI,
        _ => sin * sum,
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::model::mdp::random::{normal, rng};

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, table) in [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (10, 2.2281), (30, 2.0423)] {
            assert!((student_quantile(degrees) - table).abs() < 1e-4, "{degrees}: {}", student_quantile(degrees));
        }
        assert!((student_quantile(100_000) - 1.9600).abs() < 1e-4);
    }

    #[test]
    fn joining_clusters_is_taking_all_at_once() {
        let mut rng = rng(3);
        let all: Vec<(f64, f64)> = (0..90).map(|_| (1e6 + normal(&mut rng), normal(&mut rng))).collect();
        let whole = Moments::of(all.iter().copied());
        let parts = all.chunks(17).map(|c| Moments::of(c.iter().copied())).fold(Moments::default(), Moments::plus);
        let (a, b) = (whole.correlation().unwrap(), parts.correlation().unwrap());
        assert!((a - b).abs() < 1e-9, "{a} {b}");
        let shifted = Moments::of(all.iter().map(|&(x, y)| (x - 1e6, y))).correlation().unwrap();
        assert!((a - shifted).abs() < 1e-9, "a large mean costs no digits: {a} {shifted}");
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(correlation(&[Moments::of([(0.1, 1.0), (0.1, 2.0), (0.1, 3.0)].into_iter())]), None);
        assert_eq!(correlation(&[]), None);
        let one = correlation(&[Moments::of([(1.0, 1.0), (2.0, 2.0)].into_iter())]).unwrap();
        assert!((one.value - 1.0).abs() < 1e-12);
        assert_eq!((one.lo, one.hi), (-1.0, 1.0), "one cluster says nothing about others");
    }

    /// Clusters of a sample in which x and y share a part with their cluster; the true correlation is 1/2.
    fn clusters(rng: &mut impl Rng, n: usize) -> Vec<Moments> {
        let draw = |rng: &mut _| {
            let (u, v) = (normal(rng), normal(rng));
            let pairs: Vec<(f64, f64)> = (0..12)
                .map(|_| {
                    let w = normal(rng);
                    (1.5 * u + w, 1.5 * (0.5 * u + 0.75f64.sqrt() * v) + 0.5 * w + 0.75f64.sqrt() * normal(rng))
                })
                .collect();
            Moments::of(pairs.into_iter())
        };
        (0..n).map(|_| draw(rng)).collect()
    }

    #[test]
    fn intervals_cover_as_often_as_they_say_and_naive_ones_do_not() {
        const RUNS: usize = 600;
        let mut rng = rng(5);
        let (mut covered, mut naive) = (0, 0);
        for _ in 0..RUNS {
            let sample = clusters(&mut rng, 24);
            let found = correlation(&sample).unwrap();
            covered += usize::from(found.contains(0.5));
            // Fisher's interval for as many independent pairs.
            let half = 1.96 / (24.0f64 * 12.0 - 3.0).sqrt();
            naive += usize::from((found.value.atanh() - 0.5f64.atanh()).abs() <= half);
        }
        let (covered, naive) = (covered as f64 / RUNS as f64, naive as f64 / RUNS as f64);
        assert!((0.92..=0.98).contains(&covered), "{covered}");
        assert!(naive < 0.7, "{naive}");
    }
}
