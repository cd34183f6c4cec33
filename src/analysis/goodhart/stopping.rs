//! When a step is safe for every truth within an angle of the proxy (Karwowski et al. 2024, early stopping).
//!
//! With `p` the proxy's projection on directions of occupancies, of length 1, and `d` the step between two occupancies: some
//! truth within the angle theta of the proxy loses from the step iff `<p, d> / |d| < sin theta`.

use crate::base::sum::dot;

/// A step is parallel to the proxy's direction if no more than this share of it lies across: rounding has no direction.
const PARALLEL: f64 = 1e-12;

/// What the least lucky truth within `theta` (radians, at most a right angle) of the proxy gains from the step `d`, in
/// units of the size of its projection: `cos(theta) <p, d> - sin(theta) |d - <p, d> p|`.
pub fn worst_change(p: &[f64], d: &[f64], theta: f64) -> f64 {
    let (along, across) = split(p, d);
    theta.cos() * along - theta.sin() * dot(&across, &across).sqrt()
}

/// A truth, over rows, that gains least from `d` among all within `theta` of the proxy: the proxy's direction turned by
/// `theta` away from the step. The proxy's direction itself where the step is parallel to it.
pub fn worst_truth(p: &[f64], d: &[f64], theta: f64) -> Vec<f64> {
    let (_, across) = split(p, d);
    let length = dot(&across, &across).sqrt();
    let (cos, turn) = match length > PARALLEL * dot(d, d).sqrt() {
        true => (theta.cos(), theta.sin() / length),
        false => (1.0, 0.0),
    };
    p.iter().zip(&across).map(|(p, e)| cos * p - turn * e).collect()
}

/// The share of the proxy in a step: cosine of the angle between them.
pub(super) fn rate(p: &[f64], d: &[f64]) -> f64 {
    dot(p, d) / dot(d, d).sqrt()
}

/// `<p, d>` and `d - <p, d> p`.
fn split(p: &[f64], d: &[f64]) -> (f64, Vec<f64>) {
    let along = dot(p, d);
    (along, d.iter().zip(p).map(|(d, p)| d - along * p).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_truth_loses_exactly_below_the_sine() {
        let p = [1.0, 0.0];
        for degrees in [10.0f64, 45.0, 80.0] {
            let theta = degrees.to_radians();
            for turned in 0..18 {
                let alpha = (10.0 * f64::from(turned) + 0.5).to_radians();
                let d = [alpha.cos(), alpha.sin()];
                let worst = worst_change(&p, &d, theta);
                assert_eq!(worst < 0.0, rate(&p, &d) < theta.sin(), "{degrees} {turned}");
                assert!((dot(&worst_truth(&p, &d, theta), &d) - worst).abs() < 1e-15);
            }
        }
    }
}
