//! The cone of rewards for which a policy is optimal: its facets, and how far a reward is from them.
//!
//! `A^pi_r(s,a)` is linear in `r`. The vector `c` with `<c, r> = A^pi_r(s,a)` is the normal of a facet of the cone (Ng and
//! Russell 2000, for rewards of pairs), and a reward inside is `-<c, r> / ||c||_dual` away from that facet.

use super::linear::{dot, l1, scaled};
use super::{Q, World};

/// One pair that a policy does not play: the rewards for which it would tie.
#[derive(Clone, Debug)]
pub struct Facet {
    /// The pair.
    pub row: usize,
    /// `V^pi(s) - Q^pi(s,a)`.
    pub gap: Q,
    /// `c` over rows.
    pub normal: Vec<Q>,
}

/// 1, 0 or -1 for each entry.
pub fn signs(x: &[Q]) -> Vec<Q> {
    let sign = |x: &Q| match x.cmp(&Q::ZERO) {
        std::cmp::Ordering::Less => -Q::ONE,
        std::cmp::Ordering::Equal => Q::ZERO,
        std::cmp::Ordering::Greater => Q::ONE,
    };
    x.iter().map(sign).collect()
}

impl World {
    /// One choice with a future on either side: `s0` leads by `h` to `s1` and by `k` to `s2`, which are never left.
    pub fn fork(gamma: &str) -> Self {
        World::moves(gamma, &[("s0", "h", "s1"), ("s0", "k", "s2"), ("s1", "stay", "s1"), ("s2", "stay", "s2")])
    }

    /// One state and two actions that both stay there.
    pub fn two_loops(gamma: &str) -> Self {
        World::moves(gamma, &[("s", "x", "s"), ("s", "y", "s")])
    }

    /// The vector `c` over rows with `<c, r> = A^pi_r(row)` for every reward: `1` at the row and `u(t) pi(b|t)` at every
    /// `(t,b)`, where `u = (gamma P_row - e_s)(I - gamma P_pi)^-1`.
    pub fn advantage_vector(&self, pi: &[Q], row: usize) -> Vec<Q> {
        let mut start = scaled(&self.gamma, &self.row(row).p);
        start[self.row(row).s] -= Q::ONE;
        let u = self.visits_from(pi, &start);
        let mut c: Vec<Q> = self.all_rows().iter().zip(pi).map(|(at, weight)| &u[at.s] * weight).collect();
        c[row] += Q::ONE;
        c
    }

    /// One facet for each row that is not chosen.
    pub fn facets(&self, choice: &[usize], r: &[Q]) -> Vec<Facet> {
        let pi = self.pure(choice);
        let others = (0..self.n_rows()).filter(|row| !choice.contains(row));
        others
            .map(|row| {
                let normal = self.advantage_vector(&pi, row);
                Facet { row, gap: -dot(&normal, r), normal }
            })
            .collect()
    }

    /// The nearest facet and its distance, where `dual` is the norm of normals that belongs to the norm of distances.
    /// Facets whose normal is 0 there are never reached.
    pub fn nearest_facet(&self, choice: &[usize], r: &[Q], dual: impl Fn(&[Q]) -> Q) -> Option<(Q, Facet)> {
        let reached = self.facets(choice, r).into_iter().filter_map(|facet| {
            let size = dual(&facet.normal);
            (!size.is_zero()).then(|| (&facet.gap / size, facet))
        });
        reached.min_by(|x, y| x.0.cmp(&y.0))
    }

    /// The nearest facet and its distance in the sup norm: the stability radius of the policy.
    pub fn radius(&self, choice: &[usize], r: &[Q]) -> Option<(Q, Facet)> {
        self.nearest_facet(choice, r, l1)
    }

    /// Whether no action is better than those of the policy, in any state.
    pub fn is_optimal(&self, pi: &[Q], r: &[Q]) -> bool {
        self.advantage(pi, r)
            .iter()
            .zip(pi)
            .all(|(a, weight)| if weight.is_zero() { *a <= Q::ZERO } else { a.is_zero() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Size, Tape, fraction, number};
    use super::*;

    #[test]
    fn the_vector_gives_the_advantages_of_every_reward() {
        for seed in 0..60 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small().ragged());
            let (pi, r) = (draw.policy("pi", &world), draw.reward("r", &world));
            let found: Vec<Q> = (0..world.n_rows()).map(|row| dot(&world.advantage_vector(&pi, row), &r)).collect();
            assert_eq!(found, world.advantage(&pi, &r), "seed {seed}");
        }
    }

    #[test]
    fn radii_of_the_fork_and_of_two_loops() {
        let fork = World::fork("9/10");
        let r = fork.over_rows(&[("s0", "h", "1/1000")]);
        let (radius, facet) = fork.radius(&fork.optimum(&r).choice, &r).unwrap();
        assert_eq!((radius, l1(&facet.normal)), (number("1/20000"), fraction(20, 1)));
        let loops = World::two_loops("9/10");
        let r = loops.over_rows(&[("s", "x", "3")]);
        let (radius, facet) = loops.radius(&[0], &r).unwrap();
        assert_eq!((radius, l1(&facet.normal)), (number("3/2"), fraction(2, 1)));
    }

    #[test]
    fn optimality_is_decided_in_every_state() {
        let fork = World::fork("1/2");
        let r = fork.over_rows(&[("s0", "h", "1")]);
        assert!(fork.is_optimal(&fork.pure(&[0, 2, 3]), &r));
        assert!(!fork.is_optimal(&fork.pure(&[1, 2, 3]), &r));
        assert!(!fork.is_optimal(&fork.uniform(), &r) && fork.is_optimal(&fork.uniform(), &vec![Q::ZERO; 4]));
    }
}
