//! Two rewards that differ by scaling and shaping, up to a remainder, and what regret that leaves.
//!
//! If `|r2 - c r1 - gamma P phi + phi| <= e` for every available action, `c > 0`, and `phi = 0` at terminal states, then
//! `J2` differs from `c J1` by a constant and at most `e H`, where `H` bounds the discounted steps from the start, at most
//! `1/(1 - gamma)`. So a policy that does not lose in `R2` loses at most `2 e H / c` in `R1`; with `e = 0` both rewards
//! order all policies alike.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use crate::base::Result;
use crate::verify::cert::bound::{Context, Proof, Scope};
use crate::verify::cert::json::{Reader, object};
use crate::verify::cert::number::{Vector, shown, text};
use crate::verify::cert::parts::{self, Terms};

/// `proxy = scale truth + gamma P potential - potential`, up to `remainder`.
#[derive(Clone, Debug, PartialEq)]
pub struct SameOrder {
    /// First reward.
    pub truth: Terms,
    /// Second reward.
    pub proxy: Terms,
    /// Largest difference of an action that a visited state offers.
    pub remainder: RBig,
    /// Bound on the worst-case regret in truth when the proxy decides.
    pub regret: RBig,
    /// Factor of the first reward.
    pub scale: RBig,
    /// One number a state.
    pub potential: Vec<RBig>,
}

const FIELDS: &[&str] = &["kind", "truth", "proxy", "remainder", "regret", "witness"];

impl SameOrder {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "a claim", FIELDS)?;
        let witness = reader.object(fields.need("witness")?, "the witness", &["scale", "potential"])?;
        Ok(SameOrder {
            truth: Terms::read(reader, fields.need("truth")?)?,
            proxy: Terms::read(reader, fields.need("proxy")?)?,
            remainder: reader.number(fields.need("remainder")?, "the remainder")?,
            regret: reader.number(fields.need("regret")?, "the regret")?,
            scale: reader.number(witness.need("scale")?, "the scale")?,
            potential: parts::field_numbers(reader, &witness, "potential")?,
        })
    }

    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        let witness = object(&[("scale", text(&self.scale)), ("potential", parts::numbers(&self.potential))]);
        vec![
            ("truth", self.truth.write()),
            ("proxy", self.proxy.write()),
            ("remainder", text(&self.remainder)),
            ("regret", text(&self.regret)),
            ("witness", witness),
        ]
    }

    pub(super) fn statement(&self) -> String {
        let (truth, proxy) = (&self.truth, &self.proxy);
        if self.remainder.is_zero() {
            return format!("{truth} and {proxy} order all policies alike.");
        }
        format!(
            "{proxy} is {truth} scaled and shaped, to within {} a step, so that following it costs at most {} of {truth}.",
            shown(&self.remainder, true),
            shown(&self.regret, true)
        )
    }

    /// The remainder and the regret that the witness proves.
    pub(crate) fn derive(&self, context: &Context) -> Proof<(RBig, RBig)> {
        let exact = &context.exact;
        let (x, y) = (exact.combined(&self.truth.0)?, exact.combined(&self.proxy.0)?);
        if self.scale <= RBig::ZERO {
            return Err("the scale is not above 0".into());
        }
        let given = self.potential.iter().zip(&exact.terminal).any(|(phi, end)| *end && !phi.is_zero());
        if given {
            return Err("the potential is not 0 at a terminal state".into());
        }
        let phi = context.vector(&self.potential)?;
        let vector = Vector::new(&phi)?;
        let mut most = RBig::ZERO;
        for s in (0..exact.n_states).filter(|&s| context.is_in(Scope::Reachable, s)) {
            for row in exact.rows(s) {
                let left = &y[row] - &self.scale * &x[row] - &exact.gamma * exact.average(row, &vector) + &phi[s];
                let size = if left < RBig::ZERO { -left } else { left };
                most = most.max(size);
            }
        }
        let regret = RBig::from(2u8) * &most * context.horizon_at_start() / &self.scale;
        Ok((most, regret))
    }

    pub(super) fn prove(&self, context: &Context) -> Proof<()> {
        let (remainder, regret) = self.derive(context)?;
        let beyond = |what: &str, claimed: &RBig, proven: &RBig| match claimed >= proven {
            true => Ok(()),
            false => Err(format!("the {what} is {}, not at most {}", shown(proven, true), shown(claimed, true))),
        };
        beyond("remainder", &self.remainder, &remainder)?;
        beyond("regret", &self.regret, &regret)
    }
}
