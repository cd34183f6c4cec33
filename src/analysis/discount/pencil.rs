//! Advantages of a policy as polynomials in the discount.
//!
//! `A_g(s,a) = r(s,a) + g P_sa V_g - V_g(s)` is rational in `g`: with `D(g) = det(I - g P_pi)`, which is above zero on
//! [0, 1), `D(g) A_g(s,a)` is the determinant of the pencil `X - g Y`, `X = [[I, r_pi], [e_s, r_sa]]` and
//! `Y = [[P_pi, 0], [P_sa, 0]]`. The model's numbers are fractions, so after scaling all of it is whole, and the eigenvalues
//! of the pencil in (0, 1) are roots of whole polynomials of degree at most S.

use dashu_base::BitTest;
use dashu_base::Gcd;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use rayon::prelude::*;

use super::poly::Poly;
use crate::model::Mdp;
use crate::model::mdp::Fractions;

/// A model in whole numbers: probabilities in units of `1 / unit`. Terminal states, where nothing is earned, are left out.
pub struct Whole<'a> {
    mdp: &'a Mdp,
    live: Vec<usize>,
    /// Next live states of each row.
    p: Vec<Vec<(usize, IBig)>>,
    /// Rewards, in a unit of their own.
    r: Vec<IBig>,
    unit: IBig,
}

/// The work of a model whose numbers are all short, without a look at them.
pub fn least_work(mdp: &Mdp) -> f64 {
    let n = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count() as f64;
    n * n * n
}

/// A row that a policy does not play, and its advantage times a positive number: zero where it is tied at every discount.
#[derive(Clone, Debug)]
pub struct Pair {
    pub s: usize,
    pub row: usize,
    pub advantage: Poly,
}

/// The least number that makes all of some fractions whole; `None` once it has more than `most` bits.
fn common<'a>(mut of: impl Iterator<Item = &'a RBig>, most: f64) -> Option<UBig> {
    of.try_fold(UBig::ONE, |all, x| {
        let den = x.denominator();
        let all = if den.is_one() { all } else { &all / (&all).gcd(den) * den };
        ((all.bit_len() as f64) <= most).then_some(all)
    })
}

impl<'a> Whole<'a> {
    /// From the numbers of the model and of a reward, over rows. `None` where one policy would take more than about `most`
    /// multiplications of machine words.
    pub fn new(mdp: &'a Mdp, fractions: &Fractions, rewards: &[RBig], most: f64) -> Option<Self> {
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let mut place = vec![None; mdp.n_states()];
        live.iter().enumerate().for_each(|(i, &s)| place[s] = Some(i));
        let rows = || live.iter().flat_map(|&s| mdp.rows(s));
        let next = |row: usize| mdp.p(row).0.iter().zip(&fractions.p[mdp.transitions(row)]);
        let n = live.len() as f64;
        let bits = 64.0 * (1.0 + most / (n * n * n).max(1.0));
        let unit = common(rows().flat_map(|row| next(row).map(|(_, p)| p)), bits)?;
        let whole = |x: &RBig, unit: &UBig| x.numerator() * IBig::from(unit / x.denominator());
        let mut p = vec![Vec::new(); mdp.n_rows()];
        for row in rows() {
            let entries = next(row).filter(|(_, p)| **p != RBig::ZERO);
            p[row] = entries.filter_map(|(&t, p)| Some((place[t as usize]?, whole(p, &unit)))).collect();
        }
        let of_rewards = common(rows().map(|row| &rewards[row]), bits)?;
        let mut r = vec![IBig::ZERO; mdp.n_rows()];
        rows().for_each(|row| r[row] = whole(&rewards[row], &of_rewards));
        let whole = Whole { mdp, live, p, r, unit: unit.into() };
        (whole.work() <= most).then_some(whole)
    }

    /// About how many multiplications of machine words one policy takes.
    fn work(&self) -> f64 {
        let n = self.live.len() as f64;
        let longest = |&s: &usize| self.mdp.rows(s).map(|row| self.p[row].len()).max().unwrap_or(0) as f64;
        let nnz: f64 = self.live.iter().map(longest).sum();
        let words = 1.0 + n * self.unit.bit_len() as f64 / 64.0;
        n * n * (nnz + self.mdp.n_rows() as f64) * words
    }

    /// The advantage of every other row of a policy, zero polynomials included.
    ///
    /// The determinant and the adjugate of `I - y A`, `A = unit P_pi`, come together (Faddeev and LeVerrier):
    /// `M_1 = I`, `M_(k+1) = A M_k + D_k I`, `D_k = -tr(A M_k) / k`. O(S nnz S) multiplications.
    pub fn pairs(&self, policy: &[usize]) -> Vec<Pair> {
        let n = self.live.len();
        let mut d = vec![IBig::ONE];
        // One polynomial a state: `adj(I - y A) r`.
        let mut values: Vec<Vec<IBig>> = vec![Vec::with_capacity(n); n];
        let mut m: Vec<Vec<IBig>> = (0..n).map(|i| unit_row(n, i)).collect();
        for k in 1..=n {
            values.iter_mut().zip(&m).for_each(|(v, row)| v.push(self.earned(policy, row)));
            let mut product: Vec<Vec<IBig>> =
                (0..n).into_par_iter().map(|i| self.step(policy[self.live[i]], &m)).collect();
            let trace = (0..n).fold(IBig::ZERO, |sum, i| sum + &product[i][i]);
            let next = -trace / IBig::from(k);
            (0..n).for_each(|i| product[i][i] += &next);
            d.push(next);
            m = product;
        }
        let others = self
            .live
            .iter()
            .enumerate()
            .flat_map(|(i, &s)| self.mdp.rows(s).filter(move |&row| row != policy[s]).map(move |row| (i, s, row)));
        let others: Vec<(usize, usize, usize)> = others.collect();
        others
            .into_par_iter()
            .map(|(i, s, row)| {
                let advantage = self.advantage(&d, &values, i, row);
                Pair { s, row, advantage }
            })
            .collect()
    }

    fn earned(&self, policy: &[usize], weights: &[IBig]) -> IBig {
        let earned = weights.iter().zip(&self.live).filter(|(w, _)| !w.is_zero());
        earned.fold(IBig::ZERO, |sum, (w, &s)| sum + w * &self.r[policy[s]])
    }

    fn step(&self, row: usize, m: &[Vec<IBig>]) -> Vec<IBig> {
        let mut out = vec![IBig::ZERO; m.len()];
        for (t, p) in &self.p[row] {
            out.iter_mut().zip(&m[*t]).filter(|(_, x)| !x.is_zero()).for_each(|(out, x)| *out += p * x);
        }
        out
    }

    /// `r_sa D + y A_sa V - V_s` in `y = g / unit`, written in `g`.
    fn advantage(&self, d: &[IBig], values: &[Vec<IBig>], i: usize, row: usize) -> Poly {
        let n = values.len();
        let mut c: Vec<IBig> = d.iter().map(|d| &self.r[row] * d).collect();
        for k in 0..n {
            c[k] -= &values[i][k];
            for (t, p) in &self.p[row] {
                c[k + 1] += p * &values[*t][k];
            }
        }
        let mut power = IBig::ONE;
        for c in c.iter_mut().rev() {
            *c *= &power;
            power *= &self.unit;
        }
        Poly::primitive(c)
    }
}

fn unit_row(n: usize, i: usize) -> Vec<IBig> {
    let mut row = vec![IBig::ZERO; n];
    row[i] = IBig::ONE;
    row
}
