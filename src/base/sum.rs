//! Compensated sums: results as if computed in twice the working precision.

/// Unit roundoff of `f64`, 2^-53.
pub const UNIT: f64 = f64::EPSILON / 2.0;

/// Neumaier's compensated sum. Error at most `2 UNIT |sum| + O(n^2 UNIT^2) sum |x|`.
///
/// The order of summation is the order of the input, so results are the same on every run.
pub fn sum(xs: impl IntoIterator<Item = f64>) -> f64 {
    let (mut s, mut c) = (0.0f64, 0.0f64);
    for x in xs {
        let t = s + x;
        c += if s.abs() >= x.abs() { (s - t) + x } else { (x - t) + s };
        s = t;
    }
    s + c
}

/// Compensated dot product `sum x_i y_i` (Ogita, Rump, Oishi: two-product by fused multiply-add).
pub fn dot(xs: &[f64], ys: &[f64]) -> f64 {
    debug_assert_eq!(xs.len(), ys.len());
    let (mut s, mut c) = (0.0f64, 0.0f64);
    for (&x, &y) in xs.iter().zip(ys) {
        let p = x * y;
        let e = f64::mul_add(x, y, -p);
        let t = s + p;
        c += e + if s.abs() >= p.abs() { (s - t) + p } else { (p - t) + s };
        s = t;
    }
    s + c
}

/// Bound on the rounding error of a plain `n`-term dot product relative to `sum |x_i y_i|`: `n u / (1 - n u)`.
pub fn gamma_n(n: usize) -> f64 {
    let nu = n as f64 * UNIT;
    // `n` terms of user data: far below 2^52, so the denominator is positive.
    (nu / (1.0 - nu)).next_up()
}

/// Largest absolute value; 0 for an empty slice.
pub fn max_abs(xs: &[f64]) -> f64 {
    xs.iter().fold(0.0, |m, x| f64::max(m, x.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellation_survives() {
        assert_eq!(sum([1e16, 1.0, -1e16]), 1.0);
        assert_eq!(dot(&[1e8, 1.0, -1e8], &[1e8, 1.0, 1e8]), 1.0);
        assert_ne!([1e16, 1.0, -1e16].iter().sum::<f64>(), 1.0, "the plain sum loses it");
    }
}
