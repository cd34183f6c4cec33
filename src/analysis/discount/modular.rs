//! Greatest common divisors of polynomials from their remainders modulo primes (Brown 1971).
//!
//! Euclid's algorithm on whole coefficients makes them long; modulo a prime they stay short, and the coefficients of the
//! divisor, which are not longer than those of its multiples, are put together from a few primes.

use dashu_base::Gcd;
use dashu_int::{IBig, UBig};

use super::poly::Poly;

/// Primes are taken downwards from here: products of two remainders fit 64 bits.
const FROM: u64 = (1 << 31) - 1;

/// The greatest common divisor, primitive, with a leading coefficient above zero; 1 for coprime polynomials.
pub fn gcd(x: &Poly, y: &Poly) -> Poly {
    if x.is_zero() || y.is_zero() {
        return positive(if x.is_zero() { y } else { x }.coefficients().to_vec());
    }
    let lead = |p: &Poly| p.coefficients()[p.degree()].clone().into_parts().1;
    let scale = lead(x).gcd(&lead(y));
    let (mut modulus, mut known): (UBig, Vec<IBig>) = (UBig::ONE, Vec::new());
    for p in primes() {
        let scale = remainder(&IBig::from(scale.clone()), p);
        // A prime that divides the leading coefficients of both says nothing.
        if scale == 0 {
            continue;
        }
        let mut found = gcd_modulo(reduced(x, p), reduced(y, p), p);
        if found.len() == 1 {
            return Poly::primitive(vec![IBig::ONE]);
        }
        found.iter_mut().for_each(|c| *c = *c * scale % p);
        match known.len() {
            // The prime is one of the few at which the divisor looks larger than it is.
            n if n > 0 && n < found.len() => continue,
            n if n != found.len() => (modulus, known) = (UBig::ONE, vec![IBig::ZERO; found.len()]),
            _ => {}
        }
        let before = known.clone();
        combine(&mut known, &modulus, &found, p);
        modulus *= p;
        if known == before {
            let candidate = positive(known.clone());
            if x.divided_by(&candidate).is_some() && y.divided_by(&candidate).is_some() {
                return candidate;
            }
        }
    }
    Poly::primitive(vec![IBig::ONE])
}

fn positive(c: Vec<IBig>) -> Poly {
    let is_negative = c.last().is_some_and(|lead| *lead < IBig::ZERO);
    Poly::primitive(if is_negative { c.into_iter().map(|c| -c).collect() } else { c })
}

/// The primes below 2^31, largest first.
fn primes() -> impl Iterator<Item = u64> {
    let is_prime = |n: &u64| (3..).step_by(2).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (1..=FROM).rev().step_by(2).take_while(|&n| n > 1 << 20).filter(is_prime)
}

fn remainder(x: &IBig, p: u64) -> u64 {
    let (sign, size) = x.clone().into_parts();
    let r: u64 = size % p;
    if sign == dashu_base::Sign::Negative && r > 0 { p - r } else { r }
}

fn reduced(x: &Poly, p: u64) -> Vec<u64> {
    trimmed(x.coefficients().iter().map(|c| remainder(c, p)).collect())
}

fn trimmed(mut c: Vec<u64>) -> Vec<u64> {
    while c.last() == Some(&0) {
        c.pop();
    }
    c
}

/// `1 / x` modulo a prime, by Fermat.
fn inverse(x: u64, p: u64) -> u64 {
    let (mut power, mut base, mut e) = (1, x, p - 2);
    while e > 0 {
        if e & 1 == 1 {
            power = power * base % p;
        }
        base = base * base % p;
        e >>= 1;
    }
    power
}

/// Euclid's algorithm; the result has leading coefficient 1.
fn gcd_modulo(mut x: Vec<u64>, mut y: Vec<u64>, p: u64) -> Vec<u64> {
    while let Some(&lead) = y.last() {
        let inverse = inverse(lead, p);
        while x.len() >= y.len() {
            // Not empty: at least as long as `y`.
            let factor = p - x[x.len() - 1] * inverse % p;
            let from = x.len() - y.len();
            x[from..].iter_mut().zip(&y).for_each(|(x, y)| *x = (*x + factor * y) % p);
            x = trimmed(x);
        }
        (x, y) = (y, x);
    }
    let inverse = x.last().map_or(1, |&lead| inverse(lead, p));
    x.iter_mut().for_each(|c| *c = *c * inverse % p);
    x
}

/// Remainders modulo `modulus`, of least size, are made those modulo `modulus p`.
fn combine(known: &mut [IBig], modulus: &UBig, found: &[u64], p: u64) {
    let m = IBig::from(modulus.clone());
    let inverse = inverse(remainder(&m, p), p);
    let whole = &m * IBig::from(p);
    for (x, &r) in known.iter_mut().zip(found) {
        let step = (r + p - remainder(x, p)) % p * inverse % p;
        *x += &m * IBig::from(step);
        if &*x * IBig::from(2) > whole {
            *x -= &whole;
        }
    }
}
