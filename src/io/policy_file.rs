//! A policy on its own: `[S]` actions or `[S][A]` probabilities.

use std::path::Path;

use dashu_ratio::RBig;

use super::access::Access;
use super::document::{Node, Value, quoted};
use super::text::Text;
use crate::base::number::shortest;
use crate::base::{Code, Offset, Result, Source, sum};
use crate::model::Names;
use crate::model::raw::{At, Ref};

/// How far the probabilities of one state may miss 1 and still be rescaled; the same as for a model.
const MISS: f64 = 1e-9;

/// A policy file as read, nothing resolved.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// For messages.
    pub source: Source,
    /// The policy.
    pub policy: At<RawPolicy>,
}

/// What a policy file can hold.
#[derive(Clone, Debug, PartialEq)]
pub enum RawPolicy {
    /// One action a state.
    Actions(Vec<At<Ref>>),
    /// A row of probabilities a state.
    Probabilities(Vec<At<Vec<At<f64>>>>),
}

/// A policy with names resolved and lengths checked. Whether its actions are available is the model's to say.
#[derive(Clone, Debug, PartialEq)]
pub enum ResolvedPolicy {
    /// Length S.
    Actions(Vec<usize>),
    /// Length S*A, rows sum to 1 up to rounding.
    Probabilities(Vec<f64>),
}

/// Reads a JSON file (`[...]` or `{"policy": [...]}`) or a TOML file (`policy = [...]`).
pub fn read(path: &Path) -> Result<PolicyFile> {
    let (text, parse) = super::read_document(path, "a policy file")?;
    from_text(&text, parse)
}

/// Reads a policy file that is already in memory.
pub fn from_text(text: &Text, parse: super::Parse) -> Result<PolicyFile> {
    let access = Access { source: &text.source };
    let root = parse(&text.source, &text.text)?;
    let list = match root.value {
        Value::Table(_) => {
            let mut fields = access.table(root, "the policy file", &["policy"])?;
            fields.need(
                &access,
                "the policy file",
                "policy",
                "`policy`: a list of actions or of rows of probabilities",
            )?
        }
        _ => root,
    };
    let list = access.list(list, "the policy", "a list of actions, or of rows of probabilities")?;
    let is_rows = list.value.first().is_some_and(|n| matches!(n.value, Value::Array(_)));
    let value = match is_rows {
        true => RawPolicy::Probabilities(list.value.into_iter().map(|n| row(&access, n)).collect::<Result<_>>()?),
        false => {
            let action = |n: &Node| access.reference(n, "an element of the policy");
            RawPolicy::Actions(list.value.iter().map(action).collect::<Result<_>>()?)
        }
    };
    Ok(PolicyFile { source: text.source.clone(), policy: At { value, at: list.at } })
}

fn row(access: &Access, node: Node) -> Result<At<Vec<At<f64>>>> {
    let at = node.at;
    Ok(At { value: access.numbers(node, "a row of the policy")?, at })
}

impl PolicyFile {
    /// Probabilities as written, row after row of the file, each row divided by its sum; `None` for a list of actions.
    pub fn fractions(&self) -> Option<Vec<RBig>> {
        let RawPolicy::Probabilities(rows) = &self.policy.value else { return None };
        let written = |p: &At<f64>| match p.value {
            0.0 => RBig::ZERO,
            x => self.source.number(p.at).unwrap_or_else(|| shortest(x)),
        };
        let row = |row: &At<Vec<At<f64>>>| {
            let all: Vec<RBig> = row.value.iter().map(written).collect();
            let total = all.iter().fold(RBig::ZERO, |sum, p| sum + p);
            all.into_iter().map(move |p| if total == RBig::ZERO { p } else { p / &total }).collect::<Vec<_>>()
        };
        Some(rows.iter().flat_map(row).collect())
    }

    /// Resolves names, checks lengths and that rows are probabilities; rescales rows that miss 1 by at most 1e-9.
    pub fn resolve(&self, states: &Names, actions: &Names) -> Result<ResolvedPolicy> {
        let access = Access { source: &self.source };
        let length = |found: usize, at: Offset, what: &str, wanted: usize, things: &str| match found == wanted {
            true => Ok(()),
            false => access
                .refuse(Code::WrongShape, at, format!("{what} has {found} elements"))
                .expected(format!("{wanted}, one for each of the {things}"))
                .help("elements stand in the order of the model")
                .err(),
        };
        match &self.policy.value {
            RawPolicy::Actions(list) => {
                length(list.len(), self.policy.at, "the policy", states.len(), "states")?;
                let indices = list.iter().map(|a| resolve(&access, a, actions, "action"));
                indices.collect::<Result<_>>().map(ResolvedPolicy::Actions)
            }
            RawPolicy::Probabilities(rows) => {
                length(rows.len(), self.policy.at, "the policy", states.len(), "states")?;
                let mut all = Vec::with_capacity(states.len() * actions.len());
                for (s, row) in rows.iter().enumerate() {
                    let of = format!("the row of state {} in the policy", quoted(&states.name(s)));
                    length(row.value.len(), row.at, &of, actions.len(), "actions")?;
                    if let Some(bad) = row.value.iter().find(|p| !(0.0..=1.0 + MISS).contains(&p.value)) {
                        return access
                            .refuse(Code::ProbabilityRange, bad.at, format!("{of} has the probability {:?}", bad.value))
                            .expected("a number from 0 to 1")
                            .help("each row holds the probabilities of the actions in one state")
                            .err();
                    }
                    let total = sum::sum(row.value.iter().map(|p| p.value));
                    if (total - 1.0).abs() > MISS {
                        return access
                            .refuse(Code::RowSum, row.at, format!("{of} sums to {total:?}"))
                            .expected("1, up to 1e-9")
                            .help("write quotients such as \"1/3\" where decimals do not end")
                            .err();
                    }
                    all.extend(row.value.iter().map(|p| p.value / total));
                }
                Ok(ResolvedPolicy::Probabilities(all))
            }
        }
    }
}

/// Index of a state or action, or a refusal that says which ones there are.
pub(super) fn resolve(access: &Access, r: &At<Ref>, names: &Names, kind: &str) -> Result<usize> {
    let found = match &r.value {
        Ref::Index(i) => usize::try_from(*i).ok().filter(|&i| i < names.len()),
        Ref::Name(name) => names.find(name),
    };
    found.ok_or_else(|| {
        let diag = match &r.value {
            Ref::Index(i) => {
                access.refuse(Code::NameUnknown, r.at, format!("there is no {kind} {i}")).help("counting starts at 0")
            }
            Ref::Name(name) => {
                let diag = access.refuse(Code::NameUnknown, r.at, format!("there is no {kind} {}", quoted(name)));
                match names.declared() {
                    Some(list) => diag.nearest(name, list.iter().map(String::as_str)),
                    None => diag.help(format!("the {kind}s of this model have no names; use an index")),
                }
            }
        };
        Box::new(diag.expected(format!("one of the {} {kind}s of the model", names.len())))
    })
}
