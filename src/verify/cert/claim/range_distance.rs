//! Bounds on range STARC, `rho(R1/rho(R1) - R2/rho(R2))` with `rho(R) = max J_R - min J_R`.
//!
//! `rho` is a seminorm, so with any factors `a`, `b` the distance differs from `rho(a R1 - b R2)` by at most
//! `|1 - a rho(R1)| + |1 - b rho(R2)|`. A reward with `rho = 0` has distance 0 from another such, and 1 from all others.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use super::value::within;
use crate::base::Result;
use crate::verify::cert::bound::{Context, Proof, Scope, Sense};
use crate::verify::cert::json::{Reader, list, object};
use crate::verify::cert::number::{Range, text};
use crate::verify::cert::parts::{self, Terms};

/// `value` encloses the distance.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeDistance {
    /// First reward.
    pub truth: Terms,
    /// Second reward.
    pub proxy: Terms,
    /// Bounds on the distance.
    pub value: Range,
    /// About the best and worst value of the first.
    pub truth_range: [Vec<RBig>; 2],
    /// About the best and worst value of the second.
    pub proxy_range: [Vec<RBig>; 2],
    /// Factors near the reciprocals of both ranges.
    pub factors: [RBig; 2],
    /// About the best and worst value of the difference of the rewards times these factors.
    pub difference: [Vec<RBig>; 2],
}

const FIELDS: &[&str] = &["kind", "truth", "proxy", "value", "witness"];
const WITNESS: &[&str] = &["truth", "proxy", "factors", "difference"];

impl RangeDistance {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", WITNESS)?;
        let both = |name| -> Result<[Vec<RBig>; 2]> {
            let ends = reader.object(witness.need(name)?, "a pair of values", &["max", "min"])?;
            Ok([parts::field_numbers(reader, &ends, "max")?, parts::field_numbers(reader, &ends, "min")?])
        };
        let (a, b) = reader.pair(witness.need("factors")?, "the factors")?;
        Ok(RangeDistance {
            truth: Terms::read(reader, fields.need("truth")?)?,
            proxy: Terms::read(reader, fields.need("proxy")?)?,
            value: parts::read_range(reader, fields.need("value")?, "the distance")?,
            truth_range: both("truth")?,
            proxy_range: both("proxy")?,
            factors: [reader.number(a, "a factor")?, reader.number(b, "a factor")?],
            difference: both("difference")?,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        let both = |[max, min]: &[Vec<RBig>; 2]| object(&[("max", parts::numbers(max)), ("min", parts::numbers(min))]);
        let witness = object(&[
            ("truth", both(&self.truth_range)),
            ("proxy", both(&self.proxy_range)),
            ("factors", list(self.factors.iter().map(text))),
            ("difference", both(&self.difference)),
        ]);
        vec![
            ("truth", self.truth.write()),
            ("proxy", self.proxy.write()),
            ("value", parts::write_range(&self.value)),
            ("witness", witness),
        ]
    }

    pub(super) fn statement(&self) -> String {
        format!("The distance starc-range of {} and {} is {}.", self.truth, self.proxy, parts::between(&self.value))
    }

    /// What the witness proves.
    pub(crate) fn derive(&self, context: &Context) -> Proof<Range> {
        let exact = &context.exact;
        let (x, y) = (exact.combined(&self.truth.0)?, exact.combined(&self.proxy.0)?);
        let rho_x = return_range(context, &x, &self.truth_range)?;
        let rho_y = return_range(context, &y, &self.proxy_range)?;
        match (is_zero(&rho_x, &self.truth)?, is_zero(&rho_y, &self.proxy)?) {
            (true, true) => return Ok(Range::point(RBig::ZERO)),
            (true, false) | (false, true) => return Ok(Range::point(RBig::ONE)),
            (false, false) => {}
        }
        let [a, b] = &self.factors;
        let mixed: Vec<RBig> = x.iter().zip(&y).map(|(x, y)| a * x - b * y).collect();
        let spread = return_range(context, &mixed, &self.difference)?;
        let one = Range::point(RBig::ONE);
        let miss = one.minus(&rho_x.scaled(a)).abs().hi + one.minus(&rho_y.scaled(b)).abs().hi;
        let about = spread.plus(&Range { lo: -&miss, hi: miss });
        Ok(about.clamped(&RBig::ZERO, &RBig::from(2u8)))
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        within("the distance", &self.value, &self.derive(context)?)
    }
}

/// Encloses `max J - min J`.
fn return_range(context: &Context, r: &[RBig], [max, min]: &[Vec<RBig>; 2]) -> Proof<Range> {
    let best = context.optimal(r, Sense::Max, max, Scope::Reachable)?.start();
    let worst = context.optimal(r, Sense::Min, min, Scope::Reachable)?.start();
    Ok(best.minus(&worst))
}

/// Whether a return range is certainly 0 or certainly not.
fn is_zero(rho: &Range, reward: &Terms) -> Proof<bool> {
    if rho.lo > RBig::ZERO {
        return Ok(false);
    }
    if rho.hi <= RBig::ZERO {
        return Ok(true);
    }
    Err(format!("the witness does not tell whether all policies earn the same of {reward}"))
}
