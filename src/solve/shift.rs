//! How the visits of a policy shift when an action is played once instead of its own.
//!
//! With `M = (I - gamma P_pi)^-1`, playing `a` once in `s` changes the discounted visits of what follows by
//! `u = (gamma P_sa - e_s) M`. Then `A(s,a) = r(s,a) + sum_t u(t) r(t, pi(t))`: `u` is the advantage as a function of the
//! reward (Ng and Russell 2000, in state-action form). The entries sum to -1 where no episode ends.

use super::chain::Chain;
use super::chain::dense::Factors;
use super::{Aim, Policy, Solver};
use crate::base::sum::gamma_n;

/// One shift.
#[derive(Clone, Debug)]
pub struct Shift {
    /// `u`, over states. With discount 1 nothing is counted where episodes have ended, and `u` is 0 there.
    pub u: Vec<f64>,
    /// Bound on the sum of `|error|` over states, rounding included.
    pub error: f64,
}

/// A policy, ready for many shifts.
pub struct Shifts<'a> {
    solver: &'a Solver<'a>,
    rows: Vec<usize>,
    /// States whose visits are counted.
    live: Vec<bool>,
    way: Way,
}

/// How the systems `x (I - gamma P_pi) = b` are solved.
enum Way {
    /// Factors of the transpose.
    Dense(Factors),
    /// A system a shift. `visits` are those from a uniform start of mass `1 - gamma`; added to the right-hand side that start
    /// makes its sum zero, and with it the part that vanishes as slowly as the discount.
    Chain { chain: Box<Chain<'static>>, visits: Option<Vec<f64>> },
}

impl<'a> Solver<'a> {
    /// Prepares a policy, one row a state: O(S^3) up to 1000 states, else O(nnz) here and a linear system a shift.
    pub fn shifts(&'a self, rows: &[usize]) -> Shifts<'a> {
        self.shifts_within(rows, super::chain::DENSE)
    }

    /// The same with matrices written out up to so many states only.
    pub fn shifts_within(&'a self, rows: &[usize], most_dense: usize) -> Shifts<'a> {
        let (mdp, n) = (self.mdp, self.mdp.n_states());
        let live: Vec<bool> = (0..n).map(|s| mdp.gamma() < 1.0 || !mdp.is_terminal(s)).collect();
        let way = if n <= most_dense {
            let mut a = vec![0.0; n * n];
            for s in 0..n {
                a[s * n + s] += 1.0;
                let (col, p) = mdp.p(rows[s]);
                for (&t, &p) in col.iter().zip(p).filter(|&(&t, _)| live[s] && live[t as usize]) {
                    a[t as usize * n + s] -= mdp.gamma() * p;
                }
            }
            Way::Dense(Factors::new(n, a))
        } else {
            let chain = Chain::new(mdp, &Policy::Deterministic(rows.to_vec())).restricted(|s| live[s]);
            let visits = (mdp.gamma() < 1.0).then(|| {
                let start = vec![(1.0 - mdp.gamma()) / n as f64; n];
                chain.solve_transposed(mdp.gamma(), &start, &self.closely()).x
            });
            Way::Chain { chain: Box::new(chain), visits }
        };
        Shifts { solver: self, rows: rows.to_vec(), live, way }
    }
}

impl Shifts<'_> {
    /// The policy's rows.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The shift of one row. O(S^2) from factors, else a linear system.
    pub fn of(&self, row: usize) -> Shift {
        let mdp = self.solver.mdp;
        let mut b = vec![0.0; mdp.n_states()];
        let (col, p) = mdp.p(row);
        for (&t, &p) in col.iter().zip(p).filter(|(t, _)| self.live[**t as usize]) {
            b[t as usize] = mdp.gamma() * p;
        }
        b[mdp.state(row)] -= 1.0;
        let u = match &self.way {
            Way::Dense(factors) => {
                let mut x = b.clone();
                factors.solve(&mut x);
                x
            }
            Way::Chain { chain, visits } => {
                let aim = Aim { has_signs: true, ..self.solver.closely() };
                match visits {
                    None => chain.solve_transposed(mdp.gamma(), &b, &aim).x,
                    Some(visits) => {
                        let each = (1.0 - mdp.gamma()) / b.len() as f64;
                        let lifted: Vec<f64> = b.iter().map(|b| b + each).collect();
                        let x = chain.solve_transposed(mdp.gamma(), &lifted, &aim).x;
                        x.iter().zip(visits).map(|(x, v)| x - v).collect()
                    }
                }
            }
        };
        let error = self.error(&b, &u);
        Shift { u, error }
    }

    /// What `u` may be off: the residual of its system, weighted by the horizon, with the rounding of the residual itself and
    /// what the inputs are off.
    fn error(&self, b: &[f64], u: &[f64]) -> f64 {
        let (mdp, horizon) = (self.solver.mdp, &self.solver.horizon);
        let mut left: Vec<f64> = b.iter().zip(u).map(|(b, u)| b - u).collect();
        let mut size: Vec<f64> = b.iter().zip(u).map(|(b, u)| b.abs() + u.abs()).collect();
        let inputs = mdp.gamma_error() + mdp.p_error();
        let mut most = vec![0u32; b.len()];
        for s in (0..b.len()).filter(|&s| self.live[s]) {
            let (col, p) = mdp.p(self.rows[s]);
            for (&t, &p) in col.iter().zip(p) {
                let flow = mdp.gamma() * p * u[s];
                left[t as usize] += flow;
                size[t as usize] += flow.abs();
                most[t as usize] += 1;
            }
        }
        let relative = |t: usize| 2.0 * gamma_n(most[t] as usize + 4) + inputs;
        let of = |t: usize| horizon.at(t) * (left[t].abs() + relative(t) * size[t]);
        let total: f64 = (0..b.len()).filter(|&t| self.live[t]).map(of).sum();
        total * (1.0 + 2.0 * gamma_n(b.len())) + f64::MIN_POSITIVE
    }
}
