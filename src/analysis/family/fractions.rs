//! The advantages of a policy as lines in `x`, in fractions.

use dashu::rational::RBig;

use super::Rewards;
use crate::model::Mdp;
use crate::solve::{Sense, Solver, Task};

/// Largest number of states, terminal ones not counted, for which fractions are affordable without being asked for.
pub(super) const STATES: usize = 200;

/// Evaluates policies without rounding.
pub(super) struct Fractions<'a> {
    solver: Solver<'a>,
    rewards: &'a Rewards,
    gamma: RBig,
}

/// What a policy is worth for `r0` and for `r1`, at every state.
pub(super) struct Worth {
    v: [Vec<RBig>; 2],
    /// From the start.
    pub start: [RBig; 2],
}

impl<'a> Fractions<'a> {
    /// `None` for a model that is too large.
    pub fn new(solver: &Solver<'a>, rewards: &'a Rewards) -> Option<Self> {
        let mdp = solver.mdp();
        let n_live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count();
        if n_live > STATES {
            return None;
        }
        Some(Fractions { solver: solver.with_method("exact").ok()?, rewards, gamma: fraction(mdp.gamma()) })
    }

    /// Two exact evaluations; `None` if a limit was reached.
    pub fn worth(&self, policy: &[usize]) -> Option<Worth> {
        let mdp = self.solver.mdp();
        let mut allowed = vec![false; mdp.n_rows()];
        policy.iter().for_each(|&row| allowed[row] = true);
        let part = |i: usize| {
            let task = Task {
                allowed: Some(&allowed),
                warm: Some(policy),
                rational: Some(&self.rewards.rational[i]),
                ..Task::new(&self.rewards.parts[i], Sense::Max)
            };
            let exact = self.solver.optimise(&task).exact?;
            let v: Vec<RBig> = (0..mdp.n_states()).map(|s| exact.value(s)).collect();
            Some((v, exact.at_start(mdp)))
        };
        let ((v0, start0), (v1, start1)) = (part(0)?, part(1)?);
        Some(Worth { v: [v0, v1], start: [start0, start1] })
    }

    /// `A0` and `A1` of a row of state `s`.
    pub fn advantage(&self, worth: &Worth, s: usize, row: usize) -> [RBig; 2] {
        let mdp: &Mdp = self.solver.mdp();
        let (col, p) = mdp.p(row);
        [0, 1].map(|i| {
            let v = &worth.v[i];
            let next = col.iter().zip(p).fold(RBig::ZERO, |sum, (&t, &p)| sum + fraction(p) * &v[t as usize]);
            &self.rewards.rational[i][row] + &self.gamma * next - &v[s]
        })
    }
}

/// The fraction that a finite double is.
pub(super) fn fraction(x: f64) -> RBig {
    // Models and ranges are checked for numbers that are not finite at the door.
    RBig::try_from(x).unwrap_or(RBig::ZERO)
}
