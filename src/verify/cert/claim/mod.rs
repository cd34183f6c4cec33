//! What a certificate can claim.
//!
//! Owns: one file a kind of claim: its fields, and the proof from its witness.
//! May use: `base` and the rest of `verify::cert`.
//! Must not: use a solver or an analysis; a proof is a backup and some comparisons.
//! To add one: a file with a type that has `read`, `write`, `prove` and `statement`, and one line in `claims!`.

mod optimal_actions;
mod policy_value;
mod range_distance;
mod regret;
mod same_order;
mod val_distance;
mod value;

use serde_json::value::RawValue;

use super::bound::{Context, Proof};
use super::json::{Reader, object, quoted};
use crate::base::{Code, Result};

pub use optimal_actions::{ActionSets, OptimalActions};
pub use policy_value::PolicyValue;
pub use range_distance::RangeDistance;
pub(crate) use regret::returns as regret_returns;
pub use regret::{Part, Side, WorstCaseRegret};
pub use same_order::SameOrder;
pub use val_distance::{Norm, ValDistance};
pub use value::Value;

macro_rules! claims {
    ($($kind:literal = $type:ident;)*) => {
        /// One claim with its witness.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Claim {
            $(#[doc = concat!("`", $kind, "`")] $type($type),)*
        }

        impl Claim {
            /// Every kind there is.
            pub const KINDS: &'static [&'static str] = &[$($kind,)*];

            /// The kind as written in the file.
            pub fn kind(&self) -> &'static str {
                match self { $(Claim::$type(_) => $kind,)* }
            }

            /// Proves the claim from its witness; what is not proven is refused with the reason.
            pub(crate) fn prove(&self, context: &Context) -> Proof<()> {
                match self { $(Claim::$type(claim) => claim.prove(context),)* }
            }

            /// The claim as a sentence.
            pub fn statement(&self) -> String {
                match self { $(Claim::$type(claim) => claim.statement(),)* }
            }

            pub(super) fn write(&self) -> String {
                let mut fields = vec![("kind", quoted(self.kind()))];
                fields.extend(match self { $(Claim::$type(claim) => claim.write(),)* });
                object(&fields)
            }

            pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
                let kind = match reader.peek(raw, "kind") {
                    Some(kind) => reader.string(kind, "the kind of a claim")?,
                    None => {
                        return reader
                            .refuse(Code::FieldMissing, reader.at(raw), "a claim has no field `kind`")
                            .expected("an object with `kind`")
                            .err();
                    }
                };
                match kind.as_str() {
                    $($kind => $type::read(reader, raw).map(Claim::$type),)*
                    _ => reader
                        .refuse(Code::CertificateClaim, reader.at(raw), format!("there is no kind of claim `{kind}`"))
                        .nearest(&kind, Self::KINDS.iter().copied())
                        .err(),
                }
            }
        }
    };
}

claims! {
    "value" = Value;
    "policy-value" = PolicyValue;
    "optimal-actions" = OptimalActions;
    "worst-case-regret" = WorstCaseRegret;
    "starc-range" = RangeDistance;
    "starc-val" = ValDistance;
    "same-order" = SameOrder;
}
