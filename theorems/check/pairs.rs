//! Values of pairs of state and action, for rewards that depend on the action to come.

use super::linear::{plus, solve};
use super::{Q, World};

/// Improvements after which a learner that has not settled is taken as it is.
const ROUNDS: usize = 40;

impl World {
    /// `sum_s' P(s'|s,a) sum_a' pi(a'|s') x(s',a')` over rows.
    pub fn next_pairs(&self, pi: &[Q], x: &[Q]) -> Vec<Q> {
        let at = |t: usize| self.rows(t).fold(Q::ZERO, |sum, row| sum + &pi[row] * &x[row]);
        let v: Vec<Q> = (0..self.n_states()).map(at).collect();
        (0..self.n_rows()).map(|row| self.next(row, &v)).collect()
    }

    /// `Q^pi` over rows: the solution of `q = r + gamma P pi q`, 0 in terminal states.
    pub fn evaluate_pairs(&self, pi: &[Q], r: &[Q]) -> Vec<Q> {
        let ends = |row: usize| self.terminal[self.row(row).s];
        let line = |row: usize| {
            let follows = |next: usize| match ends(row) {
                true => Q::ZERO,
                false => &self.gamma * &self.row(row).p[self.row(next).s] * &pi[next],
            };
            (0..self.n_rows()).map(|next| Q::from(u8::from(next == row)) - follows(next)).collect()
        };
        let b = (0..self.n_rows()).map(|row| if ends(row) { Q::ZERO } else { r[row].clone() }).collect();
        solve((0..self.n_rows()).map(line).collect(), b).expect("I - gamma P is regular where every policy ends")
    }

    /// Look-ahead advice under a policy, over rows: the mean of `gamma Phi(s',a') - Phi(s,a)`.
    pub fn look_ahead(&self, gamma: &Q, pi: &[Q], phi: &[Q]) -> Vec<Q> {
        self.next_pairs(pi, phi).iter().zip(phi).map(|(next, here)| gamma * next - here).collect()
    }

    /// `Q^pi` of a reward with look-ahead advice added, over rows.
    pub fn advised(&self, pi: &[Q], r: &[Q], phi: &[Q]) -> Vec<Q> {
        self.evaluate_pairs(pi, &plus(r, &self.look_ahead(&self.gamma, pi, phi)))
    }

    /// Where policy iteration settles if it plays, in each state, a row that a rule likes best given the policy so far;
    /// it stays with its row where nothing is better.
    pub fn settled(&self, liking: impl Fn(&[Q]) -> Vec<Q>) -> Vec<usize> {
        let mut choice: Vec<usize> = (0..self.n_states()).map(|s| self.rows(s).start).collect();
        for _ in 0..ROUNDS {
            let liked = liking(&self.pure(&choice));
            let better =
                |s: usize| self.rows(s).fold(choice[s], |best, row| if liked[row] > liked[best] { row } else { best });
            let next: Vec<usize> = (0..self.n_states()).map(better).collect();
            if next == choice {
                break;
            }
            choice = next;
        }
        choice
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draw, Size, Tape};

    #[test]
    fn values_of_pairs_are_those_of_states_one_step_on() {
        for seed in 0..60 {
            let mut draw = Draw::new(Tape::seeded(seed));
            let world = draw.world(Size::small());
            let (r, pi) = (draw.reward("r", &world), draw.policy("pi", &world));
            assert_eq!(world.evaluate_pairs(&pi, &r), world.q_of(&r, &world.evaluate(&pi, &r)));
            let best = world.settled(|pi| world.evaluate_pairs(pi, &r));
            assert_eq!(world.evaluate(&world.pure(&best), &r), world.optimum(&r).v);
        }
    }
}
