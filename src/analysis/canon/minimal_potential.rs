//! The smallest reward, in (weighted) L2, among all that differ by shaping alone.
//!
//! Minimises `sum (R + gamma Phi(s') - Phi(s))^2` over all transitions, or weighted by `P(s'|s,a)`. The normal
//! equations of the unweighted sum are a diagonal plus two outer products, so a product costs O(S).

use nalgebra::DMatrix;

use super::least_squares::{self, System};
use super::{Canon, Canonical, Context, Run, needs_discount, pinned};
use crate::base::Result;
use crate::base::sum;
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
        let (n, gamma) = (mdp.n_states(), mdp.gamma());
        let count: Vec<f64> = (0..n).map(|s| mdp.rows(s).len() as f64).collect();
        let rows = mdp.n_rows() as f64;
        let diagonal: Vec<f64> = count.iter().map(|c| c * n as f64 + gamma * gamma * rows).collect();
        let product = |x: &[f64], out: &mut [f64]| {
            let (ones, counts) = (sum::sum(x.iter().copied()), sum::dot(&count, x));
            for s in 0..n {
                out[s] = diagonal[s] * x[s] - gamma * (count[s] * ones + counts);
            }
        };
        let mut b = vec![0.0; n];
        let mut buffer = vec![0.0; n];
        for s in 0..n {
            for row in mdp.rows(s) {
                reward.fill_row(row, &mut buffer);
                b[s] += sum::sum(buffer.iter().copied());
                b.iter_mut().zip(&buffer).for_each(|(b, r)| *b -= gamma * r);
            }
        }
        let fill = |matrix: &mut DMatrix<f64>| {
            for t in 0..n {
                for s in 0..n {
                    matrix[(s, t)] -= gamma * (count[s] + count[t]);
                }
                matrix[(t, t)] += diagonal[t];
            }
        };
        let true_diagonal = (0..n).map(|s| diagonal[s] - 2.0 * gamma * count[s]).collect();
        finish(context, reward, &System { product, fill, diagonal: true_diagonal }, &b)
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
        let (n, gamma) = (mdp.n_states(), mdp.gamma());
        // D x - gamma (K + K') x with K = sum_a P and D = mass out + gamma^2 mass in.
        let mut diagonal = vec![0.0; n];
        let mut loops = vec![0.0; n];
        let mut b = vec![0.0; n];
        let mut buffer = Vec::new();
        for s in 0..n {
            for row in mdp.rows(s) {
                reward.fill_support(mdp, row, &mut buffer);
                let (col, p) = mdp.p(row);
                for ((&t, &p), &r) in col.iter().zip(p).zip(&buffer) {
                    diagonal[s] += p;
                    diagonal[t as usize] += gamma * gamma * p;
                    b[s] += p * r;
                    b[t as usize] -= gamma * p * r;
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
            for s in 0..n {
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
            for s in 0..n {
                matrix[(s, s)] += diagonal[s];
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
        finish(context, reward, &System { product, fill, diagonal: true_diagonal }, &b)
    }),
};

fn finish(
    context: &Context<'_>,
    reward: &Reward,
    system: &System<impl Fn(&[f64], &mut [f64]), impl Fn(&mut DMatrix<f64>)>,
    b: &[f64],
) -> Result<Canonical> {
    let mdp = context.mdp();
    let pinned = pinned(mdp);
    let (phi, residual) = least_squares::prepare(system, &pinned)?.solve(b);
    let form = reward.shaped(mdp, &phi);
    // By Jensen the weighted sum is at least that of `minimal`, and the unweighted one is larger still.
    let n = mdp.n_states() as f64;
    let round = 4.0 * sum::UNIT * (reward.max_abs(mdp) + 2.0 * sum::max_abs(&phi));
    Ok(Canonical {
        form,
        pair: None,
        potential: Some(phi),
        err: 2.0 * residual * n / (1.0 - mdp.gamma()).powi(2) + round,
    })
}
