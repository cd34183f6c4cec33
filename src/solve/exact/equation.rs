//! The equation of one row in whole numbers.
//!
//! With `gamma = g 2^-a` and `P(t) = m_t 2^-b` the equation `v = r + gamma P v` of a row becomes
//! `2^(a+b) x_s - g sum m_t x_t = c` for `x = 2^f v` and `c = 2^(a+b+f) r`; `f` is large enough for every `c` to be whole.

use dashu::base::BitTest;
use dashu::integer::{IBig, UBig};

use super::limbs::Limbs;
use super::modular::{mul, power_of_two, reduce, sub};
use super::number::split;
use crate::model::Mdp;

/// The left side `2^shift x_s - g sum m_t x_t` of an equation between states that are not terminal.
pub struct Equation {
    /// Place of the state in the system.
    pub s: usize,
    /// `a + b`.
    pub shift: usize,
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

impl Equation {
    /// `a + b` of a row.
    pub fn shift(mdp: &Mdp, row: usize, place: &[Option<u32>]) -> usize {
        let (g, a) = split(mdp.gamma());
        let (col, p) = mdp.p(row);
        let counts = |t: u32, p: f64| g != 0 && p != 0.0 && place[t as usize].is_some();
        let exponents = col.iter().zip(p).filter(|&(&t, &p)| counts(t, p)).map(|(_, &p)| -split(p).1);
        // Probabilities are at most 1, so exponents of odd numbers are at most 0; so is that of the discount.
        (exponents.max().unwrap_or(0) - a) as usize
    }

    /// The equation of a row of state `s`. `place` is the place of each state in the system, `None` where terminal.
    pub fn new(mdp: &Mdp, s: usize, row: usize, place: &[Option<u32>]) -> Self {
        let (col, p) = mdp.p(row);
        let (g, a) = split(mdp.gamma());
        let shift = Self::shift(mdp, row, place);
        let b = shift as i32 + a;
        // Without a discount above 0 no next state counts.
        let used = if g == 0 { 0 } else { col.len() };
        let next = || {
            let parts = col[..used].iter().zip(&p[..used]).filter(|(_, p)| **p != 0.0);
            parts.filter_map(|(&t, &p)| Some((place[t as usize]?, split(p))))
        };
        let s = place[s].map_or(0, |s| s as usize);
        // A probability of exactly 1 is `2^0`, others are below: `m_t < 2^(b + 1)`.
        let terms = if b < 127 {
            let (mut to, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
            for (t, (m, e)) in next() {
                let m = (m as u128) << (e + b);
                if m >> 64 != 0 {
                    high.push((to.len() as u32, (m >> 64) as u64));
                }
                to.push(t);
                low.push(m as u64);
            }
            Terms::Narrow { to, low, high }
        } else {
            Terms::Wide(next().map(|(t, (m, e))| (t, UBig::from(m as u64) << (e + b) as usize)).collect())
        };
        Equation { s, shift, g: g as u64, terms }
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
        (&x[self.s] << self.shift) - sum * self.g
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
        row[self.s] = sub::<K>(row[self.s], sub::<K>(0, power_of_two::<K>(self.shift)));
    }

    /// Bits of the largest value of the left side for digits below `2^K`, with `K` taken off.
    pub fn bits(&self) -> usize {
        let mut sum = UBig::ZERO;
        self.for_each(|_, m| sum += m);
        ((UBig::ONE << self.shift) + sum * self.g).bit_len()
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
