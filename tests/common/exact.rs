//! An oracle in rational arithmetic: Gaussian elimination and policy iteration without rounding.
//!
//! It reads the stored probabilities, discount, start and rewards of a model as the rationals they are, and shares
//! nothing with the solvers. Rows and the start are divided by their sums.

use std::ops::Range;

use dashu_ratio::RBig;
use truenorth::model::{Mdp, Reward};

/// A rational number.
pub type Q = RBig;

/// The rational a finite double is.
pub fn q(x: f64) -> Q {
    Q::try_from(x).expect("only finite numbers are compared")
}

/// The nearest double.
pub fn near(x: &Q) -> f64 {
    x.to_f64().value()
}

/// Largest absolute value.
pub fn largest(xs: &[Q]) -> Q {
    xs.iter().map(abs).max().unwrap_or(Q::ZERO)
}

/// `|x|`.
pub fn abs(x: &Q) -> Q {
    if *x < Q::ZERO { -x } else { x.clone() }
}

/// `sum x_i y_i`.
pub fn dot(xs: &[Q], ys: &[Q]) -> Q {
    xs.iter().zip(ys).fold(Q::ZERO, |sum, (x, y)| sum + x * y)
}

/// A model in rational numbers.
pub struct Exact {
    pub gamma: Q,
    pub mu0: Vec<Q>,
    /// Rows of each state.
    pub rows: Vec<Range<usize>>,
    /// Successors of each row.
    pub p: Vec<Vec<(usize, Q)>>,
    terminal: Vec<bool>,
}

/// Optimal values, and by how much each row misses them.
pub struct Optimum {
    pub v: Vec<Q>,
    /// One optimal row a state.
    pub policy: Vec<usize>,
    /// `|v(s) - q(row)|`, zero for optimal rows; `None` for rows that are not allowed.
    pub gap: Vec<Option<Q>>,
}

impl Exact {
    pub fn new(mdp: &Mdp) -> Self {
        let n = mdp.n_states();
        let shares = |weights: Vec<Q>| {
            let total = weights.iter().fold(Q::ZERO, |sum, w| sum + w);
            weights.into_iter().map(|w| w / &total).collect::<Vec<Q>>()
        };
        // As written where that is known, else the doubles.
        let written = mdp.fractions();
        let successors = |row| {
            let (col, val) = mdp.p(row);
            let p = match &written {
                Some(written) => written.p[mdp.transitions(row)].to_vec(),
                None => val.iter().map(|&p| q(p)).collect(),
            };
            col.iter().map(|&t| t as usize).zip(shares(p)).collect()
        };
        Exact {
            gamma: written.as_ref().map_or_else(|| q(mdp.gamma()), |written| written.gamma.clone()),
            mu0: match &written {
                Some(written) => written.mu0.clone(),
                None => shares(mdp.mu0().iter().map(|&m| q(m)).collect()),
            },
            rows: (0..n).map(|s| mdp.rows(s)).collect(),
            p: (0..mdp.n_rows()).map(successors).collect(),
            terminal: (0..n).map(|s| mdp.is_terminal(s)).collect(),
        }
    }

    pub fn n(&self) -> usize {
        self.rows.len()
    }

    /// `r(s,a)` of each row. A reward that does not depend on the next state is that reward, although the stored
    /// probabilities may not sum to 1 exactly.
    pub fn expected(&self, reward: &Reward) -> Vec<Q> {
        let of = |(row, successors): (usize, &Vec<(usize, Q)>)| {
            let first = reward.at(row, successors[0].0);
            match successors.iter().all(|(t, _)| reward.at(row, *t) == first) {
                true => q(first),
                false => successors.iter().fold(Q::ZERO, |sum, (t, p)| sum + p * q(reward.at(row, *t))),
            }
        };
        self.p.iter().enumerate().map(of).collect()
    }

    /// Expected rewards: those of the doubles, unless fractions are known that these only stand for.
    pub fn written(&self, mdp: &Mdp, reward: &Reward) -> Vec<Q> {
        let doubles = self.expected(reward);
        let written = reward.rational(mdp);
        let stands_for = |(x, y): (&Q, &Q)| (near(x) - near(y)).abs() <= 1e-15 * near(x).abs();
        if doubles.iter().zip(&written).all(stands_for) { written } else { doubles }
    }

    /// Value of a deterministic policy, given as the row of each state.
    pub fn evaluate(&self, policy: &[usize], r: &[Q]) -> Vec<Q> {
        self.evaluate_mixture(&self.as_mixture(policy), r)
    }

    /// Value of a stochastic policy, given as the probability of each row.
    pub fn evaluate_mixture(&self, mixture: &[Q], r: &[Q]) -> Vec<Q> {
        let mut a = self.system(mixture);
        let mut b: Vec<Q> = self.rows.iter().map(|rows| dot(&mixture[rows.clone()], &r[rows.clone()])).collect();
        if self.gamma == Q::ONE {
            // An ended episode earns nothing; without discount its equation says 0 = 0.
            for s in (0..self.n()).filter(|&s| self.terminal[s]) {
                a[s].fill(Q::ZERO);
                (a[s][s], b[s]) = (Q::ONE, Q::ZERO);
            }
        }
        solve(a, b)
    }

    /// Discounted visits of each row under a stochastic policy; terminal states get none without discount.
    pub fn occupancy(&self, mixture: &[Q]) -> Vec<Q> {
        let n = self.n();
        let a = self.system(mixture);
        let mut transposed: Vec<Vec<Q>> = (0..n).map(|t| (0..n).map(|s| a[s][t].clone()).collect()).collect();
        let mut b = self.mu0.clone();
        if self.gamma == Q::ONE {
            for s in (0..n).filter(|&s| self.terminal[s]) {
                transposed[s].fill(Q::ZERO);
                (transposed[s][s], b[s]) = (Q::ONE, Q::ZERO);
            }
        }
        let visits = solve(transposed, b);
        self.rows.iter().zip(&visits).flat_map(|(rows, d)| rows.clone().map(move |row| d * &mixture[row])).collect()
    }

    /// Best (or worst) values by policy iteration, over the allowed rows.
    pub fn optimum(&self, r: &[Q], best: bool, allowed: Option<&[bool]>) -> Optimum {
        let usable = |row: usize| allowed.is_none_or(|allowed| allowed[row]);
        let mut policy: Vec<usize> = self
            .rows
            .iter()
            .map(|rows| rows.clone().find(|&row| usable(row)).expect("every state keeps an action"))
            .collect();
        loop {
            let v = self.evaluate(&policy, r);
            let value: Vec<Q> = (0..r.len()).map(|row| self.backup(row, r, &v)).collect();
            let better = |x: &Q, y: &Q| if best { x > y } else { x < y };
            let mut changed = false;
            for (s, rows) in self.rows.iter().enumerate() {
                for row in rows.clone().filter(|&row| usable(row)) {
                    if better(&value[row], &value[policy[s]]) {
                        policy[s] = row;
                        changed = true;
                    }
                }
            }
            if !changed {
                let mut gap = vec![None; r.len()];
                for (s, rows) in self.rows.iter().enumerate() {
                    for row in rows.clone().filter(|&row| usable(row)) {
                        gap[row] = Some(abs(&(&value[policy[s]] - &value[row])));
                    }
                }
                return Optimum { v, policy, gap };
            }
        }
    }

    /// `max J - min J`.
    pub fn range(&self, r: &[Q]) -> Q {
        self.j(&self.optimum(r, true, None).v) - self.j(&self.optimum(r, false, None).v)
    }

    /// `mu0 . v`.
    pub fn j(&self, v: &[Q]) -> Q {
        dot(&self.mu0, v)
    }

    /// `r + gamma P v` of a row.
    pub fn backup(&self, row: usize, r: &[Q], v: &[Q]) -> Q {
        let next = self.p[row].iter().fold(Q::ZERO, |sum, (t, p)| sum + p * &v[*t]);
        &r[row] + &self.gamma * next
    }

    /// Every deterministic policy, as the row of each state; their number is the product of the action counts.
    pub fn policies(&self) -> Vec<Vec<usize>> {
        self.rows.iter().fold(vec![Vec::new()], |prefixes, rows| {
            prefixes.iter().flat_map(|p| rows.clone().map(move |row| [p.as_slice(), &[row]].concat())).collect()
        })
    }

    /// Probability 1 on the row of each state.
    pub fn as_mixture(&self, policy: &[usize]) -> Vec<Q> {
        let mut mixture = vec![Q::ZERO; self.p.len()];
        policy.iter().for_each(|&row| mixture[row] = Q::ONE);
        mixture
    }

    /// Probability of ending in each state, zero where it is not terminal.
    pub fn endings(&self, mixture: &[Q]) -> Vec<Q> {
        let n = self.n();
        let step = |s: usize| {
            let mut next = vec![Q::ZERO; n];
            for row in self.rows[s].clone() {
                for (t, p) in &self.p[row] {
                    next[*t] += &mixture[row] * p;
                }
            }
            next
        };
        let mut can_end = self.terminal.clone();
        for _ in 0..n {
            for s in 0..n {
                can_end[s] |= step(s).iter().enumerate().any(|(t, p)| can_end[t] && *p > Q::ZERO);
            }
        }
        (0..n)
            .map(|end| {
                let mut b = vec![Q::ZERO; n];
                let a = (0..n).map(|s| {
                    let stays = self.terminal[s] || !can_end[s];
                    let next = if stays { vec![Q::ZERO; n] } else { step(s) };
                    if self.terminal[s] && s == end {
                        b[s] = Q::ONE;
                    }
                    identity_minus(s, next)
                });
                let a = a.collect();
                self.j(&solve(a, b))
            })
            .collect()
    }

    /// `I - gamma P` under a policy.
    fn system(&self, mixture: &[Q]) -> Vec<Vec<Q>> {
        let row_of = |(s, rows): (usize, &Range<usize>)| {
            let mut next = vec![Q::ZERO; self.n()];
            for row in rows.clone().filter(|&row| !mixture[row].is_zero()) {
                for (t, p) in &self.p[row] {
                    next[*t] += &self.gamma * &mixture[row] * p;
                }
            }
            identity_minus(s, next)
        };
        self.rows.iter().enumerate().map(row_of).collect()
    }
}

fn identity_minus(s: usize, mut row: Vec<Q>) -> Vec<Q> {
    row.iter_mut().for_each(|x| *x = -&*x);
    row[s] += Q::ONE;
    row
}

/// The solution of `a x = b`, by elimination with the first non-zero pivot.
pub fn solve(mut a: Vec<Vec<Q>>, mut b: Vec<Q>) -> Vec<Q> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).find(|&i| !a[i][k].is_zero()).expect("the system is regular");
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in k + 1..n {
            if a[i][k].is_zero() {
                continue;
            }
            let factor = &a[i][k] / &a[k][k];
            for j in k..n {
                if !a[k][j].is_zero() {
                    let product = &factor * &a[k][j];
                    a[i][j] -= product;
                }
            }
            let product = &factor * &b[k];
            b[i] -= product;
        }
    }
    for k in (0..n).rev() {
        let known = (k + 1..n).fold(Q::ZERO, |sum, j| sum + &a[k][j] * &b[j]);
        b[k] = (&b[k] - known) / &a[k][k];
    }
    b
}
