//! Questions to a small model that only exact arithmetic can answer.

use std::sync::Arc;

use dashu_ratio::RBig;

use super::lift::System;
use super::{Exact, ExactValues, Found, improve};
use crate::base::{Doubt, Result};
use crate::model::mdp::Fractions;
use crate::model::reward::ExpectedReward;
use crate::solve::proof::Proof;
use crate::solve::{Sense, Solver, Task};

/// Most states, terminal ones not counted, for which decisions are settled in fractions: below half a second a policy.
pub const MOST_STATES: usize = 200;

/// A model whose numbers are known exactly, small enough to be solved in fractions.
pub struct Exactly<'a> {
    pub(super) solver: &'a Solver<'a>,
    /// Its numbers.
    pub fractions: Arc<Fractions>,
}

/// What is optimal, without rounding.
pub struct Optimum {
    /// Optimal values.
    pub values: ExactValues,
    /// The optimal rows, all of them and no others.
    pub optimal: Vec<bool>,
    /// One of them a state.
    pub policy: Vec<usize>,
    /// Neighbouring doubles around the values.
    lo: Vec<f64>,
    hi: Vec<f64>,
}

impl Optimum {
    pub(in crate::solve) fn proof(self) -> Proof {
        Proof { lo: self.lo, hi: self.hi, optimal: Some(self.optimal), exact: Some(self.values) }
    }
}

impl<'a> Solver<'a> {
    /// The model in fractions; otherwise why nothing exact can be said of it.
    pub fn exactly(&'a self) -> Result<Exactly<'a>, Doubt> {
        let mdp = self.mdp;
        if mdp.is_rounded() {
            return Err(Doubt::InputRounding);
        }
        let n_live = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).count();
        match mdp.fractions().filter(|_| n_live <= MOST_STATES) {
            Some(_) if self.is_out_of_time() => Err(Doubt::Limit),
            Some(fractions) => Ok(Exactly { solver: self, fractions }),
            None => Err(Doubt::too_large(n_live, MOST_STATES)),
        }
    }

    /// The same for a reward, whose fractions come along.
    pub fn exactly_for(&'a self, reward: &ExpectedReward) -> Result<(Exactly<'a>, Arc<Vec<RBig>>), Doubt> {
        let room = self.exactly()?;
        let rewards = reward.fractions.clone().ok_or(Doubt::InputRounding)?;
        Ok((room, rewards))
    }
}

impl Exactly<'_> {
    /// Optimal values and all optimal rows among those allowed, by policy iteration from `start`.
    pub fn optimum(
        &self,
        rewards: &[RBig],
        sense: Sense,
        allowed: Option<&[bool]>,
        start: &[usize],
    ) -> Result<Optimum, Doubt> {
        let near = self.nearest(rewards);
        let task = Task { allowed, ..Task::new(&near, sense) };
        let Found { values, optimal, policy, lo, hi, .. } =
            improve(self.solver, &task, rewards, start.to_vec()).map_err(|_| Doubt::Limit)?;
        Ok(Optimum { values, optimal, policy, lo, hi })
    }

    /// Values of a deterministic policy.
    pub fn values(&self, policy: &[usize], rewards: &[RBig]) -> Result<ExactValues, Doubt> {
        let near = self.nearest(rewards);
        let task = Task::new(&near, Sense::Max);
        let exact = Exact::new(self.solver, &task, rewards);
        exact.evaluate(policy).map(|found| exact.values(&found)).ok_or(Doubt::Limit)
    }

    /// Expected rewards over rows as doubles with bounds on their rounding.
    fn nearest(&self, rewards: &[RBig]) -> ExpectedReward {
        ExpectedReward::of_fractions(Arc::new(rewards.to_vec()))
    }

    /// `A(s,a) = r + gamma P V - V(s)` of a deterministic policy over rows, 0 at terminal states: a form of the reward that
    /// shaping and redistribution leave alone, zero exactly where all policies earn the same from every state.
    pub fn advantages(&self, policy: &[usize], rewards: &[RBig]) -> Result<Vec<RBig>, Doubt> {
        let values = self.values(policy, rewards)?;
        let mdp = self.solver.mdp;
        let v: Vec<RBig> = (0..mdp.n_states()).map(|s| values.value(s)).collect();
        let mut found = vec![RBig::ZERO; mdp.n_rows()];
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            for row in mdp.rows(s).filter(|&row| row != policy[s]) {
                found[row] = self.backup(row, &v) + &rewards[row] - &v[s];
            }
        }
        Ok(found)
    }

    /// `gamma P v` of a row.
    pub fn backup(&self, row: usize, v: &[RBig]) -> RBig {
        let mdp = self.solver.mdp;
        let next = mdp.p(row).0.iter().zip(&self.fractions.p[mdp.transitions(row)]);
        &self.fractions.gamma * next.fold(RBig::ZERO, |sum, (&t, p)| sum + p * &v[t as usize])
    }

    /// Discounted visits to every state from the start under a deterministic policy, 0 at terminal states:
    /// `d = mu0 + gamma P' d`, so their sum is at most `1 / (1 - gamma)`.
    pub fn visits(&self, policy: &[usize]) -> Result<Vec<RBig>, Doubt> {
        let mdp = self.solver.mdp;
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let mut place = vec![None; mdp.n_states()];
        (0..).zip(&live).for_each(|(i, &s)| place[s] = Some(i));
        let mut entering: Vec<Vec<(u32, RBig)>> = vec![Vec::new(); live.len()];
        for (i, &s) in (0..).zip(&live) {
            let next = mdp.p(policy[s]).0.iter().zip(&self.fractions.p[mdp.transitions(policy[s])]);
            for (&t, p) in next.filter(|(_, p)| **p != RBig::ZERO) {
                if let Some(to) = place[t as usize] {
                    entering[to as usize].push((i, p.clone()));
                }
            }
        }
        let gamma = &self.fractions.gamma;
        let equations: Vec<super::Equation> = (entering.iter().enumerate())
            .map(|(t, from)| super::Equation::new(t, gamma, &from.iter().map(|(s, p)| (*s, p)).collect::<Vec<_>>()))
            .collect();
        let right =
            |(equation, &s): (&super::Equation, &usize)| &self.fractions.mu0[s] * RBig::from(equation.lead.clone());
        let right: Vec<RBig> = equations.iter().zip(&live).map(right).collect();
        let unit = super::common(right.iter());
        let c = right.iter().map(|c| c.numerator() * dashu_int::IBig::from(&unit / c.denominator())).collect();
        let longest = self.solver.horizon.longest().log2().ceil() as usize;
        let bits = dashu_base::BitTest::bit_len(&unit) + longest + 3;
        let stop = || self.solver.is_out_of_time();
        let found = System { equations, c, bits, stop: &stop }.solve().ok_or(Doubt::Limit)?;
        let values = ExactValues::new(&found, &place, &unit);
        Ok((0..mdp.n_states()).map(|s| values.value(s)).collect())
    }
}
