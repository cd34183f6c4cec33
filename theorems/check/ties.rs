//! Rewards with the ties one asks for, and directions to move them in.

use super::{Draw, Q, World};

impl World {
    /// Which rows a choice plays.
    pub fn marked(&self, choice: &[usize]) -> Vec<bool> {
        (0..self.n_rows()).map(|row| choice.contains(&row)).collect()
    }
}

impl Draw {
    /// A reward with one optimal action in every state, whichever it is.
    pub fn reward_without_tie(&mut self, name: &'static str, world: &World) -> Vec<Q> {
        let choice = self.choice("best", world);
        self.reward_with_optimum(name, world, &world.marked(&choice))
    }

    /// A reward of few different numbers: many of its policies tie.
    pub fn coarse_reward(&mut self, name: &str, world: &World) -> Vec<Q> {
        (0..world.n_rows()).map(|row| self.number_of((name, row), &["0", "1", "-1"])).collect()
    }

    /// A reward for which the first two actions of the first state are optimal, and in every state perhaps others beside
    /// the first.
    pub fn reward_with_tie(&mut self, name: &'static str, world: &World) -> Vec<Q> {
        let is_optimal: Vec<bool> = (0..world.n_rows())
            .map(|row| row <= 1 || row == world.rows(world.row(row).s).start || self.below(("tie", row), 3) == 2)
            .collect();
        self.reward_with_optimum(name, world, &is_optimal)
    }

    /// Rows of 1 and -1, at times less: what is added to a reward, up to size. Its sup norm is 1.
    pub fn direction(&mut self, name: &'static str, world: &World) -> Vec<Q> {
        let entry = |draw: &mut Draw, row: usize| draw.number_of((name, row), &["1", "-1", "1", "-1", "1/2", "0"]);
        let mut d: Vec<Q> = (0..world.n_rows()).map(|row| entry(self, row)).collect();
        d[0] = self.number_of((name, 0), &["1", "-1"]);
        d
    }

    /// A direction whose average size is 1 and whose sup norm is not: all of it at one row.
    pub fn spike(&mut self, name: &'static str, world: &World) -> Vec<Q> {
        let (n, mut d) = (world.n_rows(), vec![Q::ZERO; world.n_rows()]);
        d[self.below((name, 0), n)] = self.number_of((name, 1), &["1", "-1"]) * Q::from(n as u64);
        d
    }

    /// A reward under which a row that is not chosen has this advantage over the choice.
    pub fn reward_with_advantage(&mut self, name: &str, world: &World, choice: &[usize], row: usize, a: &Q) -> Vec<Q> {
        let mut r = self.reward(name, world);
        // The row is not played, so what is paid there moves its own advantage and no value.
        let short = a - &world.advantage(&world.pure(choice), &r)[row];
        r[row] += short;
        r
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Size, Tape, l1, max_abs, number};
    use super::*;

    #[test]
    fn rewards_have_the_ties_asked_for() {
        for seed in 0..60 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small());
            let (single, tied) = (draw.reward_without_tie("r", &world), draw.reward_with_tie("t", &world));
            assert!(!world.optimum(&single).has_tie(&world));
            assert!(world.optimum(&tied).has_tie(&world) && world.optimum(&tied).gap[1].is_zero());
            assert_eq!(max_abs(&draw.direction("d", &world)), Q::ONE);
            assert_eq!(l1(&draw.spike("spike", &world)), Q::from(world.n_rows() as u64));
            let choice: Vec<usize> = (0..world.n_states()).map(|s| world.rows(s).start).collect();
            let miss = draw.reward_with_advantage("miss", &world, &choice, 1, &number("2/3"));
            assert_eq!(world.advantage(&world.pure(&choice), &miss)[1], number("2/3"));
        }
    }
}
