//! Advantages of a policy as polynomials in the discount.
//!
//! `A_g(s,a) = r(s,a) + g P_sa V_g - V_g(s)` is rational in `g`: with `D(g) = det(I - g P_pi)`, which is above zero on
//! [0, 1), `D(g) A_g(s,a)` is the determinant of the pencil `X - g Y`, `X = [[I, r_pi], [e_s, r_sa]]` and
//! `Y = [[P_pi, 0], [P_sa, 0]]`. Doubles are fractions with a power of two below the line, so after scaling all of it is
//! whole, and the eigenvalues of the pencil in (0, 1) are roots of whole polynomials of degree at most S.

use dashu::base::BitTest;
use dashu::integer::IBig;
use dashu::rational::RBig;
use rayon::prelude::*;

use super::poly::{Point, Poly};
use crate::model::Mdp;

/// A model in whole numbers: probabilities in units of `2^-scale`. Terminal states, where nothing is earned, are left out.
pub struct Whole<'a> {
    mdp: &'a Mdp,
    live: Vec<usize>,
    /// Next live states of each row.
    p: Vec<Vec<(usize, IBig)>>,
    /// Rewards, in a unit of their own.
    r: Vec<IBig>,
    scale: usize,
}

/// The work of a model whose numbers are all short, without a look at them.
pub fn least_work(mdp: &Mdp) -> f64 {
    let n = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count() as f64;
    n * n * n
}

/// A row that a policy does not play, and its advantage times a positive number: zero where it is tied at every discount,
/// exactly or up to the rounding of the model's numbers.
#[derive(Clone, Debug)]
pub struct Pair {
    pub s: usize,
    pub row: usize,
    pub advantage: Poly,
}

/// Advantages below this power of a half of the values they are differences of are ties, as they are for the solvers.
const TIE_BITS: usize = 38;
/// Where that is looked at: a polynomial that is small at all of these, and not by rounding, does not come up.
const PROBES: [(u32, usize); 3] = [(1, 2), (5, 3), (29, 5)];

/// Determinant and values of a policy at one discount, in a common unit.
struct Probe {
    g: IBig,
    unit: usize,
    d: IBig,
    values: Vec<IBig>,
}

impl Probe {
    fn new(d: &[IBig], values: &[Vec<IBig>], scale: usize, (g, shift): (u32, usize)) -> Self {
        let (g, unit) = (IBig::from(g), shift + scale);
        let at = |c: &[IBig]| c.iter().rev().enumerate().fold(IBig::ZERO, |sum, (i, c)| sum * &g + (c << (unit * i)));
        Probe { d: at(d), values: values.iter().map(|c| at(c)).collect(), g, unit }
    }
}

impl<'a> Whole<'a> {
    /// Probabilities and rewards are taken for the fractions that the doubles are.
    pub fn new(mdp: &'a Mdp, rewards: &[RBig]) -> Self {
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let mut place = vec![None; mdp.n_states()];
        live.iter().enumerate().for_each(|(i, &s)| place[s] = Some(i));
        let rows = || live.iter().flat_map(|&s| mdp.rows(s));
        let places = rows().flat_map(|row| mdp.p(row).1.iter().map(|&p| Point::of(p).shift));
        let scale = places.max().unwrap_or(0);
        let mut p = vec![Vec::new(); mdp.n_rows()];
        for row in rows() {
            let (col, val) = mdp.p(row);
            let entries = col.iter().zip(val).filter_map(|(&t, &p)| Some((place[t as usize]?, Point::of(p))));
            p[row] = entries.map(|(t, p)| (t, p.num << (scale - p.shift))).collect();
        }
        // Rewards are sums of products of doubles: their denominators are powers of two.
        let bits = |r: &RBig| r.denominator().bit_len() - 1;
        let unit = rows().map(|row| bits(&rewards[row])).max().unwrap_or(0);
        let mut r = vec![IBig::ZERO; mdp.n_rows()];
        rows().for_each(|row| r[row] = rewards[row].numerator() << (unit - bits(&rewards[row])));
        Whole { mdp, live, p, r, scale }
    }

    /// Whether the probabilities of every row sum to 1 without any rounding.
    pub fn sums_to_one(&self) -> bool {
        let one = IBig::ONE << self.scale;
        let sum = |row: usize| {
            self.mdp
                .p(row)
                .1
                .iter()
                .map(|&p| Point::of(p))
                .fold(IBig::ZERO, |sum, p| sum + (p.num << (self.scale - p.shift)))
        };
        self.live.iter().flat_map(|&s| self.mdp.rows(s)).all(|row| sum(row) == one)
    }

    /// About how many multiplications of machine words one policy takes.
    pub fn work(&self) -> f64 {
        let n = self.live.len() as f64;
        let longest = |&s: &usize| self.mdp.rows(s).map(|row| self.p[row].len()).max().unwrap_or(0) as f64;
        let nnz: f64 = self.live.iter().map(longest).sum();
        let words = 1.0 + n * self.scale as f64 / 64.0;
        n * n * (nnz + self.mdp.n_rows() as f64) * words
    }

    /// The advantage of every other row of a policy, zero polynomials included.
    ///
    /// The determinant and the adjugate of `I - y A`, `A = 2^scale P_pi`, come together (Faddeev and LeVerrier):
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
        let probes = PROBES.map(|at| Probe::new(&d, &values, self.scale, at));
        let others = self
            .live
            .iter()
            .enumerate()
            .flat_map(|(i, &s)| self.mdp.rows(s).filter(move |&row| row != policy[s]).map(move |row| (i, s, row)));
        let others: Vec<(usize, usize, usize)> = others.collect();
        others
            .into_par_iter()
            .map(|(i, s, row)| {
                let is_tied = probes.iter().all(|probe| self.is_tied(probe, i, row));
                let advantage = if is_tied { Poly::primitive(Vec::new()) } else { self.advantage(&d, &values, i, row) };
                Pair { s, row, advantage }
            })
            .collect()
    }

    /// Whether an advantage at one discount is rounding.
    fn is_tied(&self, probe: &Probe, i: usize, row: usize) -> bool {
        let now = &self.r[row] * &probe.d;
        let next = self.p[row].iter().fold(IBig::ZERO, |sum, (t, p)| sum + p * &probe.values[*t]) * &probe.g;
        let value = &probe.values[i] << probe.unit;
        let size = [&now, &next, &value].map(|x| x.bit_len()).into_iter().max().unwrap_or(0);
        (now + next - value).bit_len() + TIE_BITS <= size || size == 0
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

    /// `r_sa D + y A_sa V - V_s` in `y = g / 2^scale`, written in `g`.
    fn advantage(&self, d: &[IBig], values: &[Vec<IBig>], i: usize, row: usize) -> Poly {
        let n = values.len();
        let mut c: Vec<IBig> = d.iter().map(|d| &self.r[row] * d).collect();
        for k in 0..n {
            c[k] -= &values[i][k];
            for (t, p) in &self.p[row] {
                c[k + 1] += p * &values[*t][k];
            }
        }
        Poly::primitive(c.into_iter().enumerate().map(|(k, c)| c << (self.scale * (n - k))).collect())
    }
}

fn unit_row(n: usize, i: usize) -> Vec<IBig> {
    let mut row = vec![IBig::ZERO; n];
    row[i] = IBig::ONE;
    row
}
