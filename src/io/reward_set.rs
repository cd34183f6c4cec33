//! Many rewards in one file: names with tables or expressions, or an array of all of them.

use std::path::Path;

use super::access::Access;
use super::document::{Field, Node, Value};
use super::text::Text;
use super::{npz, reward_file, text};
use crate::base::{Code, Result, Source};
use crate::model::raw::{At, RawReward};

const HELP: &str = r#"write {"fast": "goal - 0.1*step", "slow": {"sa": [[...], ...]}}, or a list of expressions"#;

/// One reward of a set as read, nothing resolved.
#[derive(Clone, Debug)]
pub struct SetEntry {
    /// For messages.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// What it is.
    pub reward: SetReward,
}

/// What an entry of a set can be.
#[derive(Clone, Debug)]
pub enum SetReward {
    /// An expression over the rewards of the model.
    Expression(String),
    /// A table.
    Table(At<RawReward>),
}

/// Reads a set: a table name -> reward in `.json` or `.toml`, where a reward is an expression or a table as in a reward
/// file; or a list of expressions and such tables; or one of either a line in `.jsonl`; or `.npz` with `rewards`.
pub fn read(path: &Path) -> Result<Vec<SetEntry>> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("npz") => {
            text::check(path)?;
            let source = Source::binary(path.display().to_string());
            let entry = |(name, reward)| {
                let reward = SetReward::Table(At::nowhere(reward));
                SetEntry { source: source.clone(), name, reward }
            };
            Ok(npz::read_set(path)?.into_iter().map(entry).collect())
        }
        Some("jsonl") => {
            text::check(path)?;
            lines(&text::read(path)?)
        }
        _ => {
            let (text, parse) = super::read_document(path, "a set of rewards")?;
            let access = Access { source: &text.source };
            entries(&access, parse(&text.source, &text.text)?)
        }
    }
}

/// One set a line.
fn lines(text: &Text) -> Result<Vec<SetEntry>> {
    let mut all = Vec::new();
    for (i, line) in text.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line = Text::new(&format!("{}, line {}", text.source.name, i + 1), line);
        let node = super::json::parse(&line.source, &line.text)?;
        all.extend(element(&Access { source: &line.source }, node)?);
    }
    Ok(all)
}

fn entries(access: &Access<'_>, node: Node<'_>) -> Result<Vec<SetEntry>> {
    match node.value {
        Value::Array(list) => {
            let all = list.into_iter().map(|node| element(access, node)).collect::<Result<Vec<_>>>()?;
            Ok(all.concat())
        }
        _ => element(access, node),
    }
}

/// An expression that is its own name, or a table name -> reward.
fn element(access: &Access<'_>, node: Node<'_>) -> Result<Vec<SetEntry>> {
    match node.value {
        Value::String(text) => {
            let reward = SetReward::Expression(text.clone().into_owned());
            Ok(vec![SetEntry { source: access.source.clone(), name: text.into_owned(), reward }])
        }
        Value::Table(fields) => fields.into_iter().map(|field| named(access, field)).collect(),
        _ => access.wrong(&node, "the set of rewards", "a table name -> reward, or a list").help(HELP).err(),
    }
}

fn named(access: &Access<'_>, field: Field<'_>) -> Result<SetEntry> {
    if field.key.is_empty() {
        return access.refuse(Code::NameTwice, field.at, "a reward has an empty name").help("give it a name").err();
    }
    let name = field.key.into_owned();
    let reward = match field.node.value {
        Value::String(text) => SetReward::Expression(text.into_owned()),
        Value::Table(_) => SetReward::Table(reward_file::reward(access, field.node, &format!("the reward `{name}`"))?),
        _ => {
            let what = format!("the reward `{name}`");
            return access.wrong(&field.node, &what, "an expression or a reward table").help(HELP).err();
        }
    };
    Ok(SetEntry { source: access.source.clone(), name, reward })
}
