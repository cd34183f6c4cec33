//! Bounds on the best or worst value of a reward, at the start and in every state.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use crate::base::Result;
use crate::verify::cert::bound::{Context, Enclosure, Proof, Scope, Sense};
use crate::verify::cert::json::{Reader, object, quoted};
use crate::verify::cert::number::Range;
use crate::verify::cert::parts::{self, Bounds, Terms};

/// `start` and `v` enclose the optimal value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The reward.
    pub reward: Terms,
    /// Best or worst.
    pub sense: Sense,
    /// Bounds at the start.
    pub start: Range,
    /// Bounds in every state.
    pub v: Bounds,
    /// About the optimal value.
    pub witness: Vec<RBig>,
}

const FIELDS: &[&str] = &["kind", "reward", "sense", "start", "v", "witness"];

impl Value {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", &["v"])?;
        Ok(Value {
            reward: Terms::read(reader, fields.need("reward")?)?,
            sense: parts::read_sense(reader, fields.need("sense")?)?,
            start: parts::read_range(reader, fields.need("start")?, "the value at the start")?,
            v: Bounds::read(reader, fields.need("v")?)?,
            witness: parts::field_numbers(reader, &witness, "v")?,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("reward", self.reward.write()),
            ("sense", quoted(parts::sense_word(self.sense))),
            ("start", parts::write_range(&self.start)),
            ("v", self.v.write()),
            ("witness", object(&[("v", parts::numbers(&self.witness))])),
        ]
    }

    pub(super) fn statement(&self) -> String {
        let most = if self.sense == Sense::Max { "largest" } else { "smallest" };
        format!("The {most} return of {} from the start is {}.", self.reward, parts::between(&self.start))
    }

    /// What the witness proves.
    pub(crate) fn derive<'a>(&self, context: &'a Context) -> Proof<Enclosure<'a>> {
        let r = context.exact.combined(&self.reward.0)?;
        context.optimal(&r, self.sense, &self.witness, Scope::All)
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        contained(context, &self.derive(context)?, &self.start, &self.v)
    }
}

/// Whether an enclosure proves bounds at the start and in every state.
pub(super) fn contained(context: &Context, proven: &Enclosure<'_>, start: &Range, v: &Bounds) -> Proof<()> {
    let n = context.exact.n_states;
    if v.lo.len() != n || v.hi.len() != n {
        return Err(format!("the claim has bounds of {} states, the model has {n}", v.lo.len().min(v.hi.len())));
    }
    within("the return from the start", start, &proven.start())?;
    (0..n).try_for_each(|s| {
        let claimed = Range { lo: v.lo[s].clone(), hi: v.hi[s].clone() };
        within(&format!("the value of state {s}"), &claimed, &proven.at(s))
    })
}

/// A claim may be wider than what is proven, never narrower.
pub(super) fn within(what: &str, claimed: &Range, proven: &Range) -> Proof<()> {
    if claimed.contains(proven) {
        return Ok(());
    }
    Err(format!(
        "the witness proves that {what} is {}, and the claim is {}",
        parts::between(proven),
        parts::between(claimed)
    ))
}
