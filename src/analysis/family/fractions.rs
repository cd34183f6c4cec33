//! The advantages of a policy as lines in `x`, in fractions.

use std::sync::Arc;

use dashu_ratio::RBig;

use super::Rewards;
use crate::base::{Doubt, Result};
use crate::solve::{Exactly, Solver};

/// Evaluates policies without rounding.
pub(super) struct Fractions<'a> {
    room: Exactly<'a>,
    parts: [Arc<Vec<RBig>>; 2],
}

/// What a policy is worth for `r0` and for `r1`, at every state.
pub(super) struct Worth {
    v: [Vec<RBig>; 2],
    /// From the start.
    pub start: [RBig; 2],
}

impl<'a> Fractions<'a> {
    /// Why not, for a model that is too large, or of which only doubles are known.
    pub fn new(solver: &'a Solver<'a>, rewards: &Rewards) -> Result<Self, Doubt> {
        let part = |i: usize| rewards.parts[i].fractions.clone().ok_or(Doubt::InputRounding);
        Ok(Fractions { room: solver.exactly()?, parts: [part(0)?, part(1)?] })
    }

    /// Two exact evaluations; `None` if a limit was reached.
    pub fn worth(&self, policy: &[usize]) -> Option<Worth> {
        let part = |i: usize| {
            let values = self.room.values(policy, &self.parts[i]).ok()?;
            let v: Vec<RBig> = (0..values.len()).map(|s| values.value(s)).collect();
            let start = values.dot(&self.room.fractions.mu0);
            Some((v, start))
        };
        let ((v0, start0), (v1, start1)) = (part(0)?, part(1)?);
        Some(Worth { v: [v0, v1], start: [start0, start1] })
    }

    /// `A0` and `A1` of a row of state `s`.
    pub fn advantage(&self, worth: &Worth, s: usize, row: usize) -> [RBig; 2] {
        [0, 1].map(|i| &self.parts[i][row] + self.room.backup(row, &worth.v[i]) - &worth.v[i][s])
    }
}
