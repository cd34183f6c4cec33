//! One reward on its own: the table that stands under a name in `rewards` of a model file.

use std::path::Path;

use super::access::Access;
use super::decode::cube;
use super::document::Node;
use super::text::Text;
use crate::base::{Code, Result, Source};
use crate::model::raw::{At, RawEntry, RawReward};

const FORMS: &[&str] = &["s", "sa", "sas", "entries", "default"];
const HELP: &str =
    "write one of { s = [S] }, { sa = [S][A] }, { sas = [S][A][S] }, { entries = [[s, a, s_next, r], ...] }";

/// A reward file as read, nothing resolved.
#[derive(Clone, Debug)]
pub struct RewardFile {
    /// For messages.
    pub source: Source,
    /// The reward.
    pub reward: At<RawReward>,
}

/// Reads a `.json` or `.toml` file that holds one reward table such as `{ s = [0, 0, 1] }`.
pub fn read(path: &Path) -> Result<RewardFile> {
    let (text, parse) = super::read_document(path, "a reward file")?;
    from_text(&text, parse)
}

/// Reads a reward file that is already in memory.
pub fn from_text(text: &Text, parse: super::Parse) -> Result<RewardFile> {
    let root = parse(&text.source, &text.text)?;
    let reward = reward(&Access { source: &text.source }, root, "the reward file")?;
    Ok(RewardFile { source: text.source.clone(), reward })
}

/// Reads a reward table in JSON that is already in memory.
pub fn from_json(text: &Text) -> Result<RewardFile> {
    from_text(text, super::json::parse)
}

/// Reads one reward table; its place is that of the numbers.
pub(super) fn reward(access: &Access, node: Node, what: &str) -> Result<At<RawReward>> {
    if !matches!(node.value, super::document::Value::Table(_)) {
        return access.wrong(&node, what, "a reward table").help(HELP).err();
    }
    let mut fields = access.table(node, what, FORMS)?;
    let mut forms: Vec<_> = FORMS[..4].iter().filter_map(|key| fields.take(key)).collect();
    forms.sort_by_key(|f| f.at.0);
    let default = fields.take("default");
    if let Some(second) = forms.get(1) {
        return access
            .refuse(Code::WrongType, second.at, format!("{what} has both `{}` and `{}`", forms[0].key, second.key))
            .expected("one of them")
            .help(HELP)
            .err();
    }
    let Some(form) = forms.pop() else {
        return access
            .refuse(Code::FieldMissing, fields.at, format!("{what} has no numbers"))
            .expected("one of `s`, `sa`, `sas`, `entries`")
            .help(HELP)
            .err();
    };
    if let (Some(default), true) = (&default, form.key != "entries") {
        return access
            .refuse(Code::FieldUnknown, default.at, format!("{what} has a `default` beside `{}`", form.key))
            .expected("`default` only beside `entries`")
            .help("remove `default`")
            .err();
    }
    let at = form.node.at;
    let value = match form.key.as_ref() {
        "s" => access.numbers(form.node, &format!("`s` of {what}")).map(RawReward::S),
        "sa" => table(access, form.node, &format!("`sa` of {what}")),
        "sas" => cube(access, form.node, &format!("`sas` of {what}")).map(RawReward::Sas),
        _ => {
            let default = default.map(|f| access.number(&f.node, &format!("`default` of {what}"))).transpose()?;
            entries(access, form.node, what, default.unwrap_or(At::nowhere(0.0)))
        }
    }?;
    Ok(At { value, at })
}

fn table(access: &Access, node: Node, what: &str) -> Result<RawReward> {
    let element = format!("an element of {what}");
    let rows = access.list(node, what, "a list [S][A] of numbers")?.value;
    let row = |node: Node| {
        let row = access.list(node, &element, "a list of numbers, one an action")?;
        let cells = row.value.into_iter().map(|node| {
            let at = node.at;
            let value = access.nullable(node).map(|n| access.number(&n, &element)).transpose()?;
            Ok(At { value: value.map(|x| x.value), at })
        });
        Ok(At { at: row.at, value: cells.collect::<Result<_>>()? })
    };
    rows.into_iter().map(row).collect::<Result<_>>().map(RawReward::Sa)
}

fn entries(access: &Access, node: Node, what: &str, default: At<f64>) -> Result<RawReward> {
    const SHAPE: &str = "[s, a, s_next, reward]";
    let row_name = format!("a row of `entries` of {what}");
    let list = access.list(node, &format!("`entries` of {what}"), "a list of [s, a, s_next, reward]")?.value;
    let entries = list.into_iter().map(|node| {
        let at = node.at;
        let [s, a, s_next, r] = access.tuple(node, &row_name, SHAPE)?;
        let value = RawEntry {
            s: access.pattern(&s, "the state of an entry")?,
            a: access.pattern(&a, "the action of an entry")?,
            s_next: access.pattern(&s_next, "the next state of an entry")?,
            r: access.number(&r, "the reward of an entry")?,
        };
        Ok(At { value, at })
    });
    Ok(RawReward::Entries { entries: entries.collect::<Result<_>>()?, default })
}
