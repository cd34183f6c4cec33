//! What each command says: finished results turned into a document and into JSON.
//!
//! Owns: wording, number formats, the keys of the JSON contract, which figures a report carries.
//! May use: `base`, `model`, result types of `solve` and `analysis`, and the rest of `show`.
//! Must not: compute a result, read files, print.
//! To add one: a new command's words are one file here with `json` and `document`.

pub mod bench;
pub mod canon;
pub mod cert;
pub mod compare;
pub mod convert;
pub mod doctor;
pub mod figures;
pub mod gallery;
pub mod hack;
pub mod matrix;
pub mod number;
pub mod occupancy;
pub mod parts;
pub mod regret;
pub mod repair;
pub mod say;
pub mod shape;
pub mod solve;
pub mod stability;
pub mod study;

use serde_json::{Map, Value, json};

use truenorth::base::Bounded;
use truenorth::model::{Mdp, Model, Policy};

/// Version of the JSON contract.
pub const SCHEMA: &str = "truenorth-result/1";

/// The head every JSON result begins with.
pub fn head(command: &str, model: &Model) -> Map<String, Value> {
    let mdp = model.mdp();
    let mut map = Map::new();
    map.insert("schema".into(), SCHEMA.into());
    map.insert("command".into(), command.into());
    map.insert(
        "model".into(),
        json!({
            "name": model.name(),
            "n_states": mdp.n_states(),
            "n_actions": mdp.n_actions(),
            "gamma": mdp.gamma(),
            "hash": model.hash(),
        }),
    );
    map
}

/// A bounded number as JSON.
pub fn bounded(b: Bounded) -> Value {
    json!({ "value": b.value, "lo": b.lo, "hi": b.hi, "grade": b.grade.word() })
}

/// A policy as `[S][A]` probabilities; `null` for an action a state does not offer.
pub fn policy(mdp: &Mdp, policy: &Policy) -> Vec<Value> {
    let state = |s: usize| {
        let mut probabilities = vec![Value::Null; mdp.n_actions()];
        for row in mdp.rows(s) {
            probabilities[mdp.action(row)] = policy.prob(s, row).into();
        }
        Value::from(probabilities)
    };
    (0..mdp.n_states()).map(state).collect()
}

/// A vector over rows as `[S][A]`; `null` for an action a state does not offer.
pub fn per_pair(mdp: &Mdp, x: &[f64]) -> Vec<Value> {
    let state = |s: usize| {
        let mut values = vec![Value::Null; mdp.n_actions()];
        for row in mdp.rows(s) {
            values[mdp.action(row)] = x[row].into();
        }
        Value::from(values)
    };
    (0..mdp.n_states()).map(state).collect()
}

/// Spreads a list over the kept states of a trimmed model over all states, with `null` for the others.
pub fn spread(n_states: usize, kept: &[usize], values: impl IntoIterator<Item = Value>) -> Value {
    let mut all = vec![Value::Null; n_states];
    for (&s, value) in kept.iter().zip(values) {
        all[s] = value;
    }
    all.into()
}
