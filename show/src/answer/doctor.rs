//! The words of `doctor`: one line a check.

use serde_json::{Map, Value, json};

use super::SCHEMA;
use crate::report::{Align, Block, Cell, Document, Table, Tone};

/// One check of the installation.
#[derive(Clone, Debug)]
pub struct Check {
    /// Permanent name.
    pub name: &'static str,
    /// Whether it passed.
    pub ok: bool,
    /// What was found, or what to do.
    pub detail: String,
}

/// The contract's keys.
pub fn json(version: &str, checks: &[Check]) -> Map<String, Value> {
    let one = |c: &Check| json!({ "name": c.name, "ok": c.ok, "detail": c.detail });
    let mut map = Map::new();
    map.insert("schema".into(), SCHEMA.into());
    map.insert("command".into(), "doctor".into());
    map.insert("version".into(), version.into());
    map.insert("ok".into(), checks.iter().all(|c| c.ok).into());
    map.insert("checks".into(), checks.iter().map(one).collect::<Vec<Value>>().into());
    map
}

/// For people.
pub fn document(version: &str, checks: &[Check]) -> Document {
    let mut table = Table::new("").column("check", Align::Left).column("", Align::Left).column("found", Align::Left);
    for check in checks {
        let word = if check.ok { "ok" } else { "FAILED" };
        table = table.row([Cell::from(check.name), word.into(), check.detail.as_str().into()]);
    }
    let failed = checks.iter().filter(|c| !c.ok).count();
    let verdict = match failed {
        0 => Block::verdict(Tone::Good, "Everything works."),
        n => Block::verdict(Tone::Bad, format!("{n} of {} checks failed.", checks.len())),
    };
    Document::new(format!("truenorth {version}")).block(verdict).block(table)
}
