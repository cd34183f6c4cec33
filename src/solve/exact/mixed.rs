//! Policies that draw their actions, without rounding.

use std::collections::BTreeMap;

use dashu_base::BitTest;
use dashu_int::IBig;
use dashu_ratio::RBig;

use super::lift::System;
use super::{Equation, ExactValues, Exactly, common};
use crate::base::{Doubt, Result};

impl Exactly<'_> {
    /// Values of the policy with these probabilities over rows: `v = sum_a pi(a|s) (r + gamma P v)`. One linear system,
    /// whose coefficients have the denominators of policy and model together.
    pub fn values_of(&self, weights: &[RBig], rewards: &[RBig]) -> Result<ExactValues, Doubt> {
        let mdp = self.solver.mdp;
        let live: Vec<usize> = (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).collect();
        let mut place = vec![None; mdp.n_states()];
        (0..).zip(&live).for_each(|(i, &s)| place[s] = Some(i));
        let (mut equations, mut right) = (Vec::with_capacity(live.len()), Vec::with_capacity(live.len()));
        for (i, &s) in live.iter().enumerate() {
            let (mut earned, mut next) = (RBig::ZERO, BTreeMap::<u32, RBig>::new());
            for row in mdp.rows(s).filter(|&row| weights[row] != RBig::ZERO) {
                earned += &weights[row] * &rewards[row];
                for (&t, p) in mdp.p(row).0.iter().zip(&self.fractions.p[mdp.transitions(row)]) {
                    if let Some(to) = place[t as usize] {
                        *next.entry(to).or_insert(RBig::ZERO) += &weights[row] * p;
                    }
                }
            }
            next.retain(|_, p| *p != RBig::ZERO);
            let next: Vec<(u32, &RBig)> = next.iter().map(|(&t, p)| (t, p)).collect();
            let equation = Equation::new(i, &self.fractions.gamma, &next);
            right.push(earned * RBig::from(equation.lead.clone()));
            equations.push(equation);
        }
        let unit = common(right.iter());
        let c: Vec<IBig> = right.iter().map(|c| c.numerator() * IBig::from(&unit / c.denominator())).collect();
        // No value is larger than the largest reward times the horizon.
        let earned = c.iter().zip(&equations).map(|(c, e)| (c.bit_len() + 1).saturating_sub(e.lead.bit_len()));
        let longest = self.solver.horizon.longest().log2().ceil() as usize + 3;
        let bits = earned.max().unwrap_or(0) + longest;
        let stop = || self.solver.is_out_of_time();
        let found = System { equations, c, bits, stop: &stop }.solve().ok_or(Doubt::Limit)?;
        Ok(ExactValues::new(&found, &place, &unit))
    }
}
