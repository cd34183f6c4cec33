//! What theorems speak of, in fractions: values, occupancies, optima, shaping, the projection on what policies can feel.
//!
//! Elimination and enumeration only; nothing here is shared with `solve`. Meant for a handful of states.

use super::linear::{dot, minus, scaled, solve};
use super::{Q, World, abs};

/// Optimal values of one reward and how far each row is from optimal.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// `V*`, length S.
    pub v: Vec<Q>,
    /// `Q*` over rows.
    pub q: Vec<Q>,
    /// `V*(s) - Q*(s,a) >= 0` over rows; 0 for optimal ones.
    pub gap: Vec<Q>,
    /// One optimal row of each state.
    pub choice: Vec<usize>,
}

impl Optimum {
    /// Whether some state has two optimal actions.
    pub fn has_tie(&self, world: &World) -> bool {
        (0..world.n_states()).any(|s| world.rows(s).filter(|&row| self.gap[row].is_zero()).count() > 1)
    }

    /// Smallest gap that is not 0, if any.
    pub fn least_gap(&self) -> Option<&Q> {
        self.gap.iter().filter(|gap| !gap.is_zero()).min()
    }

    /// Optimal rows, in order.
    pub fn optimal(&self) -> Vec<usize> {
        (0..self.gap.len()).filter(|&row| self.gap[row].is_zero()).collect()
    }
}

impl World {
    /// `sum_s' P(s'|s,a) x(s')` of a row.
    pub fn next(&self, row: usize, x: &[Q]) -> Q {
        dot(&self.row(row).p, x)
    }

    /// `r(s,a) = sum_s' P(s'|s,a) R(s,a,s')` over rows, from `R` as rows x states.
    pub fn expected(&self, r: &[Vec<Q>]) -> Vec<Q> {
        (0..self.n_rows()).map(|row| self.next(row, &r[row])).collect()
    }

    /// `r + gamma P v` over rows.
    pub fn q_of(&self, r: &[Q], v: &[Q]) -> Vec<Q> {
        (0..self.n_rows()).map(|row| &r[row] + &self.gamma * self.next(row, v)).collect()
    }

    /// `I - gamma P_pi`, `[S][S]`. A terminal state's row is the identity's where the discount is 1.
    fn system(&self, pi: &[Q]) -> Vec<Vec<Q>> {
        let n = self.n_states();
        (0..n)
            .map(|s| {
                let mut line = vec![Q::ZERO; n];
                line[s] = Q::ONE;
                if self.gamma == Q::ONE && self.terminal[s] {
                    return line;
                }
                for row in self.rows(s).filter(|&row| !pi[row].is_zero()) {
                    let weight = &self.gamma * &pi[row];
                    for (x, p) in line.iter_mut().zip(&self.row(row).p).filter(|(_, p)| !p.is_zero()) {
                        *x -= &weight * p;
                    }
                }
                line
            })
            .collect()
    }

    /// `V^pi`, length S, for a policy and a reward over rows.
    pub fn evaluate(&self, pi: &[Q], r: &[Q]) -> Vec<Q> {
        let earned = |s: usize| match self.terminal[s] {
            true => Q::ZERO,
            false => dot(&pi[self.rows(s)], &r[self.rows(s)]),
        };
        let b = (0..self.n_states()).map(earned).collect();
        solve(self.system(pi), b).expect("I - gamma P is regular where every policy ends")
    }

    /// `A^pi(s,a) = Q^pi(s,a) - V^pi(s)` over rows.
    pub fn advantage(&self, pi: &[Q], r: &[Q]) -> Vec<Q> {
        let v = self.evaluate(pi, r);
        let q = self.q_of(r, &v);
        (0..self.n_rows()).map(|row| &q[row] - &v[self.row(row).s]).collect()
    }

    /// Discounted visits of each state from the start, unnormalised.
    pub fn visits(&self, pi: &[Q]) -> Vec<Q> {
        self.visits_from(pi, &self.mu0)
    }

    /// Discounted visits of each state from a start of one's own: `x (I - gamma P_pi)^-1`.
    pub fn visits_from(&self, pi: &[Q], start: &[Q]) -> Vec<Q> {
        let n = self.n_states();
        let a = self.system(pi);
        let transposed = (0..n).map(|t| (0..n).map(|s| a[s][t].clone()).collect()).collect();
        solve(transposed, start.to_vec()).expect("I - gamma P is regular where every policy ends")
    }

    /// Discounted occupancy over rows, unnormalised: sums to `1 / (1 - gamma)`.
    pub fn occupancy(&self, pi: &[Q]) -> Vec<Q> {
        let visits = self.visits(pi);
        self.all_rows().iter().zip(pi).map(|(row, weight)| &visits[row.s] * weight).collect()
    }

    /// `J(pi) = mu0 . V^pi`.
    pub fn j(&self, pi: &[Q], r: &[Q]) -> Q {
        dot(&self.mu0, &self.evaluate(pi, r))
    }

    /// Best values, by policy iteration.
    pub fn optimum(&self, r: &[Q]) -> Optimum {
        let mut choice: Vec<usize> = (0..self.n_states()).map(|s| self.rows(s).start).collect();
        loop {
            let v = self.evaluate(&self.pure(&choice), r);
            let q = self.q_of(r, &v);
            let mut is_better = false;
            for s in 0..self.n_states() {
                for row in self.rows(s) {
                    if q[row] > q[choice[s]] {
                        choice[s] = row;
                        is_better = true;
                    }
                }
            }
            if !is_better {
                let gap = (0..self.n_rows()).map(|row| &q[choice[self.row(row).s]] - &q[row]).collect();
                return Optimum { v, q, gap, choice };
            }
        }
    }

    /// Worst values: those of `-r`, as an optimum of it.
    pub fn pessimum(&self, r: &[Q]) -> Optimum {
        self.optimum(&scaled(&-Q::ONE, r))
    }

    /// Return range `max_pi J - min_pi J`.
    pub fn range(&self, r: &[Q]) -> Q {
        dot(&self.mu0, &self.optimum(r).v) + dot(&self.mu0, &self.pessimum(r).v)
    }

    /// `gamma Phi(s') - Phi(s)` as rows x states.
    pub fn shaping(&self, phi: &[Q]) -> Vec<Vec<Q>> {
        self.all_rows().iter().map(|row| phi.iter().map(|next| &self.gamma * next - &phi[row.s]).collect()).collect()
    }

    /// `gamma P Phi - Phi` over rows: what shaping adds to the expected reward.
    pub fn drift(&self, phi: &[Q]) -> Vec<Q> {
        (0..self.n_rows()).map(|row| &self.gamma * self.next(row, phi) - &phi[self.row(row).s]).collect()
    }

    /// The potential `Phi` whose [`drift`](Self::drift) is nearest to `r` in the norm `sum w x^2`, all `w > 0`.
    pub fn nearest_potential(&self, r: &[Q], w: &[Q]) -> Vec<Q> {
        let n = self.n_states();
        let column = |s: usize| {
            let mut unit = vec![Q::ZERO; n];
            unit[s] = Q::ONE;
            self.drift(&unit)
        };
        let columns: Vec<Vec<Q>> = (0..n).map(column).collect();
        let weighted = |x: &[Q]| x.iter().zip(w).map(|(x, w)| x * w).collect::<Vec<_>>();
        let a = columns.iter().map(|x| columns.iter().map(|y| dot(&weighted(x), y)).collect()).collect();
        let b = columns.iter().map(|x| dot(&weighted(x), r)).collect();
        solve(a, b).expect("the drift determines its potential below discount 1")
    }

    /// `M r`: the part of a reward over rows that policies can feel, orthogonal to all shaping.
    pub fn project(&self, r: &[Q]) -> Vec<Q> {
        let w = vec![Q::ONE; self.n_rows()];
        minus(r, &self.drift(&self.nearest_potential(r, &w)))
    }

    /// Total variation of two distributions over next states or rows.
    pub fn total_variation(x: &[Q], y: &[Q]) -> Q {
        x.iter().zip(y).fold(Q::ZERO, |sum, (x, y)| sum + abs(&(x - y))) / Q::from(2u8)
    }

    /// Two of the policies that the rewards order differently, if there are any: one is strictly better for `x` and not
    /// for `y`, or equal for one of them alone.
    pub fn ordered_differently<'a>(&self, policies: &'a [Vec<Q>], x: &[Q], y: &[Q]) -> Option<(&'a [Q], &'a [Q])> {
        let returns: Vec<(Q, Q)> = policies
            .iter()
            .map(|pi| {
                let occupancy = self.occupancy(pi);
                (dot(&occupancy, x), dot(&occupancy, y))
            })
            .collect();
        for (i, (x1, y1)) in returns.iter().enumerate() {
            for (j, (x2, y2)) in returns.iter().enumerate().take(i) {
                if x1.cmp(x2) != y1.cmp(y2) {
                    return Some((&policies[i], &policies[j]));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::{fraction, number};
    use super::*;

    fn two_rooms() -> World {
        World::list(
            "1/2",
            &[("a", "go", "b", "1"), ("a", "stay", "a", "1"), ("b", "go", "a", "1/2"), ("b", "go", "b", "1/2")],
        )
    }

    #[test]
    fn values_and_visits_agree_on_the_return() {
        let world = two_rooms();
        let r = world.over_rows(&[("a", "stay", "1"), ("b", "go", "3")]);
        let pi = world.uniform();
        assert_eq!(world.j(&pi, &r), dot(&world.occupancy(&pi), &r));
        assert_eq!(world.occupancy(&pi).iter().fold(Q::ZERO, |sum, x| sum + x), number("2"));
    }

    #[test]
    fn the_optimum_is_that_of_enumeration() {
        let world = two_rooms();
        let r = world.over_rows(&[("a", "stay", "1"), ("b", "go", "3")]);
        let best = world.policies().iter().map(|pi| world.j(pi, &r)).max().unwrap();
        assert_eq!(dot(&world.mu0, &world.optimum(&r).v), best);
        let worst = world.policies().iter().map(|pi| world.j(pi, &r)).min().unwrap();
        assert_eq!(world.range(&r), best - worst);
    }

    #[test]
    fn the_projection_removes_shaping_and_nothing_else() {
        let world = two_rooms();
        let r = world.over_rows(&[("a", "go", "2"), ("b", "go", "-1")]);
        let shaped = super::super::plus(&r, &world.drift(&[fraction(3, 1), fraction(-2, 7)]));
        assert_eq!(world.project(&r), world.project(&shaped));
        assert_eq!(world.project(&world.project(&r)), world.project(&r));
    }
}
