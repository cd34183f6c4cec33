//! Linear systems modulo a Mersenne prime `2^K - 1`, whose remainders cost a shift and an addition.

/// Products added up before a remainder is taken: 32 of them stay below 2^127.
const CHUNK: usize = 32;

/// `2^K - 1`.
pub const fn prime<const K: u32>() -> u64 {
    (1 << K) - 1
}

/// Remainder of any number.
pub fn reduce<const K: u32>(mut x: u128) -> u64 {
    let p = u128::from(prime::<K>());
    while x > p {
        x = (x & p) + (x >> K);
    }
    if x == p { 0 } else { x as u64 }
}

/// Product of two remainders.
pub fn mul<const K: u32>(x: u64, y: u64) -> u64 {
    reduce::<K>(u128::from(x) * u128::from(y))
}

/// Difference of two remainders.
pub fn sub<const K: u32>(x: u64, y: u64) -> u64 {
    if x >= y { x - y } else { x + prime::<K>() - y }
}

/// `2^n` as a remainder.
pub fn power_of_two<const K: u32>(n: usize) -> u64 {
    1 << (n as u64 % u64::from(K))
}

/// Inverse of a remainder that is not zero, by Fermat's little theorem.
fn inverse<const K: u32>(x: u64) -> u64 {
    let (mut base, mut exponent, mut result) = (x, prime::<K>() - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul::<K>(result, base);
        }
        base = mul::<K>(base, base);
        exponent >>= 1;
    }
    result
}

/// `sum x_i y_i` of remainders.
fn dot<const K: u32>(x: &[u64], y: &[u64]) -> u64 {
    let p = u128::from(prime::<K>());
    let mut sum = 0u128;
    for (x, y) in x.chunks(CHUNK).zip(y.chunks(CHUNK)) {
        let part = x.iter().zip(y).fold(0u128, |part, (&x, &y)| part + u128::from(x) * u128::from(y));
        sum += part;
        sum = (sum & p) + (sum >> K);
    }
    reduce::<K>(sum)
}

/// A matrix as the product of a lower triangle and an upper one with unit diagonal, rows permuted.
pub struct Lu<const K: u32> {
    n: usize,
    /// Lower triangle, row by row, its diagonal inverted.
    lower: Vec<u64>,
    /// Upper triangle, row by row.
    upper: Vec<u64>,
    /// Row of the matrix that became each row of the triangles.
    order: Vec<usize>,
}

impl<const K: u32> Lu<K> {
    /// Factors an `n x n` matrix of remainders, given row by row; `None` if it is singular. O(n^3 / 3).
    pub fn new(n: usize, mut a: Vec<u64>) -> Option<Self> {
        let mut order: Vec<usize> = (0..n).collect();
        // Column by column while it is built: all inner products then run along memory.
        let mut columns = vec![0u64; n * n];
        for j in 0..n {
            for i in j..n {
                let known = dot::<K>(&a[i * n..i * n + j], &columns[j * n..j * n + j]);
                a[i * n + j] = sub::<K>(a[i * n + j], known);
            }
            let pivot = (j..n).find(|&i| a[i * n + j] != 0)?;
            if pivot != j {
                order.swap(j, pivot);
                let (above, below) = a.split_at_mut(pivot * n);
                above[j * n..(j + 1) * n].swap_with_slice(&mut below[..n]);
            }
            let inverted = inverse::<K>(a[j * n + j]);
            a[j * n + j] = inverted;
            let row = &a[j * n..(j + 1) * n];
            for m in j + 1..n {
                let known = dot::<K>(&row[..j], &columns[m * n..m * n + j]);
                columns[m * n + j] = mul::<K>(sub::<K>(row[m], known), inverted);
            }
        }
        let mut upper = vec![0; n * n];
        for i in 0..n {
            for j in i + 1..n {
                upper[i * n + j] = columns[j * n + i];
            }
        }
        Some(Lu { n, lower: a, upper, order })
    }

    /// Solves for the right-hand side `b` into `x`. O(n^2).
    pub fn solve(&self, b: &[u64], x: &mut [u64]) {
        let n = self.n;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i + 1];
            let known = dot::<K>(&row[..i], &x[..i]);
            x[i] = mul::<K>(sub::<K>(b[self.order[i]], known), row[i]);
        }
        for i in (0..n).rev() {
            let known = dot::<K>(&self.upper[i * n + i + 1..(i + 1) * n], &x[i + 1..n]);
            x[i] = sub::<K>(x[i], known);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn solves<const K: u32>(n: usize, sparse: bool) {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(K) + n as u64);
        let mut draw = || rng.random_range(0..prime::<K>());
        let a: Vec<u64> = (0..n * n).map(|_| draw()).map(|x| if sparse && x % 3 > 0 { 0 } else { x }).collect();
        let b: Vec<u64> = (0..n).map(|_| draw()).collect();
        let Some(lu) = Lu::<K>::new(n, a.clone()) else {
            assert!(sparse, "a random dense matrix is regular");
            return;
        };
        let mut x = vec![0; n];
        lu.solve(&b, &mut x);
        for i in 0..n {
            let row = (0..n)
                .fold(0u128, |sum, j| (sum + u128::from(mul::<K>(a[i * n + j], x[j]))) % u128::from(prime::<K>()));
            assert_eq!(row as u64, b[i], "row {i} of {n} modulo 2^{K} - 1");
        }
    }

    #[test]
    fn triangles_solve_what_they_were_made_from() {
        for n in [1, 2, 3, 31, 32, 33, 70] {
            solves::<61>(n, false);
            solves::<31>(n, false);
            solves::<61>(n, true);
        }
    }

    #[test]
    fn a_zero_pivot_is_exchanged_and_a_singular_matrix_is_seen() {
        let lu = Lu::<61>::new(2, vec![0, 1, 1, 0]).unwrap();
        let mut x = vec![0; 2];
        lu.solve(&[5, 7], &mut x);
        assert_eq!(x, [7, 5]);
        assert!(Lu::<61>::new(2, vec![1, 2, 2, 4]).is_none());
    }

    #[test]
    fn remainders_of_the_largest_numbers() {
        let p = u128::from(prime::<61>());
        for x in [0, 1, p - 1, p, p + 1, u128::MAX, u128::MAX - 1] {
            assert_eq!(u128::from(reduce::<61>(x)), x % p);
            assert_eq!(u128::from(reduce::<31>(x)), x % u128::from(prime::<31>()));
        }
        assert_eq!(power_of_two::<61>(61), 1);
    }
}
