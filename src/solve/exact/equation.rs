//! The equation of one row in whole numbers.
//!
//! `v = r + gamma P v` times the common denominator of `gamma P` is `lead x_s - g sum m_t x_t = c` for `x = unit v` and
//! `c = lead unit r`; the unit is one that makes every `c` whole.

use dashu_base::{BitTest, Gcd};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::limbs::Limbs;
use super::modular::{mul, reduce, sub};
use super::residual::{LIMBS, low_limbs};

/// The left side `lead x_s - g sum m_t x_t` of an equation between states that are not terminal.
pub struct Equation {
    /// Place of the state in the system.
    pub s: usize,
    /// Common denominator.
    pub lead: UBig,
    /// Its last 256 bits.
    pub lead_low: [u64; LIMBS],
    /// `g`.
    pub g: u64,
    /// Places of the next states, and `m_t`.
    pub terms: Terms,
}

/// Coefficients of the next states.
pub enum Terms {
    /// Below 2^128 each: `low` of all, and the rest above 64 bits of those that have one, by index in `low`.
    Narrow {
        /// Places of the next states.
        to: Vec<u32>,
        /// `m_t mod 2^64`.
        low: Vec<u64>,
        /// `m_t >> 64` where that is not zero.
        high: Vec<(u32, u64)>,
    },
    /// Of any size: probabilities of very different exponents in one row.
    Wide(Vec<(u32, UBig)>),
}

/// Least common multiple of denominators.
pub fn common<'a>(fractions: impl Iterator<Item = &'a RBig>) -> UBig {
    fractions.fold(UBig::ONE, |lcm, x| {
        let den = x.denominator();
        if den.is_one() {
            return lcm;
        }
        let shared = (&lcm).gcd(den);
        lcm * (den / shared)
    })
}

impl Equation {
    /// `x_s = ... + gamma sum p_t x_t` at a place, with the places of the next states.
    pub fn new(s: usize, gamma: &RBig, next: &[(u32, &RBig)]) -> Self {
        if *gamma == RBig::ZERO || next.is_empty() {
            return Equation::of(s, UBig::ONE, 1, Vec::new());
        }
        let den = common(next.iter().map(|(_, p)| *p));
        // Probabilities and the discount are not negative.
        let size = |x: &IBig| x.clone().into_parts().1;
        let scaled = |p: &RBig| size(p.numerator()) * (&den / p.denominator());
        let lead = gamma.denominator() * &den;
        let terms = next.iter().map(|&(t, p)| (t, scaled(p)));
        match u64::try_from(gamma.numerator()) {
            Ok(g) => Equation::of(s, lead, g, terms.collect()),
            Err(_) => {
                let g = size(gamma.numerator());
                Equation::of(s, lead, 1, terms.map(|(t, m)| (t, m * &g)).collect())
            }
        }
    }

    /// From the coefficients.
    pub fn of(s: usize, lead: UBig, g: u64, terms: Vec<(u32, UBig)>) -> Self {
        let terms = if terms.iter().all(|(_, m)| m.bit_len() <= 128) && lead.bit_len() <= 250 {
            let (mut to, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
            for (t, m) in &terms {
                let m = u128::try_from(m).unwrap_or(0);
                if m >> 64 != 0 {
                    high.push((to.len() as u32, (m >> 64) as u64));
                }
                to.push(*t);
                low.push(m as u64);
            }
            Terms::Narrow { to, low, high }
        } else {
            Terms::Wide(terms)
        };
        Equation { s, lead_low: low_limbs(&lead), lead, g, terms }
    }

    /// Calls `f` with the place and the coefficient `m_t` of each next state.
    pub fn for_each(&self, mut f: impl FnMut(usize, &UBig)) {
        match &self.terms {
            Terms::Narrow { to, low, high } => {
                let mut high = high.iter().peekable();
                for (i, (&t, &low)) in to.iter().zip(low).enumerate() {
                    let above = high.next_if(|h| h.0 as usize == i).map_or(0, |h| h.1);
                    f(t as usize, &UBig::from(u128::from(above) << 64 | u128::from(low)));
                }
            }
            Terms::Wide(terms) => terms.iter().for_each(|(t, m)| f(*t as usize, m)),
        }
    }

    /// The left side at `x`, given twice.
    pub fn at(&self, x: &[IBig], limbs: &Limbs) -> IBig {
        let sum = match &self.terms {
            Terms::Narrow { to, low, high } => {
                let mut sum = limbs.zero();
                to.iter().zip(low).for_each(|(&t, &m)| limbs.add(&mut sum, t as usize, m, 0));
                high.iter().for_each(|&(i, m)| limbs.add(&mut sum, to[i as usize] as usize, m, 1));
                sum.value()
            }
            Terms::Wide(terms) => terms.iter().fold(IBig::ZERO, |sum, (t, m)| sum + &x[*t as usize] * m),
        };
        &x[self.s] * IBig::from(self.lead.clone()) - sum * self.g
    }

    /// Adds the coefficients, as remainders, to a row of zeros.
    pub fn fill<const K: u32>(&self, row: &mut [u64]) {
        let g = reduce::<K>(u128::from(self.g));
        self.for_each(|t, m| {
            let m = match u128::try_from(m) {
                Ok(m) => reduce::<K>(m),
                Err(_) => remainder::<K>(&IBig::from(m.clone())),
            };
            row[t] = sub::<K>(row[t], mul::<K>(g, m));
        });
        // Subtracting what is missing to zero adds without a rule of its own.
        let lead = remainder::<K>(&IBig::from(self.lead.clone()));
        row[self.s] = sub::<K>(row[self.s], sub::<K>(0, lead));
    }

    /// Bits of the largest value of the left side for digits below `2^K`, with `K` taken off.
    pub fn bits(&self) -> usize {
        let mut sum = UBig::ZERO;
        self.for_each(|_, m| sum += m);
        (&self.lead + sum * self.g).bit_len()
    }
}

/// Remainder of a number of any size and sign.
pub fn remainder<const K: u32>(x: &IBig) -> u64 {
    let p = super::modular::prime::<K>();
    // Truncated: it has the sign of `x`.
    match i64::try_from(x % IBig::from(p)) {
        Ok(r) if r < 0 => p.wrapping_add_signed(r),
        Ok(r) => r as u64,
        Err(_) => unreachable!("a remainder of a number below 2^61 fits"),
    }
}
