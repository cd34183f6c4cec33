//! The file: format, program, model, claims, checksum.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use super::claim::Claim;
use super::exact::{Exact, Start};
use super::hash;
use super::json::{Reader, list, object, quoted};
use super::number::text;
use super::parts;
use crate::base::{Code, Offset, Result, Source};

/// Value of the field `format`.
pub const FORMAT: &str = "truenorth-certificate/1";

/// A certificate as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// Program and version that made it; not read by the checker.
    pub program: String,
    /// What the claims are about.
    pub model: ModelLine,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// The model of a certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelLine {
    /// Path or gallery name, as a command takes it.
    pub argument: String,
    /// Name of the model as whoever wrote the certificate had it; no part of the hash.
    pub name: String,
    /// Number of states.
    pub n_states: usize,
    /// Number of declared actions.
    pub n_actions: usize,
    /// Discount of the claims.
    pub gamma: RBig,
    /// Start of the claims.
    pub start: Start,
    /// With discount 1: more than the expected number of steps from each state, whatever is done.
    pub horizon: Option<Vec<RBig>>,
    /// Of dynamics, start, discount and rewards.
    pub hash: String,
}

const FIELDS: &[&str] = &["format", "program", "model", "claims", "checksum"];
const MODEL: &[&str] = &["argument", "name", "n_states", "n_actions", "gamma", "mu0", "horizon", "hash"];

impl Exact {
    /// SHA-256 of discount, start, dynamics and rewards.
    pub fn hash(&self) -> String {
        hash::of_model(self)
    }
}

impl Certificate {
    /// Reads a certificate; `name` is for messages. Refuses unknown and missing fields, and a wrong checksum.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let source = Source::text(name, text);
        let reader = Reader { source: &source, text };
        let root = reader.root()?;
        match reader.peek(root, "format").map(|format| (format, reader.string(format, "the format"))) {
            Some((_, Ok(format))) if format == FORMAT => {}
            found => {
                let at = found.map_or(Offset(0), |(format, _)| reader.at(format));
                return reader
                    .refuse(Code::FormatVersion, at, "this is no certificate of a known format")
                    .expected(format!("\"format\": \"{FORMAT}\""))
                    .help("make it with --certificate FILE")
                    .err();
            }
        }
        let fields = reader.object(root, "the certificate", FIELDS)?;
        let checksum = fields.need("checksum")?;
        if reader.string(checksum, "the checksum")? != hash::of_text(text, &reader.string(checksum, "the checksum")?) {
            return reader
                .refuse(Code::CertificateDamaged, reader.at(checksum), "the checksum does not fit the file")
                .expected("a file as it was written")
                .help("the file was damaged or changed; make it again with --certificate")
                .err();
        }
        let claims: Vec<&RawValue> = reader.list(fields.need("claims")?, "the claims")?;
        if claims.is_empty() {
            return reader
                .refuse(Code::WrongShape, reader.at(fields.need("claims")?), "the certificate claims nothing")
                .expected("at least one claim")
                .err();
        }
        Ok(Certificate {
            program: reader.string(fields.need("program")?, "the program")?,
            model: ModelLine::read(&reader, fields.need("model")?)?,
            claims: claims.into_iter().map(|claim| Claim::read(&reader, claim)).collect::<Result<_>>()?,
        })
    }

    /// The text of the file, with its checksum.
    pub fn to_text(&self) -> String {
        let claims: Vec<String> = self.claims.iter().map(|claim| format!("    {}", claim.write())).collect();
        sealed(&format!(
            "{{\n  \"format\": {},\n  \"program\": {},\n  \"model\": {},\n  \"claims\": [\n{}\n  ],\n  \"checksum\": \"\"\n}}\n",
            quoted(FORMAT),
            quoted(&self.program),
            self.model.write(),
            claims.join(",\n")
        ))
    }
}

/// The text with the checksum it should have. A text without a checksum comes back as it is.
pub fn sealed(text: &str) -> String {
    const KEY: &str = "\"checksum\": \"";
    let Some(start) = text.rfind(KEY).map(|at| at + KEY.len()) else { return text.into() };
    let Some(end) = text[start..].find('"').map(|len| start + len) else { return text.into() };
    let empty = [&text[..start], &text[end..]].concat();
    let sum = hash::of_text(&empty, "");
    [&text[..start], &sum, &text[end..]].concat()
}

impl ModelLine {
    fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "the model", MODEL)?;
        let mu0 = fields.need("mu0")?;
        let start = if mu0.get() == "\"uniform\"" {
            Start::Uniform
        } else {
            let weight = |raw: &RawValue| {
                let (s, p) = reader.pair(raw, "an entry of mu0")?;
                Ok((reader.index(s, "a state of mu0")?, reader.number(p, "a weight of mu0")?))
            };
            let weights: Vec<&RawValue> = reader.list(mu0, "mu0")?;
            Start::Weights(weights.into_iter().map(weight).collect::<Result<_>>()?)
        };
        let gamma = reader.number(fields.need("gamma")?, "gamma")?;
        if gamma < RBig::ZERO || gamma > RBig::ONE {
            return reader
                .refuse(Code::GammaRange, reader.at(fields.need("gamma")?), "the discount is outside 0 to 1")
                .expected("a number from 0 to 1")
                .err();
        }
        let horizon = fields.get("horizon");
        if let (Some(horizon), true) = (horizon, gamma < RBig::ONE) {
            // Below 1 the discount bounds the horizon, and nobody would look at this one.
            return reader
                .refuse(
                    Code::FieldUnknown,
                    reader.at(horizon),
                    "the model has a `horizon` although its discount is below 1",
                )
                .expected("`horizon` with discount 1 only")
                .help("make the certificate again with --certificate")
                .err();
        }
        Ok(ModelLine {
            argument: reader.string(fields.need("argument")?, "the model argument")?,
            name: reader.string(fields.need("name")?, "the name of the model")?,
            n_states: reader.index(fields.need("n_states")?, "the number of states")?,
            n_actions: reader.index(fields.need("n_actions")?, "the number of actions")?,
            gamma,
            start,
            horizon: horizon.map(|w| reader.numbers(w, "the horizon")).transpose()?,
            hash: reader.string(fields.need("hash")?, "the hash")?,
        })
    }

    fn write(&self) -> String {
        let start = match &self.start {
            Start::Uniform => quoted("uniform"),
            Start::Weights(weights) => list(weights.iter().map(|(s, p)| list([s.to_string(), text(p)]))),
        };
        let mut fields = vec![
            ("argument", quoted(&self.argument)),
            ("name", quoted(&self.name)),
            ("n_states", self.n_states.to_string()),
            ("n_actions", self.n_actions.to_string()),
            ("gamma", text(&self.gamma)),
            ("mu0", start),
        ];
        if let Some(horizon) = &self.horizon {
            fields.push(("horizon", parts::numbers(horizon)));
        }
        fields.push(("hash", quoted(&self.hash)));
        object(&fields)
    }
}
