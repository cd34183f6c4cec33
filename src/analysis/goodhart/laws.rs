//! Laws of over-optimisation (Gao, Schulman and Hilton 2023): the true gain against `d`, the root of the KL from the start.

/// The form of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `d (alpha - beta d)`, of best of n.
    BestOfN,
    /// `d (alpha - beta ln d)`, of reinforcement learning. Its slope at 0 is infinite: not meant for small `d`.
    Learning,
}

/// A law with its two coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Its form.
    pub shape: Shape,
    /// How fast the truth gains at first.
    pub alpha: f64,
    /// How fast that wears off.
    pub beta: f64,
}

impl Law {
    /// The gain at a distance; 0 at 0.
    pub fn at(&self, d: f64) -> f64 {
        if d <= 0.0 { 0.0 } else { d * (self.alpha - self.beta * self.shape.regressor(d)) }
    }

    /// Distance and height of the peak; `None` unless `beta > 0`, and for best of n `alpha > 0`.
    ///
    /// `alpha / (2 beta)` and `alpha^2 / (4 beta)`; `exp(alpha / beta - 1)` and `beta` times that.
    pub fn peak(&self) -> Option<(f64, f64)> {
        let d = match self.shape {
            Shape::BestOfN => self.alpha / (2.0 * self.beta),
            Shape::Learning => (self.alpha / self.beta - 1.0).exp(),
        };
        (self.beta > 0.0 && d > 0.0 && d.is_finite()).then(|| (d, self.at(d)))
    }

    /// The distance beyond which the start was better: `alpha / beta`, `exp(alpha / beta)`.
    pub fn zero(&self) -> Option<f64> {
        let d = match self.shape {
            Shape::BestOfN => self.alpha / self.beta,
            Shape::Learning => (self.alpha / self.beta).exp(),
        };
        (self.beta > 0.0 && d > 0.0 && d.is_finite()).then_some(d)
    }

    /// Least squares of `gain / d` on `d`, or on its logarithm, over points of finite `d > 0`. `None` for fewer than two
    /// different distances.
    pub fn fit(shape: Shape, points: impl IntoIterator<Item = (f64, f64)>) -> Option<Law> {
        let usable = points.into_iter().filter(|(d, gain)| *d > 0.0 && d.is_finite() && gain.is_finite());
        let xy: Vec<(f64, f64)> = usable.map(|(d, gain)| (shape.regressor(d), gain / d)).collect();
        let n = xy.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| xy.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|p| p.0), mean(|p| p.1));
        let across: f64 = xy.iter().map(|p| (p.0 - x).powi(2)).sum();
        // Distances that differ by rounding alone fix no slope.
        let size = xy.iter().fold(0.0f64, |m, p| m.max(p.0.abs()));
        if xy.len() < 2 || across.sqrt() <= 1e-9 * size {
            return None;
        }
        let slope = xy.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / across;
        Some(Law { shape, alpha: y - slope * x, beta: -slope })
    }
}

impl Shape {
    fn regressor(self, d: f64) -> f64 {
        match self {
            Shape::BestOfN => d,
            Shape::Learning => d.ln(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_where_a_search_finds_them_and_a_fit_finds_the_law() {
        for shape in [Shape::BestOfN, Shape::Learning] {
            let law = Law { shape, alpha: 0.7, beta: 0.3 };
            let (d, height) = law.peak().unwrap();
            let grid = (1..100_000).map(|i| f64::from(i) * 1e-4);
            let best = grid.clone().max_by(|&x, &y| law.at(x).total_cmp(&law.at(y))).unwrap();
            assert!((best - d).abs() <= 1e-4 && height >= law.at(best), "{shape:?}");
            assert!(law.at(law.zero().unwrap()).abs() < 1e-14);
            let fitted = Law::fit(shape, grid.step_by(10_000).map(|d| (d, law.at(d)))).unwrap();
            assert!((fitted.alpha - 0.7).abs() < 1e-12 && (fitted.beta - 0.3).abs() < 1e-12);
        }
        let closed = Law { shape: Shape::BestOfN, alpha: 3.0, beta: 2.0 };
        assert_eq!((closed.peak(), closed.zero()), (Some((0.75, 1.125)), Some(1.5)));
    }

    #[test]
    fn what_has_no_peak_says_so() {
        assert_eq!(Law { shape: Shape::BestOfN, alpha: 1.0, beta: 0.0 }.peak(), None);
        assert_eq!(Law { shape: Shape::BestOfN, alpha: -1.0, beta: 1.0 }.peak(), None);
        assert_eq!(Law::fit(Shape::BestOfN, [(1.0, 2.0), (1.0, 2.0), (0.0, 0.0)]), None);
    }
}
