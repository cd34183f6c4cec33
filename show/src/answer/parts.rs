//! Pieces that the answers of several commands share.

use serde_json::{Map, Value};

use super::number::plain;
use crate::report::{Block, Document, Inline, Prose};
use truenorth::model::{Mdp, Model};

/// Rows of a table for people; `--json` has all.
pub const ROWS: usize = 40;

/// A document with the facts about the model.
pub fn begin(title: impl Into<String>, model: &Model) -> Document {
    let mdp = model.mdp();
    let hash: String = model.hash().chars().take(12).collect();
    let mut document = Document::new(title)
        .fact("Model", code(model.name()))
        .fact("Size", format!("{}, {}", many(mdp.n_states(), "state"), many(mdp.n_actions(), "action")))
        .fact("Discount", mdp.gamma().to_string())
        .fact("Hash", code(hash));
    let lost = mdp.unreachable().len();
    if lost > 0 {
        document = document.fact(if mdp.gamma() > 0.0 { "Never reached" } else { "Never felt" }, many(lost, "state"));
    }
    document
}

/// A name or an expression, letter for letter.
pub fn code(text: impl Into<String>) -> Prose {
    Prose(vec![Inline::code(text)])
}

/// `1 state`, `16 states`.
pub fn many(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// The remark below a table that was cut to [`ROWS`] of `n` rows.
pub fn rest(n: usize, what: &str) -> Option<Block> {
    let left = n.saturating_sub(ROWS);
    (left > 0).then(|| Block::paragraph(format!("and {} more; --json has all.", many(left, what))))
}

/// Actions of a state as words: `left or up`, nothing to choose where episodes end.
pub fn actions(mdp: &Mdp, s: usize, rows: impl IntoIterator<Item = usize>) -> String {
    if mdp.is_terminal(s) {
        return "(end)".into();
    }
    let names: Vec<String> = rows.into_iter().map(|row| mdp.actions().name(mdp.action(row)).into_owned()).collect();
    names.join(" or ")
}

/// Actions of a state as names.
pub fn action_names(mdp: &Mdp, rows: impl IntoIterator<Item = usize>) -> Value {
    rows.into_iter().map(|row| Value::from(mdp.actions().name(mdp.action(row)))).collect()
}

/// Values over rows as `[S][A]` of a whole model, from the part of it that can be reached: `null` for actions that are
/// not available and for states that no policy visits.
pub fn pairs(whole: &Mdp, mdp: &Mdp, kept: &[usize], of: impl Fn(usize) -> Value) -> Value {
    let state = |s: usize| {
        let mut values = vec![Value::Null; mdp.n_actions()];
        for row in mdp.rows(s) {
            values[mdp.action(row)] = of(row);
        }
        Value::from(values)
    };
    super::spread(whole.n_states(), kept, (0..mdp.n_states()).map(state))
}

/// One number with the digits of the tables.
pub fn show(x: f64) -> String {
    plain(x)
}

/// Inserts entries in order.
pub fn extend<const N: usize>(map: &mut Map<String, Value>, entries: [(&str, Value); N]) {
    map.extend(entries.map(|(key, value)| (key.to_owned(), value)));
}
