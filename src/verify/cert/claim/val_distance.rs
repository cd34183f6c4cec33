//! Bounds on STARC distances of value-adjusted forms, `n(x/n(x) - y/n(y))` with `x(s,a) = r(s,a) + gamma P V - V(s)`, `V` the
//! value of the policy that plays every action alike.
//!
//! Norms are over all states some policy visits, their actions, and all those states as next states; a form does not
//! depend on the next state, so every entry counts once for each. A form that is 0 stays 0.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use super::value::within;
use crate::base::{Code, Result};
use crate::verify::cert::bound::{Context, Proof, Scope};
use crate::verify::cert::json::{Reader, object, quoted};
use crate::verify::cert::number::{Range, Vector};
use crate::verify::cert::parts::{self, Terms};

/// A norm that is one of `l1`, `l2`, `linf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Sum of sizes.
    L1,
    /// Root of the sum of squares.
    L2,
    /// Largest size.
    Linf,
}

impl Norm {
    /// Every norm that can be certified.
    pub const ALL: [Norm; 3] = [Norm::L1, Norm::L2, Norm::Linf];

    /// Its name in metric ids.
    pub fn id(self) -> &'static str {
        match self {
            Norm::L1 => "l1",
            Norm::L2 => "l2",
            Norm::Linf => "linf",
        }
    }

    /// Encloses the norm of a vector over rows, each entry standing for `times`.
    fn of(self, entries: impl Iterator<Item = Range>, times: &RBig) -> Range {
        let zero = Range::point(RBig::ZERO);
        let sum = |entries: &mut dyn Iterator<Item = Range>| {
            entries.fold(zero.clone(), |sum, x| sum.plus(&x).rounded()).scaled(times)
        };
        match self {
            Norm::L1 => sum(&mut entries.map(|x| x.abs())),
            Norm::L2 => sum(&mut entries.map(|x| x.squared())).sqrt(),
            Norm::Linf => entries.fold(zero.clone(), |most, x| most.max(&x.abs())),
        }
    }
}

/// `value` encloses the distance.
#[derive(Clone, Debug, PartialEq)]
pub struct ValDistance {
    /// The norm that normalises and measures.
    pub norm: Norm,
    /// First reward.
    pub truth: Terms,
    /// Second reward.
    pub proxy: Terms,
    /// Bounds on the distance.
    pub value: Range,
    /// About the value of the first for the uniform policy.
    pub truth_v: Vec<RBig>,
    /// About the value of the second.
    pub proxy_v: Vec<RBig>,
}

const FIELDS: &[&str] = &["kind", "norm", "truth", "proxy", "value", "witness"];

impl ValDistance {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", &["truth", "proxy"])?;
        let id = reader.string(fields.need("norm")?, "the norm")?;
        let Some(norm) = Norm::ALL.into_iter().find(|norm| norm.id() == id) else {
            return reader
                .refuse(Code::MetricUnknown, reader.at(raw), format!("no certificate knows the norm `{id}`"))
                .nearest(&id, Norm::ALL.map(Norm::id))
                .err();
        };
        Ok(ValDistance {
            norm,
            truth: Terms::read(reader, fields.need("truth")?)?,
            proxy: Terms::read(reader, fields.need("proxy")?)?,
            value: parts::read_range(reader, fields.need("value")?, "the distance")?,
            truth_v: parts::field_numbers(reader, &witness, "truth")?,
            proxy_v: parts::field_numbers(reader, &witness, "proxy")?,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        let witness = object(&[("truth", parts::numbers(&self.truth_v)), ("proxy", parts::numbers(&self.proxy_v))]);
        vec![
            ("norm", quoted(self.norm.id())),
            ("truth", self.truth.write()),
            ("proxy", self.proxy.write()),
            ("value", parts::write_range(&self.value)),
            ("witness", witness),
        ]
    }

    pub(super) fn statement(&self) -> String {
        format!(
            "The distance starc-val-{} of {} and {} is {}.",
            self.norm.id(),
            self.truth,
            self.proxy,
            parts::between(&self.value)
        )
    }

    /// What the witness proves.
    pub(crate) fn derive(&self, context: &Context) -> Proof<Range> {
        let x = self.unit_form(context, &self.truth, &self.truth_v)?;
        let y = self.unit_form(context, &self.proxy, &self.proxy_v)?;
        let difference = x.iter().zip(&y).map(|(x, y)| x.minus(y).rounded());
        Ok(self.norm.of(difference, &times(context)))
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        within("the distance", &self.value, &self.derive(context)?)
    }

    /// The form of a reward over its norm.
    fn unit_form(&self, context: &Context, reward: &Terms, v: &[RBig]) -> Proof<Vec<Range>> {
        let exact = &context.exact;
        let r = exact.combined(&reward.0)?;
        let value = context.uniform(&r, v, Scope::Reachable)?;
        let vector = Vector::new(value.vector())?;
        let mut form = Vec::with_capacity(exact.n_rows());
        for s in (0..exact.n_states).filter(|&s| context.is_in(Scope::Reachable, s)) {
            // What gamma P (V - v) - (V - v) can be.
            let (down, up) = value.residual();
            let here = context.horizon(s);
            for row in exact.rows(s) {
                let most = exact
                    .transitions(row)
                    .map(|t| context.horizon(exact.next(t)))
                    .max()
                    .map_or(RBig::ZERO, |w| w * &exact.gamma);
                let slack = Range { lo: down * &most - up * &here, hi: up * &most - down * &here };
                let advantage = context.q(&r, row, &vector) - &value.vector()[s];
                form.push(Range::point(advantage).plus(&slack).rounded());
            }
        }
        let norm = self.norm.of(form.iter().cloned(), &times(context));
        if norm.hi.is_zero() {
            return Ok(form);
        }
        let scaled: Option<Vec<Range>> = form.iter().map(|x| x.over(&norm).map(|x| x.rounded())).collect();
        scaled.ok_or_else(|| format!("the witness does not tell whether the form of {reward} is 0"))
    }
}

/// Next states an entry stands for.
fn times(context: &Context) -> RBig {
    RBig::from(context.exact.reachable.iter().filter(|reached| **reached).count())
}
