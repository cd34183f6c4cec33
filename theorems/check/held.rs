//! The library's bounds on values, held against fractions.

use super::{Finding, Lab, Q};
use truenorth::solve::{Sense, Task};

fn is_between(lo: f64, x: &Q, hi: f64) -> bool {
    let exact = |end: f64| Q::try_from(end).ok();
    exact(lo).is_some_and(|lo| lo <= *x) && exact(hi).is_some_and(|hi| *x <= hi)
}

fn all_between(what: &str, lo: &[f64], x: &[Q], hi: &[f64]) -> Finding {
    Finding::all(x.iter().enumerate().map(|(s, x)| {
        Finding::is(is_between(lo[s], x, hi[s]), || {
            format!("{what} of state {s}: {:e} is not in [{:e}, {:e}]", x.to_f64().value(), lo[s], hi[s])
        })
    }))
}

impl Lab {
    /// Whether the library's bounds on the values of a policy contain them.
    pub fn holds_values(&self, pi: &[Q], reward: &str) -> Finding {
        let (policy, read) = self.policy(pi);
        let expected = self.reward(reward).expected(self.mdp());
        let found = &self.solver().evaluate(&policy, &[&expected])[0];
        // Probabilities that miss 1 by their rounding are scaled by the library; the fractions are not.
        if (0..self.world().n_states())
            .any(|s| self.world().rows(s).fold(Q::ZERO, |sum, row| sum + &read[row]) != Q::ONE)
        {
            return Finding::Vacuous;
        }
        let v = self.world().evaluate(&read, &self.r(reward));
        all_between("value of the policy", &found.lo, &v, &found.hi)
    }

    /// Whether the library's bounds on the best values contain them.
    pub fn holds_optimum(&self, reward: &str) -> Finding {
        let expected = self.reward(reward).expected(self.mdp());
        let found = self.solver().values(&Task::new(&expected, Sense::Max));
        let v = self.world().optimum(&self.r(reward)).v;
        all_between("best value", &found.lo, &v, &found.hi)
    }
}
