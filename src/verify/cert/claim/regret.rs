//! Bounds on worst-case regret, `WCR = max { J1(better) - J1(worse) : J2(worse) >= J2(better) }`.
//!
//! From above, for any `lambda >= 0`: a pair that is allowed has `J1(better) - J1(worse) <= (J1 - lambda J2)(better) -
//! (J1 - lambda J2)(worse) <= max J - min J` for the reward `R1 - lambda R2`. From below: one pair of mixed policies that
//! is certainly allowed. Mixing policies at the start mixes their returns.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use super::value::within;
use crate::base::Result;
use crate::verify::cert::bound::{Choice, Context, Proof, Scope, Sense};
use crate::verify::cert::json::{Reader, list, object};
use crate::verify::cert::number::{Range, shown, text};
use crate::verify::cert::parts::{self, Terms};

/// `value` encloses the worst-case regret of `truth` when `proxy` decides.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstCaseRegret {
    /// What is paid.
    pub truth: Terms,
    /// What decides.
    pub proxy: Terms,
    /// Bounds on the regret.
    pub value: Range,
    /// Weight of the proxy in the bound from above.
    pub lambda: RBig,
    /// About the best value of `truth - lambda proxy`.
    pub max: Vec<RBig>,
    /// About the worst value of `truth - lambda proxy`.
    pub min: Vec<RBig>,
    /// Both sides of the pair; without them the regret is at least 0.
    pub pair: Option<(Side, Side)>,
}

/// A policy mixed at the start.
pub type Side = Vec<Part>;

/// One policy of a mixture.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Probability of playing it.
    pub weight: RBig,
    /// The policy.
    pub policy: Vec<Choice>,
    /// About its value in truth.
    pub truth: Vec<RBig>,
    /// About its value in proxy.
    pub proxy: Vec<RBig>,
}

const FIELDS: &[&str] = &["kind", "truth", "proxy", "value", "witness"];
const WITNESS: &[&str] = &["lambda", "max", "min", "better", "worse"];

impl Part {
    fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a part of a policy", &["weight", "policy", "truth", "proxy"])?;
        Ok(Part {
            weight: reader.number(fields.need("weight")?, "the weight of a policy")?,
            policy: parts::read_policy(reader, fields.need("policy")?)?,
            truth: parts::field_numbers(reader, &fields, "truth")?,
            proxy: parts::field_numbers(reader, &fields, "proxy")?,
        })
    }

    fn write(&self) -> String {
        object(&[
            ("weight", text(&self.weight)),
            ("policy", parts::write_policy(&self.policy)),
            ("truth", parts::numbers(&self.truth)),
            ("proxy", parts::numbers(&self.proxy)),
        ])
    }
}

impl WorstCaseRegret {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", WITNESS)?;
        let side = |raw| -> Result<Side> {
            let parts: Vec<&RawValue> = reader.list(raw, "a side of the pair")?;
            parts.into_iter().map(|part| Part::read(reader, part)).collect()
        };
        let pair = match (witness.get("better"), witness.get("worse")) {
            (None, None) => None,
            _ => Some((side(witness.need("better")?)?, side(witness.need("worse")?)?)),
        };
        Ok(WorstCaseRegret {
            truth: Terms::read(reader, fields.need("truth")?)?,
            proxy: Terms::read(reader, fields.need("proxy")?)?,
            value: parts::read_range(reader, fields.need("value")?, "the regret")?,
            lambda: reader.number(witness.need("lambda")?, "lambda")?,
            max: parts::field_numbers(reader, &witness, "max")?,
            min: parts::field_numbers(reader, &witness, "min")?,
            pair,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        let mut witness = vec![
            ("lambda", text(&self.lambda)),
            ("max", parts::numbers(&self.max)),
            ("min", parts::numbers(&self.min)),
        ];
        if let Some((better, worse)) = &self.pair {
            witness.push(("better", list(better.iter().map(Part::write))));
            witness.push(("worse", list(worse.iter().map(Part::write))));
        }
        vec![
            ("truth", self.truth.write()),
            ("proxy", self.proxy.write()),
            ("value", parts::write_range(&self.value)),
            ("witness", object(&witness)),
        ]
    }

    pub(super) fn statement(&self) -> String {
        format!(
            "Preferring what {} prefers costs at most {} of {}, and some such choice costs at least {}.",
            self.proxy,
            shown(&self.value.hi, true),
            self.truth,
            shown(&self.value.lo, false)
        )
    }

    /// What the witness proves.
    pub(crate) fn derive(&self, context: &Context) -> Proof<Range> {
        let exact = &context.exact;
        let (truth, proxy) = (exact.combined(&self.truth.0)?, exact.combined(&self.proxy.0)?);
        if self.lambda < RBig::ZERO {
            return Err("lambda is negative".into());
        }
        let mixed: Vec<RBig> = truth.iter().zip(&proxy).map(|(x, y)| x - &self.lambda * y).collect();
        let best = context.optimal(&mixed, Sense::Max, &self.max, Scope::Reachable)?.start();
        let worst = context.optimal(&mixed, Sense::Min, &self.min, Scope::Reachable)?.start();
        let hi = best.hi - worst.lo;
        let Some((better, worse)) = &self.pair else { return Ok(Range { lo: RBig::ZERO, hi }) };
        let [better_truth, better_proxy] = returns(context, better, [&truth, &proxy])?;
        let [worse_truth, worse_proxy] = returns(context, worse, [&truth, &proxy])?;
        if worse_proxy.lo < better_proxy.hi {
            return Err("the proxy may prefer the better side of the pair".into());
        }
        let drop = better_truth.lo - worse_truth.hi;
        Ok(Range { lo: if drop > RBig::ZERO { drop } else { RBig::ZERO }, hi })
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        within("the worst-case regret", &self.value, &self.derive(context)?)
    }
}

/// Returns of a mixture for two rewards.
pub(crate) fn returns(context: &Context, side: &[Part], rewards: [&[RBig]; 2]) -> Proof<[Range; 2]> {
    let total = side.iter().fold(RBig::ZERO, |sum, part| sum + &part.weight);
    if total != RBig::ONE || side.iter().any(|part| part.weight < RBig::ZERO) {
        return Err("the weights of a mixture do not sum to 1".into());
    }
    let nothing = Range::point(RBig::ZERO);
    side.iter().try_fold([nothing.clone(), nothing], |[truth, proxy], part| {
        let value = |r, v| -> Proof<Range> {
            Ok(context.policy(r, &part.policy, v, Scope::Reachable)?.start().scaled(&part.weight))
        };
        Ok([truth.plus(&value(rewards[0], &part.truth)?), proxy.plus(&value(rewards[1], &part.proxy)?)])
    })
}
