//! The solution of a system in whole numbers, digit by digit (Dixon 1982).
//!
//! With an inverse of `A` modulo a prime `p`, `z = A^-1 c mod p` is the last digit of the solution in base `p`, and the
//! rest of the digits solve `A x = (c - A z) / p`. Each digit costs O(n^2) on machine words; as many are needed as
//! numerators and denominators have together, and the fractions are read off their remainders.

use dashu_base::BitTest;
use dashu_int::{IBig, UBig};

use super::equation::Equation;
use super::fraction::{Powers, SPARE, centred, reconstruct};
use super::limbs::Limbs;
use super::modular::{Lu, prime};
use super::residual::Residual;

/// `num[i] / den`, one denominator for all.
pub struct Fractions {
    pub num: Vec<IBig>,
    pub den: UBig,
}

/// One equation a state, and right-hand sides.
pub struct System<'a> {
    pub equations: Vec<Equation>,
    pub c: Vec<IBig>,
    /// Bits of the largest solution.
    pub bits: usize,
    /// Whether to give up.
    pub stop: &'a dyn Fn() -> bool,
}

impl System<'_> {
    /// The solution; `None` if it was told to stop, or if no prime tried leaves the matrix regular: the first one fails
    /// one matrix in 2^61.
    pub fn solve(&self) -> Option<Fractions> {
        self.solve_modulo::<61>().or_else(|| self.solve_modulo::<31>()).or_else(|| self.solve_modulo::<19>())
    }

    fn solve_modulo<const K: u32>(&self) -> Option<Fractions> {
        let n = self.equations.len();
        if n == 0 || (self.stop)() {
            return (n == 0).then(|| Fractions { num: Vec::new(), den: UBig::ONE });
        }
        let mut a = vec![0; n * n];
        a.chunks_mut(n).zip(&self.equations).for_each(|(row, equation)| equation.fill::<K>(row));
        let lu = Lu::<K>::new(n, a)?;
        let bits: Vec<usize> = self.equations.iter().map(Equation::bits).collect();
        let residuals = self.equations.iter().zip(&self.c).zip(&bits);
        let mut residuals: Vec<Residual> = residuals.map(|((e, c), &bits)| Residual::new(e, bits, c)).collect();
        let mut digits: Vec<Vec<u64>> = vec![Vec::new(); n];
        let enough = self.enough(K);
        let powers = Powers::new(prime::<K>(), enough);
        let (mut b, mut z) = (vec![0; n], vec![0; n]);
        // Most systems need most of the digits; those that need far fewer are found out early.
        let looks = [enough / 16, enough / 8, enough / 4, enough / 2, enough];
        for done in 1..=enough {
            b.iter_mut().zip(&residuals).for_each(|(b, residual)| *b = residual.modulo::<K>());
            lu.solve(&b, &mut z);
            for ((residual, equation), &bits) in residuals.iter_mut().zip(&self.equations).zip(&bits) {
                residual.step::<K>(equation, bits, &z);
            }
            digits.iter_mut().zip(&z).for_each(|(digits, &z)| digits.push(z));
            if looks.contains(&done)
                && let Some(found) = self.fractions(&powers, &digits, done == enough)
                && self.holds(&found)
            {
                return Some(found);
            }
            if (self.stop)() {
                return None;
            }
        }
        None
    }

    /// Digits that are enough: the determinant of `A` is at most the product of its diagonal, `A` being an M-matrix, and
    /// every solution is a fraction with that determinant as its denominator.
    fn enough(&self, k: u32) -> usize {
        let den: usize = self.equations.iter().map(|equation| equation.lead.bit_len()).sum();
        (2 * den + self.bits + SPARE + 2).div_ceil(k as usize) + 1
    }

    /// The fractions that the digits so far are the remainders of, if they are short.
    fn fractions(&self, powers: &Powers, digits: &[Vec<u64>], is_last: bool) -> Option<Fractions> {
        let n_digits = digits[0].len();
        let modulus = powers.power(n_digits);
        // Before the last look a denominator longer than half of the digits is left for a later one.
        let longest = if is_last { modulus.bit_len() } else { modulus.bit_len() / 2 };
        let mut found = Fractions { num: Vec::with_capacity(digits.len()), den: UBig::ONE };
        // Once the denominator is known, remainders as long as a numerator are enough.
        let mut short = (0, UBig::ONE);
        for digits in digits {
            let needed = found.den.bit_len() + self.bits + SPARE;
            let length = needed.div_ceil(powers.power(1).bit_len() - 1).min(n_digits);
            if length != short.0 {
                short = (length, powers.power(length));
            }
            let y = powers.number(&digits[..length]) * &found.den % &short.1;
            let num = centred(y, &short.1);
            if num.bit_len() + SPARE <= short.1.bit_len() {
                found.num.push(num);
                continue;
            }
            // The denominator has a factor that is new.
            let y = powers.number(digits) * &found.den % &modulus;
            let (num, factor) = reconstruct(&y, &modulus, longest)?;
            let scale = IBig::from(factor.clone());
            found.num.iter_mut().for_each(|num| *num *= &scale);
            found.num.push(num);
            found.den *= factor;
            if found.den.bit_len() > modulus.bit_len() {
                return None;
            }
        }
        Some(found)
    }

    /// Whether the fractions solve every equation, exactly.
    fn holds(&self, found: &Fractions) -> bool {
        let (den, limbs) = (IBig::from(found.den.clone()), Limbs::new(&found.num));
        self.equations.iter().zip(&self.c).all(|(equation, c)| equation.at(&found.num, &limbs) == c * &den)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `2^shift x - m x = c`, one equation in one unknown.
    fn one(shift: usize, m: u64, c: i64, stop: &dyn Fn() -> bool) -> System<'_> {
        let equation = Equation::of(0, UBig::ONE << shift, 1, vec![(0, UBig::from(m))]);
        System { equations: vec![equation], c: vec![IBig::from(c)], bits: 64, stop }
    }

    #[test]
    fn a_determinant_that_a_prime_divides_takes_the_next_prime() {
        let never = || false;
        for (shift, m) in [(61, 1), (61, 1 << 60), (62, 2), (3, 1)] {
            let det = UBig::from((1u64 << shift) - m);
            for c in [5, -7, 0] {
                let found = one(shift, m, c, &never).solve().expect("regular");
                assert_eq!(&found.num[0] * IBig::from(det.clone()), IBig::from(found.den) * c, "2^{shift} - {m}");
            }
        }
        let by_61 = |shift, m| one(shift, m, 5, &never).solve_modulo::<61>().is_some();
        assert_eq!([by_61(61, 1), by_61(62, 2), by_61(3, 1)], [false, false, true]);
    }

    #[test]
    fn a_lift_that_is_told_to_stop_stops() {
        assert!(one(3, 1, 5, &|| true).solve().is_none());
    }
}
