//! Rewards `R(s,a,s')` as tables, rows x states.

use super::{Draw, Q, World};

/// `x + c y`.
pub fn table(x: &[Vec<Q>], c: &Q, y: &[Vec<Q>]) -> Vec<Vec<Q>> {
    x.iter().zip(y).map(|(x, y)| x.iter().zip(y).map(|(x, y)| x + c * y).collect()).collect()
}

/// `c x`.
pub fn table_scaled(c: &Q, x: &[Vec<Q>]) -> Vec<Vec<Q>> {
    x.iter().map(|x| x.iter().map(|x| c * x).collect()).collect()
}

impl World {
    /// The table that does not depend on the next state.
    pub fn spread(&self, x: &[Q]) -> Vec<Vec<Q>> {
        x.iter().map(|x| vec![x.clone(); self.n_states()]).collect()
    }

    /// The table of zeros.
    pub fn nothing(&self) -> Vec<Vec<Q>> {
        vec![vec![Q::ZERO; self.n_states()]; self.n_rows()]
    }
}

impl Draw {
    /// An S'-redistribution: a table of mean 0 over the next state of every row, free where nothing leads.
    pub fn redistribution(&mut self, name: &str, world: &World) -> Vec<Vec<Q>> {
        let x = self.reward_sas(name, world);
        let means = world.expected(&x);
        x.iter().zip(&means).map(|(x, mean)| x.iter().map(|x| x - mean).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Size, Tape};
    use super::*;

    #[test]
    fn a_redistribution_has_mean_zero_and_is_not_always_zero() {
        let mut moved = 0;
        for seed in 0..50 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().states(2, 3));
            let d = draw.redistribution("d", &world);
            assert_eq!(world.expected(&d), vec![Q::ZERO; world.n_rows()]);
            moved += usize::from(d != world.nothing());
        }
        assert!(moved > 25);
    }
}
