//! A potential on its own: a number a state.

use std::path::Path;

use super::access::Access;
use super::document::Value;
use super::policy_file::resolve;
use super::text::Text;
use crate::base::{Code, Result, Source};
use crate::model::Names;
use crate::model::raw::{At, Ref};

/// A potential file as read, nothing resolved.
#[derive(Clone, Debug)]
pub struct PotentialFile {
    /// For messages.
    pub source: Source,
    /// The potential.
    pub phi: At<RawPotential>,
}

/// What a potential file can hold.
#[derive(Clone, Debug, PartialEq)]
pub enum RawPotential {
    /// One number a state.
    Dense(Vec<At<f64>>),
    /// State to number; states that are not named have 0.
    Table(Vec<(At<Ref>, At<f64>)>),
}

/// Reads a JSON file (`[...]` or `{"phi": ...}`) or a TOML file (`phi = ...`); `phi` is a list of S numbers or a
/// table state -> number.
pub fn read(path: &Path) -> Result<PotentialFile> {
    let (text, parse) = super::read_document(path, "a potential file")?;
    from_text(&text, parse)
}

/// Reads a potential file that is already in memory.
pub fn from_text(text: &Text, parse: super::Parse) -> Result<PotentialFile> {
    let access = Access { source: &text.source };
    let root = parse(&text.source, &text.text)?;
    let node = match root.value {
        Value::Table(_) => {
            let mut fields = access.table(root, "the potential file", &["phi"])?;
            fields.need(&access, "the potential file", "phi", "`phi`: a list of numbers, or a table state -> number")?
        }
        _ => root,
    };
    let at = node.at;
    let value = match node.value {
        Value::Table(fields) => {
            let one = |f: super::document::Field| {
                let state = At { value: Ref::Name(f.key.into_owned()), at: f.at };
                Ok((state, access.number(&f.node, "the potential of a state")?))
            };
            RawPotential::Table(fields.into_iter().map(one).collect::<Result<_>>()?)
        }
        _ => RawPotential::Dense(access.numbers(node, "the potential")?),
    };
    Ok(PotentialFile { source: text.source.clone(), phi: At { value, at } })
}

impl PotentialFile {
    /// The potential as one number a state.
    pub fn resolve(&self, states: &Names) -> Result<Vec<f64>> {
        let access = Access { source: &self.source };
        match &self.phi.value {
            RawPotential::Dense(list) if list.len() == states.len() => Ok(list.iter().map(|x| x.value).collect()),
            RawPotential::Dense(list) => access
                .refuse(Code::WrongShape, self.phi.at, format!("the potential has {} elements", list.len()))
                .expected(format!("{}, one for each of the states", states.len()))
                .help("a table state -> number may leave states out")
                .err(),
            RawPotential::Table(pairs) => {
                let mut phi = vec![0.0; states.len()];
                for (state, x) in pairs {
                    phi[resolve(&access, state, states, "state")?] = x.value;
                }
                Ok(phi)
            }
        }
    }
}
