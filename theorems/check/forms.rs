//! Canonical forms in fractions, each from its formula; nothing here is shared with `analysis`.

use super::linear::{dot, minus, scaled, solve};
use super::table::{table, table_scaled};
use super::{Q, World, fraction};

impl World {
    /// The canonical form of that name, rows x states. `reference` is the policy of the two VAL forms.
    ///
    /// DARD pairs actions by their place among those of a state, so every state must offer every action.
    pub fn form(&self, canon: &str, reference: &[Q], r: &[Vec<Q>]) -> Vec<Vec<Q>> {
        match canon {
            "none" => r.to_vec(),
            "val" => self.spread(&self.advantage(reference, &self.expected(r))),
            "val-potential" => self.shaped_by(r, &self.evaluate(reference, &self.expected(r))),
            "minimal" => self.minimal(&self.expected(r)),
            "minimal-weighted" => self.spread(&self.project(&self.expected(r))),
            "minimal-potential" => self.minimal_potential(r),
            "epic" => self.epic(r),
            "dard" => self.dard(r),
            _ => panic!("there is no form `{canon}`"),
        }
    }

    /// `R + gamma Phi(s') - Phi(s)`.
    pub fn shaped_by(&self, r: &[Vec<Q>], phi: &[Q]) -> Vec<Vec<Q>> {
        table(r, &Q::ONE, &self.shaping(phi))
    }

    /// The least sum of squares over all transitions among everything that differs by shaping and S'-redistribution:
    /// what is left of `r` in the norm `sum x^2 / ||P||^2`, spread over next states in proportion to `P`.
    fn minimal(&self, r: &[Q]) -> Vec<Vec<Q>> {
        let weight: Vec<Q> = self.all_rows().iter().map(|row| Q::ONE / dot(&row.p, &row.p)).collect();
        let left = minus(r, &self.drift(&self.nearest_potential(r, &weight)));
        (0..self.n_rows()).map(|row| scaled(&(&left[row] * &weight[row]), &self.row(row).p)).collect()
    }

    /// The least sum of squares over all transitions among everything that differs by shaping.
    fn minimal_potential(&self, r: &[Vec<Q>]) -> Vec<Vec<Q>> {
        let n = self.n_states();
        let column = |s: usize| {
            let mut unit = vec![Q::ZERO; n];
            unit[s] = Q::ONE;
            self.shaping(&unit).concat()
        };
        let columns: Vec<Vec<Q>> = (0..n).map(column).collect();
        let a = columns.iter().map(|x| columns.iter().map(|y| dot(x, y)).collect()).collect();
        let r_flat = r.concat();
        let b = columns.iter().map(|x| -dot(x, &r_flat)).collect();
        self.shaped_by(r, &solve(a, b).expect("shaping determines its potential below discount 1"))
    }

    /// `R + gamma m(s') - m(s) - gamma mean(m)`, `m(x)` the mean over uniform actions and next states.
    fn epic(&self, r: &[Vec<Q>]) -> Vec<Vec<Q>> {
        let share = fraction(1, self.n_states() as u64);
        let over_next: Vec<Q> = r.iter().map(|x| &share * total(x)).collect();
        let m: Vec<Q> = (0..self.n_states()).map(|s| mean(&over_next[self.rows(s)])).collect();
        let level = &self.gamma * &share * total(&m);
        let constant = self.spread(&vec![level; self.n_rows()]);
        table(&self.shaped_by(r, &m), &-Q::ONE, &constant)
    }

    /// `R + gamma q(s') - q(s) - gamma k(s,s')`, `q(x) = E_A E_{S'~P(x,A)} R(x,A,S')` and
    /// `k(s,s') = E_A E_{u~P(s,A)} E_{v~P(s',A)} R(u,A,v)`, uniform actions, the same in both places of `k`.
    fn dard(&self, r: &[Vec<Q>]) -> Vec<Vec<Q>> {
        let n = self.n_states();
        let expected = self.expected(r);
        let q: Vec<Q> = (0..n).map(|s| mean(&expected[self.rows(s)])).collect();
        let far = |s: usize, t: usize| {
            let one = |(row, next): (usize, usize)| {
                let from = self.row(row).p.iter().enumerate().filter(|(_, p)| !p.is_zero());
                from.fold(Q::ZERO, |sum, (u, p)| {
                    let there = self.rows(u).start + (row - self.rows(s).start);
                    sum + p * dot(&self.row(next).p, &r[there])
                })
            };
            mean(&self.rows(s).zip(self.rows(t)).map(one).collect::<Vec<_>>())
        };
        let k: Vec<Vec<Q>> = (0..n).map(|s| (0..n).map(|t| far(s, t)).collect()).collect();
        let pairs: Vec<Vec<Q>> = self.all_rows().iter().map(|row| k[row.s].clone()).collect();
        table(&self.shaped_by(r, &q), &-Q::ONE, &table_scaled(&self.gamma, &pairs))
    }

    /// `h(s) = E gamma^(first visit of s)` of a policy over states: visits divided by those of a start in `s` itself.
    pub fn first_visits(&self, pi: &[Q]) -> Vec<Q> {
        let visits = self.visits(pi);
        let of = |s: usize| {
            let mut start = vec![Q::ZERO; self.n_states()];
            start[s] = Q::ONE;
            &visits[s] / &self.visits_from(pi, &start)[s]
        };
        (0..self.n_states()).map(of).collect()
    }
}

fn total(x: &[Q]) -> Q {
    x.iter().fold(Q::ZERO, |sum, x| sum + x)
}

fn mean(x: &[Q]) -> Q {
    total(x) / Q::from(x.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two states, one action that goes to the other; a third state is nowhere.
    fn swap() -> World {
        World::moves("1/2", &[("a", "go", "b"), ("b", "go", "a")])
    }

    #[test]
    fn forms_of_a_swap_are_those_worked_out_on_paper() {
        let world = swap();
        let q = |x: i64| fraction(x, 1);
        // R(a,.,b) = 3, R(b,.,a) = 0, impossible ones 0 but R(a,.,a) = 1.
        let r = vec![vec![q(1), q(3)], vec![q(0), q(0)]];
        // m = (2, 0), mean 1: R + m(s')/2 - m(s) - 1/2.
        let epic = world.form("epic", &world.uniform(), &r);
        assert_eq!(epic, vec![vec![fraction(-1, 2), fraction(1, 2)], vec![fraction(1, 2), fraction(-1, 2)]]);
        // q = (3, 0); k(a,a) = R(b,b) = 0, k(a,b) = R(b,a) = 0, k(b,a) = R(a,b) = 3, k(b,b) = R(a,a) = 1.
        let dard = world.form("dard", &world.uniform(), &r);
        assert_eq!(dard, vec![vec![fraction(-1, 2), q(0)], vec![q(0), fraction(-1, 2)]]);
        // One action: every canonical form of the whole class is 0.
        for canon in ["val", "minimal", "minimal-weighted"] {
            assert_eq!(world.form(canon, &world.uniform(), &r), world.nothing(), "{canon}");
        }
        assert_eq!(world.first_visits(&world.uniform()), [q(1), fraction(1, 2)]);
    }
}
