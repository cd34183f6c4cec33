//! Which actions may be optimal, and which certainly are.
//!
//! With `lo <= V* <= hi` from the witness, `q_lo = r + gamma P lo` and `q_hi = r + gamma P hi` enclose every `Q*(s,a)`. An
//! action with `q_hi` below the largest `q_lo` of its state is not optimal. One whose `q_lo` is not below the `q_hi` of
//! any action left, twins aside, is optimal; twins pay the same and lead to the same states, or to ends of episodes, with
//! the same probabilities.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use crate::base::Result;
use crate::verify::cert::bound::{Context, Proof, Scope, Sense};
use crate::verify::cert::json::{Reader, object, quoted};
use crate::verify::cert::number::Vector;
use crate::verify::cert::parts::{self, Terms};

/// Every optimal action is among `may_be`; every one of `certain` is optimal.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimalActions {
    /// The reward.
    pub reward: Terms,
    /// Best or worst.
    pub sense: Sense,
    /// Actions of each state that may be optimal; not read where episodes have ended.
    pub may_be: Vec<Vec<usize>>,
    /// Actions of each state that certainly are.
    pub certain: Vec<Vec<usize>>,
    /// About the optimal value.
    pub witness: Vec<RBig>,
}

/// What can be proven about the actions of every state.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionSets {
    /// Not proven to be worse than another.
    pub may_be: Vec<Vec<usize>>,
    /// Proven to be optimal.
    pub certain: Vec<Vec<usize>>,
}

const FIELDS: &[&str] = &["kind", "reward", "sense", "may_be", "certain", "witness"];

impl OptimalActions {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", &["v"])?;
        Ok(OptimalActions {
            reward: Terms::read(reader, fields.need("reward")?)?,
            sense: parts::read_sense(reader, fields.need("sense")?)?,
            may_be: parts::read_sets(reader, fields.need("may_be")?)?,
            certain: parts::read_sets(reader, fields.need("certain")?)?,
            witness: parts::field_numbers(reader, &witness, "v")?,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("reward", self.reward.write()),
            ("sense", quoted(parts::sense_word(self.sense))),
            ("may_be", parts::write_sets(&self.may_be)),
            ("certain", parts::write_sets(&self.certain)),
            ("witness", object(&[("v", parts::numbers(&self.witness))])),
        ]
    }

    pub(super) fn statement(&self) -> String {
        let decided = self.may_be.iter().zip(&self.certain).filter(|(may, sure)| may == sure).count();
        let word = if self.sense == Sense::Max { "best" } else { "worst" };
        format!(
            "Every {word} action of {} is among those listed; in {decided} of {} states all those listed certainly are.",
            self.reward,
            self.may_be.len()
        )
    }

    /// What the witness proves.
    pub(crate) fn derive(&self, context: &Context) -> Proof<ActionSets> {
        let exact = &context.exact;
        let r = exact.combined(&self.reward.0)?;
        let value = context.optimal(&r, self.sense, &self.witness, Scope::All)?;
        let ranges: Vec<_> = (0..exact.n_states).map(|s| value.at(s)).collect();
        let lo = Vector::new(&ranges.iter().map(|x| x.lo.clone()).collect::<Vec<_>>())?;
        let hi = Vector::new(&ranges.iter().map(|x| x.hi.clone()).collect::<Vec<_>>())?;
        let mut sets = ActionSets { may_be: Vec::new(), certain: Vec::new() };
        for s in 0..exact.n_states {
            // The smallest is the largest of the negatives.
            let q: Vec<(usize, RBig, RBig)> = exact
                .rows(s)
                .map(|row| match self.sense {
                    Sense::Max => (row, context.q(&r, row, &lo), context.q(&r, row, &hi)),
                    Sense::Min => (row, -context.q(&r, row, &hi), -context.q(&r, row, &lo)),
                })
                .collect();
            let best = q.iter().map(|(_, lo, _)| lo).max();
            let left: Vec<_> = q.iter().filter(|(_, _, hi)| best.is_some_and(|best| hi >= best)).collect();
            let twins = |x: usize, y: usize| r[x] == r[y] && exact.is_same_row(x, y);
            let sure = left.iter().filter(|(row, lo, _)| {
                left.iter().all(|(other, _, hi)| other == row || hi <= lo || twins(*row, *other))
            });
            sets.certain.push(sure.map(|(row, _, _)| exact.action[*row] as usize).collect());
            sets.may_be.push(left.iter().map(|(row, _, _)| exact.action[*row] as usize).collect());
        }
        Ok(sets)
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        let exact = &context.exact;
        if self.may_be.len() != exact.n_states || self.certain.len() != exact.n_states {
            return Err(format!("the claim is about {} states, the model has {}", self.may_be.len(), exact.n_states));
        }
        let proven = self.derive(context)?;
        for s in (0..exact.n_states).filter(|&s| !exact.terminal[s]) {
            if let Some(a) = proven.may_be[s].iter().find(|a| !self.may_be[s].contains(a)) {
                return Err(format!("action {a} may be optimal in state {s}, and the claim leaves it out"));
            }
            if let Some(a) = self.may_be[s].iter().find(|&&a| exact.row(s, a).is_none()) {
                return Err(format!("state {s} does not offer the action {a} of the claim"));
            }
            if let Some(a) = self.certain[s].iter().find(|a| !proven.certain[s].contains(a)) {
                return Err(format!("the witness does not prove that action {a} is optimal in state {s}"));
            }
        }
        Ok(())
    }
}
