//! Bounds on the value of a given policy, at the start and in every state.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use super::value::contained;
use crate::base::Result;
use crate::verify::cert::bound::{Choice, Context, Enclosure, Proof, Scope};
use crate::verify::cert::json::{Reader, object};
use crate::verify::cert::number::Range;
use crate::verify::cert::parts::{self, Bounds, Terms};

/// `start` and `v` enclose the value of `policy`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyValue {
    /// The reward.
    pub reward: Terms,
    /// The policy, one entry a state.
    pub policy: Vec<Choice>,
    /// Bounds at the start.
    pub start: Range,
    /// Bounds in every state.
    pub v: Bounds,
    /// About the value of the policy.
    pub witness: Vec<RBig>,
}

const FIELDS: &[&str] = &["kind", "reward", "policy", "start", "v", "witness"];

impl PolicyValue {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", &["v"])?;
        Ok(PolicyValue {
            reward: Terms::read(reader, fields.need("reward")?)?,
            policy: parts::read_policy(reader, fields.need("policy")?)?,
            start: parts::read_range(reader, fields.need("start")?, "the value at the start")?,
            v: Bounds::read(reader, fields.need("v")?)?,
            witness: parts::field_numbers(reader, &witness, "v")?,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("reward", self.reward.write()),
            ("policy", parts::write_policy(&self.policy)),
            ("start", parts::write_range(&self.start)),
            ("v", self.v.write()),
            ("witness", object(&[("v", parts::numbers(&self.witness))])),
        ]
    }

    pub(super) fn statement(&self) -> String {
        format!("The policy given earns {} of {} from the start.", parts::between(&self.start), self.reward)
    }

    /// What the witness proves.
    pub(crate) fn derive<'a>(&self, context: &'a Context) -> Proof<Enclosure<'a>> {
        let r = context.exact.combined(&self.reward.0)?;
        context.policy(&r, &self.policy, &self.witness, Scope::All)
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        contained(context, &self.derive(context)?, &self.start, &self.v)
    }
}
