//! Random environments and rewards as the code of the STARC paper draws them (Skalse et al. 2024, experiments).

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::Spec;
use crate::base::Result;
use crate::model::mdp::{Mdp, random};
use crate::model::reward::{Listed, Reward};

/// A drawn reward, and which of the four things that may happen to it did.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// `R(s,a,s')` on every transition, row by row.
    pub entries: Vec<f64>,
    /// All but the largest entries set to 0.
    pub is_sparse: bool,
    /// Multiplied by `10 U(0,1)`.
    pub is_scaled: bool,
    /// `10 U(0,1)` added everywhere.
    pub is_shifted: bool,
    /// Shaped by a random potential.
    pub is_shaped: bool,
}

impl Drawn {
    /// As a reward on the model.
    pub fn reward(&self, n_states: usize) -> Reward {
        let n_rows = self.entries.len() / n_states.max(1);
        let ptr = (0..=n_rows).map(|row| row * n_states).collect();
        let col = (0..n_rows).flat_map(|_| 0..n_states as u32).collect();
        Reward::with_listed(vec![0.0; n_rows], Listed { ptr, col, val: self.entries.clone() })
    }
}

/// The dynamics of one environment, and the random numbers its rewards are drawn from next. Each environment has its
/// own stream of the seed's generator, so it can be drawn without those before it.
pub fn environment(spec: &Spec, index: usize) -> Result<(Mdp, ChaCha8Rng)> {
    let mut rng = random::rng(spec.seed);
    rng.set_stream(index as u64);
    let mdp = random::starc_paper(&mut rng, spec.n_states, spec.n_actions, spec.gamma)?;
    Ok((mdp, rng))
}

/// One reward: standard normal entries; then, independently, with probability 0.2 entries up to 3 are set to 0, with
/// 0.7 all are multiplied by `10 U(0,1)`, with 0.3 `10 U(0,1)` is added, and with 0.5 it is shaped by
/// `Phi = 10 U(0,1) N + U(0,1)`, `N` standard normal for each state, both factors drawn once.
pub fn reward(mdp: &Mdp, rng: &mut impl Rng) -> Drawn {
    /// Entries up to this are dropped from a sparse reward; of 4,096 normal numbers some five are larger.
    const THRESHOLD: f64 = 3.0;
    let n = mdp.n_states();
    let mut entries = random::normals(rng, mdp.n_rows() * n);
    let is_sparse = happens(rng, 0.2);
    if is_sparse {
        entries.iter_mut().filter(|r| **r <= THRESHOLD).for_each(|r| *r = 0.0);
    }
    let is_scaled = happens(rng, 0.7);
    if is_scaled {
        let factor = 10.0 * rng.random::<f64>();
        entries.iter_mut().for_each(|r| *r *= factor);
    }
    let is_shifted = happens(rng, 0.3);
    if is_shifted {
        let shift = 10.0 * rng.random::<f64>();
        entries.iter_mut().for_each(|r| *r += shift);
    }
    let is_shaped = happens(rng, 0.5);
    if is_shaped {
        let phi = random::normals(rng, n);
        let (scale, offset) = (10.0 * rng.random::<f64>(), rng.random::<f64>());
        let phi: Vec<f64> = phi.iter().map(|x| scale * x + offset).collect();
        for s in 0..n {
            for row in mdp.rows(s) {
                let row = &mut entries[row * n..(row + 1) * n];
                row.iter_mut().zip(&phi).for_each(|(r, arrival)| *r += mdp.gamma() * arrival - phi[s]);
            }
        }
    }
    Drawn { entries, is_sparse, is_scaled, is_shifted, is_shaped }
}

/// True with probability `p`.
fn happens(rng: &mut impl Rng, p: f64) -> bool {
    rng.random::<f64>() < p
}
