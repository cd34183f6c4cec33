//! Compensated sums: results as if computed in twice the working precision.

use pulp::{Arch, Simd, WithSimd};

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

/// Compensated dot product `sum x_i y_i` (Ogita, Rump, Oishi: two-product by fused multiply-add). Error at most
/// `2 UNIT |dot| + O(n^2 UNIT^2) sum |x y|`.
pub fn dot(xs: &[f64], ys: &[f64]) -> f64 {
    dot_and_size(xs, ys).0
}

/// The compensated dot product, and `sum |x_i y_i|` up to `n` roundings.
pub fn dot_and_size(xs: &[f64], ys: &[f64]) -> (f64, f64) {
    debug_assert_eq!(xs.len(), ys.len());
    Arch::new().dispatch(Products(xs, ys))
}

/// `xs + c ys`, each entry rounded once.
pub fn plus_scaled(xs: &[f64], c: f64, ys: &[f64]) -> Vec<f64> {
    let mut sums = xs.to_vec();
    Arch::new().dispatch(AddScaled { sums: &mut sums, c, ys });
    sums
}

/// Sums side by side, whatever the vectors of the processor hold: so the order of a sum depends on its length alone.
const LANES: usize = 8;

struct Products<'a>(&'a [f64], &'a [f64]);

impl WithSimd for Products<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (f64, f64) {
        const { assert!(LANES.is_multiple_of(S::F64_LANES)) };
        let zero = simd.splat_f64s(0.0);
        let (mut sum, mut lost, mut size) = ([zero; LANES], [zero; LANES], [zero; LANES]);
        let ((xs, x_rest), (ys, y_rest)) = (self.0.as_chunks::<LANES>(), self.1.as_chunks::<LANES>());
        for (x, y) in xs.iter().zip(ys) {
            let (x, y) = (S::as_simd_f64s(x).0, S::as_simd_f64s(y).0);
            for i in 0..LANES / S::F64_LANES {
                let p = simd.mul_f64s(x[i], y[i]);
                let error = simd.mul_add_f64s(x[i], y[i], simd.neg_f64s(p));
                // Knuth's two-sum, which needs no comparison.
                let total = simd.add_f64s(sum[i], p);
                let part = simd.sub_f64s(total, sum[i]);
                let before = simd.sub_f64s(sum[i], simd.sub_f64s(total, part));
                let rounding = simd.add_f64s(before, simd.sub_f64s(p, part));
                lost[i] = simd.add_f64s(lost[i], simd.add_f64s(error, rounding));
                sum[i] = total;
                size[i] = simd.add_f64s(size[i], simd.abs_f64s(p));
            }
        }
        let [sums, lost, sizes] = [sum, lost, size].map(|x| in_order(simd, x));
        let mut lanes: [Dot; LANES] = std::array::from_fn(|i| Dot { sum: sums[i], lost: lost[i], size: sizes[i] });
        let mut left = LANES;
        while left > 1 {
            left /= 2;
            for i in 0..left {
                let other = lanes[i + left];
                lanes[i] = lanes[i].add(other.sum, other.lost, other.size);
            }
        }
        let mut all = lanes[0];
        for (&x, &y) in x_rest.iter().zip(y_rest) {
            let p = x * y;
            all = all.add(p, f64::mul_add(x, y, -p), p.abs());
        }
        (all.sum + all.lost, all.size)
    }
}

/// The numbers in the first vectors that hold [`LANES`] of them.
#[inline(always)]
fn in_order<S: Simd>(_: S, vectors: [S::f64s; LANES]) -> [f64; LANES] {
    let mut numbers = [0.0; LANES];
    S::as_mut_simd_f64s(&mut numbers).0.iter_mut().zip(vectors).for_each(|(to, from)| *to = from);
    numbers
}

/// A dot product under way: the sum, what rounding took from it, and the sum of sizes.
#[derive(Clone, Copy, Default)]
struct Dot {
    sum: f64,
    lost: f64,
    size: f64,
}

impl Dot {
    #[inline(always)]
    fn add(self, x: f64, lost: f64, size: f64) -> Self {
        let sum = self.sum + x;
        let part = sum - self.sum;
        let rounding = (self.sum - (sum - part)) + (x - part);
        Dot { sum, lost: self.lost + (lost + rounding), size: self.size + size }
    }
}

struct AddScaled<'a> {
    sums: &'a mut [f64],
    c: f64,
    ys: &'a [f64],
}

impl WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.sums.iter_mut().zip(self.ys).for_each(|(sum, y)| *sum = f64::mul_add(self.c, *y, *sum));
    }
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
    fn long_dot_products_lose_nothing_to_cancellation() {
        for n in [3, 4, 5, 8, 31, 64, 1_001] {
            // Every product but the last cancels against its mirror image.
            let x: Vec<f64> = (0..n).map(|i| 1e8 * (i as f64 + 0.3).sin()).collect();
            let mirrored: Vec<f64> = x.iter().copied().chain([1.0]).chain(x.iter().rev().map(|x| -x)).collect();
            let y: Vec<f64> = mirrored.iter().map(|x| x.abs()).collect();
            let (dot, size) = dot_and_size(&mirrored, &y);
            let rest = ((2 * n + 1) as f64 * UNIT).powi(2) * size;
            assert!((dot - 1.0).abs() <= 2.0 * UNIT + rest && rest < 0.1, "{n}: {dot}");
            let plain: f64 = mirrored.iter().zip(&y).map(|(x, y)| (x * y).abs()).sum();
            assert!((size - plain).abs() <= 1e-12 * plain, "{n}");
        }
    }

    #[test]
    fn cancellation_survives() {
        assert_eq!(sum([1e16, 1.0, -1e16]), 1.0);
        assert_eq!(dot(&[1e8, 1.0, -1e8], &[1e8, 1.0, 1e8]), 1.0);
        assert_ne!([1e16, 1.0, -1e16].iter().sum::<f64>(), 1.0, "the plain sum loses it");
    }
}
