//! The transformations that leave the order of policies alone: shaping, S'-redistribution, positive scaling.

use rand::{Rng, RngExt};

use super::{Listed, Reward};
use crate::base::sum;
use crate::model::mdp::{Mdp, random::normal};

/// A transformation of rewards under which every policy keeps its rank.
#[derive(Clone, Debug)]
pub enum Transform {
    /// `R + gamma Phi(s') - Phi(s)` (Ng, Harada and Russell 1999); length S.
    Shaping(Vec<f64>),
    /// `R + D` where `D` has mean zero over `s'` under `P` at every row, and is free on impossible transitions.
    Redistribution(Reward),
    /// `c R`, `c > 0`.
    Scaling(f64),
}

impl Transform {
    /// The transformed reward.
    pub fn apply(&self, mdp: &Mdp, reward: &Reward) -> Reward {
        match self {
            Transform::Shaping(phi) => reward.shaped(mdp, phi),
            Transform::Redistribution(d) => Reward::linear(&[(1.0, reward), (1.0, d)]),
            Transform::Scaling(c) => reward.scaled(*c),
        }
    }

    /// A random potential, standard normal times `scale`.
    pub fn draw_shaping(mdp: &Mdp, scale: f64, rng: &mut impl Rng) -> Self {
        Transform::Shaping((0..mdp.n_states()).map(|_| scale * normal(rng)).collect())
    }

    /// A random redistribution of size `scale`, on impossible transitions too. O(S^2 A): for small models.
    pub fn draw_redistribution(mdp: &Mdp, scale: f64, rng: &mut impl Rng) -> Self {
        let n = mdp.n_states();
        let mut listed = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
        for row in 0..mdp.n_rows() {
            let (col, p) = mdp.p(row);
            let mut d: Vec<f64> = (0..n).map(|_| scale * normal(rng)).collect();
            let on_support: Vec<f64> = col.iter().map(|&t| d[t as usize]).collect();
            let mean = sum::dot(p, &on_support) / sum::sum(p.iter().copied());
            col.iter().for_each(|&t| d[t as usize] -= mean);
            listed.col.extend(0..n as u32);
            listed.val.extend(d);
            listed.ptr.push(listed.col.len());
        }
        Transform::Redistribution(Reward::with_listed(vec![0.0; mdp.n_rows()], listed))
    }

    /// A random factor, uniform on a logarithmic scale between `1 / range` and `range`.
    pub fn draw_scaling(range: f64, rng: &mut impl Rng) -> Self {
        let exponent = 2.0 * rng.random::<f64>() - 1.0;
        Transform::Scaling(range.powf(exponent))
    }
}
