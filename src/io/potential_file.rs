//! A potential on its own: a number a state; tables of them in time; advice, a number a state and action.

use std::path::Path;

use super::access::Access;
use super::document::{Node, Value};
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
    let example = "`phi`: a list of numbers, or a table state -> number";
    let node = content(&access, root, "the potential file", "phi", example)?;
    Ok(PotentialFile { source: text.source.clone(), phi: potential(&access, node)? })
}

fn potential(access: &Access<'_>, node: Node<'_>) -> Result<At<RawPotential>> {
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
    Ok(At { value, at })
}

/// The value of a file that may stand under a key of its own.
fn content<'a>(access: &Access<'_>, root: Node<'a>, what: &str, key: &str, example: &str) -> Result<Node<'a>> {
    match root.value {
        Value::Table(_) => access.table(root, what, &[key])?.need(access, what, key, example),
        _ => Ok(root),
    }
}

/// Reads tables of potentials in time: `[...]`, `{"phi": [...]}` or `phi = [...]` with a potential for every moment, at
/// least one.
pub fn read_tables(path: &Path) -> Result<Vec<PotentialFile>> {
    const WHAT: &str = "the file of potentials";
    let (text, parse) = super::read_document(path, "a file of potentials")?;
    let access = Access { source: &text.source };
    let root = parse(&text.source, &text.text)?;
    let node = content(&access, root, WHAT, "phi", "`phi`: a list of potentials, one a moment")?;
    let list = access.list(node, WHAT, "a list of potentials, one a moment")?;
    if list.value.is_empty() {
        return access.refuse(Code::WrongShape, list.at, "there are no potentials").expected("at least one").err();
    }
    let one = |node| Ok(PotentialFile { source: text.source.clone(), phi: potential(&access, node)? });
    list.value.into_iter().map(one).collect()
}

/// A list a state, a number an action; `None` for an action that is not available.
pub type Rows = Vec<At<Vec<At<Option<f64>>>>>;

/// Advice as read: a number a state and action, none where an action is not available.
#[derive(Clone, Debug)]
pub struct AdviceFile {
    /// For messages.
    pub source: Source,
    /// `[S][A]`.
    pub rows: At<Rows>,
}

/// Reads advice: `[S][A]` as `[...]`, `{"advice": [...]}` or `advice = [...]`, with `null` where an action is not available.
pub fn read_advice(path: &Path) -> Result<AdviceFile> {
    const WHAT: &str = "the advice";
    let (text, parse) = super::read_document(path, "a file of advice")?;
    let access = Access { source: &text.source };
    let root = parse(&text.source, &text.text)?;
    let node = content(&access, root, "the file of advice", "advice", "`advice`: a list [S][A] of numbers")?;
    let list = access.list(node, WHAT, "a list [S][A] of numbers")?;
    let cell = |node: Node<'_>| {
        let at = node.at;
        let value = access.nullable(node).map(|n| access.number(&n, "an element of the advice")).transpose()?;
        Ok(At { value: value.map(|x| x.value), at })
    };
    let row = |node: Node<'_>| {
        let row = access.list(node, "a row of the advice", "a list of numbers, one an action")?;
        Ok(At { at: row.at, value: row.value.into_iter().map(cell).collect::<Result<_>>()? })
    };
    let value = list.value.into_iter().map(row).collect::<Result<_>>()?;
    Ok(AdviceFile { source: text.source.clone(), rows: At { value, at: list.at } })
}

impl AdviceFile {
    /// One number for every pair that `row_of` knows; the others must have none, or 0.
    pub fn resolve(&self, n: (usize, usize), row_of: impl Fn(usize, usize) -> Option<usize>) -> Result<Vec<f64>> {
        let access = Access { source: &self.source };
        let length = |found: usize, at, what: &str, wanted: usize| match found == wanted {
            true => Ok(()),
            false => access
                .refuse(Code::WrongShape, at, format!("{what} has {found} elements"))
                .expected(format!("{wanted}"))
                .help("advice is a list [S][A]: a row a state, a number an action")
                .err(),
        };
        length(self.rows.value.len(), self.rows.at, "the advice", n.0)?;
        let mut found: Vec<(usize, f64)> = Vec::new();
        for (s, actions) in self.rows.value.iter().enumerate() {
            length(actions.value.len(), actions.at, "a row of the advice", n.1)?;
            for (a, cell) in actions.value.iter().enumerate() {
                match (row_of(s, a), cell.value) {
                    (Some(row), Some(x)) => found.push((row, x)),
                    (None, None | Some(0.0)) => {}
                    (Some(_), None) => {
                        let diag =
                            access.refuse(Code::WrongType, cell.at, "there is no advice for an available action");
                        return diag.expected("a number").err();
                    }
                    (None, Some(_)) => {
                        let diag = access.refuse(Code::RewardUnavailable, cell.at, "advice for an unavailable action");
                        return diag.expected("null or 0").err();
                    }
                }
            }
        }
        found.sort_unstable_by_key(|(row, _)| *row);
        Ok(found.into_iter().map(|(_, x)| x).collect())
    }
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
