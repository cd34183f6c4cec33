//! Experience: worlds whose episodes end, and walks through a world.

use super::world::Row;
use super::{Case, Draw, Q, World, fraction};

/// The actions of a drawn episode in every state that is not its end.
const ACTIONS: usize = 2;

impl Draw {
    /// A world whose every episode ends: the last `ends` states are terminal, two actions elsewhere lead to later states
    /// only. Any discount up to 1 makes sense in it.
    pub fn episodic(&mut self, states: (usize, usize), ends: usize, gammas: &[&str], is_certain: bool) -> World {
        let n = self.between("states", states.0, states.1);
        let gamma = self.number_of("gamma", gammas);
        let mut rows = Vec::new();
        for s in 0..n - ends {
            for a in 0..ACTIONS {
                let later = n - s - 1;
                let mut p = vec![Q::ZERO; s + 1];
                match is_certain {
                    true => {
                        let next = self.below(("next", s, a), later);
                        p.extend((0..later).map(|t| if t == next { Q::ONE } else { Q::ZERO }));
                    }
                    false => p.extend(self.distribution("p", (s, a), later, a % later)),
                }
                rows.push(Row { s, a, p });
            }
        }
        for s in n - ends..n {
            let p = (0..n).map(|t| if t == s { Q::ONE } else { Q::ZERO }).collect();
            rows.push(Row { s, a: 0, p });
        }
        let mut mu0 = self.distribution("mu0", (0, 0), n - ends, 0);
        mu0.resize(n, Q::ZERO);
        let mut world = World::new(gamma, mu0, rows);
        (n - ends..n).for_each(|s| world.terminal[s] = true);
        world
    }

    /// A walk of `steps` transitions, as the rows played and one more row for the state it stops in. After a terminal
    /// state it goes on anywhere.
    pub fn walk(&mut self, name: &str, world: &World, steps: usize) -> Vec<usize> {
        let mut from: Vec<usize> = (0..world.n_states()).collect();
        let mut walk = Vec::new();
        for i in 0..=steps {
            let s = self.pick((name, i, 0), &from);
            let row = self.pick((name, i, 1), &world.rows(s).collect::<Vec<_>>());
            from = match world.terminal[s] {
                true => (0..world.n_states()).collect(),
                false => (0..world.n_states()).filter(|&t| !world.row(row).p[t].is_zero()).collect(),
            };
            walk.push(row);
        }
        walk
    }
}

impl Case {
    /// The same with a list of indices, kept as a vector of whole numbers.
    #[must_use]
    pub fn indices(self, name: &'static str, list: &[usize]) -> Self {
        self.vector(name, list.iter().map(|&i| Q::from(i)).collect())
    }

    /// A named list of indices.
    pub fn indices_of(&self, name: &str) -> Vec<usize> {
        let whole = |x: &Q| usize::try_from(x.numerator()).expect("indices are whole");
        self.x(name).iter().map(whole).collect()
    }
}

/// `sum_t gamma^t x_t`.
pub fn discounted_sum(gamma: &Q, x: &[Q]) -> Q {
    x.iter().rev().fold(Q::ZERO, |rest, x| x + gamma * rest)
}

/// `x^n`.
pub fn power(x: &Q, n: usize) -> Q {
    (0..n).fold(Q::ONE, |product, _| product * x)
}

/// The arithmetic mean of a list that is not empty.
pub fn mean(x: &[Q]) -> Q {
    x.iter().fold(Q::ZERO, |sum, x| sum + x) * fraction(1, x.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::super::Tape;
    use super::*;

    #[test]
    fn episodes_end_and_walks_follow_the_transitions() {
        for seed in 0..100 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.episodic((3, 5), 2, &["1", "1/2"], seed % 2 == 0);
            let steps = vec![Q::ONE; world.n_rows()];
            assert!(world.j(&world.uniform(), &steps) <= Q::from(world.n_states()));
            let walk = draw.walk("walk", &world, 6);
            assert_eq!(walk.len(), 7);
            for pair in walk.windows(2).map(|w| (world.row(w[0]), world.row(w[1]))) {
                assert!(world.terminal[pair.0.s] || !pair.0.p[pair.1.s].is_zero());
            }
            let case = Case::new(world).indices("walk", &walk);
            assert_eq!(case.indices_of("walk"), walk);
        }
    }

    #[test]
    fn sums_are_discounted_from_the_first() {
        let x = [fraction(1, 1), fraction(2, 1), fraction(4, 1)];
        assert_eq!(discounted_sum(&fraction(1, 2), &x), fraction(3, 1));
        assert_eq!(power(&fraction(1, 2), 3), fraction(1, 8));
        assert_eq!(mean(&x), fraction(7, 3));
    }
}
