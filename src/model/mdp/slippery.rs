//! A deep grid: long paths, local transitions, one goal.

use rand::RngExt;

use super::random::rng;
use super::{Arrays, Mdp};
use crate::base::{Code, Diag, Result};

/// Parameters of a slippery grid.
#[derive(Clone, Copy, Debug)]
pub struct Slippery {
    /// Cells along each edge.
    pub side: usize,
    /// Discount in [0, 1).
    pub gamma: f64,
    /// Seed of the costs.
    pub seed: u64,
}

/// Probability of the intended move.
const AHEAD: f64 = 0.8;
/// Probability of each of the two moves at a right angle to it.
const ASIDE: f64 = 0.1;
/// Every cell costs at least this for each step, and at most twice as much.
const COST: f64 = 0.02;

impl Slippery {
    /// Transitions, and R(s,a) over rows. States are cells in reading order, actions north, east, south, west.
    ///
    /// The intended move happens with probability 0.8, each of the two at a right angle with 0.1; who meets a wall
    /// stays. The last cell is never left and pays 1 a step; every other cell costs 0.02 + 0.02 U(0,1), whatever the
    /// action. Start uniform.
    pub fn mdp(&self) -> Result<(Mdp, Vec<f64>)> {
        /// Sides whose cells, times four actions, are counted in `u32`.
        const MAX_SIDE: usize = 30_000;
        let Slippery { side, gamma, seed } = *self;
        if side == 0 || side > MAX_SIDE {
            let diag = Diag::new(Code::TooLarge, format!("no grid has {side} cells along each edge"));
            return diag.expected(format!("from 1 to {MAX_SIDE}")).err();
        }
        let n = side * side;
        let (mut row_ptr, mut col, mut val) = (Vec::with_capacity(4 * n + 1), Vec::new(), Vec::new());
        col.reserve(12 * n);
        val.reserve(12 * n);
        row_ptr.push(0);
        for s in 0..n {
            let (y, x) = (s / side, s % side);
            let arrive = [
                if y > 0 { s - side } else { s },
                if x + 1 < side { s + 1 } else { s },
                if y + 1 < side { s + side } else { s },
                if x > 0 { s - 1 } else { s },
            ];
            for a in 0..4 {
                let first = col.len();
                let moves = match s + 1 == n {
                    true => [(s, 1.0), (s, 0.0), (s, 0.0)],
                    false => [(arrive[a], AHEAD), (arrive[(a + 1) % 4], ASIDE), (arrive[(a + 3) % 4], ASIDE)],
                };
                for (t, p) in moves.into_iter().filter(|&(_, p)| p > 0.0) {
                    put(&mut col, &mut val, first, t as u32, p);
                }
                row_ptr.push(col.len());
            }
        }
        let mut rng = rng(seed);
        let mut r: Vec<f64> = (0..n).flat_map(|_| [-(COST + COST * rng.random::<f64>()); 4]).collect();
        r[4 * (n - 1)..].fill(1.0);
        let mdp = Mdp::from_arrays(Arrays { n_states: n, n_actions: 4, gamma, row_ptr, col, val })?.exact_inputs();
        Ok((mdp, r))
    }
}

/// Adds a transition to the row that begins at `first`, in its place.
fn put(col: &mut Vec<u32>, val: &mut Vec<f64>, first: usize, t: u32, p: f64) {
    match col[first..].binary_search(&t) {
        Ok(i) => val[first + i] += p,
        Err(i) => {
            col.insert(first + i, t);
            val.insert(first + i, p);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_slip_bounce_and_end() {
        let (mdp, r) = Slippery { side: 3, gamma: 0.9, seed: 1 }.mdp().unwrap();
        assert_eq!((mdp.n_states(), mdp.n_actions(), mdp.n_rows()), (9, 4, 36));
        // Reading order: 0 1 2 / 3 4 5 / 6 7 8. East from the middle, north in the corner, east along the right wall.
        assert_eq!(mdp.p(4 * 4 + 1), (&[1, 5, 7][..], &[0.1, 0.8, 0.1][..]));
        assert_eq!(mdp.p(0), (&[0, 1][..], &[0.8 + 0.1, 0.1][..]));
        assert_eq!(mdp.p(4 * 5 + 1), (&[2, 5, 8][..], &[0.1, 0.8, 0.1][..]));
        assert!(mdp.is_absorbing(8) && !mdp.is_absorbing(7) && !mdp.is_terminal(8));
        for s in 0..8 {
            assert!(r[4 * s..4 * s + 4].iter().all(|&x| x == r[4 * s]), "the same for all actions");
            assert!((-0.04..=-0.02).contains(&r[4 * s]));
        }
        assert_eq!(r[32..], [1.0; 4]);
        assert_ne!(r, Slippery { side: 3, gamma: 0.9, seed: 2 }.mdp().unwrap().1, "the seed is used");
        assert!(Slippery { side: 0, gamma: 0.9, seed: 2 }.mdp().is_err());
    }

    #[test]
    fn one_cell_is_a_model() {
        let (mdp, r) = Slippery { side: 1, gamma: 0.9, seed: 1 }.mdp().unwrap();
        assert_eq!((mdp.n_states(), r), (1, vec![1.0; 4]));
        assert!(Slippery { side: 30_001, gamma: 0.9, seed: 1 }.mdp().is_err());
    }
}
