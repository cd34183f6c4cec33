//! The smallest reward, in (weighted) L2, among all that differ by shaping alone.
//!
//! Minimises `sum (R + gamma Phi(s') - Phi(s))^2` over all transitions, or weighted by `P(s'|s,a)`. The normal
//! equations of the unweighted sum are a diagonal plus two outer products, so a product costs O(S). Rows of terminal states
//! do not enter, and `Phi` is 0 there.

use nalgebra::DMatrix;

use super::least_squares::{self, System};
use super::precise::{Precise, largest};
use super::twice::{TWICE_UNIT, Twice};
use super::{Canon, Canonical, Context, Run, needs_discount, pinned, shaped_error};
use crate::base::Result;
use crate::base::sum::{self, UNIT};
use crate::model::Reward;

pub(super) static CANON: Canon = Canon {
    id: "minimal-potential",
    summary: "least L2 norm by shaping alone; keeps S'-redistribution",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: true,
    run: Run::Each(|context, reward, _| {
        let mdp = context.mdp();
        needs_discount(mdp, "minimal-potential")?;
        let (n, gamma, pinned) = (mdp.n_states(), mdp.gamma(), pinned(mdp));
        let count: Vec<f64> = (0..n).map(|s| if pinned[s] { 0.0 } else { mdp.rows(s).len() as f64 }).collect();
        let rows: f64 = count.iter().sum();
        let diagonal: Vec<f64> = count.iter().map(|c| c * n as f64 + gamma * gamma * rows).collect();
        let product = |x: &[f64], out: &mut [f64]| {
            let (ones, counts) = (sum::sum(x.iter().copied()), sum::dot(&count, x));
            for s in 0..n {
                out[s] = diagonal[s] * x[s] - gamma * (count[s] * ones + counts);
            }
        };
        let fill = |matrix: &mut DMatrix<f64>| {
            for t in 0..n {
                for s in 0..n {
                    matrix[(s, t)] -= gamma * (count[s] + count[t]);
                }
                matrix[(t, t)] += diagonal[t];
            }
        };
        let true_diagonal = (0..n).map(|s| diagonal[s] - 2.0 * gamma * count[s]).collect();
        finish(context, reward, false, &System { product, fill, diagonal: true_diagonal }, &pinned)
    }),
};

pub(super) static WEIGHTED: Canon = Canon {
    id: "minimal-potential-weighted",
    summary: "least P-weighted L2 norm by shaping alone; keeps S'-redistribution",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: false,
    run: Run::Each(|context, reward, _| {
        let mdp = context.mdp();
        needs_discount(mdp, "minimal-potential-weighted")?;
        let (n, gamma, pinned) = (mdp.n_states(), mdp.gamma(), pinned(mdp));
        let counted = || (0..n).filter(|&s| !pinned[s]);
        // D x - gamma (K + K') x with K = sum_a P and D = mass out + gamma^2 mass in.
        let mut diagonal = vec![0.0; n];
        let mut loops = vec![0.0; n];
        for s in counted() {
            for row in mdp.rows(s) {
                let (col, p) = mdp.p(row);
                for (&t, &p) in col.iter().zip(p) {
                    diagonal[s] += p;
                    diagonal[t as usize] += gamma * gamma * p;
                    if t as usize == s {
                        loops[s] += p;
                    }
                }
            }
        }
        let product = |x: &[f64], out: &mut [f64]| {
            for s in 0..n {
                out[s] = diagonal[s] * x[s];
            }
            for s in counted() {
                for row in mdp.rows(s) {
                    let (col, p) = mdp.p(row);
                    for (&t, &p) in col.iter().zip(p) {
                        out[s] -= gamma * p * x[t as usize];
                        out[t as usize] -= gamma * p * x[s];
                    }
                }
            }
        };
        let fill = |matrix: &mut DMatrix<f64>| {
            (0..n).for_each(|s| matrix[(s, s)] += diagonal[s]);
            for s in counted() {
                for row in mdp.rows(s) {
                    let (col, p) = mdp.p(row);
                    for (&t, &p) in col.iter().zip(p) {
                        matrix[(s, t as usize)] -= gamma * p;
                        matrix[(t as usize, s)] -= gamma * p;
                    }
                }
            }
        };
        let true_diagonal = (0..n).map(|s| diagonal[s] - 2.0 * gamma * loops[s]).collect();
        finish(context, reward, true, &System { product, fill, diagonal: true_diagonal }, &pinned)
    }),
};

fn finish(
    context: &Context<'_>,
    reward: &Reward,
    is_weighted: bool,
    system: &System<impl Fn(&[f64], &mut [f64]), impl Fn(&mut DMatrix<f64>)>,
    pinned: &[bool],
) -> Result<Canonical> {
    let mdp = context.mdp();
    let prepared = least_squares::prepare(system, pinned)?;
    let search = Search { precise: Precise::new(context), reward, is_weighted, pinned };
    let nothing = vec![Twice::default(); pinned.len()];
    let solve = |found: &Residual| prepared.solve(&found.gradient);
    let (phi, found) = least_squares::refine(nothing, |phi| search.residual(phi), |found| found.length, solve);
    // As in `minimal`, by Jensen: the P-weighted sum of squares of a shaping is at least that of its expectations, and the
    // unweighted one is larger still. So no potential is off by more than `h sqrt(S) h ||g||`, and no entry of the unweighted
    // form by more than `sqrt(S) h ||g||`.
    let (n, h) = (mdp.n_states() as f64, context.solver.horizon().longest());
    let of_entries = n.sqrt() * h * found.length * if is_weighted { 2.0 * h } else { 1.0 };
    let stored = 2.0 * UNIT * largest(&phi);
    let phi: Vec<f64> = phi.iter().map(|phi| phi.hi).collect();
    let form = reward.shaped(mdp, &phi);
    let err = (of_entries * (1.0 + 1e-10) + stored + shaped_error(mdp, reward, &phi)) * (1.0 + 1e-10);
    Ok(Canonical { form, pair: None, potential: Some(phi), err })
}

struct Search<'a> {
    precise: Precise<'a>,
    reward: &'a Reward,
    is_weighted: bool,
    pinned: &'a [bool],
}

/// What a potential leaves.
struct Residual {
    /// Minus half the gradient of the sum of squares.
    gradient: Vec<f64>,
    /// Its length, its own error included.
    length: f64,
}

impl Search<'_> {
    /// In twice the working precision; its error counts what the inputs are off.
    fn residual(&self, phi: &[Twice]) -> Residual {
        let (precise, n) = (&self.precise, phi.len());
        let mdp = precise.mdp;
        let arrival: Vec<Twice> = phi.iter().map(|&phi| precise.gamma() * phi).collect();
        // What an entry is off: the reward as read, and the discount.
        let read = if self.reward.is_whole() { 0.0 } else { UNIT * self.reward.size() };
        let most = largest(phi);
        let of_entry = self.reward.entry_error() + read + (precise.gamma_off() + 8.0 * TWICE_UNIT) * most;
        // `sum w F` by the state that is left and by the one that is entered, and what these are off.
        let (mut out, mut into) = (vec![Twice::default(); n], vec![Twice::default(); n]);
        let (mut off_out, mut off_into) = (vec![0.0; n], vec![0.0; n]);
        let mut rewards = vec![0.0; n];
        for s in (0..n).filter(|&s| !self.pinned[s]) {
            for row in mdp.rows(s) {
                let of_row = match mdp.p(row).1 {
                    [1.0] => 0.0,
                    _ if self.is_weighted => precise.off(row),
                    _ => 0.0,
                };
                let mut take = |t: usize, weight: Option<Twice>, r: f64| {
                    let entry = Twice::from(r) + arrival[t] - phi[s];
                    let (part, size) = match weight {
                        Some(weight) => (entry * weight, weight.hi),
                        None => (entry, 1.0),
                    };
                    (out[s], into[t]) = (out[s] + part, into[t] + part);
                    let off = size * (of_entry + (of_row + 8.0 * TWICE_UNIT) * (entry.hi.abs() + r.abs()));
                    off_out[s] += off + TWICE_UNIT * out[s].hi.abs();
                    off_into[t] += off + TWICE_UNIT * into[t].hi.abs();
                };
                if self.is_weighted {
                    self.reward.fill_support(mdp, row, &mut rewards);
                    precise.p(row).zip(&rewards).for_each(|((t, p), &r)| take(t, Some(p), r));
                } else {
                    rewards.resize(n, 0.0);
                    self.reward.fill_row(row, &mut rewards);
                    rewards.iter().enumerate().for_each(|(t, &r)| take(t, None, r));
                }
            }
        }
        let mut gradient = vec![0.0; n];
        let mut squares = 0.0;
        for s in (0..n).filter(|&s| !self.pinned[s]) {
            gradient[s] = (out[s] - precise.gamma() * into[s]).hi;
            let of_gamma = (precise.gamma_off() + 4.0 * TWICE_UNIT) * into[s].hi.abs() + TWICE_UNIT * out[s].hi.abs();
            squares += (gradient[s].abs() + off_out[s] + off_into[s] + of_gamma).powi(2);
        }
        Residual { gradient, length: squares.sqrt() }
    }
}
